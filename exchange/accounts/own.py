"""One's own account: what it says, where letters go, who signed in with it, confirming and closing it.

Whoever is signed in may do all of this, to their own account only.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import codes, journal, letters
from exchange.accounts import credentials, ending, people, shared, tickets
from exchange.accounts.tickets import Content
from exchange.database import reading, transaction
from exchange.errors import ConfirmationRefusedError, NotNowError, NotSignedInError, RequestInvalidError
from exchange.models.accounts import INACTIVE, Account, Organization
from exchange.models.base import as_utc
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.policy import Actor
from schemas.forms.asked import email

CONFIRM_AFTER = timedelta(days=180)
"""How often somebody says that they still need the account (domain.md 13.2)."""
CONFIRM_NOTICE = timedelta(days=14)
_ADDRESS, _ADDRESS_TIME = "address", timedelta(hours=1)
_GROUPS = 3
"""Of four letters and digits each: nobody guesses that within an hour."""
_MOST_CODES = 5
"""So many letters one account sends to addresses of its choice within an hour."""
_SHOWN = 100
_TOLD = (
    "account.activated",
    "account.confirmed",
    "account.proven",
    "account.refused",
    "account.signed_in",
    "account.signed_out",
    "address.asked",
    "address.changed",
    "app.removed",
    "app.replaced",
    "decision.agreed",
    "decision.approved",
    "decision.asked",
    "decision.lapsed",
    "decision.refused",
    "decision.stopped",
    "decision.withdrawn",
    "passkey.added",
    "passkey.removed",
    "password.changed",
    "recovery-codes.renewed",
    "session.revoked",
)


@dataclass(frozen=True)
class Happening:
    """One thing that happened with the account: when, what, at which door, from where, by which factor."""

    at: datetime
    kind: str
    channel: str
    source: str
    by: str


def account_of(exchange: Exchange, actor: Actor) -> Account:
    """The actor's own account."""
    with reading(exchange.engine) as session:
        return session.get_one(Account, actor.account_id)


def confirm_by(account: Account) -> datetime:
    """Until when its owner must say that they still need the account."""
    return as_utc(account.confirmed_at or account.created_at) + CONFIRM_AFTER


def history(exchange: Exchange, actor: Actor) -> list[Happening]:
    """The newest hundred sign-ins, refusals and changes of credentials of the actor's account."""
    mine = select(JournalEvent).where(
        JournalEvent.subject_id == actor.account_id, col(JournalEvent.kind).in_(_TOLD)
    )
    with reading(exchange.engine) as session:
        events = session.exec(mine.order_by(col(JournalEvent.position).desc()).limit(_SHOWN)).all()
    return [_happening(event) for event in events]


def ask_address(exchange: Exchange, actor: Actor, address: str) -> None:
    """Send a code to the address where letters are to go; nothing changes before it is entered.

    Raises `RequestInvalidError` for no address, `NotNowError` when too many codes were asked for.
    """
    shared.refuse(exchange, actor.username)
    cleaned = email(address)
    if cleaned is None:
        raise RequestInvalidError(what="this is no email address")
    code, content = codes.new_code(_GROUPS), Content(actor.account_id, {"address": cleaned})
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id, with_for_update=True)
        if len(tickets.of_account(session, exchange, _ADDRESS, account.id)) >= _MOST_CODES:
            raise NotNowError(why="too many codes were sent; try again in an hour")
        tickets.issue_for(session, exchange, _ADDRESS, _token(account.id, code), (content, _ADDRESS_TIME))
        letters.write(session, exchange, cleaned, "address-code", code)
        journal.append(session, exchange, "address.asked", actor, account.id)


def confirm_address(exchange: Exchange, actor: Actor, code: str) -> None:
    """Let letters go to the address to which this code was sent; the earlier address is told.

    Raises `ConfirmationRefusedError` for another code, or one that has lapsed.
    """
    token = _token(actor.account_id, code)
    try:
        content = tickets.read(exchange, _ADDRESS, token)
        with transaction(exchange.engine) as session:
            tickets.use(session, exchange, _ADDRESS, token)
            account = session.get_one(Account, actor.account_id, with_for_update=True)
            letters.write(session, exchange, account.email, "address-changed")
            account.email = content.said["address"]
            session.add(account)
            journal.append(session, exchange, "address.changed", actor, account.id)
    except NotSignedInError:
        raise ConfirmationRefusedError from None


def _token(account_id: UUID, code: str) -> str:
    return f"{account_id}:{codes.plain(code)}"


def confirm(exchange: Exchange, actor: Actor) -> None:
    """The owner still needs the account."""
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id, with_for_update=True)
        account.confirmed_at = exchange.clock()
        session.add(account)
        journal.append(session, exchange, "account.confirmed", actor, account.id)


def inactivate(exchange: Exchange, actor: Actor) -> None:
    """Close the actor's own account: nothing of it signs in any more, until an administrator invites anew.

    Raises `LastAdministratorError` when nobody else would look after the organization.
    """
    shared.refuse(exchange, actor.username)
    with transaction(exchange.engine) as session:
        session.get_one(Organization, actor.organization_id, with_for_update=True)
        account = session.get_one(Account, actor.account_id)
        if account.administrator:
            people.refuse_last(session, account)
        close(session, exchange, account.id, actor, "account.inactivated")


def close(session: Session, exchange: Exchange, account_id: UUID, actor: Actor | None, event: str) -> None:
    """Make an account inactive and end its sessions, keys and tokens, in the caller's transaction."""
    account = session.get_one(Account, account_id)
    credentials.change(session, exchange, account, status=INACTIVE)
    ending.sessions(session, account_id)
    ending.programs(session, exchange, account_id)
    journal.append(session, exchange, event, actor, account_id)


def _happening(event: JournalEvent) -> Happening:
    facts = json.loads(event.facts)
    channel = str(facts.get("channel", event.channel))
    by = str(facts.get("by", facts.get("at", "")))
    return Happening(datetime.fromisoformat(event.at), event.kind, channel, str(facts.get("source", "")), by)
