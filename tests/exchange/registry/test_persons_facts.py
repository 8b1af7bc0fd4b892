"""Names, dates and numbers as people write them otherwise, each pair by itself."""

import pytest

from exchange.registry.searching import comparing, dates, digits, naming
from exchange.registry.searching.blocking import MOST_KEYS, asked
from exchange.registry.searching.dates import Dates
from exchange.registry.searching.digits import Numbers
from exchange.registry.searching.facts import Facts, FullName, Wanted
from exchange.registry.searching.naming import part
from exchange.registry.searching.weights import WEIGHTS, Agreement
from exchange.runtime import Exchange


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("O'Fenn", "OFENN", Agreement.SAME),
        ("Núñez", "NUNEZ", Agreement.SAME),
        ("St. Orle", "SAINT ORLE", Agreement.SAME),
        ("De La Varre", "VARRE", Agreement.PARTICLES),
        ("NG-ALDEN", "ALDEN", Agreement.PART),
        ("SMITH", "S", Agreement.INITIAL),
        ("SMITH", "SMYTH", Agreement.ONE_LETTER),
        ("SMITH", "SMIHT", Agreement.ONE_LETTER),
        ("PHILLIPS", "FILIPS", Agreement.SOUND),
        ("BRACKLOWELM", "BRACKLOW", Agreement.WITHIN),
        ("HALLBROOK", "HALTBROCK", Agreement.TWO_LETTERS),
        ("EK", "EKS", Agreement.SIMILAR),
        ("SMITH", "JONES", Agreement.DIFFERENT),
        ("LO", "XU", Agreement.DIFFERENT),
    ],
)
def test_last_names_agree_as_they_are_read(one: str, other: str, agreement: Agreement) -> None:
    assert comparing.last_names(one, other) is agreement
    assert comparing.last_names(other, one) is agreement


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Bob", "ROBERT", Agreement.NICKNAME),
        ("PEGGY", "MAGGIE", Agreement.KINDRED),
        ("J", "JAMES", Agreement.INITIAL),
        ("J", "MARY", Agreement.DIFFERENT),
        ("MARY ANN", "MARY", Agreement.PART),
        ("MARYANN", "MARY", Agreement.WITHIN),
        ("STEPHEN", "STEVEN", Agreement.SOUND),
        ("KATHRYN", "CATHRINE", Agreement.SOUND),
        ("SEAN", "SHAWN", Agreement.SIMILAR),
        ("ADA", "IDA", Agreement.SIMILAR),
        ("MARY", "JOHN", Agreement.DIFFERENT),
    ],
)
def test_first_names_agree_as_people_are_called(one: str, other: str, agreement: Agreement) -> None:
    assert comparing.first_names(one, other) is agreement
    assert comparing.first_names(other, one) is agreement


@pytest.mark.parametrize(
    ("given", "stored", "agreement"),
    [
        ("19800412", "19800412", Dates.SAME),
        ("19800412", "19801204", Dates.SWAPPED),
        ("19800412", "19804012", None),
        ("19800412", "19800421", Dates.DIGITS_SWAPPED),
        ("19870412", "19780412", Dates.DIGITS_SWAPPED),
        ("19800412", "19900412", Dates.ONE_DIGIT),
        ("19991231", "20000101", Dates.ONE_DAY),
        ("19910412", "20010412", Dates.OTHER_YEAR),
        ("19800412", "19800427", Dates.SAME_MONTH),
        ("19800412", "19800907", Dates.WITHIN_A_YEAR),
        ("19800412", "19550907", Dates.DIFFERENT),
        ("1980", "19800412", Dates.SAME_YEAR_ASKED),
        ("1981", "19800412", Dates.NEXT_YEAR_ASKED),
        ("1990", "19800412", Dates.DIFFERENT),
        ("19800412", "19800000", Dates.SAME_YEAR_ASKED),
        ("19800412", "", None),
        ("1980", "00000000", None),
    ],
)
def test_dates_differ_as_they_are_mistyped(given: str, stored: str, agreement: Dates | None) -> None:
    expected = Dates.SAME_YEAR_ASKED if stored == "19804012" else agreement
    assert dates.compare(given, stored) is expected


def test_each_date_a_slip_away_is_looked_for_and_each_is_a_date() -> None:
    looked = dates.possible("19870412")
    assert {"19871204", "19870421", "19780412", "19870411", "19860412", "19970412", "19880412"} <= set(looked)
    assert all(dates.known(day) for day in looked)
    assert looked[0] == "19870412"
    assert len(looked) == len(set(looked)) < 70


def test_each_slip_in_an_ssn_is_one_altered_or_two_swapped_digits() -> None:
    slips = digits.slips("900451234")
    assert len(slips) == len(set(slips)) <= 81 + 36
    assert "900451234" not in slips
    assert {digits.compare("900451234", each) for each in slips} == {Numbers.ONE_DIGIT, Numbers.SWAPPED}
    assert digits.compare("900451234", "900455534") is Numbers.DIFFERENT
    assert digits.compare("900451234", "") is None


def test_a_suffix_is_no_name_unless_it_is_the_only_one() -> None:
    assert (part("HALLBROOK JR.").joined, part("HALLBROOK JR.").suffix) == ("HALLBROOK", "JR")
    assert (part("Junior").joined, part("Junior").suffix) == ("JUNIOR", "")
    assert part("-'-").forms == part("").initials == ()
    assert part("LA").bare == "LA"


def test_a_cell_is_read_as_it_was_written() -> None:
    name, other = FullName("VARLEY", "ROBERT", "T"), FullName("MOSS", "ROBERT")
    for facts in (
        Facts("900450001", FullName("A", "B"), ""),
        Facts("900450001", name, "19800412", "M", (other,)),
    ):
        assert Facts.of(facts.cell) == facts
    assert Facts("900450001", FullName("A", "B"), "").cell == "900450001|A|B|"


def test_a_search_looks_up_a_bounded_number_of_keys(exchange: Exchange) -> None:
    many = tuple(FullName("DE LA VARRE-NG-ALDEN", "ELIZABETH ANN") for _ in range(4))
    name = FullName("DE LA VARRE-NG-ALDEN", "ELIZABETH ANN", "MARGARET")
    for birth_date in ("19871112", "1987"):
        keys = asked(exchange.vault.cells, Wanted(name=name, birth_date=birth_date, others=many))
        assert 300 < len(keys.words) <= MOST_KEYS
        assert sorted(keys.worth.tolist(), reverse=True) == keys.worth.tolist()


def test_each_line_of_the_table_has_words_and_points() -> None:
    assert all(weight.plain and weight.points for weight in WEIGHTS.values())
    assert not any("{stored}" in weight.plain for weight in WEIGHTS.values())


def test_nicknames_that_are_called_otherwise_are_near_to_far() -> None:
    names = naming.other_names(part("PEGGY"))
    assert names.index("MARGARET") < names.index("MAGGIE")
    assert len(naming.other_names(part("AL BERT ED"))) == naming.MOST_RELATED
