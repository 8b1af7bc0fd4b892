"""The guide as JSON and as tables: nothing is lost, and what is wrong is told with its place."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.guide.checks import problems
from schemas.guide.documents import (
    Answer,
    AnswerType,
    Category,
    Contact,
    ContactClass,
    Facts,
    Guide,
    JurisdictionKind,
    LawText,
    Part,
    Place,
    Question,
    Version,
)
from schemas.guide.files import (
    GuideFileError,
    addresses,
    archive,
    document,
    from_addresses,
    from_csv,
    from_json,
    to_csv,
    to_json,
)
from schemas.guide.files.cells import guarded, unguarded
from schemas.guide.files.tables import TABLES
from tests.support.guide import small_guide
from tests.support.whole_guide import whole_guide

BOTH = pytest.mark.parametrize(("write", "read"), [(to_json, from_json), (to_csv, from_csv)])
NASTY = (
    "=1+1",
    "'=1+1",
    "''-x",
    "@a",
    "'tis",
    'a,b;"c"',
    "Zürich\u2028Genf",
    "+49",
    "-",
    "'",
    "ü|ß",
    "\ufeff=x",
)


def faults(read: Callable[[bytes], Guide], content: bytes) -> list[str]:
    with pytest.raises(GuideFileError) as caught:
        read(content)
    return [str(fault) for fault in caught.value.faults]


def files_of(guide: Guide) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(to_csv(guide))) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def packed(files: dict[str, str]) -> bytes:
    return archive.packed({name: text.encode() for name, text in files.items()})


def edited(name: str, old: str, new: str) -> bytes:
    """The small guide's tables with one place changed."""
    files = files_of(small_guide())
    assert old in files[name]
    return packed(files | {name: files[name].replace(old, new, 1)})


@BOTH
def test_the_whole_guide_comes_back_and_is_written_in_the_same_bytes(
    write: Callable[[Guide], bytes], read: Callable[[bytes], Guide]
) -> None:
    content = write(whole_guide())
    again = read(content)
    assert again == whole_guide()
    assert write(again) == content
    assert again.canonical() == whole_guide().canonical()


def strange_guide(text: str, lines: tuple[str, ...]) -> Guide:
    """A guide whose every text and list is one of these, and that uses every member."""
    state = JurisdictionKind.STATE
    question = Question(
        slug="a-1", kind=state, title=text, text=text, answer_type=AnswerType.CHOICE, choices=("x", *lines),
        hague=True, required=True, words=lines,
    )  # fmt: skip
    below = Question(slug="b", kind=state, title=text, text=text, under="a-1")
    place = Place(question="a-1", number="A2.1")
    versions = (
        Version(slug="v1", kind=state, label=text, effective=date(2011, 1, 1), categories=()),
        Version(
            slug="v2", kind=state, label=text, effective=date(2012, 1, 1),
            categories=(
                Category(code="A", title=text, places=(), words=lines),
                Category(code="B", title=text, places=(place,)),
            ),
        ),
    )  # fmt: skip
    facts = Facts(
        locator_code="20000", kind=state, name=text, other_names=lines, places=lines, languages=lines,
        convention=False, latitude=1e-7, longitude=-180.0, sovereignty=text,
    )  # fmt: skip
    law = LawText(id="0" * 36, name=text, size=3, sha256="a" * 64)
    answers = (
        Answer(question="a-1", value="x", comment=text, attachments=(law, law)),
        Answer(question="b", value=text),
    )
    contact = Contact(
        slug="c", contact_class=ContactClass.STATE, type="office", locator_code="2000003", name=text,
        lines=lines[:4], phone="+49 555-0100", hours=("Mon-Fri 08:00-16:30", "Sat 09:00-12:00"),
        comments=text, valid_from=date(2024, 2, 29), synthetic=True,
    )  # fmt: skip
    part = Part(facts=facts, answers=answers, contacts=(contact,))
    return Guide(questions=(question, below), versions=versions, parts=(part, Part(facts=Facts(
        locator_code="80DE", kind=JurisdictionKind.COUNTRY, name=text))))  # fmt: skip


@BOTH
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_text_is_lost(write: Callable[[Guide], bytes], read: Callable[[bytes], Guide], text: str) -> None:
    guide = strange_guide(text, (text, "second"))
    assert problems(guide) == []
    assert read(write(guide)) == guide


_TEXTS = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)


@BOTH
@settings(max_examples=25, deadline=None)
@given(text=_TEXTS, lines=st.lists(_TEXTS, max_size=4))
def test_no_text_at_all_is_lost(
    write: Callable[[Guide], bytes], read: Callable[[bytes], Guide], text: str, lines: list[str]
) -> None:
    guide = strange_guide(text, tuple(lines))
    assert read(write(guide)) == guide


def test_many_lines_in_one_text_stay() -> None:
    answer = Answer(question="family-violence", value="One\r\n\r\ntwo\n\tthree\rfour")
    parts = (Part(facts=small_guide().parts[1].facts, answers=(answer,)),)
    guide = small_guide().model_copy(update={"parts": parts})
    assert from_csv(to_csv(guide)) == guide


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    for text in files_of(strange_guide("=cmd()", ("@x", "+1"))).values():
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_the_guard_of_a_cell_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert unguarded("=1") == "=1"


def test_what_a_spreadsheet_of_another_country_saves_is_read() -> None:
    files = files_of(small_guide())
    for name, text in files.items():
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        saved = io.StringIO()
        csv.writer(saved, delimiter=";").writerows([*rows, [""] * len(rows[0])])
        files[name] = saved.getvalue()
    assert from_csv(packed(files)) == small_guide()


def test_files_in_a_folder_as_archivers_pack_them_are_read() -> None:
    files = {f"guide/{name}": text for name, text in files_of(small_guide()).items()}
    assert from_csv(packed({"guide/": "", **files, "__MACOSX/._answers.csv": "x"})) == small_guide()


PHONE = "a telephone number such as 785-555-0100"
IN_JSON = [  # old, new, what stands at the place that is told, and what is said
    ('"value": "19"', '"value": "old"', '"old"', "31000: answer age-of-majority: Enter a number"),
    ('"slug": "legal-aid"', '"slug": "Legal aid"', '"Legal aid"', "a short name of small letters"),
    ('"name": "OCSS"', '"nam": "OCSS"', "{", "name: a value here: it may not be left out"),
    ('"name": "OCSS"', '"name": "OCSS", "x": 7', "7", "nothing: there is no member of this name"),
    ('"phone": "201-555-0101"', '"phone": "ring us"', '"ring us"', PHONE),
    ('"number": "2"', '"number": "two"', '"two"', "a number such as 2, 2.1 or A2.1"),
    ('"title": "General"', '"title": General', "General", "JSON (expected value)"),
    ('"Europe/Berlin"', '"Europe/Bonn"', '"Europe/Bonn"', "a time zone is named as in the IANA database"),
]


@pytest.mark.parametrize(("old", "new", "there", "told"), IN_JSON, ids=range(len(IN_JSON)))
def test_a_fault_in_json_is_told_with_its_place(old: str, new: str, there: str, told: str) -> None:
    text = to_json(small_guide()).decode()
    assert old in text
    content = text.replace(old, new, 1)
    place, _, words = faults(from_json, content.encode())[0].partition(": ")
    assert words.startswith(told)
    line, column = (int(part.split()[-1]) for part in place.split(", ")[1:])
    assert content.split("\n")[line - 1][column - 1 :].startswith(there)


AGE = ",Age of majority,18,,,,"
IN_TABLES = [  # old, new, the place that is told, and what is said
    (
        f"20000,Kansas,age-of-majority{AGE}",
        "20000,Kansas,age-of-majority,,old,,,,",
        "answers, 2, value",
        "20000: ",
    ),
    (
        "20000,Kansas",
        "21000,Kansas",
        "answers, 2, jurisdiction",
        "a locator code that stands in jurisdictions.csv",
    ),
    ("20000,Kansas,age-of-majority", "20000,Kansas,gone", "answers, 2, question", "20000: no question gone"),
    ("question,question_title", "questions,question_title", "answers, 1, question", "a column of this name"),
    (AGE, f"{AGE}perhaps", "answers, 2, synthetic", "yes or no"),
    (AGE, ",,18,,,{,", "answers, 2, attachments", "what stood here in the export"),
    (AGE, f"{AGE},,", "answers, 2", "9 cells, not 11"),
    ("Mon-Fri 08:00-16:30", "Mon-Fri 8-16", "contacts, 2, hours", "hours are written like"),
    (
        "20000,Central",
        "31000,Central",
        "contacts, 2, locator_code",
        "20000: contact central-registry: its loc",
    ),
    ("201-555-0101", "ring us", "contacts, 2, phone", PHONE),
    (
        "2024-01-01,GEN,General,,1",
        "Monday,GEN,General,,1",
        "versions, 2, effective",
        "Input should be a valid date",
    ),
    (
        "GEN,General,,2",
        "GEN,Generals,,2",
        "versions, 3, category_title",
        "the same as in the rows above: General",
    ),
    ("state-2024,state", "State 2024,state", "versions, 2, version", "a short name of small letters"),
    ("GEN,General,,1", "gen,General,,1", "versions, 2, category", "up to eight capital letters"),
    ("age-of-majority,state", "age-of-majority,estate", "questions, 2, kind", "Input should be 'federal'"),
    ("slug,kind", '"slug"x,kind', "questions, 1", "a row of CSV, with quotes around what has quotes in it"),
    ("31000,state", "20000,state", "jurisdictions, 4, locator_code", "jurisdiction 20000 stands there twice"),
    ("America/Chicago", "Kansas time", "jurisdictions, 3, time_zone", "a time zone is named as in the IANA"),
]


@pytest.mark.parametrize(("old", "new", "place", "told"), IN_TABLES, ids=range(len(IN_TABLES)))
def test_a_fault_in_a_table_is_told_with_its_row_and_column(
    old: str, new: str, place: str, told: str
) -> None:
    table, line, *column = place.split(", ")
    where = f"{table}.csv, line {line}" + "".join(f", column {name}" for name in column)
    found = faults(from_csv, edited(f"{table}.csv", old, new))
    assert any(one.startswith(f"{where}: {told}") for one in found), found


def test_a_cell_of_several_lines_counts_as_several() -> None:
    long = f"20000,Kansas,age-of-majority{AGE}".replace(",18,,", ',18,,"one\ntwo\nthree"', 1)
    content = edited("answers.csv", f"20000,Kansas,age-of-majority{AGE}", long)
    assert from_csv(content).parts[1].answers[0].comment == "one\ntwo\nthree"
    with zipfile.ZipFile(io.BytesIO(content)) as packed_up:
        files = {name: packed_up.read(name) for name in packed_up.namelist()}
    files["answers.csv"] = files["answers.csv"].replace(b"20000,Kansas,family", b"10000,Kansas,family")
    assert faults(from_csv, archive.packed(files))[0].startswith("answers.csv, line 5, column jurisdiction")


def test_all_faults_are_told_and_not_more_than_a_hundred() -> None:
    text = to_json(whole_guide()).decode().replace('"value": "yes"', '"value": "maybe"')
    found = faults(from_json, text.encode())
    assert len(found) == 100
    assert len(set(found)) == 100


def test_text_that_is_no_utf8_is_refused_with_its_line() -> None:
    assert faults(from_json, b'{\n "questions": "\xff"}') == ["guide.json, line 2, column 16: UTF-8"]
    files = {name: text.encode() for name, text in files_of(small_guide()).items()}
    told = faults(from_csv, archive.packed(files | {"answers.csv": b"\n\n\xff"}))
    assert told == ["answers.csv, line 3: text in UTF-8"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"[" * 100_000,
        b"{}",
        b"null",
        b'{"questions": [], "versions": [], "parts": [], "x": 1}',
    ],
    ids=range(6),
)
def test_what_is_no_guide_is_refused(content: bytes) -> None:
    assert faults(from_json, content)
    assert faults(from_csv, content)


def test_an_archive_holds_the_tables_and_nothing_else() -> None:
    files = files_of(small_guide())
    assert "and nothing else" in faults(from_csv, packed(files | {"macro.xlsm": ""}))[0]
    assert "and nothing else" in faults(from_csv, packed(files | {"copy/answers.csv": ""}))[0]
    del files["answers.csv"]
    assert faults(from_csv, packed(files)) == ["answers.csv, line 1: a file of this name in the archive"]


def test_an_archive_that_grows_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_OPENED", 1_000_000)
    bomb = packed(dict.fromkeys(TABLES, " " * 400_000))
    assert len(bomb) < 10_000
    assert "files of at most 1,000,000 bytes together" in faults(from_csv, bomb)[0]


def test_a_member_that_lies_of_its_size_or_is_encrypted_is_refused() -> None:
    content = bytearray(to_csv(small_guide()))
    directory = content.index(b"PK\x01\x02")
    lying = content[:]
    lying[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    assert faults(from_csv, bytes(lying))
    content[directory + 8] |= 1
    assert "not encrypted" in faults(from_csv, bytes(content))[0]


def test_a_text_with_control_characters_is_none() -> None:
    for value in ("a\x00b", "a\x1bb", "a\x7fb"):
        changed: dict[str, Any] = {"question": "a", "value": value}
        with pytest.raises(ValueError, match="pattern"):
            Answer.model_validate(changed)


@pytest.mark.parametrize(
    ("module", "limit", "read"),
    [
        (document, "MOST_BYTES", from_json),
        (archive, "MOST_BYTES", from_csv),
        (addresses, "MOST_BYTES", lambda content: from_addresses(content, small_guide())),
    ],
    ids=["json", "csv", "addresses"],
)
def test_a_file_that_is_too_large_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str, read: Callable[[bytes], Guide]
) -> None:
    monkeypatch.setattr(module, limit, 1000)
    assert "of at most 1,000 bytes" in faults(read, b" " * 1001)[0]


def test_an_archive_of_very_many_members_is_refused() -> None:
    assert "and nothing else" in faults(from_csv, packed({f"{number}.csv": "" for number in range(51)}))[0]
