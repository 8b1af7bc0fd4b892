"""What partners are shown of the gateway's host keys: in time, and only what the portal itself wrote."""

import json
from datetime import timedelta

from sqlmodel import select

from exchange import host_keys
from exchange.accounts import enrolment
from exchange.database import reading, transaction
from exchange.host_keys import HostKey
from exchange.models.accounts import Account
from exchange.models.connections import PublishedHostKeys
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.exchange.test_keys import fresh
from tests.support.letters import mailed
from tests.support.partners import Partner, make_partner

OLD = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
NEW = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/"


def events(exchange: Exchange) -> list[JournalEvent]:
    with reading(exchange.engine) as session:
        return list(
            session.exec(select(JournalEvent).where(JournalEvent.kind == "sftp.host_keys_published")).all()
        )


def test_keys_are_shown_in_their_time(each_exchange: Exchange, clock: Clock) -> None:
    switch = clock().replace(microsecond=0) + timedelta(days=30)
    keys = (HostKey(OLD, None, switch), HostKey(NEW, switch, None))
    assert host_keys.published(each_exchange) == ()
    assert host_keys.publish(each_exchange, keys)
    assert host_keys.published(each_exchange) == keys
    assert [key.is_to_come(clock()) for key in keys] == [False, True]
    clock.forward(days=30)
    assert host_keys.published(each_exchange) == keys[1:]
    assert not keys[1].is_to_come(clock())


def test_only_a_change_is_written_and_stands_in_the_journal(exchange: Exchange, clock: Clock) -> None:
    assert host_keys.publish(exchange, (HostKey(OLD),))
    assert not host_keys.publish(exchange, (HostKey(OLD),))
    switch = clock().replace(microsecond=0) + timedelta(days=30)
    assert host_keys.publish(exchange, (HostKey(OLD, None, switch), HostKey(NEW, switch)))
    _, second = events(exchange)
    old, new = json.loads(second.facts)["keys"]
    assert (old["until"], new["since"]) == (switch.isoformat(), switch.isoformat())
    assert new["fingerprint"] == HostKey(NEW).fingerprint


def test_a_key_that_somebody_put_into_the_database_is_not_shown(exchange: Exchange) -> None:
    host_keys.publish(exchange, (HostKey(OLD),))
    with transaction(exchange.engine) as session:
        row = session.get_one(PublishedHostKeys, 1)
        row.told = row.told.replace(OLD, NEW)
        session.add(row)
    assert host_keys.published(exchange) == ()
    assert host_keys.publish(exchange, (HostKey(OLD),))  # and the gateway puts it right
    assert [key.line for key in host_keys.published(exchange)] == [OLD]


def test_kind_and_fingerprint_are_as_openssh_prints_them() -> None:
    assert HostKey(OLD).kind == "Ed25519"
    assert HostKey(OLD).fingerprint == "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"


NEXT, AT_ONCE, STAYS = "will prove itself with other keys", "with other keys now", "keeps its keys"


def test_whoever_has_a_key_hears_of_each_change_once(each_exchange: Exchange, clock: Clock) -> None:
    exchange = each_exchange
    holder, former, _keyless = (make_partner(exchange, Role.EMPLOYER, number) for number in (1, 2, 3))
    for partner in (holder, former):
        enrolment.add_ssh_key(exchange, partner.account.id, fresh(), "test")
        enrolment.add_ssh_key(exchange, partner.account.id, fresh(), "another")
    with transaction(exchange.engine) as session:
        session.get_one(Account, former.account.id).status = "suspended"
    switch = clock().replace(microsecond=0) + timedelta(days=30)
    in_grace = (HostKey(OLD, None, switch), HostKey(NEW, switch))
    for keys in ((HostKey(OLD),), in_grace, (HostKey(OLD),), (HostKey(NEW, clock()),)):
        host_keys.publish(exchange, keys)
        host_keys.publish(exchange, keys)
    told = [letter for letter in mailed(exchange) if "SFTP gateway" in letter]
    for letter, words in zip(told, (NEXT, STAYS, AT_ONCE), strict=True):
        assert words in letter
        assert f"To: {holder.account.email}" in letter
    assert f"{switch:%B %d, %Y, %H:%M} UTC" in told[0]


def test_the_minute_of_a_change_that_was_told_brings_no_letter_of_its_own(
    exchange: Exchange, employer: Partner, clock: Clock
) -> None:
    enrolment.add_ssh_key(exchange, employer.account.id, fresh(), "test")
    switch = clock().replace(microsecond=0) + timedelta(minutes=5)
    host_keys.publish(exchange, (HostKey(OLD, None, switch), HostKey(NEW, switch)))
    clock.forward(minutes=6)
    host_keys.publish(exchange, (HostKey(NEW, switch),))  # the old set was thrown away
    assert mailed(exchange) == []
