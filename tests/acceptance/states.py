"""What every state's agency can read: one account each, made beside the demonstration's."""

import json
from collections import defaultdict

from sqlmodel import select

from exchange.accounts import enrolment
from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from tests.acceptance.doors import Api
from tests.acceptance.running import Account, Portal

TOKENS = "states.json"
PASSWORD = "correct horse battery staple"


def enrol_states(exchange: Exchange) -> None:
    """Give every state's agency an account of its own; their tokens are kept in the home folder."""
    tokens = {}
    with reading(exchange.engine) as session:
        kind = Organization.kind == OrganizationKind.STATE
        agencies = session.exec(select(Organization).where(kind)).all()
    for agency in agencies:
        username = f"reader.{agency.jurisdiction}".lower()
        new = enrolment.NewAccount(agency.id, username, "State Reader", Role.STATE, PASSWORD)
        account, _ = enrolment.create_account(exchange, new)
        tokens[agency.jurisdiction] = enrolment.issue_token(exchange, account.id, "reader")
    (exchange.settings.home / TOKENS).write_text(json.dumps(tokens))


def told_to_states(portal: Portal, transfer_id: str) -> dict[str, list[str]]:
    """The lines each state finds in the outbox file that followed from a transfer, details only."""
    tokens: dict[str, str] = json.loads((portal.home / TOKENS).read_text())
    told: dict[str, list[str]] = defaultdict(list)
    for state, token in tokens.items():
        api = Api(portal, _reader(state, token))
        ending = f"-{transfer_id.replace('-', '')[:8]}.txt"
        mine = [one for one in api.all("transfers", direction="outbound") if one["filename"].endswith(ending)]
        assert len(mine) <= 1, f"{state} was told {len(mine)} times"
        for one in mine:
            lines = api.content(one["id"]).decode("ascii").splitlines()
            assert one["records"] == len(lines) - 2
            told[state] += lines[1:-1]
        api.close()
    return dict(told)


def _reader(state: str, token: str) -> Account:
    return Account("state", state, "State Reader", f"reader.{state}".lower(), "", "", token)
