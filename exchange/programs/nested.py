"""Files of batches on their way out: each opened with its first record, all sealed in the end."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4, uuid5

from exchange.runtime import Exchange
from exchange.vault import Sealed, SealedWriter
from roles.errors import PortalError
from schemas.columns import as_lines, build
from schemas.kinds import Cells
from schemas.record import Layout, Record

MOST_OPEN = 300
"""Files that are open at once; those that were not written to for the longest time wait on the disk."""
_DIGITS = 5
Texts = Mapping[str, str]
"""The texts of a header by field."""


def control_number(base: UUID, key: str, batch: int = 0) -> str:
    """A control number of ours: no two of `base`, key and batch have the same."""
    return f"{uuid5(base, key).hex[:17].upper()}{batch:0{_DIGITS}d}"


class NestedFile:
    """One file of batches. `id` is what its transfer will have; `records` is how many it holds."""

    def __init__(self, exchange: Exchange, layout: Layout, header: Texts, *, small: bool = False) -> None:
        """Writes the header of the file."""
        assert layout.outer is not None, "a file of batches has a frame"
        self.id, self.records = uuid4(), 0
        self._exchange, self._layout, self._outer = exchange, layout, layout.outer
        self._writer: SealedWriter | None = exchange.vault.create(small=small)
        self._blob = self._writer.blob_id
        self._header = header
        self._batch: Texts | None = None
        self._index = -1
        self._batches = 0
        self._of_batch, self._of_file = Counter[str](), Counter[str]()
        self._line(layout.outer.header, header)

    def begin(self, index: int, header: Callable[[], Texts]) -> None:
        """Go on with the batch of this index; a new one begins with its header, and ends the one before."""
        if index != self._index:
            self._end_batch()
            self._index, self._batch = index, header()
            self._batches += 1
            self._line(self._layout.header, self._batch)

    def write(self, records: Cells) -> None:
        """Add records (count, length) to the batch."""
        if len(records):
            self.records += len(records)
            self._of_batch["record_count"] += len(records)
            self._open().write(as_lines(records))

    def count(self, **counts: int) -> None:
        """Add to counts of the trailers, of the batch and of the file."""
        self._of_batch.update(counts)

    def finish(self) -> Sealed:
        """Write the trailers and seal the file."""
        self._end_batch()
        counts = self._of_file | {"batch_count": self._batches}
        self._line(self._outer.trailer, _counted(self._outer.trailer, self._header, counts))
        return self._open().finish()

    def rest(self) -> None:
        """Let go of the writer until there is more."""
        if self._writer is not None:
            self._writer.suspend()
            self._writer = None

    def discard(self) -> None:
        """Nothing stays of it."""
        with suppress(PortalError):  # what the store does not let go of now, retention sweeps
            self._open().discard()

    def _end_batch(self) -> None:
        if self._batch is not None:
            trailer = self._layout.trailer
            self._line(trailer, _counted(trailer, self._batch, self._of_batch))
            self._of_file.update(self._of_batch)
            self._of_batch.clear()
            self._batch = None

    def _line(self, record: Record, texts: Texts) -> None:
        columns = {name: text.encode("ascii") for name, text in texts.items() if name in _said(record)}
        self._open().write(as_lines(build(record, 1, columns)))

    def _open(self) -> SealedWriter:
        if self._writer is None:
            self._writer = self._exchange.vault.resume(self._blob)
        return self._writer


def _said(record: Record) -> frozenset[str]:
    """What a header or trailer says besides which one it is."""
    return frozenset(record.by_name) - {record.fields[0].name}


def _counted(record: Record, header: Texts, counts: Mapping[str, int]) -> dict[str, str]:
    """A trailer's texts; a count that is too large for its columns stays away."""
    names = ("batch_count", "record_count", "employer_sent_count", "state_sent_count")
    texts = {name: f"{counts.get(name, 0):0{record[name].width}d}" for name in names}
    fitting = {name: text for name, text in texts.items() if len(text) == record[name].width}
    return {"control_number": header["control_number"], **fitting}


@dataclass(frozen=True)
class Written:
    """A file that is sealed."""

    id: UUID
    blob: Sealed
    records: int


@dataclass
class NestedFiles(AbstractContextManager["NestedFiles"]):
    """Outbound files by whom they are for; nothing of them stays when the block fails."""

    exchange: Exchange
    layout: Layout
    written: dict[str, Written] = field(default_factory=dict)
    _open: dict[str, NestedFile] = field(default_factory=dict)
    _resting: dict[str, NestedFile] = field(default_factory=dict)

    def file(self, key: str, header: Callable[[], Texts]) -> NestedFile:
        """The file for somebody, begun with this header when it is the first time."""
        found = self._open.pop(key, None) or self._resting.pop(key, None)
        if found is None:
            found = NestedFile(self.exchange, self.layout, header(), small=True)
        self._open[key] = found  # the last is the one used last
        if len(self._open) > MOST_OPEN:
            longest = next(iter(self._open))
            self._resting[longest] = self._open.pop(longest)
            self._resting[longest].rest()
        return found

    def close(self, key: str) -> None:
        """Seal the file for somebody, to whom no more will be written."""
        one = self._open.pop(key, None) or self._resting.pop(key, None)
        if one is not None:
            self._open[key] = one  # until it is sealed, a failure has to discard it
            self.written[key] = Written(one.id, one.finish(), one.records)
            del self._open[key]

    def finish(self) -> dict[str, Written]:
        """Seal every file; they come in the order of their keys."""
        for key in [*self._open, *self._resting]:
            self.close(key)
        return dict(sorted(self.written.items()))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what is not sealed is discarded."""
        for one in (*self._open.values(), *self._resting.values()):
            one.discard()
