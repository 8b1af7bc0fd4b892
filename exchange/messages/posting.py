"""Messages that programs write, through the API or SFTP: each once, however often it is asked for.

What became of one its writer can ask for as long as it is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, ThreadNotFoundError
from exchange.messages import addressees, attachments, documents, drafts, fields, sending
from exchange.messages.access import Mailbox, mailbox, message_of, side_of
from exchange.messages.drafts import Begun
from exchange.models.accounts import ACTIVE, Organization
from exchange.models.messages import DraftState, Message, MessageAttachment, MessageDraft
from exchange.runtime import Exchange
from roles.correspondence import AGENCIES
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor

KEY = "Idempotency-Key"
LONGEST_KEY = 255
"""Characters."""
_OCSS = "OCSS"
_PURPOSE = "message.posted"


class Fate(StrEnum):
    """What became of a message that a program wrote. `draft`: a person of the portal has it in hand."""

    DRAFT = "draft"
    SENDING = "sending"
    REFUSED = "refused"
    SENT = "sent"
    RECALLED = "recalled"
    PURGED = "purged"


@dataclass(frozen=True)
class Posting:
    """A message as a program hands it over.

    `filled`: the fields of a form, where `to` may be the code of an agency (KS, OCSS), `office` and `person`
    names. `thread_id`: what it answers. `files`: transfers that were handed over before, in order.
    """

    filled: Mapping[str, str]
    thread_id: UUID | None = None
    files: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Posted:
    """Where a posting stands. `id` is the draft's, and the message's once it was sent."""

    id: UUID
    fate: Fate
    thread_id: UUID | None
    message_id: UUID | None
    refusal: str = ""


def post(exchange: Exchange, actor: Actor, posting: Posting, key: str = "") -> Posted:
    """Send a message, or leave it to go when its files are scanned; nothing stays of one that is refused.

    `key`: whatever was posted with the same key before is that very message, wherever it stands.
    Raises `FieldsRefusedError` with all that is wrong, by field, `ThreadClosedError`, `ThreadNotFoundError`.
    """
    if len(key) > LONGEST_KEY:
        raise FieldsRefusedError({KEY: f"Shorten it to {LONGEST_KEY} characters"})
    try:
        return _post(exchange, actor, posting, key)
    except IntegrityError:  # the same one was posted at the same moment, and that was first
        return _post(exchange, actor, posting, key)


def became(exchange: Exchange, actor: Actor, draft_id: UUID) -> Posted:
    """What became of a message that the actor wrote. Raises `ThreadNotFoundError`."""
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        found = _known(session, box, actor, draft_id)
    if found is None:
        raise ThreadNotFoundError
    return found


def within(exchange: Exchange, actor: Actor, thread_id: UUID, message_id: UUID) -> UUID:
    """The id of a message that stands in this thread and may be read, or `ThreadNotFoundError`."""
    with reading(exchange.engine) as session:
        message = message_of(session, mailbox(session, exchange, actor), message_id)
    if message.thread_id != thread_id:
        raise ThreadNotFoundError
    return message.id


def holder(exchange: Exchange, actor: Actor, thread_id: UUID, attachment_id: UUID) -> UUID:
    """The id of the message in this thread that holds a file, or `ThreadNotFoundError`."""
    with reading(exchange.engine) as session:
        row = session.get(MessageAttachment, attachment_id)
    if row is None or row.message_id is None:
        raise ThreadNotFoundError
    return within(exchange, actor, thread_id, row.message_id)


def draft_of(
    session: Session, exchange: Exchange, actor: Actor, box: Mailbox, posting: Posting, draft_id: UUID
) -> MessageDraft:
    """A posting as a draft, in the caller's transaction. Raises as `post` does."""
    filled = fields.cleaned(posting.filled)
    if posting.thread_id is not None:
        filled["to"] = str(side_of(session, box, posting.thread_id).other_id)
    else:
        filled |= _addressed(session, box.organization, filled)
    draft = drafts.begin(session, exchange, actor, box, Begun(filled, posting.thread_id, draft_id))
    attachments.hold(session, exchange, actor, draft.id, posting.files)
    return draft


def _post(exchange: Exchange, actor: Actor, posting: Posting, key: str) -> Posted:
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        draft_id = _id_for(exchange, actor, box, key) if key else uuid4()
        known = _known(session, box, actor, draft_id) if key else None
        if known is not None:
            _same(session, exchange, posting, draft_id)
            return known
        draft = draft_of(session, exchange, actor, box, posting, draft_id)
        sent = sending.dispatch(session, exchange, actor, box, draft)
    fate = Fate.SENT if sent.message_id else Fate.SENDING
    return Posted(draft_id, fate, sent.thread_id, sent.message_id)


def _id_for(exchange: Exchange, actor: Actor, box: Mailbox, key: str) -> UUID:
    """The id of the draft that one writer posts with a key into one mailbox."""
    hashed = exchange.vault.cells.keyed_hash(_PURPOSE, f"{actor.account_id} {box.visible} {key}")
    return UUID(bytes=hashed[:16], version=4)


def _known(session: Session, box: Mailbox, actor: Actor, draft_id: UUID) -> Posted | None:
    mine = (actor.account_id, box.visible)
    draft = session.get(MessageDraft, draft_id)
    if draft is not None and (draft.account_id, draft.organization_id) == mine:
        sending_it = draft.state == DraftState.SENDING
        fate = Fate.SENDING if sending_it else Fate.REFUSED if draft.refusal else Fate.DRAFT
        return Posted(draft_id, fate, draft.thread_id, None, draft.refusal)
    message = session.exec(select(Message).where(Message.id == draft_id)).first()
    if message is not None and (message.account_id, message.organization_id) == mine:
        return Posted(draft_id, Fate(message.state.lower()), message.thread_id, message.id)
    return None


def _same(session: Session, exchange: Exchange, posting: Posting, draft_id: UUID) -> None:
    """Raise `FieldsRefusedError` when a key comes again with another message than it came with first."""
    draft = session.get(MessageDraft, draft_id)
    message = session.exec(select(Message).where(Message.id == draft_id)).first()
    wanted = fields.cleaned(posting.filled)["body"].strip()
    if draft is not None:
        said = fields.opened(exchange, draft.sealed)["body"].strip()
    elif message is not None and message.sealed is not None:
        said = documents.read(documents.opened(exchange, message.sealed, draft_id)).body
    else:
        return
    if said.strip() != wanted:
        raise FieldsRefusedError({KEY: "It came with another message before; make a new one for each"})


def _addressed(session: Session, own: Organization, filled: Mapping[str, str]) -> dict[str, str]:
    """The ids of whom a message is for. Raises `FieldsRefusedError` for an office or a person not there."""
    to = _agency(session, filled["to"].strip())
    offices = {one.name.casefold(): str(one.id) for one in addressees.offices(session, to)} if to else {}
    found = {
        "to": str(to) if to else "",
        "office": _among(filled["office"], lambda name: offices.get(name.casefold(), "")),
        "person": _among(filled["person"], lambda name: _person(session, own, to, name)),
    }
    missing = [name for name in ("office", "person") if to and filled[name] and not found[name]]
    if missing:
        raise FieldsRefusedError({name: f"They have no such {name}" for name in missing})
    return found


def _among(given: str, by_name: Callable[[str], str]) -> str:
    """The id that a field holds, or the one that its name has."""
    name = " ".join(given.split())
    return given.strip() if _id(given) else by_name(name) if name else ""


def _agency(session: Session, given: str) -> UUID | None:
    """The organization of an id, or the agency of a code: that of a state or a tribe, or OCSS."""
    if known := _id(given):
        return known
    agencies = select(Organization.id).where(Organization.status == ACTIVE)
    if given.upper() == _OCSS:
        return session.exec(agencies.where(Organization.kind == OrganizationKind.OCSS)).first()
    kinds = [kind.value for kind in AGENCIES]
    coded = agencies.where(col(Organization.kind).in_(kinds), Organization.jurisdiction == given.upper())
    found = session.exec(coded.limit(2)).all() if given else []
    return found[0] if len(found) == 1 else None


def _person(session: Session, own: Organization, to: UUID | None, name: str) -> str:
    """The one called so of those there who wrote to this organization; nobody where two are."""
    found = addressees.correspondents(session, own, to, name) if to else []
    return str(found[0].id) if len(found) == 1 else ""


def _id(given: str) -> UUID | None:
    try:
        return UUID(given.strip())
    except ValueError:
        return None
