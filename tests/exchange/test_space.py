"""What is remembered of an organization's used space."""

from uuid import uuid4

import pytest

from exchange.transfers import space
from exchange.transfers.space import SpaceMemory


def test_it_is_asked_once_and_then_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "REMEMBERED", 60)
    memory, organization, answers = SpaceMemory(), uuid4(), iter([100, 500])
    assert memory.used(organization, lambda: next(answers)) == 100
    memory.taken(organization, 7)
    assert memory.used(organization, lambda: next(answers)) == 107


def test_it_is_asked_anew_after_a_second_and_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, organization, answers = SpaceMemory(), uuid4(), iter([100, 500, 900])
    memory.used(organization, lambda: next(answers))
    memory.forget(organization)
    assert memory.used(organization, lambda: next(answers)) == 500
    monkeypatch.setattr(space, "REMEMBERED", 0)
    assert memory.used(organization, lambda: next(answers)) == 900


def test_what_came_before_anybody_asked_is_not_taken_for_all() -> None:
    memory, organization = SpaceMemory(), uuid4()
    memory.taken(organization, 7)
    assert memory.used(organization, lambda: 100) == 100
