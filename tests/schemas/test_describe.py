"""Layouts in words: complete, and honest about how sure they are."""

import pytest

from schemas.catalog import LAYOUTS
from schemas.describe import as_text, tables


@pytest.mark.parametrize("slug", LAYOUTS)
def test_every_column_of_every_record_is_described(slug: str) -> None:
    layout = LAYOUTS[slug]
    text = as_text(layout)
    assert layout.title in text
    for table, record in zip(tables(layout), layout.records, strict=True):
        assert sum(line.length for line in table.fields) == record.length
        assert all(line.rule and line.sure for line in table.fields)
        for line in table.fields:
            assert line.columns in text
            assert line.name in text


def test_a_description_says_how_sure_each_position_is() -> None:
    (institution, matched, *_) = tables(LAYOUTS["data-match"])
    by_name = {line.name: line for line in (*institution.fields, *matched.fields)}
    assert by_name["institution_tin"].evidence == "V"
    assert by_name["second_ssn"].evidence == "M"
    assert by_name["match_file_indicator"].rule.startswith("M method 2")
    assert "M: from memory, not verified" in as_text(LAYOUTS["data-match"])


def test_a_description_says_what_fields_ask_of_each_other() -> None:
    by_name = {line.name: line.rule for line in tables(LAYOUTS["termination"])[1].fields}
    assert (
        "at most 366 days ahead; required where Termination code is T, R, D, L; blank where Term"
        in (by_name["termination_date"])
    )
    assert (
        "blank where Termination code is N; required with Final payment amount"
        in (by_name["final_payment_date"])
    )
    assert by_name["final_payment_amount"].endswith("; zero where Termination code is N")
    (_, person, _) = tables(LAYOUTS["debt-inquiry"])
    assert "required unless there are Last name, First name, Birth date" in person.fields[1].rule
    (_, matched, *_) = tables(LAYOUTS["data-match"])
    assert any(line.rule.endswith("as in the header") for line in matched.fields)
    (_, _, all_accounts, *_) = tables(LAYOUTS["data-match"])
    update = next(line for line in all_accounts.fields if line.name == "update_indicator")
    assert update.rule.endswith("; only where the header's match file indicator is U")


def test_a_description_says_how_the_file_travels() -> None:
    assert "CSV or XLSX" in as_text(LAYOUTS["lump-sum"])
    assert "trailing spaces may be left out" in as_text(LAYOUTS["data-match"])
    assert "CSV" not in as_text(LAYOUTS["data-match"])
