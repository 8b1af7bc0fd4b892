"""One transaction a use case: durable, exclusive among writers, and never in the way of readers."""

import contextlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from exchange.database import add_if_missing, one_reading, open_engine, reading, settle, transaction
from exchange.models.accounts import SignInFailure
from exchange.runtime import Exchange
from exchange.settings import Settings
from tests.support import children


def note(exchange: Exchange, failures: int = 1, subject: bytes | None = None) -> SignInFailure:
    return SignInFailure(subject=subject or uuid4().bytes, failures=failures, first_at=exchange.clock())


def count(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        return session.exec(select(func.count()).select_from(SignInFailure)).one()


def test_sqlite_waits_for_the_disk_at_every_commit_and_lets_readers_read(exchange: Exchange) -> None:
    with exchange.engine.connect() as connection:
        asked = ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert found == [2, "wal", 1, 30000]


def test_what_was_committed_is_there_for_another_process(each_exchange: Exchange) -> None:
    with transaction(each_exchange.engine) as session:
        session.add(note(each_exchange))
    another = open_engine(each_exchange.settings.database_url)
    with reading(another) as session:
        assert session.exec(select(SignInFailure.failures)).all() == [1]
    another.dispose()


def test_all_who_read_in_one_reading_see_one_state_and_each_row_once(each_exchange: Exchange) -> None:
    engine, subject = each_exchange.engine, b"somebody"
    with transaction(engine) as session:
        session.add(note(each_exchange, 1, subject))
    with one_reading(engine):
        with reading(engine) as session:
            place = id(session.get_one(SignInFailure, subject))
        with transaction(engine) as session:
            session.get_one(SignInFailure, subject).failures = 2
        with reading(engine) as session:
            again = session.get_one(SignInFailure, subject)
        assert (id(again), again.failures) == (place, 1)
    with reading(engine) as session:
        assert session.get_one(SignInFailure, subject).failures == 2


def test_one_reading_is_of_its_own_thread_and_database(each_exchange: Exchange, exchange: Exchange) -> None:
    def session_of(engine: Engine) -> int:
        with reading(engine) as session:
            return id(session)

    another = open_engine(exchange.settings.database_url)
    with one_reading(each_exchange.engine), ThreadPoolExecutor(1) as thread:
        mine = session_of(each_exchange.engine)
        assert session_of(each_exchange.engine) == mine
        assert thread.submit(session_of, each_exchange.engine).result() != mine
        assert session_of(another) != mine
    another.dispose()


def test_the_log_of_sqlite_is_carried_over_by_a_worker(exchange: Exchange) -> None:
    file = Path(str(exchange.engine.url.database))
    with transaction(exchange.engine) as session:
        session.add(note(exchange))
    before = file.read_bytes()
    with transaction(exchange.engine) as session:
        session.add(note(exchange))
    assert file.read_bytes() == before, "it stands in the log"
    settle(exchange.engine)
    assert file.read_bytes() != before


def add_and_fail(session: Session, exchange: Exchange) -> None:
    session.add(note(exchange))
    session.flush()
    raise ZeroDivisionError


def test_an_error_rolls_everything_back(each_exchange: Exchange) -> None:
    with pytest.raises(ZeroDivisionError), transaction(each_exchange.engine) as session:
        add_and_fail(session, each_exchange)
    assert count(each_exchange) == 0


def test_a_transaction_on_sqlite_keeps_other_writers_out_before_it_writes(exchange: Exchange) -> None:
    file = str(exchange.engine.url.database)
    with contextlib.closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        with transaction(exchange.engine) as session:
            session.exec(select(SignInFailure)).all()
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


def test_readers_read_what_is_committed_while_a_writer_holds_the_database(each_exchange: Exchange) -> None:
    with transaction(each_exchange.engine) as session:
        session.add(note(each_exchange))
        session.flush()
        assert count(each_exchange) == 0
    assert count(each_exchange) == 1


def test_what_a_reading_session_adds_is_not_kept(each_exchange: Exchange) -> None:
    with reading(each_exchange.engine) as session:
        session.add(note(each_exchange))
    assert count(each_exchange) == 0


def add_to_the_one(exchange: Exchange, subject: bytes) -> None:
    with transaction(exchange.engine) as session:
        row = session.get_one(SignInFailure, subject, with_for_update=True)
        row.failures += 1


def test_threads_that_read_and_then_write_lose_no_update(each_exchange: Exchange) -> None:
    row = note(each_exchange, failures=0)
    with transaction(each_exchange.engine) as session:
        session.add(row)
    work = [lambda: [add_to_the_one(each_exchange, row.subject) for _ in range(10)] for _ in range(6)]
    threads = [threading.Thread(target=one) for one in work]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with reading(each_exchange.engine) as session:
        assert session.get_one(SignInFailure, row.subject).failures == 60


def writer(exchange: Exchange, times: int) -> None:
    exchange.after_fork()
    for _ in range(times):
        with transaction(exchange.engine) as session:
            session.exec(select(func.count()).select_from(SignInFailure)).one()
            session.add(note(exchange))


def test_two_processes_write_at_once_without_an_error(each_exchange: Exchange) -> None:
    running = [children.fork(lambda: writer(each_exchange, 40)) for _ in range(2)]
    assert [children.outcome(child) for child in running] == [0, 0]
    assert count(each_exchange) == 80


def test_a_forked_child_leaves_its_parents_connections_alone(each_exchange: Exchange) -> None:
    assert count(each_exchange) == 0
    assert children.outcome(children.fork(lambda: writer(each_exchange, 1))) == 0
    assert count(each_exchange) == 1


def test_a_row_is_added_only_when_there_is_none_with_its_key(each_exchange: Exchange) -> None:
    first = note(each_exchange, failures=1)
    for failures in (1, 2):
        with transaction(each_exchange.engine) as session:
            add_if_missing(session, note(each_exchange, failures, first.subject))
    with reading(each_exchange.engine) as session:
        assert session.get_one(SignInFailure, first.subject).failures == 1


def test_moments_come_back_as_they_were_written(each_settings: Settings, each_exchange: Exchange) -> None:
    row = note(each_exchange)
    row.locked_until = row.first_at + timedelta(microseconds=1)
    with transaction(each_exchange.engine) as session:
        session.add(row)
    with reading(each_exchange.engine) as session:
        found = session.get_one(SignInFailure, row.subject)
    assert found.locked_until is not None
    assert found.locked_until - found.first_at == timedelta(microseconds=1)
