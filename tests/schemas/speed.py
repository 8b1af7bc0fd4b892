"""How fast a million records are checked, beside a loop that slices them: python -m tests.schemas.speed."""

import io
import resource
import sys
from collections.abc import Iterator
from time import process_time

from schemas.catalog import LAYOUTS
from schemas.checking import check, run
from schemas.record import Layout
from schemas.sample import SampleOrder, sample
from tests.schemas.examples import RULES

SLUGS = (
    "lump-sum",
    "debt-inquiry",
    "data-match",
    "data-match-inquiry",
    "income-withholding",
    "income-withholding-ack",
)


class Endless(io.RawIOBase):
    """A lump sum file of so many bytes without anyone holding it: the same people, other amounts."""

    def __init__(self, size: int) -> None:
        self._pieces = self._all(size)
        self.given = 0

    def read(self, _: int = -1) -> bytes:
        piece = next(self._pieces, b"")
        self.given += len(piece)
        return piece

    def _all(self, size: int) -> Iterator[bytes]:
        out = io.BytesIO()
        sample(LAYOUTS["lump-sum"], SampleOrder(2_500), out)
        header, *details, _, _ = out.getvalue().split(b"\n")
        yield header + b"\n"
        for number in range(size // (len(details) * len(details[0]))):
            reference = b"%015d" % number
            yield b"".join(line[:135] + reference[-11:] + line[146:] + b"\n" for line in details)


def sliced(content: bytes, layout: Layout) -> int:
    """The plain loop."""
    places = [(place.first - 1, place.last) for place in layout.details[0].fields]
    fields = 0
    for line in io.BytesIO(content):
        fields += len([line[first:last] for first, last in places])
    return fields


def times(slug: str, records: int) -> tuple[float, float]:
    """Seconds of processor time: the check, the loop."""
    out = io.BytesIO()
    sample(LAYOUTS[slug], SampleOrder(records), out)
    out.seek(0)
    start = process_time()
    findings, summary = run(check(LAYOUTS[slug], out, rules=RULES))
    middle = process_time()
    sliced(out.getvalue(), LAYOUTS[slug])
    assert summary.records == records
    assert not findings
    return middle - start, process_time() - middle


def main() -> None:
    """Prints the times of each layout, and the memory that a file of two gigabytes takes."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for slug in SLUGS:
        checking, slicing = times(slug, records)
        print(f"{slug:22} {records:,} records: checked in {checking:.2f} s, sliced in {slicing:.2f} s")  # noqa: T201


def memory() -> None:
    """Prints what checking two gigabytes takes."""
    source, start = Endless(2 << 30), process_time()
    _, summary = run(check(LAYOUTS["lump-sum"], source, rules=RULES))  # type: ignore[arg-type]  # it reads, and is no BinaryIO
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    took = process_time() - start
    print(f"2 GB, {summary.records:,} records: {took:.1f} s, {most} MB at most, {summary.findings} findings")  # noqa: T201


if __name__ == "__main__":
    memory() if sys.argv[1:] == ["memory"] else main()
