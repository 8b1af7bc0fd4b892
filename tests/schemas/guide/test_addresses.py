"""Contacts as address records: what the record carries comes back, and nothing else is touched."""

from datetime import date

import pytest

from schemas.guide.contacts import CONTACT_TYPES
from schemas.guide.documents import Contact, ContactClass, Guide
from schemas.guide.files import GuideFileError, from_addresses, to_addresses
from schemas.guide.files.address_record import FIELDS, LENGTH, check_columns, described
from schemas.record import LayoutMistakeError
from tests.support.guide import small_guide
from tests.support.whole_guide import whole_guide

DAY = date(2026, 11, 22)
AT = {field.name: slice(field.first - 1, field.last) for field in FIELDS}


def lines(guide: Guide) -> list[str]:
    return to_addresses(guide, DAY).decode("ascii").splitlines()


def with_field(line: str, **told: str) -> str:
    for name, text in told.items():
        place = AT[name]
        line = line[: place.start] + text.ljust(place.stop - place.start) + line[place.stop :]
    return line


def taken(*records: str, guide: Guide | None = None) -> Guide:
    return from_addresses("".join(f"{line}\r\n" for line in records).encode(), guide or small_guide())


def contacts_of(guide: Guide, code: str) -> dict[str, Contact]:
    part = next(part for part in guide.parts if part.facts.locator_code == code)
    return {contact.slug: contact for contact in part.contacts}


def refusal(*records: str) -> list[str]:
    with pytest.raises(GuideFileError) as caught:
        taken(*records)
    return [str(fault) for fault in caught.value.faults]


def test_the_record_has_the_columns_of_the_source() -> None:
    assert sum(field.width for field in FIELDS) == LENGTH == 246
    assert (AT["name"], AT["action"], AT["day"]) == (slice(13, 48), slice(227, 228), slice(238, 246))
    assert "228-228  Action code" in described()


def test_a_slip_in_the_columns_stops_the_program() -> None:
    for wrong in (FIELDS[1:], FIELDS[:-1]):
        with pytest.raises(LayoutMistakeError):
            check_columns(wrong)


def test_a_contact_becomes_a_record() -> None:
    kansas = lines(small_guide())[0]
    assert len(kansas) == LENGTH
    assert kansas[:48] == "STACRG20000  CENTRAL REGISTRY                   "
    assert kansas[AT["street"]].strip() == "1 SYNTHETIC AVENUE"
    assert kansas[AT["area"]] + kansas[AT["phone"]] == "2015550101"
    assert kansas[AT["action"]] + kansas[AT["day"]].strip() == "C20261122"


def test_records_of_the_whole_guide_change_nothing_in_it() -> None:
    content = to_addresses(whole_guide(), DAY)
    again = from_addresses(content, whole_guide())
    assert again == whole_guide()
    assert to_addresses(again, DAY) == content
    assert {line[3:6] for line in content.decode().splitlines()} == {
        one.code for one in CONTACT_TYPES.values()
    }


def test_a_record_changes_what_it_says_and_leaves_the_rest() -> None:
    guide = small_guide()
    before = contacts_of(guide, "20000")["central-registry"]
    record = with_field(
        lines(guide)[0],
        street="2 NEW STREET",
        street2="ROOM 3",
        phone="5550199",
        fax_area="201",
        fax="5550111",
    )
    after = contacts_of(taken(record), "20000")["central-registry"]
    told = {"lines": ("2 NEW STREET", "ROOM 3"), "phone": "201-555-0199", "fax": "201-555-0111"}
    assert after == before.model_copy(update=told)


def test_a_record_of_nobody_adds_a_contact() -> None:
    record = with_field(
        lines(small_guide())[0], **{"class": "LOC"}, type="RES", local="173", sub_local="03",
        name="WICHITA OFFICE", region="NEBRASKA", action="A",
    )  # fmt: skip
    office = contacts_of(taken(record), "20000")["office"]
    assert (office.contact_class, office.type, office.locator_code) == (
        ContactClass.STATE,
        "office",
        "2017303",
    )
    assert (office.name, office.region, office.phone) == ("WICHITA OFFICE", "NE", "201-555-0101")


def test_two_offices_of_one_code_are_told_apart_by_their_names() -> None:
    own = {"class": "LOC", "type": "RES", "local": "173", "action": "A"}
    first, second = (with_field(lines(small_guide())[0], name=name, **own) for name in ("NORTH", "SOUTH"))
    moved = with_field(second, city="DERBY", action="C")
    again = contacts_of(taken(moved, guide=taken(first, second)), "20000")
    cities = {one.name: one.city for one in again.values() if one.type == "office"}
    assert cities == {"NORTH": "CAPITAL CITY", "SOUTH": "DERBY"}
    renamed = with_field(first, name="WEST", action="C")
    assert contacts_of(taken(renamed, guide=taken(first)), "20000")["office"].name == "WEST"


@pytest.mark.parametrize(
    ("told", "place", "expected"),
    [
        ({"action": "D"}, "228-228", "Action code: A add, C change"),
        ({"day": "20260230"}, "239-246", "Record date"),
        ({"type": "???"}, "4-6", "Address type 2: one of the"),
        ({"state": "XX"}, "7-8", "State code: 2 digits"),
        ({"state": "99"}, "7-13", "a locator code of the guide"),
        ({"type": "CAU"}, "7-13", "a locator code of the guide, of a jurisdiction that has contacts of this"),
        ({"name": ""}, "14-48", "Department name"),
        ({"postal": "666"}, "204-212", "ZIP code"),
        ({"name": "registry"}, "14-48", "Department name: up to 35 characters in capitals"),
        ({"extension": "12A"}, "", "up to five digits"),
    ],
    ids=range(10),
)
def test_what_is_wrong_is_told_with_its_columns(told: dict[str, str], place: str, expected: str) -> None:
    good = lines(small_guide())[0]
    found = refusal(good, with_field(good, **told))
    column = f", column {place}" if place else ""
    assert any(one.startswith(f"addresses.txt, line 2{column}: {expected}") for one in found), found


def test_a_line_that_is_too_long_or_no_ascii_is_refused() -> None:
    good = lines(small_guide())[0]
    assert refusal(f"{good}X") == ["addresses.txt, line 1: 246 characters of ASCII"]
    with pytest.raises(GuideFileError, match="246 characters of ASCII"):
        from_addresses(good.replace("CENTRAL", "CÉNTRAL").encode(), small_guide())


def test_trailing_spaces_and_empty_lines_may_be_missing() -> None:
    kansas = lines(small_guide())[0]
    assert taken("", kansas.rstrip()) == small_guide()
