"""Files of the case registry as a test wants them, and what comes back, record by record."""

from datetime import date
from typing import Any

from exchange.cases import making
from exchange.runtime import Exchange
from schemas.catalog import LAYOUTS
from tests.support.partners import Partner
from tests.support.record_files import Answered, Values, send

LAYOUT, ACK, RESPONSE = LAYOUTS["case-registry"], LAYOUTS["case-registry-ack"], LAYOUTS["locate-response"]
PROGRAM = "case-registry"
_CASE = {"action_type": "A", "case_id": "C1", "case_type": "F", "order_indicator": "Y"}
_PERSON = {"action_type": "A", "case_id": "C1", "participant_type": "NP", "birth_date": date(1980, 2, 29)}
Record = tuple[str, dict[str, Any]]


def case(**more: Any) -> Record:
    return "case", _CASE | more


def person(ssn: str = "", last: str = "SAMPLESON", first: str = "ALEX", **more: Any) -> Record:
    return "person", _PERSON | {"ssn": ssn or None, "last_name": last, "first_name": first} | more


def only(action: str, **more: Any) -> Record:
    """A record about somebody with nothing filled in but what is given."""
    return "person", {"action_type": action, "case_id": "C1", **more}


def case_file(*records: Record, number: int = 1, state: str | None = "KS") -> bytes:
    header = {"state": state, "version": "01.00", "creation_date": date(2026, 1, 2)}
    rows = [LAYOUT[name].render(values) for name, values in records]
    lines = [LAYOUT.header.render({**header, "batch_number": f"{number:06d}"}), *rows]
    return b"".join(line + b"\n" for line in [*lines, LAYOUT.trailer.render({"record_count": len(rows)})])


def filed(exchange: Exchange, sender: Partner, *records: Record, number: int = 1, **more: Any) -> Answered:
    """A file that is acknowledged, and whose requests are made."""
    back = taken(exchange, sender, *records, number=number, **more)
    while making.make_waiting(exchange):  # a worker's turn is short, and shorter on a busy machine
        pass
    return back


def taken(exchange: Exchange, sender: Partner, *records: Record, number: int = 1, **more: Any) -> Answered:
    """A file that is acknowledged."""
    name = f"cases{number}.txt"
    return send(exchange, sender.actor, PROGRAM, case_file(*records, number=number, **more), name)


def acks(back: Answered) -> list[Values]:
    """The acknowledgements of a file, in order."""
    lines = back.answers[".res"].splitlines()[1:-1]
    return [ACK["case" if line.startswith(b"FD") else "person"].parse(line) for line in lines]


def codes(back: Answered) -> list[tuple[str, list[str]]]:
    """Of each acknowledgement its code, and the codes of its errors and warnings."""
    return [
        (
            str(one["acknowledgement_code"]),
            [str(one[f"error_{k}"]) for k in range(1, 6) if one[f"error_{k}"]],
        )
        for one in acks(back)
    ]
