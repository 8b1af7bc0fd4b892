"""What a file says, record by record in its order: the texts of those that the layout's rules accepted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from exchange.cases.words import Told, told_of
from exchange.registry.searching.facts import FullName
from schemas.checking import Block, RecordBlock
from schemas.findings import CODES, Effect, Finding
from schemas.kinds import Cells
from schemas.layouts.case_registry import OTHER_NAMES

_NAMES = ("last_name", "first_name", "middle_name")


@dataclass(frozen=True)
class Said:
    """One record. `texts` by field without filling spaces; none where it was refused: `wrong` says why."""

    line: int
    is_case: bool
    cells: Cells
    texts: Mapping[str, str]
    wrong: tuple[Told, ...] = ()

    @property
    def action(self) -> str:
        """What is to be done."""
        return self.texts["action_type"]

    @property
    def case_id(self) -> str:
        """Which case it is about."""
        return self.texts["case_id"]

    @property
    def name(self) -> FullName:
        """The person's name."""
        return FullName(*(self.texts[name] for name in _NAMES))

    @property
    def others(self) -> tuple[FullName, ...]:
        """The additional names that there are; a last name that is not given is the person's own."""
        prefixes = (f"additional_{number + 1}_" for number in range(OTHER_NAMES))
        given = ([self.texts[prefix + name] for name in _NAMES] for prefix in prefixes)
        return tuple(FullName(last or self.name.last, *rest) for last, *rest in given if last or any(rest))


def said(block: Block) -> Iterator[Said]:
    """The records of a block in the order of the file."""
    wrong: dict[int, list[Finding]] = {}
    for finding in block.findings:
        if CODES[finding.code].effect is Effect.RECORD:
            wrong.setdefault(finding.line, []).append(finding)
    every = [one for name, rows in block.records.items() for one in _of_kind(name == "case", rows, wrong)]
    yield from sorted(every, key=lambda one: one.line)


def _of_kind(is_case: bool, rows: RecordBlock, wrong: Mapping[int, list[Finding]]) -> Iterator[Said]:
    names = tuple(rows.record.by_name)
    accepted = np.flatnonzero(rows.accepted).tolist()
    columns = [rows.column(name)[rows.accepted].tolist() for name in names]
    texts = {
        place: dict(zip(names, (text.decode("ascii") for text in each), strict=True))
        for place, each in zip(accepted, zip(*columns, strict=True), strict=True)
    }
    for place, line in enumerate(rows.lines.tolist()):
        faults = tuple(map(told_of, wrong.get(line, ())))
        yield Said(line, is_case, rows.cells[place], texts.get(place, {}), faults)
