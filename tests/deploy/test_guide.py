"""`portal guide`: the whole guide from files and to files."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from schemas.guide.files import archive, from_json, to_json
from tests.deploy.command_line import Portal
from tests.support.guide import small_guide
from tests.support.whole_guide import whole_guide


@pytest.fixture
def small(portal: Portal, home: Path, tmp_path: Path) -> Path:
    """An installation that holds the small guide."""
    file = tmp_path / "small.json"
    file.write_bytes(to_json(small_guide()))
    assert portal("guide", "import", file, "--home", home).out == (
        "12 entries written, 0 taken out, 0 left as they were\n"
    )
    return home


def test_the_synthetic_guide_is_published_and_exported(portal: Portal, home: Path, tmp_path: Path) -> None:
    entries = sum(1 + len(part.answers) + len(part.contacts) for part in whole_guide().parts)
    seeded = portal("guide", "seed", "--home", home)
    assert seeded.out == f"{entries} entries written, 0 taken out, 0 left as they were\n"
    out = tmp_path / "guide.json"
    assert portal("guide", "export", out, "--home", home).out.startswith("87 jurisdictions, ")
    assert out.read_bytes() == to_json(whole_guide())


def test_tables_are_edited_and_imported(portal: Portal, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "guide.zip"
    assert portal("guide", "export", "--format", "csv", out, "--home", small).code == 0
    with zipfile.ZipFile(out) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    rows = list(csv.reader(io.StringIO(files["answers.csv"].decode("utf-8-sig"), newline="")))
    value = rows[0].index("value")
    assert rows[1][value] == "18"
    rows[1][value] = "21"
    text = io.StringIO()
    csv.writer(text).writerows(rows[:-1])
    out.write_bytes(archive.packed(files | {"answers.csv": text.getvalue().encode()}))
    assert portal("guide", "import", out, "--home", small).out.startswith("1 entries written, 1 taken out")
    portal("guide", "export", tmp_path / "now.json", "--home", small)
    kansas = from_json((tmp_path / "now.json").read_bytes()).parts[1]
    assert kansas.answers[0].value == "21"


def test_address_records_change_contacts_and_take_nothing_out(
    portal: Portal, small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "addresses.txt"
    portal("guide", "export", "--format", "addresses", out, "--home", small)
    lines = out.read_text().splitlines()
    assert {len(line) for line in lines} == {246}
    out.write_text(lines[0].replace("CAPITAL CITY", "WICHITA     ") + "\n")
    assert portal("guide", "import", out, "--home", small).out.startswith(
        "1 entries written, 0 taken out, 11"
    )


def test_a_file_with_a_fault_changes_nothing_and_says_where(
    portal: Portal, small: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(to_json(small_guide()).replace(b'"value": "19"', b'"value": "old"'))
    told = portal("guide", "import", wrong, "--home", small)
    assert told.code == 1
    assert told.out == ""
    assert "wrong.json, line 106, column 15: 31000: answer age-of-majority: Enter a number" in told.err
    assert told.err.endswith("nothing of wrong.json was imported\n")
    out = tmp_path / "now.json"
    portal("guide", "export", out, "--home", small)
    assert out.read_bytes() == to_json(small_guide())


def test_before_there_was_a_guide_it_was_empty(portal: Portal, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "then.json"
    told = portal("guide", "export", out, "--day", "2020-02-29", "--home", small)
    assert told.out == "0 jurisdictions, 0 answers, 0 contacts\n"
    assert from_json(out.read_bytes()).parts == ()


def test_the_address_record_is_described(portal: Portal) -> None:
    told = portal("guide", "record")
    assert told.code == 0
    assert "239-246  Record date" in told.out
