"""Files of orders and acknowledgements in tests: made from batches, and read back as batches of lines."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exchange.runtime import Exchange
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules, check
from schemas.kinds import Value
from schemas.record import Layout
from tests.schemas.orders import ACKS, ORDERS, batch, file_of
from tests.support.partners import Partner
from tests.support.record_files import Answered, outbox, send

PROGRAM = "income-withholding"
Values = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """A file of batches, as a loop over its lines sees it: header, batches of (header, details), trailer."""

    header: dict[str, Value]
    batches: list[tuple[dict[str, Value], list[dict[str, Value]]]]
    marks: list[str]

    @property
    def details(self) -> list[dict[str, Value]]:
        return [one for _, some in self.batches for one in some]

    def each(self, *names: str) -> list[tuple[Value, ...]]:
        return [tuple(one[name] for name in names) for one in self.details]


def content(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def order_file(number: str, *batches: tuple[str, list[Values]], **header: Any) -> bytes:
    """Orders, by the EIN of their batch; `number` keeps control numbers apart."""
    return _file(ORDERS, number, batches, header)


def ack_file(number: str, *batches: tuple[str, list[Values]], **header: Any) -> bytes:
    """Acknowledgements, by the EIN of their batch."""
    return _file(ACKS, number, batches, header)


def _file(layout: Layout, number: str, batches: Iterable[tuple[str, list[Values]]], header: Values) -> bytes:
    of_batch = {} if layout is ORDERS else {"state_fips": "20000"}
    of_batch |= header.pop("batch", {})
    made = [
        batch(
            layout,
            place,
            *({"ein": ein} | each for each in details),
            **({"ein": ein, "control_number": f"{number}B{place}"} | of_batch),
        )
        for place, (ein, details) in enumerate(batches, start=1)
    ]
    return content(file_of(layout, *made, **({"control_number": f"{number}F"} | header)))


def read(layout: str, file: bytes) -> Read:
    """A file of ours that is whole: our own check of it finds nothing, and a plain loop reads it."""
    known = LAYOUTS[layout]
    assert known.outer is not None
    lines = file.splitlines()
    header = known.outer.header.parse(lines[0])
    batches: list[tuple[dict[str, Value], list[dict[str, Value]]]] = []
    for line in lines[1:-1]:
        mark = line[:3].decode()
        if mark == known.header.mark:
            batches.append((known.header.parse(line), []))
        elif mark == known.details[0].mark:
            batches[-1][1].append(known.details[0].parse(line))
    return Read(header, batches, [line[:3].decode() for line in lines])


def is_clean(exchange: Exchange, layout: str, file: bytes) -> bool:
    """Whether a file keeps every rule of its layout, but for remarks about what was sent."""
    now = exchange.clock()
    rules = CheckRules(today=now.date(), now=now, synthetic=True)
    checked = check(LAYOUTS[layout], io.BytesIO(file), rules=rules)
    refused = [one for block in checked for one in block.findings if one.code not in {"X010", "X012", "X013"}]
    return refused == [] and not checked.summary.fatal


def hand_in(partner: Partner, file: bytes, name: str = "file.txt") -> Answered:
    """Hand a file of the program over, and let the pipeline run to its end."""
    return send(partner.exchange, partner.actor, PROGRAM, file, name)


def delivered(partner: Partner, kind: str) -> list[bytes]:
    """The files of a kind (`orders`, `acknowledgements`) in somebody's outbox, by name."""
    entries = outbox(partner.exchange, partner.actor, PROGRAM)
    return [file for name, file in sorted(entries.items()) if f"{PROGRAM}-{kind}-" in name]
