"""The rules of behavior, which everybody accepts before anything else, and again every year (domain.md 13.3).

Asked on pages alone: programs at the API and the SFTP gateway act under their organization's agreement.
"""

from datetime import datetime, timedelta
from uuid import UUID

from exchange import journal
from exchange.database import transaction
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.runtime import Exchange
from roles.agreements import RULES_OF_BEHAVIOR
from roles.policy import Actor

YEAR = timedelta(days=365)


def are_due(account: Account, now: datetime) -> bool:
    """Whether the newest version was not accepted, or longer than a year ago."""
    if account.rules_version != RULES_OF_BEHAVIOR.version or account.rules_accepted_at is None:
        return True
    return as_utc(account.rules_accepted_at) + YEAR <= now


def accept(exchange: Exchange, account_id: UUID, by: Actor | None) -> None:
    """Note that the newest version was accepted now."""
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, account_id, with_for_update=True)
        account.rules_version, account.rules_accepted_at = RULES_OF_BEHAVIOR.version, exchange.clock()
        journal.append(session, exchange, "rules.accepted", by, account_id, version=account.rules_version)
