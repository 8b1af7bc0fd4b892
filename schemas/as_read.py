"""Some rows of a file as they were read, in the words of who typed them: for those who correct them."""

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

import numpy as np

from schemas.kinds import Amount, Date8
from schemas.kinds.base import is_digits
from schemas.lines import FixedLines
from schemas.record import Field, Form, Layout
from schemas.structure import CheckRules
from schemas.tabular import Table

Texts = Mapping[str, str]
_DAY = 8


def rows_as_read(
    layout: Layout, source: BinaryIO, form: Form, rules: CheckRules, lines: Collection[int]
) -> dict[int, Texts]:
    """The fields of the details on these lines (or rows of a table), by their names; blank ones left out.

    For a file that was checked before with these rules; one that cannot be read raises what its reader does.
    """
    if form is not Form.FIXED:
        return dict(Table(layout, source, form, rules).typed(lines))
    return dict(_fixed(layout, source, lines))


def as_typed(field: Field, text: str) -> str:
    """A column's text as people type it: a day with slashes, an amount in dollars; nonsense as it stands."""
    plain = text.strip()
    if isinstance(field.kind, Date8) and is_digits(plain) and len(plain) == _DAY:
        return f"{plain[4:6]}/{plain[6:]}/{plain[:4]}"
    if isinstance(field.kind, Amount) and is_digits(plain):
        return f"{int(plain) / 10**field.kind.places:.{field.kind.places}f}"
    return plain


def _fixed(layout: Layout, source: BinaryIO, lines: Collection[int]) -> Iterator[tuple[int, Texts]]:
    (detail,) = layout.details
    wanted, last = np.array(sorted(lines), dtype=np.int64), max(lines, default=0)
    for batch in FixedLines(source, layout.length):
        for place in np.flatnonzero(np.isin(batch.lines, wanted)).tolist():
            text = batch.cells[place].tobytes().decode("latin-1")
            columns = ((field, text[field.first - 1 : field.last]) for field in detail.by_name.values())
            said = {field.name: as_typed(field, column) for field, column in columns}
            said.pop(detail.fields[0].name)
            yield int(batch.lines[place]), {name: value for name, value in said.items() if value}
        if len(batch.lines) and batch.lines[-1] >= last:
            return
