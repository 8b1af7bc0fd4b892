"""A second pass along the trail sees what the check saw."""

import io
from datetime import date

import numpy as np
import pytest

from schemas.catalog import LAYOUTS
from schemas.checking import Block, CheckRules, batches, check
from schemas.findings import CODES, Effect
from schemas.record import Form
from schemas.sample import SampleOrder, sample
from schemas.trail import Trail

RULES = CheckRules(today=date(2026, 1, 20), synthetic=True)
FILES = [
    ("lump-sum", Form.FIXED, 6_000),
    ("lump-sum", Form.CSV, 1_500),
    ("data-match", Form.FIXED, 3_000),
    ("income-withholding", Form.FIXED, 300),
]


def refusals(block: Block) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in block.findings if CODES[one.code].effect is Effect.RECORD]


def assert_alike(again: Block, first: Block) -> None:
    assert refusals(again) == refusals(first)
    assert again.strange.lines.tolist() == first.strange.lines.tolist()
    assert again.records.keys() == first.records.keys()
    for name, rows in first.records.items():
        same = again.records[name]
        assert same.record is rows.record
        for column in ("cells", "lines", "group", "accepted"):
            np.testing.assert_array_equal(getattr(same, column), getattr(rows, column))


@pytest.mark.parametrize(("slug", "form", "records"), FILES, ids=str)
def test_the_second_pass_sees_what_the_check_saw(slug: str, form: Form, records: int) -> None:
    out, layout, trail = io.BytesIO(), LAYOUTS[slug], Trail()
    sample(layout, SampleOrder(records, seed=11, errors=5.0, form=form), out)
    content = out.getvalue().replace(b"\nLSD", b"\nXXX", 3)  # lines of no known type between the others
    first = list(trail.noting(check(layout, io.BytesIO(content), rules=RULES, form=form)))
    again = list(trail.follow(layout, batches(layout, io.BytesIO(content), rules=RULES, form=form)))
    assert len(again) == len(first) - 1, "the last block brings only findings of the whole file"
    assert sum(map(len, map(refusals, again))) > records / 50
    for one, other in zip(again, first, strict=False):
        assert_alike(one, other)


def test_the_trail_of_a_small_file_keeps_what_the_check_saw() -> None:
    out, layout, trail = io.BytesIO(), LAYOUTS["lump-sum"], Trail(whole=True)
    sample(layout, SampleOrder(60, seed=11, errors=20.0), out)
    first = list(trail.noting(check(layout, io.BytesIO(out.getvalue()), rules=RULES)))
    again = list(trail.kept())
    assert len(again) == len(first)
    assert sum(map(len, map(refusals, again))) > 0
    for one, other in zip(again, first, strict=True):
        assert_alike(one, other)
        assert {found.field for found in one.findings} <= {""}, "its words are let go"


def test_a_trail_is_small() -> None:
    out, trail = io.BytesIO(), Trail()
    sample(LAYOUTS["lump-sum"], SampleOrder(20_000), out)
    out.seek(0)
    for _ in trail.noting(check(LAYOUTS["lump-sum"], out, rules=RULES)):
        pass
    parts = [part for step in trail._steps for part in step.parts]
    assert sum(part.accepted.nbytes for part in parts) < 20_000 / 7
    assert not any(isinstance(part.lines, np.ndarray) or isinstance(part.group, np.ndarray) for part in parts)
