"""File names of any language pass; what misleads or harms is refused with its reason, never repaired."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import FileNameRefusedError
from exchange.transfers import names

GOOD = [
    "report.txt",
    "informe año 2024.txt",
    "報告.xlsx",
    "تقرير.csv",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.csv",  # Persian, "I want": two letters kept apart
    "\u062e\u0627\u0646\u0647\u200c\u0627\u06cc.csv",  # Persian, "domestic"
    "\u0915\u094d\u200d\u0937.csv",  # Devanagari: half a letter before a whole one
    "\u0915\u094d\u200c\u0937.csv",  # Devanagari: the virama shown
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3.csv",  # Sinhala, "Sri"
    "\u0d05\u0d35\u0d28\u0d4d\u200d.csv",  # Malayalam, "he": a final letter in its old spelling
    ".hidden",
    "a~b",
    "x~1234567",
    "x~1234567g",
    "x~12345678.txt",
    "-rf",
    "CON",
    "a" * names.MAXIMUM_BYTES,
    "%2e%2e%2f",
    "{{7*7}}",
    "..txt",
]

BAD = [
    ("", "empty"),
    (".", "dots"),
    ("..", "dots"),
    (" ", "space"),
    ("report.txt ", "space"),
    (" report.txt", "space"),
    ("report\u3000", "space"),
    ("../report.txt", "slash"),
    ("a/b", "slash"),
    ("a\\b", "slash"),
    ("report\0.txt", "control"),
    ("report\n.txt", "control"),
    ("report\x7f.txt", "control"),
    ("report\x9b.txt", "control"),
    ("gpj.\u202etxt", "direction"),
    ("re\u200bport", "invisible"),
    ("\ufeffreport", "invisible"),
    ("re\u200cport", "invisible"),
    ("re\u200dport", "invisible"),
    ("report\u200c.txt", "invisible"),
    ("\u200creport", "invisible"),
    ("\u0645\u06cc\u200c.csv", "invisible"),
    ("\u0645\u06cc\u200c\u200c\u062e\u0648.csv", "invisible"),
    ("\u062f\u200c\u062e.csv", "invisible"),  # the first letter never joins the next
    ("\u0645\u200d\u062e.csv", "invisible"),
    ("\u0378\u200d.csv", "invisible"),
    ("\u0645\u06cc\u200c\u062e\u202e.csv", "direction"),
    ("\u0645\u06cc\u200f\u062e.csv", "direction"),
    ("\u0645\u2066\u062e.csv", "direction"),
    ("report\u2028", "line separator"),
    ("report\u2029", "paragraph separator"),
    ("report\ud800", "Unicode"),
    ("a" * (names.MAXIMUM_BYTES + 1), "longer"),
    ("ü" * (names.MAXIMUM_BYTES // 2 + 1), "longer"),
    ("report.txt~12345678", "the portal gives"),
    ("report.txt~deadbeef", "the portal gives"),
]


@pytest.mark.parametrize("name", GOOD)
def test_an_ordinary_name_is_taken_as_it_is(name: str) -> None:
    assert names.checked(name) == name


@pytest.mark.parametrize(("name", "why"), BAD)
def test_a_name_that_misleads_is_refused_with_its_reason(name: str, why: str) -> None:
    with pytest.raises(FileNameRefusedError, match=why):
        names.checked(name)


def test_accents_are_kept_in_their_composed_form() -> None:
    assert names.checked("an\u0303o") == "a\u00f1o"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_name_that_was_taken_is_taken_again_unchanged(name: str) -> None:
    try:
        taken = names.checked(name)
    except FileNameRefusedError:
        return
    assert names.checked(taken) == taken == unicodedata.normalize("NFC", name)
    assert names.is_text(taken)
    assert not {"/", "\\", "\0"} & set(taken)
    assert names.split_distinct(taken) == (taken, None)


@pytest.mark.parametrize(
    ("name", "draft"),
    [("a.part", True), ("a.FILEPART", True), ("a.tmp", True), ("a.txt", False), ("part", False)],
)
def test_a_draft_is_told_by_the_end_of_its_name(name: str, draft: bool) -> None:
    assert names.is_draft_name(name) is draft


def test_a_distinct_name_can_be_taken_apart() -> None:
    shown = names.distinct("report.txt", "0123456789abcdef")
    assert shown == "report.txt~01234567"
    assert names.split_distinct(shown) == ("report.txt", "01234567")
