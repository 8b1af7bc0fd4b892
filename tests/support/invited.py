"""Somebody who was invited and has the code in the mail."""

from dataclasses import dataclass

from exchange.accounts import enrolment
from exchange.accounts.enrolment import Invitation
from exchange.database import transaction
from exchange.models.accounts import Account
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner


@dataclass(frozen=True)
class Invited:
    """An account without credentials, and the code that was mailed."""

    account: Account
    code: str


def invite(exchange: Exchange, partner: Partner, username: str = "casey.new") -> Invited:
    """Invite a colleague of `partner`."""
    new = Invitation(partner.organization.id, username, "Casey New", Role.EMPLOYER, "casey@example.org")
    with transaction(exchange.engine) as session:
        account = enrolment.invite(session, exchange, new)
    return Invited(account, code_in(mailed(exchange)[-1]))
