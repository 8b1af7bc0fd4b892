"""How large a file may come: what its sender announced, and what its organization's space has room for."""

from dataclasses import dataclass

from sqlmodel import Session

from exchange.errors import FileTooLargeError, QuotaExceededError
from exchange.runtime import Exchange
from exchange.transfers import repository
from roles.policy import VisibleOrganization


@dataclass(frozen=True)
class Expected:
    """What the sender announced: size in bytes, SHA-256 in hexadecimal. Either may be unknown."""

    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Bounds:
    """What was announced, and the bytes the file may come to within its organization's space."""

    expected: Expected
    room: int


def bounds_of(
    session: Session,
    exchange: Exchange,
    visible: VisibleOrganization,
    counted: int,
    expected: Expected | None,
) -> Bounds:
    """How many bytes a file may come to, of which `counted` are in the organization's used space already."""
    announced, limit = expected or Expected(), exchange.settings.max_file_size
    if announced.size is not None and announced.size > limit:
        raise FileTooLargeError(limit=limit)
    wanted = max(announced.size or 0, 1)
    if (room := _room(session, exchange, visible) + counted) < wanted:
        exchange.space.forget(visible)  # nobody is refused for what was true a second ago
        room = _room(session, exchange, visible) + counted
    if room < wanted:
        raise QuotaExceededError
    return Bounds(announced, room)


def _room(session: Session, exchange: Exchange, visible: VisibleOrganization) -> int:
    used = exchange.space.used(visible, lambda: repository.used_space(session, visible))
    return exchange.settings.quota - used
