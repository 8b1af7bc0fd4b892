"""Every job has its effect exactly once, whoever dies or dawdles."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from exchange import jobs, journal, processes
from exchange.database import reading, transaction
from exchange.errors import LeaseLostError
from exchange.jobs import Claimed
from exchange.models.jobs import Job
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from roles.permissions import Role
from tests.conftest import Clock
from tests.support import children
from tests.support.claims import claim
from tests.support.files import hand_in
from tests.support.partners import make_partner


@pytest.fixture
def transfer_id(each_exchange: Exchange) -> UUID:
    """A transfer whose first job is waiting."""
    return hand_in(each_exchange, make_partner(each_exchange, Role.EMPLOYER).actor).transfer.id


@pytest.fixture
def postgres_exchange(postgres_settings: Settings, clock: Clock) -> Iterator[Exchange]:
    opened = open_exchange(postgres_settings, clock)
    yield opened
    opened.dispose()


def claimed(exchange: Exchange, owner: str = "one") -> Claimed:
    found = claim(exchange, owner)
    assert found is not None
    return found


def effect(session: Session, exchange: Exchange, job: Claimed) -> None:
    """What a job does here: one journal event, in one transaction with the job's end."""
    journal.append(session, exchange, "test.effect", None, job.id)
    jobs.complete(session, job)


def run(exchange: Exchange, job: Claimed) -> None:
    with transaction(exchange.engine) as session:
        effect(session, exchange, job)


def effects(exchange: Exchange) -> list[UUID | None]:
    with reading(exchange.engine) as session:
        happened = select(JournalEvent.subject_id).where(JournalEvent.kind == "test.effect")
        return list(session.exec(happened))


def job_rows(exchange: Exchange) -> list[Job]:
    with reading(exchange.engine) as session:
        return list(session.exec(select(Job)))


def test_a_job_is_enqueued_with_its_fact_and_claimed_once(each_exchange: Exchange, transfer_id: UUID) -> None:
    first = claimed(each_exchange)
    assert (first.kind, first.transfer_id, first.attempt, first.owner) == ("scan", transfer_id, 1, "one")
    assert claim(each_exchange, "two") is None
    run(each_exchange, first)
    assert [row.state for row in job_rows(each_exchange)] == ["done"]
    assert claim(each_exchange, "two") is None


def test_the_jobs_of_one_transfer_can_be_claimed_alone(each_exchange: Exchange, transfer_id: UUID) -> None:
    assert claim(each_exchange, "one", UUID(int=1)) is None
    assert claim(each_exchange, "one", transfer_id) is not None


def test_a_lapsed_lease_frees_the_job_and_fences_the_late_worker(
    each_exchange: Exchange, transfer_id: UUID, clock: Clock
) -> None:
    late = claimed(each_exchange, "late")
    clock.forward(seconds=jobs.LEASE.total_seconds() + 1)
    other = claimed(each_exchange, "other")
    with pytest.raises(LeaseLostError):
        run(each_exchange, late)
    run(each_exchange, other)
    assert effects(each_exchange) == [other.id]


def test_the_same_worker_is_fenced_from_its_own_earlier_attempt(
    each_exchange: Exchange, transfer_id: UUID, clock: Clock
) -> None:
    first = claimed(each_exchange)
    clock.forward(seconds=jobs.LEASE.total_seconds() + 1)
    second = claimed(each_exchange)
    assert (first.id, second.attempt) == (second.id, 2)
    with pytest.raises(LeaseLostError):
        run(each_exchange, first)
    assert effects(each_exchange) == []


def test_a_renewed_lease_holds_and_a_lost_one_cannot_be_renewed(
    each_exchange: Exchange, transfer_id: UUID, clock: Clock
) -> None:
    mine = claimed(each_exchange)
    clock.forward(seconds=50)
    jobs.renew(each_exchange, mine)
    clock.forward(seconds=50)
    assert claim(each_exchange, "two") is None
    with pytest.raises(LeaseLostError):
        jobs.renew(each_exchange, replace(mine, owner="two"))


def test_a_job_that_failed_waits_longer_each_time_and_then_is_given_up(
    each_exchange: Exchange, transfer_id: UUID, clock: Clock
) -> None:
    clock.stop()
    for attempt in range(1, jobs.MAX_ATTEMPTS):
        assert jobs.retry(each_exchange, claimed(each_exchange))
        clock.forward(seconds=attempt**2 - 0.5)
        assert claim(each_exchange, "one") is None
        clock.forward(seconds=1)
    last = claimed(each_exchange)
    assert (last.attempt, jobs.retry(each_exchange, last)) == (jobs.MAX_ATTEMPTS, False)
    with transaction(each_exchange.engine) as session:
        jobs.fail(session, last)
    clock.forward(days=1)
    assert claim(each_exchange, "one") is None
    assert [row.state for row in job_rows(each_exchange)] == ["failed"]


def worker(exchange: Exchange, name: str, at_work: Callable[[Claimed, Session], None]) -> None:
    while job := claim(exchange, name):
        with transaction(exchange.engine) as session:
            effect(session, exchange, job)
            at_work(job, session)


def child_worker(exchange: Exchange, name: str, at_work: Callable[[Claimed, Session], None]) -> int:
    def work() -> None:
        exchange.after_fork()
        worker(exchange, name, at_work)

    return children.fork(work)


def nothing_more(job: Claimed, session: Session) -> None:
    """The worker goes on."""


def killed_over_its_first_job(job: Claimed, session: Session) -> None:
    session.flush()
    children.die()


def test_three_workers_of_which_one_is_killed_do_every_job_exactly_once(
    each_exchange: Exchange, clock: Clock
) -> None:
    actor = make_partner(each_exchange, Role.EMPLOYER).actor
    for _ in range(12):
        hand_in(each_exchange, actor)
    dying = child_worker(each_exchange, "dying", killed_over_its_first_job)
    assert children.outcome(dying) == -signal.SIGKILL
    others = [child_worker(each_exchange, name, nothing_more) for name in ("two", "three")]
    assert [children.outcome(child) for child in others] == [0, 0]
    assert (len(effects(each_exchange)), len(set(effects(each_exchange)))) == (11, 11)
    clock.forward(seconds=jobs.LEASE.total_seconds() + 1)
    worker(each_exchange, "heir", nothing_more)
    assert sorted(map(str, effects(each_exchange))) == sorted(str(row.id) for row in job_rows(each_exchange))
    assert journal.verify(each_exchange) is None


def test_a_lease_ends_a_minute_after_the_claim(each_exchange: Exchange, transfer_id: UUID) -> None:
    before = each_exchange.clock()
    claimed(each_exchange)
    (row,) = job_rows(each_exchange)
    assert row.lease_until is not None
    assert timedelta() <= row.lease_until - before - jobs.LEASE < timedelta(seconds=5)


def test_a_job_that_another_worker_is_just_claiming_is_left_to_it(
    postgres_exchange: Exchange, clock: Clock
) -> None:
    hand_in(postgres_exchange, make_partner(postgres_exchange, Role.EMPLOYER).actor)
    (waiting,) = job_rows(postgres_exchange)
    with transaction(postgres_exchange.engine) as session:
        session.get_one(Job, waiting.id, with_for_update=True)
        assert claim(postgres_exchange, "late") is None
    assert claim(postgres_exchange, "late") is not None


def claims_one(exchange: Exchange, owner: str = "") -> int:
    """A child that claims a job as itself, or as `owner`, and is killed with it in its hands."""

    def work() -> None:
        exchange.after_fork()
        assert claim(exchange, owner or exchange.owner) is not None
        children.die()

    return children.fork(work)


def test_the_job_of_a_killed_process_goes_on_without_waiting_for_its_lease(
    each_exchange: Exchange, transfer_id: UUID, clock: Clock
) -> None:
    assert children.outcome(claims_one(each_exchange)) == -signal.SIGKILL
    clock.stop()
    assert jobs.release_ended(each_exchange) == 1
    assert claim(each_exchange, "heir") is None, "what kills its worker must not do so at once again"
    clock.forward(seconds=1)
    assert claimed(each_exchange, "heir").attempt == 2
    assert jobs.release_ended(each_exchange) == 0


def test_a_process_that_was_killed_and_not_yet_waited_for_has_ended(
    each_exchange: Exchange, transfer_id: UUID
) -> None:
    child = claims_one(each_exchange)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert jobs.release_ended(each_exchange) == 1
    children.outcome(child)


def test_the_lease_of_a_living_process_or_of_one_that_cannot_be_seen_stays(
    each_exchange: Exchange, transfer_id: UUID
) -> None:
    mine = claimed(each_exchange, each_exchange.owner)
    assert jobs.release_ended(each_exchange) == 0
    elsewhere = each_exchange.owner.replace(os.uname().nodename, "another-machine", 1)
    with transaction(each_exchange.engine) as session:
        session.get_one(Job, mine.id).owner = elsewhere
    assert jobs.release_ended(each_exchange) == 0
    assert claim(each_exchange, "heir") is None


def test_a_killed_worker_is_not_taken_for_the_next_process_that_gets_its_number(
    each_exchange: Exchange, transfer_id: UUID
) -> None:
    place, started, pid = each_exchange.owner.rsplit(":", 2)
    earlier = f"{place}:{int(started) - 1}:{pid}"
    assert (processes.has_ended(earlier), processes.has_ended(each_exchange.owner)) == (True, False)
    claimed(each_exchange, earlier)
    assert jobs.release_ended(each_exchange) == 1


def test_a_process_that_is_fenced_off_by_a_release_changes_nothing(
    each_exchange: Exchange, transfer_id: UUID
) -> None:
    thought_dead = claimed(each_exchange, each_exchange.owner.rsplit(":", 1)[0] + ":999999999")
    assert jobs.release_ended(each_exchange) == 1
    with pytest.raises(LeaseLostError):
        run(each_exchange, thought_dead)
    assert effects(each_exchange) == []


@pytest.mark.parametrize("name", ["worker", "host:12", "a:b:c:d:e", ""])
def test_of_names_that_no_process_has_nothing_is_known(name: str) -> None:
    assert not processes.has_ended(name)


def test_the_process_of_another_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_pid: int, _number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert not processes.has_ended(processes.own_name())


def test_where_the_system_does_not_tell_when_it_started_nobody_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    ours = processes.own_name()
    processes._place.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(processes.Path, "stat", missing)
        place = processes._place()
    assert place == processes._place()
    assert not processes.has_ended(ours)
    processes._place.cache_clear()
