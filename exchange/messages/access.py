"""Who sees which thread: the one rule that every list, page, folder and search asks."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true, update
from sqlmodel import Session, col, select

from exchange.accounts import acting
from exchange.database import add_if_missing, at_end
from exchange.errors import ThreadNotFoundError
from exchange.messages.colleagues import among
from exchange.models.accounts import Organization
from exchange.models.messages import MailboxPulse, Message, MessageState, Thread, ThreadSide, TopicReader
from exchange.runtime import Exchange
from roles.correspondence import TOPICS
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization

_PULSES = "messages.pulses"


@dataclass(frozen=True)
class Mailbox:
    """An organization's mailbox as one person sees it; `shown`: which of its sides of threads they see."""

    visible: VisibleOrganization
    organization: Organization
    shown: ColumnElement[bool]


def mailbox(
    session: Session, exchange: Exchange, actor: Actor, permission: Permission = Permission.MESSAGE_READ
) -> Mailbox:
    """The mailbox that the actor is in: of its own organization, or of the client it acts for.

    A topic that an organization has given to some of its people is seen by them and by whoever looks after
    the organization; a single thread also by whom it is meant for or assigned to. Somebody who acts for a
    client sees the topics that agents do. Raises `NotPermittedError` or `RepresentationEndedError`.
    """
    visible, organization = acting.in_view(session, exchange, actor, permission)
    shown = (col(ThreadSide.organization_id) == visible) & _topics(session, actor, visible)
    return Mailbox(visible, organization, shown)


def side_of(session: Session, box: Mailbox, thread_id: UUID, *, lock: bool = False) -> ThreadSide:
    """What the mailbox has of a thread, or `ThreadNotFoundError`.

    `lock`: the thread is held until the transaction ends: reading, recalling and answering come in turn.
    """
    if lock:
        session.get(Thread, thread_id, with_for_update=True)
    side = session.exec(select(ThreadSide).where(ThreadSide.thread_id == thread_id, box.shown)).first()
    if side is None:
        raise ThreadNotFoundError
    return side


def message_of(session: Session, box: Mailbox, message_id: UUID, *, lock: bool = False) -> Message:
    """A message that the mailbox may read, or `ThreadNotFoundError`: also for one that was recalled."""
    found = session.exec(select(Message).where(Message.id == message_id)).first()
    if found is None:
        raise ThreadNotFoundError
    side_of(session, box, found.thread_id, lock=lock)
    if lock:
        session.refresh(found)
    foreign_note = found.kind == "note" and found.organization_id != box.visible
    if foreign_note or found.state != MessageState.SENT:
        raise ThreadNotFoundError
    return found


def receivers(session: Session, side: ThreadSide) -> list[UUID]:
    """Who of a side's organization is told of a message: whom the thread is assigned to, or meant for.

    Else those who receive its topic; nobody where that is the whole organization. Whoever has no access any
    more is passed over, so that there is always somebody who is told.
    """
    meant = [one for one in (side.assigned_to, side.person_id) if one]
    there = among(session, side.organization_id, meant)
    if there:
        return [one for one in meant if one in there][:1]
    chosen = select(TopicReader.account_id).where(
        TopicReader.organization_id == side.organization_id, TopicReader.topic == side.topic
    )
    return sorted(among(session, side.organization_id, session.exec(chosen).all()))


def pulse(session: Session, *organizations: UUID) -> None:
    """Note, in the caller's transaction, that something changed in these mailboxes.

    It is written at the transaction's end, after the journal's head is locked and in one order: those who
    change the same mailboxes at once would else wait for each other for ever.
    """
    if _PULSES not in session.info:
        session.info[_PULSES] = set()
        at_end(session, _beat)
    session.info[_PULSES].update(organizations)


def _beat(session: Session) -> None:
    for organization_id in sorted(session.info.pop(_PULSES)):
        add_if_missing(session, MailboxPulse(organization_id=organization_id))
        mine = update(MailboxPulse).where(col(MailboxPulse.organization_id) == organization_id)
        session.execute(mine.values(count=col(MailboxPulse.count) + 1))


def _topics(session: Session, actor: Actor, visible: UUID) -> ColumnElement[bool]:
    topic = col(ThreadSide.topic)
    if actor.client is not None:
        return topic.in_([slug for slug, one in TOPICS.items() if one.for_agents])
    mine = or_(col(ThreadSide.person_id) == actor.account_id, col(ThreadSide.assigned_to) == actor.account_id)
    kept = _kept_from(session, actor, visible)
    return or_(topic.not_in(kept), mine) if kept else true()  # then an index alone tells what is unread


def _kept_from(session: Session, actor: Actor, visible: UUID) -> list[str]:
    """The topics that others of the organization receive, and the actor does not.

    Whoever has no access any more receives nothing: a topic that only such people received is everybody's.
    """
    if actor.administrator:
        return []
    rows = session.exec(select(TopicReader).where(TopicReader.organization_id == visible)).all()
    there = among(session, visible, [row.account_id for row in rows])
    mine = {row.topic for row in rows if row.account_id == actor.account_id}
    return sorted({row.topic for row in rows if row.account_id in there} - mine)
