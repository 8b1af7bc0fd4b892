"""Keepers are written to when their part is due: once a month at most, with a number and no names."""

from exchange.guide import editions, loading, reviews, standing, upkeep
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.guide import small_guide
from tests.support.letters import mailed
from tests.support.partners import Partner, make_partner


def to(letters: list[str], address: str) -> list[str]:
    return [letter for letter in letters if f"To: {address}" in letter]


def confirm_all(exchange: Exchange, keeper: Partner, code: str) -> None:
    stamps = editions.published(exchange).stamps
    said = [key for key in stamps if key.code == code and key.sort is not EntrySort.FACTS]
    upkeep.confirm(exchange, keeper.actor, said)


def test_keepers_are_asked_once_a_month_until_they_have_looked(exchange: Exchange, clock: Clock) -> None:
    loading.load(exchange, small_guide())
    kansas = make_partner(exchange, Role.STATE, jurisdiction="KS", administrator=True)
    nebraska = make_partner(exchange, Role.STATE, 2, jurisdiction="NE")
    ocss = make_partner(exchange, Role.OCSS_STAFF)
    assert reviews.sweep(exchange) == 0
    clock.forward(days=366)
    confirm_all(exchange, nebraska, "31000")
    assert [reviews.sweep(exchange), reviews.sweep(exchange)] == [2, 0]
    (letter,) = to(mailed(exchange), str(kansas.account.email))
    assert "looked at 3 entries of the reference guide" in letter
    assert "/guide/keep" in letter
    assert not any(name in letter for name in ("Kansas", "Robin", "majority"))
    (other,) = to(mailed(exchange), str(ocss.organization.notices_to))
    assert "6 entries in 5 parts" in other
    clock.forward(days=31)
    assert reviews.sweep(exchange) == 2
    confirm_all(exchange, kansas, "20000")
    assert [one.due for one in standing.tallies(exchange, kansas.actor)] == [0]
    clock.forward(days=31)
    assert reviews.sweep(exchange) == 1  # OCSS; who has looked is left in peace
    assert to(mailed(exchange), str(nebraska.organization.notices_to)) == []
