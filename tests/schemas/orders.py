"""Files of orders and acknowledgements by hand: frames agree with their batches, unless a test changes it."""

from datetime import date
from typing import Any

from schemas.catalog import LAYOUTS
from schemas.kinds import Value
from schemas.layouts.income_withholding import AMOUNTS
from schemas.record import Layout, Record

ORDERS, ACKS = LAYOUTS["income-withholding"], LAYOUTS["income-withholding-ack"]
NUMBER = "20000260115093000000"
DEDUCTIONS = ("weekly", "biweekly", "semimonthly", "monthly")
NO_AMOUNTS = {
    **dict.fromkeys((*AMOUNTS, "total_amount", "lump_sum_amount"), 0),
    **{f"{period}_deduction": 0 for period in DEDUCTIONS},
}
ORDER: dict[str, Any] = {
    "action_code": "ORG",
    "document_date": date(2026, 1, 15),
    "issuing_state_name": "KANSAS",
    "case_id": "KS0000000001",
    "employer_name": "EXAMPLE MILLS",
    "ein": "001234567",
    "employee_last_name": "SAMPLESON",
    "employee_first_name": "ALEX",
    "employee_ssn": "900010001",
    **NO_AMOUNTS,
    "current_support_amount": 50_000,
    "current_support_frequency": "M",
    "total_amount": 50_000,
    "total_frequency": "M",
    "withholding_start": "RECEIPT",
    "document_tracking_number": "TRACK1",
}
ACK: dict[str, Any] = {
    "action_code": "ORG",
    "case_id": "KS0000000001",
    "ein": "001234567",
    "employee_ssn": "900010001",
    "document_tracking_number": "TRACK1",
    "disposition_status": "A",
}
FRAME: dict[str, Any] = {"creation_date": date(2026, 1, 15), "creation_time": "093000"}


def batch(layout: Layout, number: int, *details: dict[str, Any], **header: Any) -> list[bytes]:
    """The lines of one batch."""
    control = f"{NUMBER}{number}"
    facts = {**FRAME, "control_number": control, "ein": "001234567", **header}
    base = ORDER if layout is ORDERS else ACK
    rows = [layout["detail"].render({**base, **detail}) for detail in details]
    end = {"control_number": facts["control_number"], "record_count": len(rows)}
    return [layout.header.render(facts), *rows, layout.trailer.render(end)]


def file_of(layout: Layout, *batches: list[bytes], **header: Any) -> list[bytes]:
    """The lines of a file of these batches."""
    assert layout.outer is not None
    facts = {**FRAME, "control_number": f"{NUMBER}0", "state_fips": "20000", **header}
    end = {"control_number": facts["control_number"], "batch_count": len(batches)}
    rows = [line for each in batches for line in each]
    return [layout.outer.header.render(facts), *rows, layout.outer.trailer.render(end)]


def two_batches(layout: Layout = ORDERS) -> list[bytes]:
    """A good file: lines 1 header, 2-5 a batch of two, 6-8 a batch of one, 9 trailer."""
    other = {"document_tracking_number": "TRACK2"}
    return file_of(
        layout, batch(layout, 1, {}, other), batch(layout, 2, {"document_tracking_number": "TRACK3"})
    )


def overwritten(line: bytes, record: Record, **texts: str) -> bytes:
    """The line with some columns overwritten."""
    for name, text in texts.items():
        place = record[name]
        line = line[: place.first - 1] + text.encode("ascii").ljust(place.width) + line[place.last :]
    return line


def values_of(record: Record, line: bytes) -> dict[str, Value]:
    """What a line says, without what is blank."""
    return {name: value for name, value in record.parse(line).items() if value is not None}
