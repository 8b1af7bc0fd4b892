"""Files that an employer could hand over, made from the layout's own table."""

import random

from exchange.runtime import utc_now
from schemas.catalog import LAYOUTS
from schemas.kinds import Value

LUMP_SUM = LAYOUTS["lump-sum"]
_GROUPS, _SERIALS = 49, 9999


def stranger_ssn(number: int) -> str:
    """A never-issued SSN that no registry here knows (areas 980 to 999)."""
    rest, serial = divmod(number % (20 * _GROUPS * _SERIALS), _SERIALS)
    area, group = divmod(rest, _GROUPS)
    return f"{980 + area:03d}{group + 1:02d}{serial + 1:04d}"


def lump_sum(fein: str, control_number: str, records: int, changes: dict[str, Value] | None = None) -> bytes:
    """A right lump-sum file of `fein`; `changes` go into every record."""
    today = utc_now().date()
    header: dict[str, Value] = {
        "control_number": control_number,
        "sender_fein": fein,
        "client_fein": fein,
        "creation_date": today,
        "creation_time": "120000",
        "test_flag": "T",
    }
    detail: dict[str, Value] = {
        "last_name": "EXAMPLE",
        "first_name": "ROBIN",
        "payment_kind": "B",
        "payment_date": today,
        "payment_amount": 12345,
    }
    first = random.Random(control_number).randrange(9_000_000)
    details = [
        LUMP_SUM["detail"].render({**detail, "ssn": stranger_ssn(first + number), **(changes or {})})
        for number in range(records)
    ]
    amount = (changes or {}).get("payment_amount", detail["payment_amount"])
    assert isinstance(amount, int)
    trailer: dict[str, Value] = {
        "control_number": control_number,
        "record_count": records,
        "total_amount": records * amount,
    }
    lines = [LUMP_SUM.header.render(header), *details, LUMP_SUM.trailer.render(trailer)]
    return b"".join(line + b"\n" for line in lines)
