"""What partners are shown of the gateway's host keys: in time, and only what the portal itself wrote."""

import json
from datetime import timedelta

from sqlmodel import select

from exchange import host_keys
from exchange.database import reading, transaction
from exchange.host_keys import HostKey
from exchange.models.connections import PublishedHostKeys
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from tests.conftest import Clock

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
