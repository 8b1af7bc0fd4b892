"""Each kind: the two ways of checking agree, and what it takes is rendered back to the same text."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import kinds
from schemas.kinds import Kind, RefusedValueError
from schemas.tables import ACCOUNT_TYPES, FILE_INDICATORS
from tests.schemas.examples import RULES

KINDS: list[tuple[Kind, int]] = [
    (kinds.Amount(), 11),
    (kinds.Anything(), 5),
    (kinds.Blank(), 3),
    (kinds.Code(table=ACCOUNT_TYPES), 2),
    (kinds.Code(table=FILE_INDICATORS), 1),
    (kinds.Code(table={"ABC": "three", "AB": "two"}), 3),
    (kinds.Date8(), 8),
    (kinds.Date8(past=True, latest=date(2026, 1, 20)), 8),
    (kinds.Date8(ahead=10, latest=date(2026, 1, 20)), 8),
    (kinds.Digits(), 4),
    (kinds.Email(), 20),
    (kinds.Fein(), 9),
    (kinds.Literal(value="LSH"), 3),
    (kinds.MailState(), 2),
    (kinds.Name(), 6),
    (kinds.Number(), 5),
    (kinds.Phone(), 10),
    (kinds.RegistryCase(), 5),
    (kinds.SignedDollars(), 7),
    (kinds.Ssn(), 9),
    (kinds.Ssn(synthetic=True), 9),
    (kinds.Ssn(synthetic=False), 9),
    (kinds.StateCode(), 2),
    (kinds.Text(), 6),
    (kinds.Time6(), 6),
    (kinds.WholeDollars(), 7),
    (kinds.YearMonth(), 6),
    (kinds.Zip(), 9),
    (kinds.Zip(), 5),
]
IDS = [f"{type(kind).__name__}-{width}-{number}" for number, (kind, width) in enumerate(KINDS)]
ANY_KIND = pytest.mark.parametrize(("kind", "width"), KINDS, ids=IDS)

_LIKELY = {
    "Date8": ["20260131", "20240229", "20230229", "19000229", "20000229", "20260120", "20260121", "18991231"],
    "Ssn": ["900010001", "000010001", "666010001", "123456789", "123006789", "123450000", "899999999"],
    "SignedDollars": ["000125-", "000125+", "0001250", "-000125"],
    "Zip": ["66603    ", "666031234", "00000    ", "000000000", "66603 123", "66603", "00000", "     "],
    "Email": ["ann@example.com     ", "ann@example         ", "@example.com        ", "a b@example.com     "],
    "Time6": ["235959", "240000", "006000", "000060"],
    "YearMonth": ["202612", "202613", "202600", "192612"],
    "Name": ["O'NEIL", "-SMITH", " SMITH", "SMITH ", "sMITH ", "4X    ", "A#B   "],
    "Text": ["#1 A  ", " A    ", "a     ", "      "],
    "Fein": ["000000000", "001234567", "00123456 "],
    "Code": ["00", "01", "M", "ABC", "AB ", "A", "  "],
    "StateCode": ["KS", "ZZ", "AE", "ks"],
    "MailState": ["AE", "KS", "K "],
    "Literal": ["LSH", "LSD", "   "],
}


def texts(kind: Kind, width: int) -> st.SearchStrategy[str]:
    likely = [text.ljust(width)[:width] for text in _LIKELY.get(type(kind).__name__, ["0", "1"])]
    digits = st.text("0123456789", min_size=width, max_size=width)
    near = st.text("0123456789 -+.AZaz'KSM@", min_size=width, max_size=width)
    anything = st.text([chr(code) for code in range(32, 127)], min_size=width, max_size=width)
    return st.one_of(st.sampled_from(likely), digits, near, anything)


def accepts(kind: Kind, text: str) -> bool:
    try:
        kind.parse(text)
    except RefusedValueError:
        return False
    return True


@ANY_KIND
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_block_is_judged_as_each_of_its_values_is(kind: Kind, width: int, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(texts(kind, width), min_size=1, max_size=40))
    cells = np.frombuffer("".join(drawn).encode("ascii"), dtype=np.uint8).reshape(-1, width).T
    assert kind.suspicious(np.ascontiguousarray(cells)).tolist() == [
        not accepts(kind, text) for text in drawn
    ]


@ANY_KIND
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_taken_is_written_back_as_it_was(kind: Kind, width: int, data: st.DataObject) -> None:
    text = data.draw(texts(kind, width))
    try:
        value = kind.parse(text)
    except RefusedValueError:
        return
    assert kind.render(value, width) == text


@ANY_KIND
def test_every_planted_slip_gives_its_own_code(kind: Kind, width: int) -> None:
    for text, code in kind.slips(width):
        assert len(text) == width
        with pytest.raises(RefusedValueError) as refused:
            kind.parse(text)
        assert refused.value.code == code


@ANY_KIND
def test_every_kind_says_what_it_expects(kind: Kind, width: int) -> None:
    assert kind.expected(width)


@pytest.mark.parametrize(
    ("kind", "width", "typed", "written"),
    [
        (kinds.Ssn(), 9, " 900-01-0001 ", "900010001"),
        (kinds.Ssn(), 9, "10001", "10001"),
        (kinds.Ssn(), 9, "9OO-01", "9OO01"),
        (kinds.Amount(), 11, "$1,250.5", "00000125050"),
        (kinds.Amount(), 11, "12.345", "12.345"),
        (kinds.Amount(), 11, "-5", "-5"),
        (kinds.Amount(), 11, "NaN", "NaN"),
        (kinds.Amount(), 11, "lots", "lots"),
        (kinds.WholeDollars(), 7, "1250", "0001250"),
        (kinds.Date8(), 8, "1/5/2026", "20260105"),
        (kinds.Date8(), 8, "2026-01-05", "20260105"),
        (kinds.Date8(), 8, "2026-01-05 00:00:00", "20260105"),
        (kinds.Date8(), 8, "20260105", "20260105"),
        (kinds.Date8(), 8, "soon", "soon"),
        (kinds.Time6(), 6, "09:30:00", "093000"),
        (kinds.Phone(), 10, "+1 (785) 555-0100", "7855550100"),
        (kinds.Phone(), 10, "555-01O0", "555-01O0"),
        (kinds.Zip(), 9, "66603-1234", "666031234"),
        (kinds.Zip(), 9, "1234", "1234"),
        (kinds.Zip(), 9, "Topeka", "Topeka"),
        (kinds.Name(), 20, "  Van  Dyke ", "VAN DYKE"),
        (kinds.Name(), 20, "Muñoz O\u2019Neil", "MUNOZ O'NEIL"),
        (kinds.Code(table=ACCOUNT_TYPES), 2, "1", "01"),
        (kinds.Code(table=ACCOUNT_TYPES), 2, "Savings", "01"),
        (kinds.Code(table=FILE_INDICATORS), 1, "m", "M"),
        (kinds.Anything(), 5, " as is ", "as is"),
    ],
)
def test_what_people_type_becomes_what_the_record_writes(
    kind: Kind, width: int, typed: str, written: str
) -> None:
    assert kind.friendly(typed, width).strip() == written


def test_a_kind_takes_on_the_facts_of_a_check() -> None:
    assert kinds.Ssn().under(RULES) == kinds.Ssn(synthetic=True)
    assert kinds.Date8(past=True).under(RULES) == kinds.Date8(past=True, latest=RULES.today)
    assert kinds.Date8().under(RULES) == kinds.Date8()


def test_a_kind_that_does_not_say_its_rule_is_no_kind() -> None:
    for use in (
        lambda: Kind().parse("A"),
        lambda: Kind().suspicious(np.zeros((1, 1), dtype=np.uint8)),
        lambda: Kind().expected(1),
    ):
        with pytest.raises(NotImplementedError):
            use()
