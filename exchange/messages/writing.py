"""What a page needs for writing: whom a draft goes to, what one may choose there, and what it answers."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from exchange.database import reading
from exchange.errors import FieldsRefusedError, ThreadNotFoundError
from exchange.messages import addressees, drafts, fields, sending
from exchange.messages.access import mailbox, side_of
from exchange.messages.addressees import Addressee
from exchange.messages.drafts import DraftView
from exchange.messages.inbox import ThreadLine, lines_of
from exchange.messages.sending import Sent
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from roles.correspondence import CLASSIFICATIONS, Classification, Topic, may_hold
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor
from schemas.forms import subject


@dataclass(frozen=True)
class WritingDesk:
    """A draft with what its writer may choose. `to` is None until somebody is chosen who may be written to.

    `offices`: id and name of those of the agency that it goes to; `people`: of those there who wrote before.
    `thread`: what it answers.
    """

    draft: DraftView
    to: Addressee | None
    topics: tuple[Topic, ...]
    offices: list[tuple[str, str]]
    people: list[tuple[str, str]]
    marks: list[tuple[str, str, str]]
    thread: ThreadLine | None


def desk(exchange: Exchange, actor: Actor, draft_id: UUID) -> WritingDesk:
    """A draft of the actor's, laid out for writing. Raises `ThreadNotFoundError`."""
    draft = drafts.draft(exchange, actor, draft_id)
    with reading(exchange.engine) as session:
        box = mailbox(session, exchange, actor, Permission.MESSAGE_SEND)
        to = addressees.addressee(session, box.organization, fields.id_of(draft.fields["to"]))
        side = side_of(session, box, draft.thread_id) if draft.thread_id else None
        return WritingDesk(
            draft=draft,
            to=to,
            topics=to.topics if to else (),
            offices=_offices(session, to),
            people=_people(session, box.organization, to),
            marks=marks(OrganizationKind(box.organization.kind), to),
            thread=lines_of(session, exchange, [side])[0] if side else None,
        )


def readdress(exchange: Exchange, actor: Actor, draft_id: UUID, organization_id: str) -> None:
    """Have a draft go to another organization; its other words stay. Raises `ThreadNotFoundError`."""
    kept = drafts.draft(exchange, actor, draft_id)
    if kept.thread_id is not None:
        raise ThreadNotFoundError
    changed = {**kept.fields, "to": organization_id, "office": "", "person": ""}
    drafts.keep(exchange, actor, draft_id, changed)


def send(exchange: Exchange, actor: Actor, draft_id: UUID, *, even_so: bool) -> Sent:
    """Send a draft; `even_so`: although its subject seems to give somebody away. Raises as `sending.send`."""
    draft = drafts.draft(exchange, actor, draft_id)
    told = () if even_so or draft.thread_id else subject.warnings(draft.fields["subject"])
    if told:
        warned = {"subject": " ".join((*told, subject.WHY))}
        raise FieldsRefusedError(warned | sending.problems(exchange, actor, draft_id))
    return sending.send(exchange, actor, draft_id)


def marks(own: OrganizationKind, to: Addressee | None) -> list[tuple[str, str, str]]:
    """How a message may be marked: word, name and meaning; tax information only between agencies."""
    held = [one for one in Classification if to is None or may_hold(one, to.kind, own)]
    return [(one.value, *CLASSIFICATIONS[one]) for one in held]


def _people(session: Session, own: Organization, to: Addressee | None) -> list[tuple[str, str]]:
    known = addressees.correspondents(session, own, to.id) if to else []
    return [(str(one.id), one.name) for one in known]


def _offices(session: Session, to: Addressee | None) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in addressees.offices(session, to.id)] if to else []
