"""Sample files: synthetic, believable, the same for the same seed; with planted mistakes, and the truth.

    truth = sample(LAYOUTS["lump-sum"], SampleOrder(records=1000, seed=7, errors=1.0), out)

The truth says which line has which mistake, and which lines match: `{"errors": [{"line", "field", "code"}],
"matches": [{"line", "states"}]}`. Without a population nobody matches.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import Any, BinaryIO, Protocol

import numpy as np

from schemas.columns import Numbers, as_lines, build, texts
from schemas.headings import detail_columns, header_columns
from schemas.kinds import Amount, Cells, Date8, Ssn
from schemas.kinds.base import not_digits, number_of
from schemas.record import Envelope, Field, Form, Layout, Record
from schemas.sample_cases import CASES
from schemas.sample_columns import DETAILS, People
from schemas.sample_orders import ORDERS, Batches, batch_header, echoed
from schemas.slips import Slip, slips
from schemas.structure import CheckRules
from schemas.synthetic import Dice
from schemas.workbook import write_rows

_ROWS = 5_000
CREATED = date(2026, 1, 15)
"""The day all samples were made."""
_RULES = CheckRules(today=CREATED, synthetic=True)


@dataclass(frozen=True)
class Person:
    """Somebody a sample is to be about; `states` are those an answer will name, in alphabetical order."""

    ssn: str
    last_name: str
    first_name: str
    birth_date: str = ""
    states: tuple[str, ...] = ()
    case_id: str = ""


class Population(Protocol):
    """An installation seen from a sample: who sends, and whom its registry (or inquiry file) knows."""

    def header(self) -> Mapping[str, str]:
        """Facts of the header by field name: the sender's numbers, the month, an unused control number."""

    def people(self, count: int) -> Iterator[Person]:
        """People it knows, no two alike; fewer than asked for when there are not so many."""

    def waiting(self, count: int) -> Sequence[Mapping[str, str]]:
        """Orders that wait for the sender's answer, as an acknowledgement echoes them, by field.

        Raises an error that says so when there are fewer.
        """


@dataclass(frozen=True)
class SampleOrder:
    """What is wanted. `errors`: percent of the records with a mistake.

    `known`: percent of the records about people of the population (data match: all of them, as only people of
    the inquiry file may be sent).
    """

    records: int
    seed: int = 1
    errors: float = 0.0
    form: Form = Form.FIXED
    population: Population | None = None
    known: int = 10


def sample(layout: Layout, order: SampleOrder, out: BinaryIO) -> dict[str, Any]:
    """Writes the file to `out`; gives the truth about it. Raises KeyError for a layout without samples."""
    making = _Making(layout, order)
    if order.form is Form.FIXED:
        out.writelines(making.fixed())
    elif order.form is Form.CSV:
        out.writelines(_as_csv(chain([making.headings()], making.rows())))
    else:
        write_rows(out, making.headings(), making.rows())
    return {"errors": making.errors, "matches": making.matches}


@dataclass
class _Planted:
    """A block of records, as cells, and the slips in it by row."""

    cells: Cells
    slips: dict[int, Slip] = field(default_factory=dict)


class _Making:
    """One sample under way."""

    def __init__(self, layout: Layout, order: SampleOrder) -> None:
        self.layout = layout
        self.order = order
        self.dice = Dice(order.seed)
        self.errors: list[dict[str, Any]] = []
        self.matches: list[dict[str, Any]] = []
        self._maker = (ORDERS if layout.outer else {**DETAILS, **CASES})[layout.slug]
        self._batches = Batches(order.records) if layout.outer and order.form is Form.FIXED else None
        self._facts = {**self._maker.header(order.seed, order.records), **self._given()}
        self._record = layout[self._maker.record]
        self._head = layout[self._maker.head.record] if self._maker.head else self._record
        self._slips = {
            record.name: slips(layout, record, _RULES, order.form) for record in (self._record, self._head)
        }
        self._wrong = round(order.records * order.errors / 100)
        self._people = self._known_people()
        self._totals = {one.trailer: one.detail for one in layout.structure.totals}
        self._sums = dict.fromkeys(self._totals, 0)

    def _given(self) -> dict[str, str]:
        facts = self.order.population.header() if self.order.population else {}
        if self.layout.outer:
            return {"state_fips": "", **facts} if facts else {}
        return {name: text for name, text in facts.items() if name in self.layout.header}

    def _known_people(self) -> list[Person]:
        if self.order.population is None or self.layout.outer:
            return []
        head = self._maker.head
        share = 100 if self._maker.only_known else min(self.order.known * (head.every if head else 1), 100)
        wanted = -(-self.order.records * share // 100)
        return list(islice(self.order.population.people(wanted), wanted))

    def fixed(self) -> Iterator[bytes]:
        """The file in pieces: header, details, trailer."""
        if self._batches is not None and self.layout.outer is not None:
            yield from self._nested(self._batches, self.layout.outer)
            return
        header = {name: text.encode("ascii") for name, text in self._facts.items()}
        yield as_lines(build(self.layout.header, 1, header))
        for block in self._blocks():
            yield _damaged(block)
        counted = {"record_count": self.order.records, **self._sums}
        last = self.layout.trailer
        end = {name: f"{counted[name]:0{last[name].width}d}" for name in counted if name in last}
        end |= {name: text for name, text in self._facts.items() if name in last}
        yield as_lines(build(last, 1, {name: text.encode("ascii") for name, text in end.items()}))

    def _nested(self, batches: Batches, outer: Envelope) -> Iterator[bytes]:
        """The file in pieces, where it has batches: each with its header and trailer."""
        layout, records, place = self.layout, self.order.records, 0
        yield _one(outer.header, self._facts)
        for block in self._blocks():
            for line in _damaged(block).split(b"\n")[:-1]:
                facts = batch_header(self._facts, place // batches.size)
                if batches.begins(place):
                    yield _one(layout.header, facts)
                yield line + b"\n"
                if batches.ends(place):
                    yield _end(layout.trailer, facts, record_count=place % batches.size + 1)
                place += 1
        yield _end(outer.trailer, self._facts, batch_count=batches.count, record_count=records)

    def _line(self, place: int) -> int:
        return place + 2 if self._batches is None else self._batches.line(place)

    def headings(self) -> list[str]:
        """The heading row of a table."""
        return [place.title for place in self._header_places()] + [
            place.title for place in detail_columns(self.layout)
        ]

    def _header_places(self) -> list[Field]:
        given = self._given()
        return [place for place in header_columns(self.layout) if place.name in given]

    def rows(self) -> Iterator[list[str]]:
        """The rows of a table."""
        same = [self._facts[place.name] for place in self._header_places()]
        for block in self._blocks():
            columns = [_typed_column(block, place) for place in detail_columns(self.layout)]
            for row in zip(*columns, strict=True):
                yield [*same, *row]

    def _blocks(self) -> Iterator[_Planted]:
        for first in range(0, self.order.records, _ROWS):
            places = np.arange(first, min(first + _ROWS, self.order.records))
            people = self._people_of(places)
            block = _Planted(self._cells(places, people))
            self._answer(block, first)
            self._plant(block, places)
            self._tell(block, places)
            for total, summed in self._totals.items():
                self._sums[total] += _sum(block.cells, self._record[summed])
            yield block

    def _cells(self, places: Numbers, people: People) -> Cells:
        columns = self._maker.columns(self.dice, places, people, self._told())
        cells = build(self._record, len(places), columns)
        if (head := self._maker.head) is not None:
            begins = head.begins(places)
            theirs = head.columns(self.dice, places[begins], self._told())
            cells[begins] = build(self._head, int(begins.sum()), theirs)
        return cells

    def _kind(self, place: int) -> Record:
        """Of which kind the record at a place is."""
        head = self._maker.head
        return self._head if head is not None and place % head.every == 0 else self._record

    def _answer(self, block: _Planted, first: int) -> None:
        """Acknowledgements for an installation are about orders that wait there."""
        if self.order.population is None or not self._maker.answers:
            return
        waiting = self.order.population.waiting(self.order.records)
        echoed(block.cells, self._record, waiting[first : first + len(block.cells)])

    def _told(self) -> Mapping[str, str]:
        """What the makers of columns are told: the header, and how large batches are."""
        size = self._batches.size if self._batches else self.order.records
        return {**self._facts, "batch_size": str(size)}

    def _known_places(self, places: Numbers) -> Numbers:
        """For each place the number of the known person it is about; -1 for a stranger."""
        if self._maker.only_known and self._people:
            return places % len(self._people)
        turn = self.dice.shuffled(places, self.order.records)
        known = turn < len(self._people)
        if (head := self._maker.head) is not None:
            known &= places % head.every == head.known
        return np.where(known, turn, -1)

    def _people_of(self, places: Numbers) -> People:
        known = self._known_places(places)
        people = People.strangers(self.dice, places)
        for row in np.flatnonzero(known >= 0).tolist():
            person = self._people[int(known[row])]
            people.replace(
                row, person.ssn, person.last_name, person.first_name, person.birth_date, person.case_id
            )
        return people

    def _plant(self, block: _Planted, places: Numbers) -> None:
        size = self.order.records
        turn = (self.dice.shuffled(places, size) + size // 2) % size
        wrong = turn < self._wrong
        which = self.dice.numbers("slip", places)
        for row in np.flatnonzero(wrong).tolist():
            theirs = self._slips[self._kind(int(places[row])).name]
            slip = theirs[int(which[row]) % len(theirs)]
            if slip.again and (row == 0 or wrong[row - 1] or self._begins(int(places[row]))):
                slip = theirs[0]
            self._put(block, row, slip, self._kind(int(places[row])))
            line = self._line(int(places[row]))
            self.errors.append({"line": line, "field": slip.field, "code": slip.code})

    def _begins(self, place: int) -> bool:
        """Another batch begins with it, or the one before it is of another kind."""
        in_batch = self._batches is not None and self._batches.begins(place)
        return in_batch or self._kind(place) is not self._kind(place - 1)

    def _put(self, block: _Planted, row: int, slip: Slip, record: Record) -> None:
        block.slips[row] = slip
        if slip.again:
            block.cells[row] = block.cells[row - 1]
        for name, text in (slip.texts or {}).items():
            place = record[name]
            into = np.frombuffer(text.ljust(place.width).encode("ascii"), dtype=np.uint8)
            block.cells[row, place.first - 1 : place.last] = into

    def _tell(self, block: _Planted, places: Numbers) -> None:
        known = self._known_places(places)
        for row in np.flatnonzero(known >= 0).tolist():
            states = self._people[int(known[row])].states
            if states and row not in block.slips:
                self.matches.append({"line": self._line(int(places[row])), "states": list(states)})


def _one(record: Record, facts: Mapping[str, str]) -> bytes:
    """One header or trailer as a line: of the facts, those that it has."""
    return as_lines(
        build(record, 1, {name: text.encode("ascii") for name, text in facts.items() if name in record})
    )


def _end(record: Record, facts: Mapping[str, str], **counts: int) -> bytes:
    """The trailer of a batch or of a nested file; a count that is too large for its columns stays away."""
    zeros = {"batch_count": 0, "employer_sent_count": 0, "state_sent_count": 0}
    texts = {name: f"{number:0{record[name].width}d}" for name, number in (zeros | counts).items()}
    fitting = {name: text for name, text in texts.items() if len(text) == record[name].width}
    return _one(record, {"control_number": facts["control_number"], **fitting})


def _sum(cells: Cells, place: Field) -> int:
    column = np.ascontiguousarray(cells[:, place.first - 1 : place.last].T)
    return int(np.where(not_digits(column), 0, number_of(column)).sum())


def _damaged(block: _Planted) -> bytes:
    """The block as lines, with what happened to some of them."""
    hurt = {row: slip.damage for row, slip in block.slips.items() if slip.damage is not None}
    whole = as_lines(block.cells)
    if not hurt:
        return whole
    lines = whole.split(b"\n")
    for row, damage in hurt.items():
        lines[row] = damage(lines[row])
    return b"\n".join(lines)


def _typed_column(block: _Planted, place: Field) -> list[str]:
    """A field of all records as a clerk would type it; planted texts as they are."""
    plain = [text.decode("ascii") for text in texts(block.cells[:, place.first - 1 : place.last]).tolist()]
    typed = [_typed(place, text) for text in plain]
    for row, slip in block.slips.items():
        if slip.texts is not None and place.name in slip.texts:
            typed[row] = slip.texts[place.name].strip()
    return typed


def _typed(place: Field, text: str) -> str:
    if not text.isdigit():
        return text
    if isinstance(place.kind, Amount):
        return f"{int(text[:-2])}.{text[-2:]}"
    if isinstance(place.kind, Date8):
        return f"{text[4:6]}/{text[6:]}/{text[:4]}"
    return f"{text[:3]}-{text[3:5]}-{text[5:]}" if isinstance(place.kind, Ssn) else text


def _as_csv(rows: Iterable[list[str]]) -> Iterator[bytes]:
    waiting = iter(rows)
    while some := list(islice(waiting, _ROWS)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(some)
        yield text.getvalue().encode("ascii")


__all__ = ["CREATED", "Person", "Population", "SampleOrder", "sample"]
