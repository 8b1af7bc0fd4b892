"""Figures: a chart and the table behind it, drawn from the same rows; the same rows again as CSV.

A chart is bars of SVG that are as wide as their share, so that text keeps its size on a telephone and on
paper. What tells two series apart is a pattern and not the color alone; each bar has its value beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from exchange.spreadsheets import csv_line

Cell = str | int | float | timedelta | None
_NOTHING = "-"
_LABEL, _BAR, _GAP = 20, 16, 14
"""Heights in pixels: the label of a row, each of its bars, and what is left free below."""
_WIDEST = 78
"""Percent of the width that the longest bar takes; the rest is for its value."""
_SECONDS_IN_A_MINUTE, _SECONDS_IN_AN_HOUR, _LONG = 60, 3600, 48 * 3600


class Kind(Enum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and how its values are written."""

    title: str
    kind: Kind = Kind.COUNT

    def shown(self, cell: Cell) -> str:
        """A value as people read it."""
        if cell is None:
            return _NOTHING
        if isinstance(cell, timedelta):
            return lasting(cell)
        if self.kind is Kind.PERCENT:
            return f"{100 * float(cell):.2f}%"
        return f"{cell:,}" if self.kind is Kind.COUNT else str(cell)

    def raw(self, cell: Cell) -> str:
        """A value as programs read it: parts of one, seconds."""
        if cell is None:
            return ""
        return f"{cell.total_seconds():g}" if isinstance(cell, timedelta) else str(cell)


@dataclass(frozen=True)
class Bar:
    """One bar: where it begins from above, how wide it is, its value in words, and which series it is of."""

    y: int
    width: str
    text: str
    series: int

    @property
    def text_y(self) -> int:
        """The base line of its value."""
        return self.y + _BAR - 4


@dataclass(frozen=True)
class Group:
    """One row of the table as bars below its label."""

    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Figure:
    """A table and its chart. The first column names the rows; `drawn` are the columns that are bars.

    `links`: an address for the first cell of a row, or nothing. `most`: rows that are drawn.
    """

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    drawn: tuple[int, ...]
    links: Sequence[str] = ()
    most: int = 24

    @property
    def series(self) -> list[str]:
        """The names of what is drawn."""
        return [self.columns[place].title for place in self.drawn]

    @property
    def height(self) -> int:
        """Pixels."""
        return len(self.rows[: self.most]) * self._step

    @property
    def _step(self) -> int:
        return _LABEL + len(self.drawn) * _BAR + _GAP

    @property
    def groups(self) -> list[Group]:
        """The bars; the longest is as wide as there is room."""
        rows = self.rows[: self.most]
        largest = max((_size(row[place]) for row in rows for place in self.drawn), default=0) or 1
        return [self._group(number, row, largest) for number, row in enumerate(rows)]

    def _group(self, number: int, row: Sequence[Cell], largest: float) -> Group:
        top = number * self._step
        bars = (
            Bar(
                top + _LABEL + series * _BAR,
                f"{_WIDEST * _size(row[place]) / largest:.2f}%",
                self.columns[place].shown(row[place]),
                series,
            )
            for series, place in enumerate(self.drawn)
        )
        return Group(str(row[0]), top + _LABEL - 6, tuple(bars))

    @property
    def description(self) -> str:
        """What a chart shows in one sentence a series, for who does not see it."""
        return " ".join(filter(None, (self._extremes(place) for place in self.drawn)))

    def _extremes(self, place: int) -> str:
        column = self.columns[place]
        known = [row for row in self.rows[: self.most] if row[place] is not None]
        if not known:
            return f"{column.title}: nothing to show."
        most, least = (pick(known, key=lambda row: _size(row[place])) for pick in (max, min))
        return (
            f"{column.title}: most {column.shown(most[place])} ({most[0]}), "
            f"least {column.shown(least[place])} ({least[0]})."
        )

    def table(self) -> list[list[str]]:
        """Every row as people read it."""
        return [
            [column.shown(cell) for column, cell in zip(self.columns, row, strict=True)] for row in self.rows
        ]

    def as_csv(self) -> Iterator[bytes]:
        """Every row for a spreadsheet."""
        yield csv_line(_heading(column) for column in self.columns)
        for row in self.rows:
            yield csv_line(column.raw(cell) for column, cell in zip(self.columns, row, strict=True))


def lasting(time: timedelta) -> str:
    """A time as people say it, as exact as it was counted."""
    seconds = time.total_seconds()
    if seconds < _SECONDS_IN_A_MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _SECONDS_IN_AN_HOUR:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
    if seconds < _LONG:
        return f"{seconds // 3600:,.0f} h {seconds % 3600 // 60:02.0f} min"
    return f"{time.days:,} days {time.seconds // 3600} h"


def _heading(column: Column) -> str:
    """A heading for programs; times are in seconds."""
    return f"{column.title} (s)" if column.kind is Kind.TIME else column.title


def _size(cell: Cell) -> float:
    """How long a bar is, before it is held against the longest."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    return float(cell) if isinstance(cell, int | float) else 0.0
