"""A stranger who comes back a thousand times does not fill the log."""

import pytest
from structlog.testing import capture_logs

from sftp_gateway import told_seldom
from sftp_gateway.told_seldom import ToldSeldom


def test_the_same_is_told_at_once_and_then_every_ten_seconds_with_how_often_it_came() -> None:
    seldom = ToldSeldom()
    with capture_logs() as lines:
        for tenth in range(250):
            seldom.tell("sftp.refused", "192.0.2.1", "penalty", 1000 + tenth / 10)
    assert [line["times"] for line in lines] == [1, 100, 100]


def test_others_and_other_reasons_are_told_apart() -> None:
    seldom = ToldSeldom()
    with capture_logs() as lines:
        for source, why in (("a", "penalty"), ("b", "penalty"), ("a", "too many"), ("a", "penalty")):
            seldom.tell("sftp.refused", source, why, 1000)
    assert [(line["source"], line["why"]) for line in lines] == [
        ("a", "penalty"),
        ("b", "penalty"),
        ("a", "too many"),
    ]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_seldom, "_MOST", 100)
    seldom = ToldSeldom()
    with capture_logs() as lines:
        for number in range(120):
            seldom.tell("sftp.refused", str(number), "penalty", 1000)
        assert len(seldom._known) == 100
        seldom.tell("sftp.refused", "later", "penalty", 2000)
    assert len(lines) == 121
    assert len(seldom._known) == 1
