"""What the page of a layout is made of: examples without a mistake, rulers, and findings in words."""

import io
from dataclasses import replace
from string import ascii_uppercase

import pytest

from schemas.catalog import LAYOUTS
from schemas.checking import check, run
from schemas.codes import CODES
from schemas.example import RULED, examples, ruled
from schemas.explain import code_tables, file_rules, mendings, record_rules
from schemas.layouts.data_match import DATA_MATCH
from schemas.record import Form
from schemas.sample import CREATED, SampleOrder, sample
from schemas.sample_cases import CASES
from schemas.sample_columns import DETAILS
from schemas.structure import CheckRules
from tests.schemas.examples import RULES

NESTED = {slug for slug in LAYOUTS if LAYOUTS[slug].outer}
EVERY_LAYOUT = pytest.mark.parametrize("slug", sorted(set(LAYOUTS) - NESTED))


@EVERY_LAYOUT
def test_the_example_of_a_layout_is_a_file_without_a_mistake(slug: str) -> None:
    layout, lines = LAYOUTS[slug], examples(LAYOUTS[slug])
    details = layout.details if slug in CASES else layout.details[:1]
    file = [lines[record.name] for record in (layout.header, *details, layout.trailer)]
    rules = CheckRules(today=CREATED, synthetic=True)
    found, summary = run(check(layout, io.BytesIO("\n".join(file).encode()), rules=rules))
    assert (found, summary.accepted) == ([], len(details))
    assert {name: len(line) for name, line in lines.items()} == {
        record.name: record.length for record in layout.records
    }


def test_both_methods_of_a_data_match_have_an_example() -> None:
    lines = examples(DATA_MATCH)
    place = DATA_MATCH.header["match_file_indicator"].first - 1
    header = lines["institution"]
    header = f"{header[:place]}A{header[place + 1 :]}"
    file = "\n".join([header, lines["account"], lines["trailer"]]).encode()
    found, summary = run(check(DATA_MATCH, io.BytesIO(file), rules=CheckRules(today=CREATED, synthetic=True)))
    assert (found, summary.accepted) == ([], 1)


def test_a_ruler_counts_the_columns_it_stands_above() -> None:
    rows = ruled("x" * 169)
    assert [(row.first, row.last, len(row.text)) for row in rows] == [
        (1, 80, 80),
        (81, 160, 80),
        (161, 169, 9),
    ]
    for row in rows:
        assert row.ones == "".join(str(column % 10) for column in range(row.first, row.last + 1))
        for column in range(row.first, row.last + 1):
            if column % 10 == 0:
                at = column - row.first + 1
                assert row.tens[:at].endswith(str(column // 10))
    assert not rows[0].is_blank
    (spaces,) = ruled(" " * RULED * 3)
    assert (spaces.is_blank, spaces.first, spaces.last) == (True, 1, 3 * RULED)


@pytest.mark.parametrize("slug", sorted({*DETAILS, *CASES} - NESTED))
def test_whatever_a_mistake_brings_is_among_the_findings_of_the_layout(slug: str) -> None:
    layout, told = LAYOUTS[slug], {one.code for one in mendings(LAYOUTS[slug])}
    for form in (Form.FIXED, Form.CSV) if layout.twin else (Form.FIXED,):
        out = io.BytesIO()
        truth = sample(layout, SampleOrder(records=400, seed=3, errors=50, form=form), out)
        assert {error["code"] for error in truth["errors"]} <= told
        empty = replace(RULES, clients=frozenset(), senders=frozenset(), institutions=frozenset())
        out.seek(0)
        assert {one.code for one in run(check(layout, out, rules=empty, form=form))[0]} <= told


@EVERY_LAYOUT
def test_rules_and_findings_are_whole_sentences(slug: str) -> None:
    layout = LAYOUTS[slug]
    said = file_rules(layout) + [rule for record in layout.records for rule in record_rules(record)]
    said += [one.action for one in mendings(layout)]
    assert [one for one in said if not (one.endswith(".") and one[0] in "“" + ascii_uppercase)] == []
    assert "{" not in "".join(said)
    assert all(one.code in CODES for one in mendings(layout))


def test_findings_of_tables_and_batches_stand_only_where_there_are_some() -> None:
    told = {slug: {one.code for one in mendings(layout)} for slug, layout in LAYOUTS.items()}
    assert {slug for slug in LAYOUTS if "F009" in told[slug]} == {s for s in LAYOUTS if LAYOUTS[s].twin}
    assert {slug for slug in LAYOUTS if "H019" in told[slug]} == NESTED


def test_codes_are_spelled_out_once_with_every_field_that_uses_them() -> None:
    tables = {table.titles: table.codes for table in code_tables(LAYOUTS["lump-sum"])}
    assert tables["Payment kind",]["B"] == "bonus"
    assert tables["Issuing state",]["KS"] == "Kansas"
    repeated = [table.titles for table in code_tables(LAYOUTS["lump-sum-result"])]
    assert tuple(f"State{slot}" for slot in range(1, 7)) in repeated
