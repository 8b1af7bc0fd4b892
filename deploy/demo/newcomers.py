"""Who waits to be let in when the demonstration starts, and what OCSS has on record."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy

from exchange import letters
from exchange.accounts import clearances, registration_rows
from exchange.accounts.directory import account, organization
from exchange.accounts.identity import actor_of
from exchange.accounts.registration_steps import Step, steps_of
from exchange.accounts.registration_wizard import Page, take
from exchange.database import transaction
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.policy import Channel

_KIND, _HERE, _STAFF = OrganizationKind, "127.0.0.1", "olive.staffer"
TRIBE, TRIBE_CODE = "Tall River Tribal Child Support Program", "90830"
AUTHORITY, COUNTRY = "Central Authority of Ruritania", "XR"
"""A country of novels: ISO 3166-1 leaves its code to users, and nobody can register with it."""
ON_RECORD = (
    (_KIND.TRIBE, TRIBE_CODE, TRIBE, "Agreements of January 12, file 26-011"),
    (_KIND.TRIBE, "90831", "Cedar Bend Tribal Child Support Office", "Agreements of October 5, file 26-114"),
    (_KIND.FEDERAL_AGENCY, "005000015", "Federal Benefits Research Bureau", "Line tested on February 2"),
    (
        _KIND.RESEARCH_PARTNER,
        "005000023",
        "Prairie Institute for Family Research",
        "Matching agreement MA-26-7",
    ),
)
"""A tribe of any other locator code, such as 90832, has to bring its agreements first."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody whose registration waits; `facts` are what the kind of organization gives beside its place."""

    kind: OrganizationKind
    username: str
    name: str
    position: str
    organization: str
    ssn: str
    facts: Mapping[str, str]


NEWCOMERS = (
    Newcomer(
        _KIND.INSURER,
        "nora.finch",
        "Nora Finch",
        "Claims compliance lead",
        "Bluestem Life Insurance",
        "900-31-0001",
        {"fein": "002000022", "naic": "90021"},
    ),
    Newcomer(
        _KIND.PROCESSOR,
        "theo.lark",
        "Theo Lark",
        "Payroll tax manager",
        "Meadowlark Payroll Services",
        "900-31-0002",
        {"fein": "001000033", "clients": "001000017\n001000025"},
    ),
    Newcomer(
        _KIND.EMPLOYER,
        "perry.lathe",
        "Perry Lathe",
        "Human resources",
        "Lindenhall Furniture Works",
        "900-31-0003",
        {"fein": "001000017"},
    ),
)
"""The last one asks to join an organization that is there already."""


def put_on_record(exchange: Exchange) -> None:
    """Record, as OCSS staff, what lets tribes and agencies register."""
    staff = actor_of(exchange, account(exchange, _STAFF).id, Channel.WEB, _HERE)
    for kind, key, name, evidence in ON_RECORD:
        told = {"locator_code": key, "fein": key, "organization_name": name, "evidence": evidence}
        problems = clearances.record(exchange, staff, kind, told)
        assert not problems, problems
    tribe, authority = organization(exchange, TRIBE).id, organization(exchange, AUTHORITY).id
    with transaction(exchange.engine) as session:
        registration_rows.note_facts(session, exchange, tribe, {"locator_code": TRIBE_CODE})
        registration_rows.note_facts(session, exchange, authority, {"country": COUNTRY})


def register(exchange: Exchange) -> None:
    """Go through the wizard for everybody who waits."""
    for newcomer in NEWCOMERS:
        secret = None
        for step in steps_of(newcomer.kind):
            secret = _hand_in(exchange, newcomer, step, secret, _typed(newcomer, step))
            if step is Step.EMAIL:
                _hand_in(exchange, newcomer, step, secret, {"code": _mailed_code(exchange)})


def _hand_in(
    exchange: Exchange, who: Newcomer, step: Step, secret: str | None, fields: Mapping[str, str]
) -> str:
    taken = take(exchange, Page(step, who.kind, secret, _HERE, fields))
    assert taken.secret, taken.problems
    assert not taken.problems, taken.problems
    return taken.secret


def _typed(who: Newcomer, step: Step) -> Mapping[str, str]:
    first, last = who.name.split()
    born = {"birth_date-month": "4", "birth_date-day": "18", "birth_date-year": "1979"}
    place = {"street": "12 Synthetic Avenue", "city": "Topeka", "state": "KS", "zip": "66612"}
    you = {"first_name": first, "last_name": last, "job_title": who.position, "phone": "7855550133"}
    pages = {
        Step.KIND: {"kind": who.kind.value},
        Step.YOU: you | born | {"ssn": who.ssn},
        Step.EMAIL: {"email": f"{who.username}@example.org"},
        Step.ORGANIZATION: place | {"organization_name": who.organization} | dict(who.facts),
        Step.USERNAME: {"username": who.username},
        Step.AGREEMENT: {"accept": "yes"},
    }
    return pages.get(step, {})


def _mailed_code(exchange: Exchange) -> str:
    """The code of the newest letter, read where the demonstration's mail goes."""
    letters.send_waiting(exchange)
    newest = max(exchange.settings.mail_folder.glob("*.eml"))  # named after the moment
    text = message_from_bytes(newest.read_bytes(), policy=policy.default).get_content()
    code: str = re.findall(r"^ {4}([0-9A-Z]{4}-[0-9A-Z]{4})$", text, re.MULTILINE)[-1]
    return code
