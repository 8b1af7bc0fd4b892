"""What sources answered, as a table: federal tax information is never in one file with other data."""

from collections.abc import Iterator
from uuid import UUID

from exchange.locate import viewing
from exchange.locate.viewing import Opened
from exchange.models.locate import Act
from exchange.runtime import Exchange
from exchange.spreadsheets import csv_line
from roles.disclosure import FIELDS, TAX_LABEL
from roles.policy import Actor

_HEADINGS = ("Request", "Case", "Source", "Code", "Answered at (UTC)", "Outcome", "What", "Value", "Label")


def exported(
    exchange: Exchange, actor: Actor, request_id: UUID, reason: str, *, tax: bool
) -> tuple[str, bytes]:
    """Name and content of the file: of what is no federal tax information, or (`tax`) of that alone.

    Raises `FieldsRefusedError` without a reason, `RecordNotFoundError`.
    """
    found = viewing.opened(exchange, actor, request_id, Act.EXPORT, reason)
    lines = [_HEADINGS, *_lines(found, tax=tax)]
    name = f"{found.line.reference}{'-federal-tax-information' if tax else ''}.csv"
    return name, b"".join(csv_line(line) for line in lines)


def _lines(found: Opened, *, tax: bool) -> Iterator[tuple[str, ...]]:
    """A line for each value; for each answer without any a line of its own, in the file without tax data."""
    for one in found.results:
        if one.outcome is None or one.received_at is None:
            continue
        about = (found.line.reference, found.line.case_number, one.source.title, one.source.code)
        answer = (*about, f"{one.received_at:%Y-%m-%d %H:%M}", one.outcome.value)
        if not one.shown and not tax:
            yield (*answer, "", "", "")
        for value in one.shown:
            if (value.label == TAX_LABEL) == tax:
                yield (*answer, FIELDS[value.field], value.value, value.label)
