"""Samples of the case registry: cases, each with a parent who is looked for, the other parent and a child."""

from collections.abc import Mapping

import numpy as np

from schemas.columns import Numbers, Texts
from schemas.sample_columns import Columns, DetailMaker, HeadMaker, People, sometimes
from schemas.synthetic import FIRST_NAMES, LAST_NAMES, PLACES, Dice, days, digits

_EVERY, _PARENT, _OTHER, _CHILD = 4, 1, 2, 3
"""Records of a case, and the places behind it of its people."""
_TYPES = np.array([b"", b"NP", b"CP", b"CH"])
_SEXES = np.array([b"F", b"M"])
_CHILD_BIRTHS = days("2010-01-01", 5_000)
_SOURCES = np.array([b"ALL", b"ALL", b"ALL", b"H97", b"A01", b"E03"])
_CITY, _STATE = (np.array(column, dtype="S16") for column in list(zip(*PLACES, strict=True))[:2])
_LAST, _FIRST = np.array(LAST_NAMES, dtype="S30"), np.array(FIRST_NAMES, dtype="S16")
_NOTHING = np.bytes_(b"")


def _header(seed: int, records: int) -> Mapping[str, str]:
    del records
    return {
        "state": "KS",
        "version": "01.00",
        "creation_date": "20260115",
        "batch_number": f"{seed % 10**6:06d}",
    }


def _case_ids(places: Numbers, facts: Mapping[str, str]) -> Texts:
    """A number for each case that no other sample of this agency has."""
    return np.strings.add(f"S{facts['batch_number']}".encode(), digits(places // _EVERY + 1, 8))


def _cases(dice: Dice, places: Numbers, facts: Mapping[str, str]) -> Columns:
    return {
        "action_type": b"A",
        "case_id": _case_ids(places, facts),
        "case_type": dice.pick("type", places, np.array([b"F"] * 9 + [b"N"])),
        "order_indicator": dice.pick("order", places, np.array([b"Y", b"N"])),
        "county": digits(1 + dice.below("county", places, 199), 3),
        "user_field": np.strings.add(b"U", digits(places + 1, 8)),
    }


def _people(dice: Dice, places: Numbers, people: People, facts: Mapping[str, str]) -> Columns:
    who = places % _EVERY
    child, sought = who == _CHILD, (who == _PARENT) & dice.chance("locate?", places, 50)
    at = dice.below("born", places, len(PLACES))
    born_there = dice.chance("born?", places, 60)
    births = dice.pick("child", places, _CHILD_BIRTHS)
    return {
        "action_type": b"A",
        "case_id": _case_ids(places, facts),
        "user_field": np.strings.add(b"U", digits(places + 1, 8)),
        "locate_request_type": np.where(sought, b"CS", _NOTHING),
        "participant_type": _TYPES[who],
        "family_violence": np.where((who == _OTHER) & dice.chance("fv?", places, 4), b"FV", _NOTHING),
        "member_id": np.strings.add(b"M", digits(places + 1, 9)),
        "sex": dice.pick("sex", places, _SEXES),
        "birth_date": np.where(child, births, people.birth_date),
        "ssn": np.where(child & dice.chance("number?", places, 30), _NOTHING, people.ssn),
        "first_name": people.first_name,
        "middle_name": sometimes(dice, "middle?", places, 40, dice.pick("middle", places, _FIRST)),
        "last_name": people.last_name,
        "birth_city": np.where(born_there, _CITY[at], _NOTHING),
        "birth_place": np.where(born_there, _STATE[at].astype("S4"), _NOTHING),
        "additional_1_last_name": sometimes(dice, "alias?", places, 10, dice.pick("alias", places, _LAST)),
        "locate_source_1": np.where(sought, dice.pick("source", places, _SOURCES), _NOTHING),
    }


CASES: Mapping[str, DetailMaker] = {
    "case-registry": DetailMaker("person", _header, _people, head=HeadMaker("case", _EVERY, _PARENT, _cases))
}
"""By the slug of the layout, as `schemas.sample_columns.DETAILS`."""
