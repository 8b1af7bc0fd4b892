"""What people write to each other about a request: checked for length, sealed, opened for who may read it."""

from exchange.errors import FieldsRefusedError
from exchange.locate import sealed
from exchange.runtime import Exchange

LONGEST = 2_000
"""Characters of a note."""


def checked(text: str, field: str, missing: str = "") -> str:
    """A note as it is kept. Raises `FieldsRefusedError` for too long a one, or with `missing` for none."""
    told = text.strip()
    if missing and not told:
        raise FieldsRefusedError({field: missing})
    if len(told) > LONGEST:
        raise FieldsRefusedError({field: f"Use {LONGEST:,} characters at most; these are {len(told):,}"})
    return told


def seal(exchange: Exchange, text: str) -> bytes | None:
    """A cell with a note; None for none."""
    return sealed.seal(exchange, sealed.NOTE, text) if text else None


def opened(exchange: Exchange, cell: bytes | None) -> str:
    """What stands in such a cell."""
    return sealed.opened(exchange, sealed.NOTE, cell) if cell else ""
