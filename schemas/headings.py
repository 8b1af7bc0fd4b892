"""The columns of a layout as a table: what the heading row may say, and which field each heading means.

Lists come from payroll programs, which have headings of their own and a title above them: what they usually
write is in the table of other headings, and the heading row is looked for in the first few rows.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from schemas.kinds import Blank
from schemas.record import Field, Layout

HEADING_ROWS = 10
"""Rows in which the headings are looked for."""
LEAST_KNOWN = 2
"""Headings of a layout that a row must have to be its heading row."""
OTHER_HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ssn": ("Social Security no.", "Social Security", "Soc sec no", "Social"),
        "last_name": ("Surname", "Family name", "Last"),
        "first_name": ("Given name", "Forename", "First"),
        "middle_name": ("Middle", "Middle initial", "MI"),
        "birth_date": ("DOB", "Date of birth", "Birthday"),
        "case_id": ("Case", "Case no.", "Case number"),
        "payment_kind": ("Kind", "Type", "Payment type", "Kind of payment"),
        "payment_description": ("Description",),
        "payment_date": ("Pay date", "Payment date", "Date of payment", "Check date"),
        "payment_amount": ("Amount", "Gross amount", "Gross", "Payment"),
        "termination_code": ("Reason", "Reason for leaving", "Termination reason"),
        "termination_date": ("Last day", "Separation date", "Date left", "End date"),
        "reference": ("Ref", "Employee id", "Employee no.", "Employee number"),
    }
)
"""By field: what else lists call it. A heading that a layout itself has keeps its meaning there."""

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
    """Heading key to field: by its name in the layout, by its title, and by what else lists call it."""
    details = detail_columns(layout)
    fields = (*header_columns(layout), *details)
    other = {heading_key(text): field for field in details for text in OTHER_HEADINGS.get(field.name, ())}
    return other | {heading_key(text): field for field in fields for text in (field.name, field.title)}


def is_heading_row(known: Mapping[str, Field], cells: Iterable[str]) -> bool:
    """Whether a row names columns; `known` are the headings of a layout."""
    return sum(heading_key(text) in known for text in cells) >= LEAST_KNOWN
