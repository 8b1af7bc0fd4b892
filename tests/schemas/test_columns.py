"""Records by the block: written, read, found again, and much faster than one by one."""

import io
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.bench import records
from schemas import repetition
from schemas.catalog import LAYOUTS
from schemas.codes import Effect
from schemas.columns import RecordBlock, as_lines, build
from schemas.kinds import Blank, Code, Literal
from schemas.layouts.employer import SLOTS
from schemas.lines import LONGEST_LINE, FixedLines
from schemas.record import Form
from schemas.repetition import Seen, keys_of
from schemas.sample import SampleOrder, sample
from schemas.slips import slips
from schemas.structure import Across
from schemas.tables import LINE_RESULTS, RESULTS, STATES
from tests.schemas.examples import RULES

DETAIL = LAYOUTS["lump-sum"]["detail"]


def test_columns_are_written_where_they_belong_and_read_back() -> None:
    cells = build(DETAIL, 2, {"ssn": np.array([b"900010001", b"900010002"]), "last_name": b"A"})
    none = np.zeros(2, dtype=np.int64)
    rows = RecordBlock(DETAIL, cells, none, none, none > 0)
    assert rows.column("ssn").tolist() == [b"900010001", b"900010002"]
    assert rows.column("last_name").tolist() == [b"A", b"A"]
    assert rows.column("reference").tolist() == [b"", b""]
    assert as_lines(cells) == rows.text(0) + b"\n" + rows.text(1) + b"\n"
    assert rows.text(0).startswith(b"LSD900010001A ")


def test_a_text_that_does_not_fit_its_columns_is_not_written() -> None:
    with pytest.raises(ValueError, match="longer than its 9"):
        build(DETAIL, 1, {"ssn": b"9000100011"})
    with pytest.raises(KeyError):
        build(DETAIL, 1, {"salary": b"1"})


def test_a_result_echoes_the_record_and_names_the_states() -> None:
    result = LAYOUTS["lump-sum-result"]["detail"]
    cells = build(result, 1, {"result_code": b"M", "state_count": b"02", "state1": b"KS", "state2": b"NE"})
    cells[:, 3:397] = build(DETAIL, 1, {"ssn": b"900010001", "reference": b"MINE"})[:, 3:397]
    values = result.parse(cells.tobytes())
    assert (values["ssn"], values["reference"], values["result_code"]) == ("900010001", "MINE", "M")
    assert [values[f"state{k}"] for k in range(1, SLOTS + 1)] == ["KS", "NE", None, None, None, None]
    assert set(RESULTS) == {"M", "N", "E", "P"}
    assert set(LINE_RESULTS) == {"A", "E"}


@settings(max_examples=60, deadline=None)
@given(
    blocks=st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12),
    alone=st.sampled_from([0, 15, 99]),
)
def test_each_key_is_found_where_it_was_met_first(blocks: list[list[int]], alone: int) -> None:
    with mock.patch.object(repetition, "WITHOUT_BITS", alone):
        assert_found_where_met_first(blocks)


def assert_found_where_met_first(blocks: list[list[int]]) -> None:
    seen, first, line = Seen(), {}, 0
    for block in blocks:
        lines = np.arange(line + 1, line + 1 + len(block))
        line += len(block)
        cells = np.array(block, dtype=np.uint8).reshape(-1, 1)
        found = seen.earlier(keys_of(cells, np.zeros(len(block), dtype=np.int64)), lines)
        expected = []
        for value, at in zip(block, lines.tolist(), strict=True):
            expected.append(first.get(value, 0))
            first.setdefault(value, at)
        assert found.tolist() == expected


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repetition, "RUN", 1000)
    monkeypatch.setattr(repetition, "MOST_RUNS", 3)
    seen = Seen()
    for first in range(0, 20_000, 500):
        keys = np.arange(first, first + 500, dtype=np.uint64)
        assert not seen.earlier(keys, np.arange(first, first + 500) + 1).any()
    last = np.arange(19_900, 20_000, dtype=np.uint64)
    assert seen.earlier(last, np.arange(100)).tolist() == list(range(19_901, 20_001))
    assert not seen.earlier(np.arange(100, dtype=np.uint64), np.arange(100)).any()
    assert sum(len(keys) for keys, _ in seen._runs) <= 3_000


def test_keys_of_different_records_differ() -> None:
    whole = b"".join(b"%09d" % number for number in range(50_000))
    cells = np.frombuffer(whole, dtype=np.uint8).reshape(-1, 9)
    nothing = np.zeros(50_000, dtype=np.int64)
    assert len(np.unique(keys_of(cells, nothing))) == 50_000
    assert (keys_of(cells, nothing) != keys_of(cells, nothing + 1)).all()


def test_reading_stops_at_a_line_without_end() -> None:
    long = b"A\n" + b"B" * (LONGEST_LINE + 1)
    for content in (long, long + b"\nC\n"):
        batches = list(FixedLines(io.BytesIO(content), 10))
        assert [batch.stop for batch in batches][-1]
        assert batches[-1].findings[0].code == "F003"


@pytest.mark.parametrize("sizes", [(1,), (3, 7), (400,), (1000, 1)])
def test_lines_are_the_same_however_the_source_hands_them_out(sizes: tuple[int, ...]) -> None:
    class Dripping(io.BytesIO):
        turn = 0

        def read(self, _: int | None = -1) -> bytes:
            self.turn += 1
            return super().read(sizes[self.turn % len(sizes)])

    content = b"".join(b"%d\r\n" % 7**number for number in range(300))
    lines = [line for batch in FixedLines(Dripping(content), 260) for line in batch.cells]
    assert [line.tobytes().rstrip() for line in lines] == content.splitlines()


def test_slips_of_a_record_that_no_sample_has_are_known_too() -> None:
    layout = LAYOUTS["data-match"]
    codes = {slip.code for slip in slips(layout, layout["account"], RULES, Form.FIXED)}
    assert {"X002", "X003", "V007", "D001", "R002"} <= codes


def test_a_rule_must_say_when_it_is_broken() -> None:
    rule = Across("ssn", "X001")
    assert rule.fields == ("ssn",)
    with pytest.raises(NotImplementedError):
        rule.broken(None)  # type: ignore[arg-type]  # never looked at


def test_effects_and_fixed_texts_have_their_words() -> None:
    assert [effect.words for effect in Effect] == [
        "the whole file is refused",
        "the record is refused",
        "a remark, nothing is refused",
    ]
    assert Literal(value="LSH").expected(3) == "LSH"
    assert Literal(value="LS").render(None, 3) == "LS "
    assert Blank().render("X", 3) == "   "
    assert "56 codes" in Code(table=STATES).expected(2)


def test_checking_is_not_much_slower_than_slicing(tmp_path: Path) -> None:
    path, layout = tmp_path / "reports.txt", LAYOUTS["lump-sum"]
    with path.open("wb") as out:
        sample(layout, SampleOrder(50_000), out)
    assert records.checking(path, layout, 50_000) < 6 * records.slicing(path, layout)


def test_all_marks_of_all_layouts_are_unlike_but_for_details_that_go_back_and_forth() -> None:
    marks = sorted(
        record.mark
        for layout in LAYOUTS.values()
        for record in layout.records
        if len(record.mark) > 1 and not (layout.outer and record in layout.details)
    )
    assert all(one != two for one, two in pairwise(marks))
