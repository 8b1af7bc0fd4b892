"""Messages by SFTP: a file that ends in `.json` is a message, any other one waits to be part of one.

The file itself is what waits, as long as what it names is not there: its job is put off, whoever is restarted
meanwhile. Its message is made in the transaction that ends the job, so there is one, and its answer with it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from exchange.accounts import acting, identity
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, PortalError
from exchange.messages import posting, sending
from exchange.messages.access import mailbox
from exchange.messages.posting import Posting
from exchange.messages.sending import Sent
from exchange.models.base import as_utc
from exchange.models.messages import MessageAttachment
from exchange.models.transfers import Direction, Status, Transfer
from exchange.programs.message_text import MOST_BYTES, NotReadableError, Text, read
from exchange.runtime import Exchange
from exchange.transfers.answers import Outcome
from exchange.transfers.first_pass import FirstPass
from roles.permissions import Permission
from roles.policy import Actor, Channel
from schemas.findings import Finding, at

ENDING = ".json"
PATIENCE = timedelta(hours=1)
"""How long a message waits for the files that it names."""
UNREADABLE, NOT_SENT, FILE_MISSING = "F094", "F095", "F096"
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(minutes=1)
_USABLE, _REFUSED = Status.COMPLETE, (Status.QUARANTINED, Status.REJECTED, Status.EXPIRED, Status.PURGED)
_ATTACHMENTS = "attachments"
_AT_ONCE = 500


@dataclass(frozen=True)
class _Files:
    """The files that a message names: those that are there, or how many of them are missing or refused."""

    ready: tuple[UUID, ...] = ()
    missing: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    waits: bool = False


class _TakenError(Exception):
    """A file that was free has become part of another message."""


class _RehearsedError(Exception):
    """Undoes what was only tried."""


def process(exchange: Exchange, row: Transfer, _first: FirstPass | None) -> Outcome:
    """Send the message that a file holds, once all it names is there; with another file nothing is done."""
    if row.channel != Channel.SFTP or not row.filename.lower().endswith(ENDING):
        return Outcome(())
    try:
        text = _text(exchange, row)
    except NotReadableError as error:
        return Outcome((), refused=[_finding(UNREADABLE, error.field, str(error))])
    found = _files(exchange, row, text.attachments)
    age = exchange.clock() - as_utc(row.created_at)
    if found.refused or (found.missing and age >= PATIENCE):
        return Outcome((), refused=_of_files(found))
    if found.missing or found.waits:
        return Outcome((), rest=min(max(age / 10, _SHORTEST), _LONGEST))
    return _sent(exchange, row, text, found.ready)


def _sent(exchange: Exchange, row: Transfer, text: Text, ready: tuple[UUID, ...]) -> Outcome:
    """The outcome that makes the message: tried before, so that what is wrong with it is told."""
    draft_id = uuid5(row.id, "message")

    def deliver(session: Session) -> Sent:
        _still_free(session, ready)
        asked = Posting(text.filled, text.thread_id, ready)
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        draft = posting.draft_of(session, exchange, actor, box, asked, draft_id)
        return sending.dispatch(session, exchange, actor, box, draft)

    def write(session: Session) -> None:
        deliver(session)

    try:
        actor = _writer(exchange, row, text.client)
        sent = _rehearsed(exchange, deliver)
    except FieldsRefusedError as refusal:
        found = [_finding(NOT_SENT, field, words) for field, words in refusal.problems.items()]
        return Outcome((), refused=found)
    except PortalError as refusal:
        return Outcome((), refused=[_finding(NOT_SENT, "", str(refusal))])
    return Outcome((), write, told={"thread": str(sent.thread_id), "message": str(sent.message_id)})


def _rehearsed(exchange: Exchange, deliver: Callable[[Session], Sent]) -> Sent:
    """What would come of it, all of which is undone."""
    outcome: list[Sent] = []
    with suppress(_RehearsedError), transaction(exchange.engine) as session:
        outcome.append(deliver(session))
        raise _RehearsedError
    return outcome[0]


def _writer(exchange: Exchange, row: Transfer, client: str) -> Actor:
    """Who handed the file over, as far as they still may; for a client, where the message names one."""
    assert row.account_id is not None, "somebody hands a file over"
    actor = identity.actor_of(exchange, row.account_id, Channel.SFTP, None)
    return acting.on_behalf(exchange, actor, client) if client else actor


def _text(exchange: Exchange, row: Transfer) -> Text:
    with exchange.vault.open(row.blob_id or "") as reader:
        return read(reader.read(0, MOST_BYTES + 1))


def _files(exchange: Exchange, row: Transfer, wanted: Sequence[str]) -> _Files:
    """The files of these names that this account handed over and no message has yet.

    The newest one that came before the message, or else the first that came after it.
    """
    if not wanted:
        return _Files()
    with reading(exchange.engine) as session:
        by_name = _handed_over(session, row, wanted)
    chosen = [_choose(by_name.get(name, []), as_utc(row.created_at)) for name in wanted]
    states = [Status(one.status) if one else None for one in chosen]
    return _Files(
        ready=tuple(one.id for one in chosen if one),
        missing=tuple(place for place, state in enumerate(states, start=1) if state is None),
        refused=tuple(place for place, state in enumerate(states, start=1) if state in _REFUSED),
        waits=any(state not in {None, _USABLE} for state in states),
    )


def _handed_over(session: Session, row: Transfer, wanted: Sequence[str]) -> dict[str, list[Transfer]]:
    """Files by their name, the oldest first."""
    mine = (
        (col(Transfer.organization_id) == row.organization_id)
        & (col(Transfer.direction) == Direction.INBOUND)
        & (col(Transfer.program) == row.program)
        & (col(Transfer.account_id) == row.account_id)
        & (col(Transfer.channel) == Channel.SFTP)
    )
    used = select(MessageAttachment.id).where(MessageAttachment.transfer_id == Transfer.id).exists()
    free = select(Transfer).where(mine, Transfer.status != Status.DRAFT, ~used)
    found: dict[str, list[Transfer]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = free.where(col(Transfer.filename).in_(wanted[start : start + _AT_ONCE]))
        for one in session.exec(some.order_by(col(Transfer.created_at), col(Transfer.id))):
            found.setdefault(one.filename, []).append(one)
    return found


def _choose(found: Sequence[Transfer], handed_over: datetime) -> Transfer | None:
    before = [one for one in found if as_utc(one.created_at) <= handed_over]
    return before[-1] if before else next(iter(found), None)


def _still_free(session: Session, ready: Sequence[UUID]) -> None:
    """Hold the files. Where another message was quicker it raises, so that the step is tried again."""
    for start in range(0, len(ready), _AT_ONCE):
        some = ready[start : start + _AT_ONCE]
        session.exec(select(Transfer.id).where(col(Transfer.id).in_(some)).with_for_update()).all()
        used = select(MessageAttachment.id).where(col(MessageAttachment.transfer_id).in_(some))
        if session.exec(used).first() is not None:
            raise _TakenError


def _of_files(found: _Files) -> list[Finding]:
    words = {
        "Number {} of those that it names was refused.": found.refused,
        "Number {} of those that it names did not come within an hour.": found.missing,
    }
    return [
        _finding(FILE_MISSING, _ATTACHMENTS, text.format(place))
        for text, places in words.items()
        for place in places
    ]


def _finding(code: str, field: str, expected: str) -> Finding:
    return replace(at(code, 0, (0, 0), expected=expected), field=field)
