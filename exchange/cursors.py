"""Where the next page of a list goes on that has the newest first: a moment and an id, in one opaque word."""

from datetime import UTC, datetime
from uuid import UUID

from exchange.errors import RequestInvalidError
from exchange.models.base import as_utc

_FORMAT = "%Y%m%d%H%M%S%f"


def cursor(moment: datetime, row_id: UUID) -> str:
    """The cursor behind a row."""
    return f"{as_utc(moment):{_FORMAT}}_{row_id.hex}"


def place(given: str) -> tuple[datetime, UUID]:
    """The row that a cursor stands behind. Raises `RequestInvalidError` for one that we never gave."""
    try:
        stamp, identifier = given.split("_")
        return datetime.strptime(stamp, _FORMAT).replace(tzinfo=UTC), UUID(identifier)
    except ValueError as error:
        raise RequestInvalidError(what="this cursor was not given by the portal") from error
