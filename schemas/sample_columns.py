"""What the columns of each sample hold: people, addresses, payments, accounts; whole blocks at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.columns import Numbers, Texts
from schemas.synthetic import (
    AREA_CODES,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    STREETS,
    SUFFIXES,
    Dice,
    days,
    digits,
    stranger_ssns,
)
from schemas.tables import PAYMENT_KINDS, TERMINATIONS

Columns = Mapping[str, Texts | bytes]

_LAST = np.array(LAST_NAMES, dtype="S20")
_FIRST = np.array(FIRST_NAMES, dtype="S15")
_SUFFIX = np.array(SUFFIXES, dtype="S4")
_STREET = np.array(STREETS, dtype="S16")
_AREA = np.array(AREA_CODES, dtype="S3")
_CITY, _STATE, _ZIP = (np.array(column, dtype=np.bytes_) for column in zip(*PLACES, strict=True))
_BIRTHS = days("1955-01-01", 18_000)
_PAYDAYS = days("2026-01-20", 75)
_KINDS = np.array(list(PAYMENT_KINDS), dtype="S1")
_LAST_DAYS = days("2025-10-01", 110)
_CODES = np.array([b"T"] * 6 + list(TERMINATIONS), dtype="S1")
_EMPLOYERS = np.array(
    [b"ASTERIA FREIGHT LLC", b"BELLWEATHER FOODS", b"CINDERPATH MOTORS", b"DUNMERE HOSPITAL"], dtype="S57"
)
_DESCRIPTIONS = np.array(
    [b"", b"ANNUAL BONUS", b"YEAR END PAYMENT", b"FINAL PAY", b"SALES TARGET MET"], dtype="S35"
)
_ACCOUNT_TYPES = np.array([b"01", b"01", b"04", b"04", b"04", b"05", b"11", b"12", b"18"])
_TRUSTS = np.array([b"0"] * 17 + [b"1", b"3", b"5"])
_PAYEES = np.array([b"0"] * 7 + [b"1", b"2", b"2"])
_BALANCES = np.array([b"0", b"1", b"2", b"2", b"2"])


@dataclass(frozen=True)
class People:
    """Who a block of records is about; arrays that may be overwritten row by row."""

    ssn: Texts
    last_name: Texts
    first_name: Texts
    birth_date: Texts
    case_id: Texts

    @classmethod
    def strangers(cls, dice: Dice, places: Numbers) -> "People":
        """People that no registry knows, one for each place."""
        return cls(
            stranger_ssns(dice, places),
            dice.pick("last", places, _LAST),
            dice.pick("first", places, _FIRST),
            dice.pick("birth", places, _BIRTHS),
            np.zeros(len(places), dtype="S15"),
        )

    def replace(self, row: int, *texts: str) -> None:
        """Puts somebody else in: SSN, last and first name, birth date, case."""
        columns = (self.ssn, self.last_name, self.first_name, self.birth_date, self.case_id)
        for column, text in zip(columns, texts, strict=True):
            column[row] = text.encode("ascii")


@dataclass(frozen=True)
class HeadMaker:
    """A second kind of record, which begins every so many: a case before its people.

    `known`: the place behind it of the one that may be about somebody of the population.
    """

    record: str
    every: int
    known: int
    columns: Callable[[Dice, Numbers, Mapping[str, str]], Columns]

    def begins(self, places: Numbers) -> npt.NDArray[np.bool_]:
        """Which of these places it takes."""
        return np.equal(places % self.every, 0)


@dataclass(frozen=True)
class DetailMaker:
    """How the sample of one layout is made. `only_known`: all of it is about people of the population.

    `answers`: for an installation, all of it answers orders that wait there.
    """

    record: str
    header: Callable[[int, int], Mapping[str, str]]
    columns: Callable[[Dice, Numbers, People, Mapping[str, str]], Columns]
    only_known: bool = False
    answers: bool = False
    head: HeadMaker | None = None


def sometimes(dice: Dice, purpose: str, places: Numbers, percent: int, texts: Texts) -> Texts:
    """The texts in so many cases out of a hundred, blanks in the others."""
    return np.where(dice.chance(purpose, places, percent), texts, np.bytes_(b"")).astype(texts.dtype)


def _person(dice: Dice, places: Numbers, people: People) -> dict[str, Texts | bytes]:
    return {
        "ssn": people.ssn,
        "last_name": people.last_name,
        "first_name": people.first_name,
        "middle_name": sometimes(dice, "middle?", places, 40, dice.pick("middle", places, _FIRST)),
        "suffix": sometimes(dice, "suffix?", places, 4, dice.pick("suffix", places, _SUFFIX)),
        "birth_date": sometimes(dice, "birth?", places, 75, people.birth_date),
        "reference": np.strings.add(b"E", digits(places + 1, 8)),
    }


def _payment(
    dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]
) -> dict[str, Texts | bytes]:
    del facts
    cents = 5_000 + dice.below("cents", places, 1 << 11) * dice.below("times", places, 1_200)
    return {
        **_person(dice, places, people),
        "payment_kind": dice.pick("kind", places, _KINDS),
        "payment_description": dice.pick("describe", places, _DESCRIPTIONS),
        "payment_date": dice.pick("payday", places, _PAYDAYS),
        "payment_amount": digits(cents, 11),
    }


def address(dice: Dice, places: Numbers) -> dict[str, Texts]:
    """Street, city, state and ZIP code of a place that exists, for each."""
    at = dice.below("place", places, len(PLACES))
    number = digits(1 + dice.below("number", places, 989), 3)
    street = np.strings.add(np.strings.add(number, b" "), dice.pick("street", places, _STREET))
    return {
        "street": street,
        "city": _CITY[at],
        "state": _STATE[at],
        "zip": np.strings.add(_ZIP[at], digits(1 + dice.below("zip", places, 98), 2)),
    }


def phone(dice: Dice, places: Numbers) -> Texts:
    """A telephone number that nobody has, for each."""
    line = digits(100 + dice.below("line", places, 100), 4)
    return np.strings.add(np.strings.add(dice.pick("area", places, _AREA), b"555"), line)


def _lump_sum(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    case = sometimes(dice, "case?", places, 30, people.case_id)
    return {**_payment(dice, places, people, facts), "case_id": case}


def _home(dice: Dice, places: Numbers) -> dict[str, Texts]:
    whole = address(dice, places)
    shown = dice.chance("address?", places, 80)
    return {
        "address1": np.where(shown, whole["street"], np.bytes_(b"")),
        "city": np.where(shown, whole["city"], np.bytes_(b"")),
        "state": np.where(shown, whole["state"], np.bytes_(b"")),
        "zip": np.where(shown, whole["zip"], np.bytes_(b"")),
        "phone": sometimes(dice, "phone?", places, 60, phone(dice, places)),
    }


def _debt_inquiry(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    return {**_payment(dice, places, people, facts), **_home(dice, places)}


def _termination(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    """Who never worked there has no day and no payment; who left sometimes has a new employer."""
    del facts
    code = dice.pick("code", places, _CODES)
    left = code != b"N"
    paid = left & dice.chance("paid?", places, 60)
    known = left & dice.chance("moved?", places, 40)
    last_day = dice.below("last day", places, len(_LAST_DAYS) - 1)
    office = address(dice, places + 5_000_000)
    cents = 5_000 + dice.below("cents", places, 1 << 11) * dice.below("times", places, 300)

    def where(shown: npt.NDArray[np.bool_], texts: Texts) -> Texts:
        return np.where(shown, texts, np.bytes_(b""))

    return {
        **_person(dice, places, people),
        "case_id": sometimes(dice, "case?", places, 30, people.case_id),
        "termination_code": code,
        "termination_date": where(left, _LAST_DAYS[last_day]),
        "final_payment_date": where(paid, _LAST_DAYS[last_day + 1]),
        "final_payment_amount": where(paid, digits(cents, 11)),
        **_home(dice, places),
        "new_employer_name": where(known, dice.pick("employer", places, _EMPLOYERS)),
        "new_employer_address": where(known, office["street"]),
        "new_employer_city": where(known, office["city"]),
        "new_employer_state": where(known, office["state"]),
        "new_employer_zip": where(known, office["zip"]),
    }


def _matched(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    name = np.strings.add(np.strings.add(people.last_name, b" "), people.first_name)
    other = np.strings.add(np.strings.add(people.last_name, b" "), dice.pick("other", places, _FIRST))
    indicator = dice.pick("balance?", places, _BALANCES)
    dollars = dice.below("dollars", places, 90) * dice.below("times", places, 700)
    payee = dice.pick("payee", places, _PAYEES)
    joint = payee != b"0"
    return {
        "year_month": facts["year_month"].encode("ascii"),
        "name_control": _four_letters(people.last_name),
        "ssn": people.ssn,
        "account_number": np.strings.add(b"00TEST", digits(places + 1, 10)),
        "account_title": name,
        "name": name,
        "second_name": np.where(joint, other, np.bytes_(b"")),
        **address(dice, places),
        "fips_passback": dice.pick("held", places, _STATE),
        "balance": digits(np.where(indicator == b"0", 0, dollars), 7),
        "name_match_flag": b"1",
        "trust_indicator": dice.pick("trust", places, _TRUSTS),
        "balance_indicator": indicator,
        "birth_date": sometimes(dice, "birth?", places, 80, people.birth_date),
        "payee_indicator": payee,
        "primary_ssn": np.where(payee == b"1", stranger_ssns(dice, places + 5_000_000), np.bytes_(b"")),
        "account_type": dice.pick("type", places, _ACCOUNT_TYPES),
        "account_status": b"0",
    }


def _four_letters(names: Texts) -> Texts:
    for sign in (b" ", b"'", b"-", b"."):
        names = np.strings.replace(names, sign, b"")
    return names.astype("S4")


def _inquiry(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    del facts
    case = np.strings.add(b"CASE", digits(places + 1, 10))
    return {
        "ssn": people.ssn,
        "last_name": people.last_name,
        "first_name": people.first_name,
        "case_passback": np.where(np.strings.str_len(people.case_id) > 0, people.case_id, case),
        "fips_passback": np.strings.add(digits(1 + dice.below("fips", places, 56), 2), b"000"),
    }


def _employer_header(seed: int, records: int) -> Mapping[str, str]:
    return {
        "control_number": f"SAMPLE{seed % 10**8:08d}N{records % 10**7}",
        "sender_fein": "001234567",
        "client_fein": "001234567",
        "creation_date": "20260115",
        "creation_time": "093000",
        "test_flag": "T",
    }


def _institution_header(seed: int, records: int) -> Mapping[str, str]:
    del seed, records
    return {
        "institution_tin": "007654321",
        "year_month": "202601",
        "media_indicator": "LS",
        "institution_name": "EXAMPLE SAVINGS BANK",
        "street": "100 MAIN STREET",
        "city": "TOPEKA",
        "state": "KS",
        "zip": "66603",
        "transmitter_tin": "007654321",
        "transmitter_name": "EXAMPLE SAVINGS BANK",
        "match_file_indicator": "M",
    }


def _inquiry_header(seed: int, records: int) -> Mapping[str, str]:
    del seed, records
    return {"year_month": "202601", "match_indicator": "M"}


DETAILS: Mapping[str, DetailMaker] = {
    "lump-sum": DetailMaker("detail", _employer_header, _lump_sum),
    "debt-inquiry": DetailMaker("detail", _employer_header, _debt_inquiry),
    "termination": DetailMaker("detail", _employer_header, _termination),
    "data-match": DetailMaker("matched_account", _institution_header, _matched, only_known=True),
    "data-match-inquiry": DetailMaker("inquiry", _inquiry_header, _inquiry),
}
