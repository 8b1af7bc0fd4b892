"""A layout in words: as data for pages, and as plain text for the command line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.codes import CODES, Effect
from schemas.dispositions import AllowedReason, NeededBy
from schemas.kinds import Blank
from schemas.orders import AmountWhen, ExplainedAmount, SumOf
from schemas.record import Evidence, Field, Layout, Record
from schemas.structure import (
    Across,
    AnyOf,
    AsHeader,
    BlankWhen,
    NeedsWhen,
    NeedsWith,
    OnlyWhenHeader,
    Unlike,
    ZeroWhen,
)


@dataclass(frozen=True)
class FieldLine:
    """One row of the description."""

    columns: str
    length: int
    name: str
    title: str
    required: str
    rule: str
    evidence: str
    sure: str
    source: str


@dataclass(frozen=True)
class RecordTable:
    """One record of the description."""

    name: str
    title: str
    mark: str
    length: int
    fields: tuple[FieldLine, ...]


def tables(layout: Layout) -> tuple[RecordTable, ...]:
    """The records of a layout, in the order of the file."""
    return tuple(
        RecordTable(record.name, record.title, record.mark, record.length, tuple(_lines(record)))
        for record in layout.records
    )


def _lines(record: Record) -> Iterator[FieldLine]:
    for place in record.fields:
        columns = str(place.first) if place.width == 1 else f"{place.first}-{place.last}"
        yield FieldLine(
            columns,
            place.width,
            "" if place.is_filler else place.name,
            "Filler" if place.is_filler else place.title,
            _required(place),
            "; ".join((place.kind.expected(place.width), *_beside(record, place))),
            place.evidence.value,
            place.evidence.words,
            place.source,
        )


_VERBS: Mapping[type[Across], str] = {
    NeedsWhen: "required",
    AmountWhen: "above zero",
    BlankWhen: "blank",
    ZeroWhen: "zero",
}


def _beside(record: Record, place: Field) -> Iterator[str]:
    """What a field must keep because of other fields."""
    for rule in record.across:
        if rule.field == place.name:
            remark = " (inferred: a remark)" if CODES[rule.code].effect is Effect.NOTE else ""
            yield from (words + remark for words in _rule(record, rule))


def _rule(record: Record, rule: Across) -> Iterator[str]:
    titles = {name: field.title for name, field in record.by_name.items()}
    if isinstance(rule, NeedsWhen | BlankWhen | ZeroWhen):
        yield f"{_VERBS[type(rule)]} where {titles[rule.when]} is {', '.join(rule.values)}"
    elif isinstance(rule, NeedsWith):
        yield f"required with {titles[rule.other]}"
    elif isinstance(rule, AnyOf):
        yield f"required unless there are {', '.join(titles[name] for name in rule.instead)}"
    elif isinstance(rule, AsHeader):
        yield "as in the header"
    elif isinstance(rule, Unlike):
        yield f"other than {titles[rule.other]}"
    elif isinstance(rule, OnlyWhenHeader):
        yield f"only where the header's {rule.header.replace('_', ' ')} is {', '.join(rule.values)}"
    elif isinstance(rule, AllowedReason | NeededBy | SumOf | ExplainedAmount):
        yield rule.summary


def _required(place: Field) -> str:
    return "required" if place.required else "blank" if isinstance(place.kind, Blank) else "optional"


def as_text(layout: Layout) -> str:
    """The description as plain text, with a line on each mark of evidence it uses."""
    parts = [f"{layout.title} ({layout.slug}, version {layout.version})", layout.summary]
    parts += [f"Source: {layout.source}", _how_it_travels(layout)]
    used: set[str] = set()
    for table in tables(layout):
        parts += ["", f"{table.title or table.name}: begins with {table.mark}, {table.length} characters", ""]
        parts += _columns(table)
        used |= {line.evidence for line in table.fields}
    parts += ["", *(f"{mark}: {Evidence(mark).words}" for mark in sorted(used))]
    return "\n".join(parts) + "\n"


def _how_it_travels(layout: Layout) -> str:
    short = "trailing spaces may be left out" if layout.short_lines else "every record in full length"
    twin = "; also as CSV or XLSX with one heading row" if layout.twin else ""
    nested = (
        " Batches, each with a header and a trailer, stand between those of the file." if layout.outer else ""
    )
    return f"ASCII, one record a line (LF or CR LF), {short}{twin}.{nested}"


def _columns(table: RecordTable) -> list[str]:
    head = ("Columns", "Len", "Field", "", "Ev", "Rule")
    rows = [
        (line.columns, str(line.length), line.name or "-", line.required, line.evidence, line.rule)
        for line in table.fields
    ]
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head) - 1)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)) + "  " + row[-1]
        for row in (head, *rows)
    ]
