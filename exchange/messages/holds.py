"""Legal holds: while either side holds a thread, nothing of it is purged, however old it is."""

from uuid import UUID

from exchange import journal
from exchange.database import transaction
from exchange.messages.access import mailbox, pulse, side_of
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, authorize


def hold(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """Keep a thread of the actor's organization until it is let go. Raises `ThreadNotFoundError`."""
    _set(exchange, actor, thread_id, held=True)


def release(exchange: Exchange, actor: Actor, thread_id: UUID) -> None:
    """Let go of a thread: what is due of it is purged again. The other side's hold stays as it is."""
    _set(exchange, actor, thread_id, held=False)


def _set(exchange: Exchange, actor: Actor, thread_id: UUID, *, held: bool) -> None:
    authorize(actor, Permission.MESSAGE_HOLD)
    with transaction(exchange.engine) as session:
        box = mailbox(session, exchange, actor)
        side = side_of(session, box, thread_id, lock=True)
        if (side.held_at is not None) == held:
            return
        side.held_at = exchange.clock() if held else None
        side.held_by = actor.account_id if held else None
        session.add(side)
        journal.append(session, exchange, "thread.held" if held else "thread.released", actor, thread_id)
        pulse(session, box.visible)
