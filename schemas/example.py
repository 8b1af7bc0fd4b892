"""An example of every record of a layout, with a ruler, so that a programmer can count the columns.

Records that samples are made of come from a sample with a fixed seed; for the others (answers that only the
portal writes) each field holds what its kind or its name calls for. Everybody in them is made up.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.kinds import (
    Amount,
    Code,
    Date8,
    Digits,
    Email,
    Fein,
    Literal,
    MailState,
    Phone,
    SignedDollars,
    Ssn,
    StateCode,
    Time6,
    YearMonth,
    Zip,
)
from schemas.record import Field, Layout, Record
from schemas.sample import SampleOrder, sample
from schemas.sample_cases import CASES
from schemas.sample_columns import DETAILS

SEED = 2026
RULED = 80
"""Columns shown in one row, with their ruler above; as many as fit on paper."""

_BY_KIND = {
    Ssn: "900000001",
    Fein: "009999999",
    Date8: "20260115",
    Time6: "093000",
    YearMonth: "202601",
    StateCode: "KS",
    MailState: "KS",
    Zip: "66603",
    Phone: "7855550100",
    Email: "OFFICE@EXAMPLE.ORG",
}
_BY_NAME = {
    "ssn": "900000001",
    "last_name": "SAMPLE",
    "first_name": "ALEX",
    "name": "SAMPLE ALEX",
    "birth_date": "19800229",
    "year_month": "202601",
    "payment_date": "20260131",
    "payment_kind": "B",
    "payment_amount": "00000250000",
    "street": "100 MAIN STREET",
    "city": "TOPEKA",
    "state": "KS",
    "zip": "66603",
    "account_number": "1000200030",
    "balance": "0002500",
    "balance_indicator": "2",
    "institution_tin": "009999999",
    "transmitter_tin": "009999999",
    "institution_name": "EXAMPLE SAVINGS BANK",
    "employer_name": "EXAMPLE EMPLOYER",
    "control_number": "EXAMPLE-1",
    "match_indicator": "M",
}
_QUIET = frozenset({"tail", "rest", "unknown_360", "error1", "error2", "error3", "update_indicator"})
"""Optional fields that a good record most often leaves blank."""


@dataclass(frozen=True)
class Ruled:
    """Some columns of a line: two rows of ruler (tens and ones), and the text below them."""

    first: int
    last: int
    tens: str
    ones: str
    text: str

    @property
    def is_blank(self) -> bool:
        """Spaces only."""
        return not self.text.strip(" ")


def examples(layout: Layout) -> Mapping[str, str]:
    """One line in full length for each record of the layout, by the record's name."""
    lines = {record.name: _typical(record) for record in layout.records}
    maker = {**DETAILS, **CASES}.get(layout.slug)
    if maker is not None:
        details = (maker.head.record, maker.record) if maker.head else (maker.record,)
        out = io.BytesIO()
        sample(layout, SampleOrder(records=len(details), seed=SEED), out)
        sampled = (layout.header.name, *details, layout.trailer.name)
        lines |= dict(zip(sampled, out.getvalue().decode("ascii").splitlines(), strict=True))
    return lines


def ruled(line: str) -> tuple[Ruled, ...]:
    """A line in rows of `RULED` columns, each below its ruler; neighbours of spaces only are one row."""
    rows: list[Ruled] = []
    for start in range(0, len(line), RULED):
        row = _ruled(line, start)
        if rows and rows[-1].is_blank and row.is_blank:
            row = Ruled(rows.pop().first, row.last, "", "", "")
        rows.append(row)
    return tuple(rows)


def _ruled(line: str, start: int) -> Ruled:
    text = line[start : start + RULED]
    columns = range(start + 1, start + len(text) + 1)
    tens = "".join(str(column // 10).rjust(10) if column % 10 == 0 else "" for column in columns)
    ones = "".join(str(column % 10) for column in columns)
    return Ruled(start + 1, columns[-1], tens, ones, text)


def _typical(record: Record) -> str:
    return "".join(_text(field).ljust(field.width)[: field.width] for field in record.fields)


def _text(field: Field) -> str:
    if field.is_filler or field.name in _QUIET:
        return ""
    known = _BY_NAME.get(field.name) or _BY_KIND.get(type(field.kind))
    return known or _of_kind(field)


def _of_kind(field: Field) -> str:
    kind = field.kind
    if isinstance(kind, Literal):
        return kind.value
    if isinstance(kind, Code):
        return next(iter(kind.table))
    if isinstance(kind, Amount | Digits | SignedDollars):
        return ("250000" if isinstance(kind, Amount) else "1").zfill(field.width)
    return ""


__all__ = ["RULED", "SEED", "Ruled", "examples", "ruled"]
