"""Was a record reported before, in another file of the same organization? States must not be told twice.

Of each record that was taken a keyed number of eight bytes is kept, as long as its file: computed for whole
columns at once, sorted, few of them in the row itself, many in a sealed blob. Which columns they are made of
the layout says (`Once`). A file under check costs twelve bytes a record, each large earlier one eight.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, delete, select

from exchange.database import reading
from exchange.models.base import as_utc
from exchange.models.reports import Reported
from exchange.models.transfers import Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers import answers
from schemas.checking import Block, Checked, CheckRules, RecordBlock, Summary, check
from schemas.columns import Numbers
from schemas.findings import Finding, finding
from schemas.kinds import Mask, Value
from schemas.record import Layout
from schemas.repetition import Keys, keys_of

REPEATED = "D002"
FEW = 128
"""So many numbers stand in the row itself."""
_NEVER_TOLD = (Status.QUARANTINED, Status.REJECTED, Status.EXPIRED, Status.PURGED)
_PURPOSE = "reported"
_AT_ONCE = 1 << 16
_NOT = np.iinfo(np.int32).max


class ReportedMeanwhileError(Exception):
    """Another file reported the same records while this one was checked: it has to be checked again."""


@dataclass(frozen=True)
class Scope:
    """For whom something is reported: the organization, its program, and what the layout's header tells."""

    organization_id: UUID
    program: str
    id: bytes


@dataclass(frozen=True)
class Earlier:
    """A file that reported something in the same scope."""

    transfer_id: UUID
    filename: str
    created_at: datetime
    numbers: bytes | None
    blob_id: str | None


@dataclass(frozen=True)
class Reports:
    """What a file reports: the numbers of the records that are new, and what was looked through for them."""

    scope: Scope
    numbers: Keys
    looked_through: frozenset[UUID]
    blob_id: str | None = None


@dataclass(frozen=True)
class Repeated:
    """The records of a file that were reported before: their lines, in order, and in which file each."""

    lines: npt.NDArray[np.uint32]
    places: npt.NDArray[np.int32]
    earlier: list[Earlier]

    def __len__(self) -> int:
        return len(self.lines)

    def findings(self, checked: Checked, most: int) -> Iterator[Finding]:
        """What is told about the first of them: when it was, and in which file."""
        for line, place in zip(self.lines[:most].tolist(), self.places[:most].tolist(), strict=True):
            at, filename = self.earlier[place].created_at, self.earlier[place].filename
            where = f"It was reported on {at:%b} {at.day}, {at:%Y} in {filename}."
            yield checked.placed(_finding(checked.layout, line, where))


NOTHING = Repeated(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int32), [])


class Gathered:
    """The numbers of a file's accepted records, block by block. `repeated` and `reports` once all are in."""

    def __init__(self, exchange: Exchange, organization_id: UUID, program: str, layout: Layout) -> None:
        """Nothing is known of its header yet."""
        self._exchange, self._whose, self._layout = exchange, (organization_id, program), layout
        self._scope: Scope | None = None
        self._numbers: list[Keys] = []
        self._lines: list[npt.NDArray[np.uint32]] = []

    def add(self, block: Block, header: Mapping[str, Value]) -> None:
        """Take the accepted records of a block of a layout that reports once; of others nothing."""
        rows = block.records.get(self._layout.details[0].name)
        if self._layout.once is None or rows is None:
            return
        self._scope = self._scope or scope_of(self._exchange, *self._whose, self._layout, header)
        places = rows.accepted.nonzero()[0]
        self._numbers.append(numbers_of(self._exchange, self._scope, self._layout, rows, places))
        self._lines.append(rows.lines[places].astype(np.uint32))

    def settle(self) -> tuple[Repeated, Reports | None]:
        """The records that were reported before, and what is new; None where nothing is to be kept."""
        if self._scope is None:
            return NOTHING, None
        numbers, self._numbers = np.concatenate(self._numbers), []
        lines, self._lines = np.concatenate(self._lines), []
        with reading(self._exchange.engine) as session:
            earlier = _earlier(session, self._scope)
        before = _sources(self._exchange, earlier, numbers)
        again = before != _NOT
        new = numbers[~again]
        new.sort()
        looked_through = frozenset(one.transfer_id for one in earlier)
        return Repeated(lines[again], before[again], earlier), Reports(self._scope, new, looked_through)


def scope_of(
    exchange: Exchange, organization_id: UUID, program: str, layout: Layout, header: Mapping[str, Value]
) -> Scope:
    """The scope of a file by its header."""
    assert layout.once is not None, "only layouts that say so report once"
    said = [str(header.get(name) or "") for name in layout.once.header]
    whose = "|".join([str(organization_id), program, layout.slug, *said])
    return Scope(organization_id, program, exchange.vault.cells.keyed_hash(_PURPOSE, whose)[:16])


def numbers_of(
    exchange: Exchange, scope: Scope, layout: Layout, rows: RecordBlock, places: npt.NDArray[np.int64]
) -> Keys:
    """The keyed numbers of some records of a block, in their order."""
    assert layout.once is not None, "only layouts that say so report once"
    fields = [rows.record[name] for name in layout.once.detail]
    cells = np.concatenate([rows.cells[places, field.first - 1 : field.last] for field in fields], axis=1)
    salt = np.full(len(places), int.from_bytes(scope.id[:7], "big"), dtype=np.int64)
    words = keys_of(cells, salt).tobytes()
    keyed = exchange.vault.cells.keyed_words(f"{_PURPOSE}:{scope.id.hex()}", words)
    return np.frombuffer(keyed, dtype=np.uint64)


def sealed(exchange: Exchange, reports: Reports) -> Reports:
    """The reports with their numbers in a sealed blob, where they are many; before the row that names it."""
    if len(reports.numbers) <= FEW:
        return reports
    blob = answers.seal(exchange, [reports.numbers.tobytes()])
    return Reports(reports.scope, reports.numbers, reports.looked_through, blob.blob_id)


def keep(session: Session, exchange: Exchange, transfer_id: UUID, reports: Reports) -> None:
    """Write down what a file reports; call it after the journal's event, which lets one in at a time.

    Raises `ReportedMeanwhileError` where another file was quicker.
    """
    since = [one for one in _earlier(session, reports.scope) if one.transfer_id not in reports.looked_through]
    if (_sources(exchange, since, reports.numbers) != _NOT).any():
        raise ReportedMeanwhileError
    scope, few = reports.scope, reports.blob_id is None
    session.add(
        Reported(
            transfer_id=transfer_id,
            organization_id=scope.organization_id,
            program=scope.program,
            scope=scope.id,
            numbers=reports.numbers.tobytes() if few else None,
            blob_id=reports.blob_id,
        )
    )


class Passed(Protocol):
    """A file whose header was read: while it is checked, or after that."""

    @property
    def layout(self) -> Layout:
        """Its layout."""

    @property
    def summary(self) -> Summary:
        """What is known of it."""


class Kept:
    """An own check (`own_checks`): the second pass takes exactly what the first found to be new."""

    def __init__(self, exchange: Exchange, row: Transfer, passed: Passed) -> None:
        """Read the numbers; a file that is checked for the first time has none yet."""
        self._exchange, self._row, self._passed = exchange, row, passed
        with reading(exchange.engine) as session:
            found = session.get(Reported, row.id) if passed.layout.once else None
        self._numbers: Keys | None = None
        if found is not None:
            self._numbers = _opened(exchange, found.numbers, found.blob_id)

    def __call__(self, block: Block) -> Iterator[Finding]:
        """Refuse those of a block's records that had been reported before."""
        layout = self._passed.layout
        rows = block.records.get(layout.details[0].name)
        if self._numbers is None or rows is None:
            return
        whose = (self._row.organization_id, self._row.program)
        scope = scope_of(self._exchange, *whose, layout, self._passed.summary.header)
        places = rows.accepted.nonzero()[0]
        asked = numbers_of(self._exchange, scope, layout, rows, places)
        yield from _refused(layout, rows, places[~_among(self._numbers, asked)])


def refused_again(layout: Layout, again: Numbers, block: Block) -> Iterator[Finding]:
    """Refuse the records of a block that stand on these lines, which are those that had been reported before.

    For a second pass in the process of the first, which knew them at its end.
    """
    rows = block.records.get(layout.details[0].name)
    if rows is not None and len(again):
        yield from _refused(layout, rows, np.isin(rows.lines, again).nonzero()[0])


def _refused(layout: Layout, rows: RecordBlock, again: Numbers) -> Iterator[Finding]:
    rows.accepted[again] = False
    yield from (_finding(layout, line, "") for line in rows.lines[again].tolist())


def repeated_in(
    exchange: Exchange, whose: tuple[UUID, str], layout: Layout, content: bytes, rules: CheckRules
) -> list[Finding]:
    """What would be told about records of a small file that were reported before, were it handed over now.

    `whose`: the organization and the program.
    """
    checked = check(layout, io.BytesIO(content), rules=rules)
    gathered = Gathered(exchange, *whose, layout)
    for block in checked:
        gathered.add(block, checked.summary.header)
    repeated, _ = gathered.settle()
    return list(repeated.findings(checked, len(repeated)))


def forget(session: Session, transfer_ids: Iterable[UUID]) -> set[str]:
    """Forget what these files reported, their time having ended; the blobs that nobody needs any more."""
    gone = col(Reported.transfer_id).in_(list(transfer_ids))
    blobs = session.exec(select(Reported.blob_id).where(gone)).all()
    session.execute(delete(Reported).where(gone))
    return {blob_id for blob_id in blobs if blob_id}


def _finding(layout: Layout, line: int, where: str) -> Finding:
    record = layout.details[0]
    return finding(REPEATED, line, record[record.unique[0]], found="#########", expected=where)


def _earlier(session: Session, scope: Scope) -> list[Earlier]:
    """The files that have reported something in this scope and are still kept, the oldest first."""
    found = (
        select(Transfer.id, Transfer.filename, Transfer.created_at, Reported)
        .join(Reported, col(Reported.transfer_id) == col(Transfer.id))
        .where(
            Reported.organization_id == scope.organization_id,
            Reported.program == scope.program,
            Reported.scope == scope.id,
            col(Transfer.status).not_in(_NEVER_TOLD),
        )
        .order_by(col(Transfer.created_at), col(Transfer.id))
    )
    return [
        Earlier(number, filename, as_utc(at), told.numbers, told.blob_id)
        for number, filename, at, told in session.exec(found)
    ]


def _sources(exchange: Exchange, earlier: list[Earlier], numbers: Keys) -> npt.NDArray[np.int32]:
    """For each number the place of the first earlier file that has it; `_NOT` where none has."""
    found = np.full(len(numbers), _NOT, dtype=np.int32)
    if not len(numbers):
        return found
    for known, places in _known(exchange, earlier):
        for first in range(0, len(numbers), _AT_ONCE):
            asked = first + np.argsort(numbers[first : first + _AT_ONCE])  # in order they are found faster
            at = np.searchsorted(known, numbers[asked])
            at[at == len(known)] = 0
            hit = known[at] == numbers[asked]
            found[asked[hit]] = np.minimum(found[asked[hit]], places[at[hit]])
    return found


def _known(exchange: Exchange, earlier: list[Earlier]) -> Iterator[tuple[Keys, npt.NDArray[np.int32]]]:
    """The sorted numbers of earlier files and whose: all small files at once, each large one alone."""
    few = [(place, np.frombuffer(one.numbers, np.uint64)) for place, one in enumerate(earlier) if one.numbers]
    if few:
        numbers = np.concatenate([some for _, some in few])
        places = np.repeat([place for place, _ in few], [len(some) for _, some in few]).astype(np.int32)
        order = np.argsort(numbers, kind="stable")
        yield numbers[order], places[order]
    for place, one in enumerate(earlier):
        if one.blob_id:
            numbers = _opened(exchange, None, one.blob_id)
            yield numbers, np.full(len(numbers), place, dtype=np.int32)


def _opened(exchange: Exchange, few: bytes | None, blob_id: str | None) -> Keys:
    if blob_id is None:
        return np.frombuffer(few or b"", dtype=np.uint64)
    with exchange.vault.open(blob_id) as reader:
        return np.frombuffer(b"".join(bytes(piece) for piece in reader.pieces()), dtype=np.uint64)


def _among(known: Keys, asked: Keys) -> Mask:
    """Which of the numbers are among the known, which are sorted."""
    if not len(known):
        return np.zeros(len(asked), dtype=np.bool_)
    at = np.searchsorted(known, asked)
    at[at == len(known)] = 0
    hit: Mask = known[at] == asked
    return hit
