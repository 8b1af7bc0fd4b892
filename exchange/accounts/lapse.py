"""Accounts that nobody uses, or that nobody says are still needed, end by themselves; a letter warns before.

How long an idle account lives stands with the kind of its organization: quarterly and yearly users must not
lapse between their dates. Whoever is the last to look after others is reminded, and never closed by time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from exchange import letters
from exchange.accounts import own
from exchange.database import reading, transaction
from exchange.models.accounts import ACTIVE, Account, ApiToken, Organization
from exchange.models.base import as_utc
from exchange.models.credentials import Reminder
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import ROLE_PERMISSIONS, Permission, Role

IDLE_NOTICE = timedelta(days=15)
CONFIRM_GRACE = timedelta(days=30)
"""How long an account that was not confirmed is kept, its pages shut, before it is closed at every door."""


@dataclass(frozen=True)
class Use:
    """An account, the kind of its organization, and when it was last used at any door."""

    account: Account
    kind: OrganizationKind
    last: datetime


@dataclass(frozen=True)
class Rule:
    """One reason to end: from when somebody is told, and when it happens; `since` undoes the telling."""

    kind: str
    since: Callable[[Use], datetime]
    told_at: Callable[[Use], datetime]
    ends_at: Callable[[Use], datetime]


def _idle_end(use: Use) -> datetime:
    return use.last + timedelta(days=KINDS[use.kind].idle_days)


RULES = (
    Rule("idle", lambda use: use.last, lambda use: _idle_end(use) - IDLE_NOTICE, _idle_end),
    Rule(
        "confirm",
        lambda use: own.confirm_by(use.account) - own.CONFIRM_AFTER,
        lambda use: own.confirm_by(use.account) - own.CONFIRM_NOTICE,
        lambda use: own.confirm_by(use.account) + CONFIRM_GRACE,
    ),
)


def sweep(exchange: Exchange) -> int:
    """Remind and close what is due; returns how many accounts were closed. A worker's chore."""
    return sum(_apply(exchange, rule, use) for use in _uses(exchange) for rule in RULES)


def _uses(exchange: Exchange) -> list[Use]:
    called = (
        select(ApiToken.account_id, func.max(ApiToken.last_used_at).label("at"))
        .group_by(col(ApiToken.account_id))
        .subquery()
    )
    active = (
        select(Account, Organization.kind, called.c.at)
        .join(Organization, col(Organization.id) == Account.organization_id)
        .outerjoin(called, called.c.account_id == Account.id)
        .where(Account.status == ACTIVE)
    )
    with reading(exchange.engine) as session:
        rows = session.exec(active).all()
    return [Use(account, OrganizationKind(kind), _last(account, at)) for account, kind, at in rows]


def _last(account: Account, called_at: datetime | None) -> datetime:
    known = (account.created_at, account.confirmed_at, account.signed_in_at, called_at)
    return max(as_utc(moment) for moment in known if moment is not None)


def _apply(exchange: Exchange, rule: Rule, use: Use) -> bool:
    now = exchange.clock()
    if rule.told_at(use) > now:
        return False
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, use.account.id, with_for_update=True)
        if account.status != ACTIVE:
            return False
        if rule.ends_at(use) <= now and not _is_last(session, account):
            own.close(session, exchange, account.id, None, "account.lapsed")
            letters.write(session, exchange, account.email, "lapsed")
            return True
        _remind(session, exchange, rule, use)
    return False


def _remind(session: Session, exchange: Exchange, rule: Rule, use: Use) -> None:
    told = session.get(Reminder, (use.account.id, rule.kind))
    if told is not None and as_utc(told.sent_at) > rule.since(use):
        return
    reminder = told or Reminder(account_id=use.account.id, kind=rule.kind, sent_at=exchange.clock())
    reminder.sent_at = exchange.clock()
    session.add(reminder)
    letters.write(session, exchange, use.account.email, rule.kind)


def _is_last(session: Session, account: Account) -> bool:
    """Whether nobody else of the organization looks after people, or after the whole installation."""
    theirs = select(Account).where(
        Account.organization_id == account.organization_id, Account.status == ACTIVE
    )
    keepers = {one.id for one in session.exec(theirs) if _looks_after(one)}
    return keepers == {account.id}


def _looks_after(account: Account) -> bool:
    return account.administrator or Permission.ACCOUNT_OVERSEE in ROLE_PERMISSIONS[Role(account.role)]
