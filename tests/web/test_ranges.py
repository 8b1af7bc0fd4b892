"""One byte range; everything else is the whole file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.effort import least_effort
from web.ranges import Announced, RangeNotSatisfiableError, Span, announced, wanted

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-", Span(0, 1000)),
        ("bytes=999-", Span(999, 1000)),
        ("bytes=10-19", Span(10, 20)),
        ("bytes=10-5000", Span(10, 1000)),
        ("bytes=-1", Span(999, 1000)),
        ("bytes=-5000", Span(0, 1000)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("bytes= 0-1", None),
        ("items=0-1", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes=0-" + "9" * 5000, None),
    ],
)
def test_a_range_is_understood_or_ignored(header: str | None, span: Span | None) -> None:
    assert wanted(header, SIZE) == span


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        wanted(header, SIZE)


@given(st.text(max_size=80), st.integers(0, 10))
def test_any_text_gives_a_span_within_the_file_or_none(text: str, size: int) -> None:
    try:
        span = wanted(f"bytes={text}", size)
    except RangeNotSatisfiableError:
        return
    assert span is None or 0 <= span.start < span.stop <= size


def test_a_million_ranges_take_no_time() -> None:
    header = "bytes=" + "0-1," * 1_000_000
    assert wanted(header, SIZE) is None
    assert least_effort(lambda: wanted(header, SIZE)) < 0.05


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes 0-9/10", Announced(0, 10, 10)),
        ("bytes 5-9/100", Announced(5, 10, 100)),
        ("bytes 5-10/10", None),
        ("bytes 9-5/10", None),
        ("bytes */10", Announced(10, 10, 10)),
        ("bytes */*", None),
        ("bytes */-1", None),
        ("bytes */" + "9" * 70, None),
        ("bytes 0-9/*", None),
        (None, None),
    ],
)
def test_what_a_part_announces(header: str | None, part: Announced | None) -> None:
    assert announced(header) == part
