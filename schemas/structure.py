"""Rules that need more than one column: across fields, across records, against outside facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import numpy as np

from schemas.kinds.base import Cells, Mask, all_of, any_of, blank


class Columns(Protocol):
    """Many records of one kind, by column."""

    def cells(self, name: str) -> Cells:
        """A field of the records, (width, records)."""

    def header_cells(self, name: str) -> Cells:
        """A field of each record's group header, same shape; zeros where the header could not be read."""


@dataclass(frozen=True)
class Across:
    """A rule between fields of one record; `field` is the one to correct."""

    field: str
    code: str

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of the record that it looks at; it is not asked where one of them has a finding."""
        return (self.field,)

    def broken(self, columns: Columns) -> Mask:
        """Which records break it."""
        raise NotImplementedError

    def words(self, columns: Columns, row: int) -> str:
        """What is expected of one record that breaks it, where that is not the same for all."""
        del columns, row
        return ""


@dataclass(frozen=True)
class When(Across):
    """A rule of `field` that holds where `when` has one of `values`."""

    when: str = ""
    values: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Both."""
        return (self.field, self.when)


@dataclass(frozen=True)
class NeedsWhen(When):
    """`field` must be filled where `when` has one of `values`."""

    def broken(self, columns: Columns) -> Mask:
        """Blank where it is needed."""
        return has_text(columns.cells(self.when), self.values) & blank(columns.cells(self.field))


@dataclass(frozen=True)
class ZeroWhen(When):
    """`field` must be zero (or blank) where `when` has one of `values`."""

    def broken(self, columns: Columns) -> Mask:
        """Anything but zeros where nothing may be."""
        cells = columns.cells(self.field)
        something: Mask = (
            (cells != ord("0")) & (cells != ord(" ")) & (cells != ord("+")) & (cells != ord("-"))
        )
        return has_text(columns.cells(self.when), self.values) & any_of(something)


@dataclass(frozen=True)
class BlankWhen(When):
    """`field` must be blank where `when` has one of `values`."""

    def broken(self, columns: Columns) -> Mask:
        """Anything where nothing may be."""
        return has_text(columns.cells(self.when), self.values) & ~blank(columns.cells(self.field))


@dataclass(frozen=True)
class NeedsWith(Across):
    """`field` must be filled where `other` says more than zero; not asked where `when` is one of `values`."""

    other: str = ""
    when: str = ""
    values: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All three."""
        return (self.field, self.other, self.when)

    def broken(self, columns: Columns) -> Mask:
        """The one without the other."""
        cells = columns.cells(self.other)
        something = any_of((cells != ord("0")) & (cells != ord(" ")))
        excepted = has_text(columns.cells(self.when), self.values)
        return something & blank(columns.cells(self.field)) & ~excepted


@dataclass(frozen=True)
class AnyOf(Across):
    """`field` must be filled unless all of `instead` are."""

    instead: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All of them."""
        return (self.field, *self.instead)

    def broken(self, columns: Columns) -> Mask:
        """Neither the one nor all of the others."""
        missing = [blank(columns.cells(name)) for name in self.instead]
        return blank(columns.cells(self.field)) & any_of(np.stack(missing))


@dataclass(frozen=True)
class Unlike(Across):
    """`field` must say something else than `other`, or nothing."""

    other: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Both."""
        return (self.field, self.other)

    def broken(self, columns: Columns) -> Mask:
        """The same, where there is something."""
        cells = columns.cells(self.field)
        return ~blank(cells) & all_of(cells == columns.cells(self.other))


@dataclass(frozen=True)
class AsHeader(Across):
    """`field` must say what the group's header says in `header`."""

    header: str = ""

    def broken(self, columns: Columns) -> Mask:
        """Different from a header that could be read."""
        want = columns.header_cells(self.header)
        known: Mask = want[0] != 0
        return known & any_of(columns.cells(self.field) != want)


@dataclass(frozen=True)
class OnlyWhenHeader(Across):
    """`field` must be filled where the header's field has one of `values`, and blank everywhere else."""

    header: str = ""
    values: tuple[str, ...] = ()

    def broken(self, columns: Columns) -> Mask:
        """Filled where it may not be, or the other way round."""
        header = columns.header_cells(self.header)
        known: Mask = header[0] != 0
        wrong: Mask = blank(columns.cells(self.field)) == has_text(header, self.values)
        return known & wrong


def has_text(cells: Cells, values: tuple[str, ...]) -> Mask:
    """Where a column holds one of these texts."""
    wanted = [np.frombuffer(text.ljust(len(cells)).encode("ascii"), dtype=np.uint8) for text in values]
    return any_of(np.stack([all_of(cells == text[:, None]) for text in wanted]))


@dataclass(frozen=True)
class Among:
    """The header's `field` must be one that `CheckRules.FACT` names (no fact given: anything goes)."""

    field: str
    fact: str
    code: str
    as_written: Mapping[bool, str] | None = None
    """For yes/no facts: how the header writes them."""
    withdrawn: str = ""
    """The code for somebody who could stand there before, and has withdrawn since."""

    def code_for(self, text: str, rules: "CheckRules") -> str:
        """What is wrong with a text that may not stand there."""
        return self.withdrawn if self.withdrawn and text in rules.withdrawn else self.code

    def allowed(self, rules: "CheckRules") -> frozenset[str] | None:
        """The texts that may stand there; None for any."""
        fact = getattr(rules, self.fact)
        if fact is None or self.as_written is None:
            return frozenset(fact) if fact is not None else None
        return frozenset({self.as_written[fact]})


@dataclass(frozen=True)
class Total:
    """The trailer's field is the sum of the details' field."""

    trailer: str
    detail: str


@dataclass(frozen=True)
class Structure:
    """How records make a file: header, details, trailer; with `many`, again and again.

    `count`: the trailer's field with the number of details; `lenient_count`: asked only where it is a number.
    `same`: fields that header and trailer must agree in. `empty`: a group without details is fine.
    """

    many: bool = False
    empty: bool = False
    count: str = "record_count"
    lenient_count: bool = False
    same: tuple[str, ...] = ()
    totals: tuple[Total, ...] = ()
    among: tuple[Among, ...] = ()


PLAIN = Structure()
"""Header, details, trailer with a count."""


@dataclass(frozen=True)
class Once:
    """What is reported once: details that agree in these fields, in files whose headers agree in theirs."""

    header: tuple[str, ...]
    detail: tuple[str, ...]


@dataclass(frozen=True)
class CheckRules:
    """Facts from outside that one check depends on. None means: not asked.

    `synthetic`: the rule for Social Security numbers: True takes never-issued ones only, False the others.
    `now` and `control_number` serve only where a header has to be made for rows without one.
    """

    today: date
    synthetic: bool
    senders: frozenset[str] | None = None
    clients: frozenset[str] | None = None
    institutions: frozenset[str] | None = None
    transmitters: frozenset[str] | None = None
    withdrawn: frozenset[str] = frozenset()
    months: frozenset[str] | None = None
    methods: frozenset[str] | None = None
    test: bool | None = None
    jurisdictions: frozenset[str] | None = None
    now: datetime | None = None
    control_number: str = ""
    limit: int = 10_000
