"""What samples of orders and acknowledgements hold: batches of one employer each, and their records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from schemas.columns import Numbers, Texts
from schemas.dispositions import DISPOSITIONS
from schemas.kinds import Cells
from schemas.record import Record
from schemas.sample_columns import Columns, DetailMaker, People, address, phone, sometimes
from schemas.synthetic import FIRST_NAMES, LAST_NAMES, Dice, days, digits

_MOST_IN_A_BATCH = 500
_BATCHES = 5
_FIRST_EIN = 1_234_567
_SENDER, _STATE = "20000", "KANSAS"
_FIRMS = ("EXAMPLE MILLS", "SAMPLE FREIGHT LINES", "PRAIRIE TEST FOODS", "DEMO HOSPITAL", "MODEL BUILDERS")
_BETWEEN = "|"
"""Stands between the parts of a fact that has several."""
Waiting = Sequence[Mapping[str, str]]
"""Orders that wait, each as its acknowledgement echoes it."""
_LAST = np.array(LAST_NAMES, dtype="S20")
_FIRST = np.array(FIRST_NAMES, dtype="S15")
_ORDERED = days("2026-01-02", 13)
_ENDED = days("2025-12-01", 40)
_CHILD_BIRTHS = days("2010-01-01", 5_000)
_ACTIONS = np.array([b"ORG"] * 12 + [b"AMD"] * 4 + [b"TRM"] * 3 + [b"LUM"], dtype="S3")
_ANSWERS = np.array([0] * 20 + list(range(len(DISPOSITIONS))))
"""Most orders are simply accepted."""
_NOTHING = np.bytes_(b"")


@dataclass(frozen=True)
class Batches:
    """How so many records make batches, and where they stand in the file."""

    records: int

    @property
    def size(self) -> int:
        """Records in a batch, but for the last."""
        return min(1 + self.records // _BATCHES, _MOST_IN_A_BATCH)

    @property
    def count(self) -> int:
        """How many there are."""
        return -(-self.records // self.size)

    def line(self, place: int) -> int:
        """The line of a record: behind the file's header and the frames of the batches before it."""
        return place + 2 * (place // self.size) + 3

    def begins(self, place: int) -> bool:
        """It is the first of its batch."""
        return place % self.size == 0

    def ends(self, place: int) -> bool:
        """It is the last of its batch."""
        return self.begins(place + 1) or place == self.records - 1


def batch_header(facts: Mapping[str, str], number: int) -> Mapping[str, str]:
    """The header of a batch: a number of its own, and its employer."""
    employers = _parts(facts, "employers")
    return {
        "control_number": f"{facts['control_number'][:17]}{number + 1:04d}",
        "state_fips": facts["state_fips"],
        "ein": employers[number % len(employers)] if employers else f"{_FIRST_EIN + number:09d}",
        "creation_date": facts["creation_date"],
        "creation_time": facts["creation_time"],
    }


def _file_header(seed: int, records: int) -> Mapping[str, str]:
    """The state's FIPS code, the time (which the seed gives), and number 0: those of batches follow it."""
    del records
    minutes, seconds = divmod(seed % 86_400, 60)
    time = f"{minutes // 60:02d}{minutes % 60:02d}{seconds:02d}"
    return {
        "control_number": f"{_SENDER}260115{time}0000",
        "state_fips": _SENDER,
        "creation_date": "20260115",
        "creation_time": time,
    }


def _employers(places: Numbers, facts: Mapping[str, str]) -> tuple[Texts, Texts]:
    """EIN and name of each record's employer: one a batch."""
    number = places // int(facts["batch_size"])
    employers, firms = _parts(facts, "employers"), np.array(_parts(facts, "firms") or _FIRMS, dtype="S57")
    if employers:
        return np.array(employers, dtype="S9")[number % len(employers)], firms[number % len(firms)]
    return digits(_FIRST_EIN + number, 9), firms[number % len(firms)]


def several(parts: Iterable[str]) -> str:
    """One fact of several parts."""
    return _BETWEEN.join(parts)


def _parts(facts: Mapping[str, str], name: str) -> list[str]:
    return facts.get(name, "").split(_BETWEEN) if facts.get(name) else []


def echoed(cells: Cells, record: Record, waiting: Waiting) -> None:
    """Let acknowledgements be about these orders, each accepted or, every fifth, turned down."""
    for row, order in enumerate(waiting):
        said = dict.fromkeys(record.by_name, "") | dict(order)
        said |= {"document_code": record.mark, "disposition_status": "A" if row % 5 else "R"}
        said["disposition_reason"] = "" if row % 5 else "U"
        line = "".join(said.get(field.name, "").ljust(field.width) for field in record.fields)
        cells[row] = np.frombuffer(line.encode("ascii"), dtype=np.uint8)


def _order(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    ein, firm = _employers(places, facts)
    action = dice.pick("action", places, _ACTIONS)
    return {
        "action_code": action,
        "document_date": dice.pick("ordered", places, _ORDERED),
        "issuing_state_name": facts.get("state_name", _STATE).encode(),
        "case_id": np.strings.add(b"KS", digits(places + 1, 10)),
        "employer_name": firm,
        "ein": ein,
        **_person(dice, places, people),
        "employee_birth_date": people.birth_date,
        "obligee_last_name": dice.pick("obligee", places, _LAST),
        "obligee_first_name": dice.pick("obligee1", places, _FIRST),
        **_amounts(dice, places),
        "arrears_over_12_weeks": b"N",
        "applied_in_state_name": facts.get("state_name", _STATE).encode(),
        "begin_withholding_within_days": b"14",
        "withholding_start": np.where(dice.chance("start", places, 80), b"RECEIPT", b"20260201"),
        "send_payment_within_days": b"07",
        "ccpa_percent_limit": b"50",
        **_payee(),
        **_contact(dice, places),
        "document_tracking_number": np.strings.add(
            facts.get("tracking", "TRACK").encode(), digits(places + 1, 9)
        ),
        "child_1_last_name": people.last_name,
        "child_1_first_name": dice.pick("child", places, _FIRST),
        "child_1_birth_date": dice.pick("childbrn", places, _CHILD_BIRTHS),
        "lump_sum_amount": digits(np.where(action == b"LUM", 50_000 + 100 * (places % 997), 0), 11),
        "remittance_identifier": np.strings.add(b"R", digits(places + 1, 10)),
    }


def _person(dice: Dice, places: Numbers, people: People) -> dict[str, Texts]:
    return {
        "employee_last_name": people.last_name,
        "employee_first_name": people.first_name,
        "employee_middle_name": sometimes(dice, "middle?", places, 40, dice.pick("middle", places, _FIRST)),
        "employee_ssn": people.ssn,
    }


def _amounts(dice: Dice, places: Numbers) -> dict[str, Texts]:
    """Seven amounts a month and their sum, and what that comes to in other periods."""
    often = {"current_support": 95, "past_due_support": 40, "current_cash_medical": 20, "other_obligation": 4}
    rarely = dict.fromkeys(("past_due_cash_medical", "current_spousal", "past_due_spousal"), 3)
    columns, total = {}, np.zeros(len(places), dtype=np.int64)
    for name, percent in {**often, **rarely}.items():
        cents = 2_500 + 100 * dice.below(name[-8:] + name[:4], places, 900)
        cents = np.where(dice.chance(name[:4] + name[-8:], places, percent), cents, 0)
        total += cents
        columns[f"{name}_amount"] = digits(cents, 11)
        columns[f"{name}_frequency"] = np.where(cents > 0, b"M", _NOTHING)
    other = columns["other_obligation_frequency"] == b"M"
    columns["other_obligation_description"] = np.where(other, b"GENETIC TEST", _NOTHING)
    columns |= {"total_amount": digits(total, 11), "total_frequency": np.full(len(places), b"M")}
    periods = {"weekly": 52, "biweekly": 26, "semimonthly": 24, "monthly": 12}
    return columns | {
        f"{name}_deduction": digits(total * 12 // number, 11) for name, number in periods.items()
    }


def _payee() -> dict[str, bytes]:
    return {
        "payee_name": b"EXAMPLE PAYMENT CENTER",
        "payee_address1": b"100 TEST PLAZA",
        "payee_city": b"TOPEKA",
        "payee_state": b"KS",
        "payee_zip": b"66603",
        "payee_remittance_fips": b"2000000",
    }


def _contact(dice: Dice, places: Numbers) -> dict[str, Texts | bytes]:
    return {
        "employer_contact_name": b"EMPLOYER DESK",
        "employer_contact_phone": phone(dice, places),
        "employer_contact_email": b"desk@example.org",
    }


def _acknowledgement(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    ein, _ = _employers(places, facts)
    answer = dice.pick("answer", places, _ANSWERS).astype(np.int64)
    own = ~_needs("document_tracking_number")[answer]
    whole = address(dice, places)
    gone = _needs("termination_date")[answer]
    return {
        "action_code": _actions(dice, places, answer),
        "case_id": np.where(own, _NOTHING, np.strings.add(b"KS", digits(places + 1, 10))),
        "ein": ein,
        **_person(dice, places, people),
        "document_tracking_number": np.where(own, _NOTHING, np.strings.add(b"TRACK", digits(places + 1, 9))),
        "disposition_status": _of("status")[answer],
        "disposition_reason": _of("reason")[answer],
        "termination_date": np.where(gone, dice.pick("ended", places, _ENDED), _NOTHING),
        "last_known_address1": np.where(gone, whole["street"], _NOTHING),
        "last_known_city": np.where(gone, whole["city"], _NOTHING),
        "last_known_state": np.where(gone, whole["state"], _NOTHING),
        "last_known_zip": np.where(gone, whole["zip"], _NOTHING),
        "last_known_phone": np.where(gone, phone(dice, places), _NOTHING),
        "corrected_fein": np.where(_needs("corrected_fein")[answer], b"007654321", _NOTHING),
        "other_order_state": np.where(_needs("other_order_state")[answer], b"NE", _NOTHING),
    }


def _needs(name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each disposition whether it needs a column."""
    return np.array([name in each.needs for each in DISPOSITIONS])


def _of(name: str) -> Texts:
    """The status, or reason, of each disposition."""
    return np.array([getattr(each, name) for each in DISPOSITIONS], dtype=np.bytes_)


def _actions(dice: Dice, places: Numbers, answer: Numbers) -> Texts:
    """One of the action codes that each answer may be given to."""
    some = np.array([[each.actions[turn % len(each.actions)] for turn in range(4)] for each in DISPOSITIONS])
    return some.astype("S3")[answer, dice.below("action", places, 4)]


ORDERS: Mapping[str, DetailMaker] = {
    "income-withholding": DetailMaker("detail", _file_header, _order),
    "income-withholding-ack": DetailMaker("detail", _file_header, _acknowledgement, answers=True),
}
