"""Which layout a file has is told from its content."""

import pytest

from schemas.catalog import LAYOUTS, Form, Identified, identify
from schemas.findings import Finding
from tests.schemas.examples import joined, lump_sum, match_file

EVERY = tuple(LAYOUTS)


@pytest.mark.parametrize(
    ("head", "slug", "form"),
    [
        (joined(lump_sum({})), "lump-sum", Form.FIXED),
        (joined(lump_sum({})[1:]), "lump-sum", Form.FIXED),
        (b"DIH", "debt-inquiry", Form.FIXED),
        (b"SSN,Last name,First name\r\n900010001,A,B", "lump-sum", Form.CSV),
        (b'\xef\xbb\xbf"ssn";"LAST_NAME"\n', "lump-sum", Form.CSV),
        (b"ssn\tFirst name (given)\n", "debt-inquiry", Form.CSV),
        (b"PK\x03\x04....", "lump-sum", Form.XLSX),
    ],
)
def test_a_file_is_known_by_what_stands_in_it(head: bytes, slug: str, form: Form) -> None:
    candidates = (slug,) if form is not Form.FIXED else ("lump-sum", "debt-inquiry")
    assert identify(head, "anything.exe", candidates) == Identified(LAYOUTS[slug], form)


def test_a_match_file_is_known() -> None:
    assert identify(joined(match_file({})), "x", ("data-match",)) == Identified(
        LAYOUTS["data-match"], Form.FIXED
    )


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", "F001"),
        (b"\xff\xfeL\0S\0H\0", "F006"),
        (b"\xfe\xff\0L\0S\0H", "F006"),
        (b"\xef\xbb\xbfLSH", "F006"),
        (bytes(65536), "F002"),
        (b"hello", "F002"),
        (b"DIH20260115", "F002"),
        (b"\xef\xbb\xbfhello", "F002"),
    ],
)
def test_what_fits_nothing_gives_a_finding(head: bytes, code: str) -> None:
    found = identify(head, "lump-sum.csv", ("lump-sum",))
    assert isinstance(found, Finding)
    assert found.code == code


def test_a_file_of_another_program_is_called_by_its_name() -> None:
    found = identify(b"DIH20260115", "x", ("lump-sum",))
    assert isinstance(found, Finding)
    assert "looks like: Debt inquiry" in found.message


def test_a_workbook_is_no_match_file() -> None:
    found = identify(b"PK\x03\x04", "x", ("data-match",))
    assert isinstance(found, Finding)
    assert found.code == "F002"
