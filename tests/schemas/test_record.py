"""Records refuse slips of the pen when the program starts, and write what they read."""

from datetime import date
from typing import Any

import pytest

from schemas.catalog import LAYOUTS
from schemas.kinds import Blank, Digits, Literal, Number, RefusedValueError, Text
from schemas.layouts.data_match import data_match
from schemas.record import Evidence, Field, Layout, LayoutMistakeError, Record, filler
from schemas.structure import Among, NeedsWhen, Structure, Total
from tests.schemas.examples import ACCOUNT, PAYMENT

MARK = Field("mark", 1, 1, Literal(value="X"))


@pytest.mark.parametrize(
    "fields",
    [
        (MARK, Field("a", 3, 4, Text())),
        (MARK, Field("a", 1, 4, Text())),
        (MARK, Field("a", 2, 3, Text())),
        (MARK, Field("a", 2, 5, Text())),
        (MARK, Field("a", 2, 1, Text()), Field("b", 2, 4, Text())),
        (MARK, Field("a", 2, 3, Text()), Field("a", 4, 4, Text())),
        (Field("mark", 1, 1, Text()), Field("a", 2, 4, Text())),
        (Field("mark", 1, 2, Literal(value="X")), Field("a", 3, 4, Text())),
    ],
    ids=["gap", "overlap", "too short", "too long", "backwards", "one name twice", "no mark", "a short mark"],
)
def test_a_record_with_a_slip_is_refused_at_import(fields: tuple[Field, ...]) -> None:
    with pytest.raises(LayoutMistakeError):
        Record("slip", 4, fields)


@pytest.mark.parametrize(
    "rules", [{"unique": ("b",)}, {"across": (NeedsWhen("a", "X001", when="b"),)}], ids=["unique", "across"]
)
def test_a_rule_about_a_field_that_is_not_there_is_refused_at_import(rules: dict[str, Any]) -> None:
    with pytest.raises(LayoutMistakeError):
        Record("slip", 2, (MARK, Field("a", 2, 2, Text())), **rules)


def record(mark: str, *fields: Field) -> Record:
    first = Field("mark", 1, len(mark), Literal(value=mark))
    return Record("r" + mark, (fields[-1].last if fields else len(mark)), (first, *fields))


@pytest.mark.parametrize(
    ("records", "structure"),
    [
        (("H", "DD", "T"), Structure()),
        (("H", "D", "H"), Structure()),
        (("H", "D", "T"), Structure(same=("number",))),
        (("H", "D", "T"), Structure(among=(Among("number", "senders", "H008"),))),
        (("H", "D", "T"), Structure(totals=(Total("total", "amount"),))),
    ],
)
def test_a_layout_that_contradicts_itself_is_refused_at_import(
    records: tuple[str, str, str], structure: Structure
) -> None:
    header, detail, trailer = (record(mark) for mark in records)
    with pytest.raises(LayoutMistakeError):
        Layout("slip", "Slip", "", header, (detail,), trailer, structure)


def test_a_total_of_a_column_that_details_lack_is_refused_at_import() -> None:
    trailer = record("T", Field("total", 2, 3, Number()))
    totals = Structure(totals=(Total("total", "amount"),))
    with pytest.raises(LayoutMistakeError):
        Layout("slip", "Slip", "", record("H"), (record("D"),), trailer, totals)


def test_a_value_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(LayoutMistakeError):
        Field("a", 1, 2, Text()).render("LONG")
    with pytest.raises(LayoutMistakeError):
        LAYOUTS["lump-sum"]["detail"].render({"payment_amount": 10**11})


def test_a_name_that_a_record_does_not_have_is_not_written() -> None:
    with pytest.raises(KeyError):
        LAYOUTS["lump-sum"]["detail"].render({"salary": 1})


@pytest.mark.parametrize("slug", LAYOUTS)
def test_every_record_of_every_layout_is_whole_and_says_how_sure_it_is(slug: str) -> None:
    layout = LAYOUTS[slug]
    assert layout.slug == slug
    for each in layout.records:
        assert [field.first for field in each.fields[1:]] == [field.last + 1 for field in each.fields[:-1]]
        assert all(field.evidence.words for field in each.fields)
        assert all(field.title and field.width > 0 for field in each.fields)
        assert layout[each.name] is each


def test_fields_are_found_by_name_and_by_column() -> None:
    detail = LAYOUTS["lump-sum"]["detail"]
    assert detail["ssn"].title == "Social Security number"
    assert detail.field_at(4) is detail["ssn"]
    assert "filler" not in detail
    assert detail["reference"].title == "Your reference"


def test_a_record_is_read_as_it_was_written() -> None:
    detail = LAYOUTS["lump-sum"]["detail"]
    values = detail.parse(detail.render(PAYMENT))
    assert {name: values[name] for name in PAYMENT} == PAYMENT
    assert values["payment_date"] == date(2026, 2, 1)
    assert values["suffix"] is None


def test_a_record_that_is_wrong_is_not_read() -> None:
    with pytest.raises(RefusedValueError):
        LAYOUTS["lump-sum"]["detail"].parse(b"LSD")


def test_the_match_record_of_the_appendix_stands_in_its_columns() -> None:
    line = LAYOUTS["data-match"]["matched_account"].render(ACCOUNT)
    assert len(line) == 420
    assert line[0:1] == b"B"
    assert line[1:7] == b"202601"
    assert line[14:23] == b"900010001"
    assert line[161:175] == b"SAMPLESON ALEX"
    assert line[321:323] == b"KS"
    assert line[350:357] == b"0001250"
    assert line[357:359] == b"10"
    assert line[370:371] == b"0"


def test_the_length_of_match_records_is_a_setting() -> None:
    assert data_match(450).length == 450
    with pytest.raises(ValueError, match="at least 400"):
        data_match(399)


def test_what_a_field_says_of_itself() -> None:
    assert Field("zip", 1, 5, Text()).title == "ZIP code"
    assert Field("blank", 1, 1, Blank()).is_filler
    assert not filler(1, 1).required
    assert Field("number", 1, 1, Digits()).required
    assert not Field("number", 1, 1, Digits(), optional=True).required
    assert Field("number", 1, 2, Digits(), optional=True).parse("  ") is None
    assert Evidence("V").words == "stated by a source"
