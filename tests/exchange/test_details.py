"""Contacts and addresses by purpose: what is replaced is kept, and any day can be told again."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from exchange import errors
from exchange.accounts import details, organizations
from exchange.accounts.details import Version
from exchange.database import reading
from exchange.models.journal import JournalEvent
from exchange.models.organizations import Address, EarlierAddress
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.purposes import ADDRESSES, CONTACTS, NOTICES
from tests.conftest import Clock
from tests.support.partners import Partner, make_partner

SOMEBODY = {
    "name": "Pat Payroll",
    "title": "Head of payroll",
    "email": "pat@example.org",
    "telephone": "785-555-0123",
    "fax": "(785) 555-0124",
}
SOMEWHERE = {"street": "1 Sample Street", "city": "Topeka", "state": "ks", "zip": "666011234"}
ELSEWHERE = SOMEWHERE | {"street": "2 Sample Street"}
SAME = {"follows": "yes"}


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.EMPLOYER, administrator=True)


def streets(found: list[Version]) -> dict[str, str]:
    return {one.purpose: one.row.street for one in found if isinstance(one.row, Address | EarlierAddress)}


def test_what_is_replaced_is_kept_and_any_day_is_told_again(each_exchange: Exchange, clock: Clock) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    before = clock()
    for given in (SOMEWHERE, ELSEWHERE, ELSEWHERE):
        clock.forward(days=10)
        details.save(each_exchange, boss.actor, "address", "withholding", given)
    days = [before + timedelta(days=count) for count in (0, 11, 21, 99)]
    told = [streets(details.on(each_exchange, boss.actor, day)) for day in days]
    assert told == [{}, *({"withholding": f"{number} Sample Street"} for number in (1, 2, 2))]
    now, then = details.history(each_exchange, boss.actor)
    assert (now.until, then.until) == (None, now.since)
    assert {now.who, then.who} == {boss.account.name}
    with reading(each_exchange.engine) as session:
        noted = select(JournalEvent.facts).where(JournalEvent.kind == "organization.address_changed")
        assert session.exec(noted).all() == ['{"purpose":"withholding"}'] * 2


def test_a_contact_has_a_position_and_a_fax(exchange: Exchange, boss: Partner) -> None:
    details.save(exchange, boss.actor, "contact", "verification", SOMEBODY)
    kept = organizations.own(exchange, boss.actor).contacts["verification"]
    assert (kept.title, kept.telephone, kept.fax) == ("Head of payroll", "7855550123", "7855550124")
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        details.save(exchange, boss.actor, "contact", "verification", SOMEBODY | {"fax": "12"})
    assert set(refusal.value.problems) == {"fax"}


def test_one_that_is_the_same_as_for_payroll_changes_with_it(exchange: Exchange, boss: Partner) -> None:
    with pytest.raises(errors.FieldsRefusedError, match="not filled in yet"):
        details.save(exchange, boss.actor, "address", "medical", SAME)
    details.save(exchange, boss.actor, "address", "withholding", SOMEWHERE)
    details.save(exchange, boss.actor, "address", "medical", SAME)
    details.save(exchange, boss.actor, "address", "withholding", ELSEWHERE)
    assert organizations.own(exchange, boss.actor).addresses["medical"].street == "2 Sample Street"
    details.save(exchange, boss.actor, "address", "medical", SOMEWHERE)
    found = organizations.own(exchange, boss.actor).addresses
    assert {key: one.street[0] for key, one in found.items()} == {"medical": "1", "withholding": "2"}


def test_payroll_itself_and_other_purposes_stand_alone(exchange: Exchange, boss: Partner) -> None:
    for sort, purpose in (("address", "withholding"), ("address", "office"), ("contact", "files")):
        with pytest.raises(errors.FieldsRefusedError):
            details.save(exchange, boss.actor, sort, purpose, SAME)
    with pytest.raises(errors.FieldsRefusedError) as refusal:
        details.save(exchange, boss.actor, "address", "nonsense", SOMEWHERE)
    assert set(refusal.value.problems) == {"purpose"}


def test_what_may_follow_follows_one_that_stands_alone() -> None:
    for purposes in (CONTACTS, ADDRESSES):
        words = {purpose.value: about for purpose, about in purposes.items()}
        followed = {about.may_follow for about in words.values() if about.may_follow}
        assert all(not words[one].may_follow for one in followed)
    assert not any(CONTACTS[purpose].may_follow for purpose in NOTICES.values())  # they are read as they are


def test_two_who_fill_in_the_same_at_once_leave_one_in_force(each_exchange: Exchange) -> None:
    boss = make_partner(each_exchange, Role.EMPLOYER, administrator=True)
    actor, both = boss.actor, threading.Barrier(2)

    def say(given: dict[str, str]) -> None:
        both.wait()
        details.save(each_exchange, actor, "address", "office", given)

    threads = [threading.Thread(target=say, args=(given,)) for given in (SOMEWHERE, ELSEWHERE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(one.until is None for one in details.history(each_exchange, actor)) == [False, True]


def test_nobody_sees_the_earlier_details_of_others(
    exchange: Exchange, boss: Partner, other_employer: Partner
) -> None:
    details.save(exchange, boss.actor, "contact", "files", SOMEBODY)
    assert details.history(exchange, other_employer.actor) == []
    assert details.on(exchange, other_employer.actor, exchange.clock()) == []
