"""The figures of the volumes: which columns they have, and where their values come from."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exchange.spreadsheets import csv_line
from exchange.volumes.figures import UNFETCHED, UNSETTLED, Partner, Volume, Volumes
from roles.organizations import KINDS, OrganizationKind
from roles.programs import PROGRAMS
from web.figures import Cell, Column, Figure, Kind

Counted = tuple[Column, Callable[[Volume], Cell]]
_DRAWN_PARTNERS = 10

_FILES: Final[tuple[Counted, ...]] = (
    (Column("Files handed over"), lambda one: one.files),
    (Column("Files for partners"), lambda one: one.issued),
    (Column("Records"), lambda one: one.records),
)
_REFUSED: Final[tuple[Counted, ...]] = (
    (Column("Records refused, share", Kind.PERCENT), lambda one: one.records_rate),
    (Column("Files rejected, share", Kind.PERCENT), lambda one: one.files_rate),
    (Column("Records refused"), lambda one: one.refused),
    (Column("Records checked"), lambda one: one.checked),
    (Column("Files rejected"), lambda one: one.rejected),
)
_ANSWERED: Final[tuple[Counted, ...]] = (
    (Column("Median", Kind.TIME), lambda one: one.within(50)),
    (Column("95th percentile", Kind.TIME), lambda one: one.within(95)),
    (Column("Files answered"), lambda one: one.answered.total()),
)
_WAITS: Final[tuple[Counted, ...]] = (
    (Column("Not settled now"), lambda one: one.unsettled),
    (Column("Not fetched now"), lambda one: one.unfetched),
)


@dataclass(frozen=True)
class Plan:
    """A figure before its rows are known; `first`: what its rows are."""

    key: str
    title: str
    about: str
    first: str
    counted: tuple[Counted, ...]
    most: int = 24

    def figure(self, rows: Iterable[tuple[str, Volume]], links: list[str] | None = None) -> Figure:
        """The figure of these rows."""
        columns = (Column(self.first, Kind.TEXT), *(column for column, _ in self.counted))
        cells = [(name, *(count(volume) for _, count in self.counted)) for name, volume in rows]
        return Figure(self.key, self.title, self.about, columns, cells, (1, 2), links or (), self.most)


_MONTHS = Plan(
    "months", "Files and records by month", "A month begins and ends at midnight UTC.", "Month", _FILES
)
_ERRORS = Plan(
    "errors",
    "What was refused, by month",
    "Records that were not used, as a share of those that were checked; files that were not accepted or were "
    "set aside by the scanner, as a share of those handed over.",
    "Month",
    _REFUSED,
)
_PROGRAMS = Plan(
    "programs",
    "By program",
    "All the months above together; what waits, waits now.",
    "Program",
    (*_FILES, *_REFUSED, *_WAITS),
)
_ANSWERS = Plan(
    "answers",
    "From hand-over to answer",
    "The time in which half of the files, and 95 of 100, had their answer.",
    "Program",
    _ANSWERED,
)
_PARTNERS = Plan(
    "partners",
    "By partner",
    "Those with the most files first. A name leads to the figures of that partner alone.",
    "Partner",
    (*_FILES, *_REFUSED, *_WAITS),
    _DRAWN_PARTNERS,
)
_AGES: Final = {
    UNSETTLED: (
        "Handed over and not settled, by age",
        "Files that wait for their answer.",
    ),
    UNFETCHED: ("Not fetched, by age", "Files for partners that nobody has fetched yet, by any door."),
}


def figures_of(found: Volumes, address: str = "") -> list[Figure]:
    """The figures in the order of the page; partners lead to `address` with their id, where it is given."""
    months = [(f"{begin:%B %Y}", volume) for begin, volume in found.months.items()]
    programs = [(PROGRAMS[slug].title, volume) for slug, volume in found.programs.items()]
    partners = [(one.name, one.volume) for one in found.partners]
    links = [f"{address}&partner={one.id}" for one in found.partners] if address else []
    return [
        _MONTHS.figure(months),
        _ERRORS.figure(months),
        _PROGRAMS.figure(programs),
        _ANSWERS.figure([*programs, ("All programs", found.total)]),
        _PARTNERS.figure(partners, links),
        *(_ageing(name, found) for name in _AGES),
    ]


def details_as_csv(rows: Iterable[tuple[datetime, str, Partner]]) -> Iterator[bytes]:
    """Everything by month, program and partner."""
    counted = (*_FILES, *_REFUSED)
    yield csv_line(("Month", "Program", "Partner", "Kind", "Number", *(one.title for one, _ in counted)))
    for begin, slug, one in rows:
        kind = KINDS[OrganizationKind(one.kind)].title
        counts = (column.raw(count(one.volume)) for column, count in counted)
        yield csv_line((f"{begin:%Y-%m}", slug, one.name, kind, str(one.id), *counts))


def _ageing(name: str, found: Volumes) -> Figure:
    title, about = _AGES[name]
    columns = (Column("Age", Kind.TEXT), Column("Files"))
    return Figure(name, title, about, columns, list(found.waiting[name].items()), (1,))
