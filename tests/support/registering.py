"""Somebody who registers: the answers of each kind, handed in page by page the way the wizard does it."""

import email
import re
from dataclasses import dataclass
from email import policy

from exchange import letters
from exchange.accounts import clearances, registration, registration_wizard
from exchange.accounts.registration_rows import Application
from exchange.accounts.registration_steps import Step, next_step, steps_of
from exchange.accounts.registration_wizard import Page, Taken
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.policy import Actor

HERE = "192.0.2.7"
PERSON = {
    "first_name": "Robin",
    "last_name": "O'Sample",
    "job_title": "Payroll lead",
    "phone": "785 555 0100",
    "ssn": "900-12-3456",
    "birth_date-month": "3",
    "birth_date-day": "27",
    "birth_date-year": "1980",
}
PLACE = {
    "organization_name": "Sample Works",
    "street": "1 Synthetic Way",
    "street2": "",
    "city": "Topeka",
    "state": "KS",
    "zip": "66612",
}
FACTS = {
    "fein": "00 9000017",
    "naic": "12345",
    "routing": "011000015",
    "match_method": "2",
    "clients": "00-1000017",
    "locator_code": "90830",
}


def answers_for(kind: OrganizationKind, username: str = "robin.sample") -> dict[Step, dict[str, str]]:
    """What is typed on each page."""
    key = KINDS[kind].key
    return {
        Step.KIND: {"kind": kind.value},
        Step.CLEARANCE: {key: FACTS[key]},
        Step.YOU: PERSON,
        Step.EMAIL: {"email": f"{username}@example.org"},
        Step.ORGANIZATION: PLACE | {name: FACTS[name] for name in KINDS[kind].facts},
        Step.USERNAME: {"username": username},
        Step.AGREEMENT: {"accept": "yes"},
        Step.CHECK: {},
    }


def mails(exchange: Exchange, recipient: str = "") -> list[str]:
    """The texts of all letters so far, oldest first, or of those to one address."""
    letters.send_waiting(exchange)
    found = sorted(exchange.settings.mail_folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    read = [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in found]
    return [f"{one['Subject']}\n{one.get_content()}" for one in read if recipient in one["To"]]


def code_in(letter: str) -> str:
    return re.findall(r"^ {4}([0-9A-Z]{4}(?:-[0-9A-Z]{4})+)$", letter, re.MULTILINE)[-1]


def clear(exchange: Exchange, staff: Actor, kind: OrganizationKind, name: str = "Sample Nation") -> None:
    key = KINDS[kind].key
    said = {key: FACTS[key], "organization_name": name, "evidence": "file 26-114"}
    assert clearances.record(exchange, staff, kind, said) == ()


@dataclass
class Applicant:
    """Somebody at the wizard."""

    exchange: Exchange
    kind: OrganizationKind
    username: str = "robin.sample"
    secret: str | None = None
    source: str = HERE

    def hand_in(self, step: Step, **more: str) -> Taken:
        fields = answers_for(self.kind, self.username)[step] | more
        current = registration.application(self.exchange, self.secret).kind if self.secret else self.kind
        taken = registration_wizard.take(self.exchange, Page(step, current, self.secret, self.source, fields))
        self.secret = taken.secret
        return taken

    def confirm(self) -> None:
        """Type the code of the newest letter."""
        code = code_in(mails(self.exchange, f"{self.username}@example.org")[-1])
        page = Page(Step.EMAIL, self.kind, self.secret, self.source, {"code": code})
        assert registration_wizard.take(self.exchange, page).problems == ()

    def go_to(self, last: Step) -> Application:
        """Answer every page up to and including `last`."""
        for step in steps_of(self.kind):
            assert self.hand_in(step).problems == (), step
            if step is Step.EMAIL:
                self.confirm()
            if step is last:
                break
        return self.application

    def submit(self) -> Application:
        return self.go_to(Step.CHECK)

    @property
    def application(self) -> Application:
        assert self.secret is not None
        return registration.application(self.exchange, self.secret)

    @property
    def open_step(self) -> Step:
        return next_step(self.application)
