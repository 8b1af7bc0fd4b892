"""The columns of a layout as a table: what the heading row may say, and which field each heading means."""

import re
from collections.abc import Mapping

from schemas.kinds import Blank
from schemas.record import Field, Layout

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_FROM_CONTEXT = (
    "control_number",
    "sender_fein",
    "client_fein",
    "creation_date",
    "creation_time",
    "test_flag",
)


def heading_key(text: str) -> str:
    """A heading without what people write differently: case, spaces, underscores, what stands in brackets."""
    return _NOT_LETTERS.sub("", text.split("(", 1)[0].casefold())


def detail_columns(layout: Layout) -> tuple[Field, ...]:
    """The fields of a row, in the order of the template."""
    (detail,) = layout.details
    said = (field for field in detail.by_name.values() if not isinstance(field.kind, Blank))
    return tuple(field for field in said if field is not detail.fields[0])


def header_columns(layout: Layout) -> tuple[Field, ...]:
    """Fields of the file's header that a table may carry as columns, the same in every row."""
    return tuple(layout.header[name] for name in _FROM_CONTEXT if name in layout.header)


def headings(layout: Layout) -> Mapping[str, Field]:
    """Heading key to field: by its name in the layout, and by its title."""
    fields = (*header_columns(layout), *detail_columns(layout))
    return {heading_key(text): field for field in fields for text in (field.name, field.title)}
