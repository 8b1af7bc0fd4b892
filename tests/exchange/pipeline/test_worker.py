"""Workers: two at once, one that is slow, one that meets an error, one that has nothing to do."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zlib import crc32

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from exchange import jobs, journal
from exchange.database import reading, transaction
from exchange.errors import LeaseLostError
from exchange.jobs import Claimed
from exchange.models.base import as_utc
from exchange.models.jobs import Job, Notice
from exchange.models.transfers import Status, Transfer
from exchange.registry.population import Population
from exchange.runtime import Exchange
from exchange.transfers import answers, delivery, pipeline, steps
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.held import Held
from exchange.transfers.progress import SETTLED
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.children import die, fork, outcome
from tests.support.claims import claim
from tests.support.partners import Partner, make_partner
from tests.support.record_files import answered, hand_over, people_file, send


def report(sender: Partner, people: Population, number: str) -> bytes:
    person = people.person(3)
    entry: dict[str, object] = {
        "ssn": person.ssn,
        "last_name": person.last_name,
        "first_name": person.first_name,
    }
    entry["payment_amount"] = 1 + crc32(number.encode()) % 10_000  # each file reports something new
    return people_file("lump-sum", sender, [entry], number)


def kinds_of_answers(exchange: Exchange) -> Counter[tuple[UUID | None, str]]:
    with reading(exchange.engine) as session:
        rows = session.exec(select(Transfer).where(Transfer.direction == "outbound")).all()
    return Counter((row.answers_to, row.kind) for row in rows)


def test_two_processes_answer_every_file_once(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    views = [
        hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, f"C{n}"), f"{n}.txt")
        for n in range(6)
    ]

    def work() -> None:
        each_exchange.after_fork()
        while any(pipeline.run_next(each_exchange, each_exchange.owner, view.id) for view in views):
            pass

    children = [fork(work) for _ in range(2)]
    assert [outcome(child) for child in children] == [0, 0]
    assert {pipeline.drive(each_exchange, view.id) for view in views} == {Status.COMPLETE}
    expected = {"result", "findings", "acknowledgement"} | {
        f"notice-{state.lower()}" for state in people.person(3).states
    }
    counted = kinds_of_answers(each_exchange)
    assert counted == Counter({(view.id, kind): 1 for view in views for kind in expected})
    assert journal.verify(each_exchange) is None


def test_a_worker_that_lost_its_lease_changes_nothing(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock
) -> None:
    view = hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))
    slow = claim(each_exchange, "slow", view.id)
    assert slow is not None
    clock.forward(seconds=61)
    assert pipeline.drive(each_exchange, view.id) is Status.COMPLETE
    before = kinds_of_answers(each_exchange)
    with reading(each_exchange.engine) as session:
        row = session.get_one(Transfer, view.id)
    with pytest.raises(LeaseLostError):
        pipeline._run(each_exchange, Held(slow, row), lambda: True)
    with pytest.raises(LeaseLostError):
        pipeline._retry_or_give_up(each_exchange, slow)
    assert kinds_of_answers(each_exchange) == before
    assert answered(each_exchange, sender.actor, view).status is Status.COMPLETE


def test_the_lease_of_a_long_step_is_kept(
    exchange: Exchange, employer: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.3))
    view = hand_over(exchange, employer.actor, "files", b"anything")
    claimed = claim(exchange, "worker", view.id)
    assert claimed is not None
    first = lease_of(exchange, claimed)
    large = Transfer.model_construct(size=1_000_000)
    with pipeline._lease_kept(exchange, Held(claimed, large)):
        wait(lambda: lease_of(exchange, claimed) > first)


def lease_of(exchange: Exchange, claimed: Claimed) -> datetime:
    with reading(exchange.engine) as session:
        lease = session.get_one(Job, claimed.id).lease_until
    assert lease is not None
    return as_utc(lease)


def test_an_error_that_passes_is_tried_again_until_it_works(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock, tmp_path: Path
) -> None:
    view = hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))
    store = each_exchange.settings.store
    shutil.move(store, tmp_path / "away")
    clock.stop()
    for pause in (0, 1, 4):
        clock.forward(seconds=pause + 0.5)
        assert pipeline.run_next(each_exchange, "worker", view.id)
        assert not pipeline.run_next(each_exchange, "worker", view.id)
    shutil.rmtree(store, ignore_errors=True)
    shutil.move(tmp_path / "away", store)
    clock.forward(seconds=10)
    assert pipeline.drive(each_exchange, view.id) is Status.COMPLETE


def test_a_file_that_cannot_be_processed_is_rejected_as_our_failure_and_ocss_is_told(
    each_exchange: Exchange, people: Population, sender: Partner, ocss: Partner, clock: Clock
) -> None:
    view = hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))
    with reading(each_exchange.engine) as session:
        each_exchange.vault.shred(session.get_one(Transfer, view.id).blob_id or "")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert pipeline.run_next(each_exchange, "worker", view.id)
        clock.forward(seconds=30)
    back = answered(each_exchange, sender.actor, view)
    assert (back.status, [code for _, _, code in back.codes]) == (Status.REJECTED, ["F098"])
    assert set(back.answers) == {".findings.csv", ".ack.json"}
    with reading(each_exchange.engine) as session:
        told = session.exec(select(Notice.organization_id, Notice.event)).all()
    assert (ocss.organization.id, "transfer.failed") in told
    assert not pipeline.run_next(each_exchange, "worker", view.id)


def test_a_file_that_we_failed_on_can_be_sent_again_as_it_is(
    each_exchange: Exchange, people: Population, sender: Partner, ocss: Partner, clock: Clock
) -> None:
    content = report(sender, people, "C1")
    view = hand_over(each_exchange, sender.actor, "lump-sum", content)
    for _ in ("scan", "validate"):
        assert pipeline.run_next(each_exchange, "worker", view.id, goes_on=lambda: False)
    with reading(each_exchange.engine) as session:
        each_exchange.vault.shred(session.get_one(Transfer, view.id).blob_id or "")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert pipeline.run_next(each_exchange, "worker", view.id)
        clock.forward(seconds=30)
    assert answered(each_exchange, sender.actor, view).status is Status.REJECTED
    again = hand_over(each_exchange, sender.actor, "lump-sum", content)
    assert pipeline.drive(each_exchange, again.id) is Status.COMPLETE
    assert answered(each_exchange, sender.actor, again).codes == []
    once_more = hand_over(each_exchange, sender.actor, "lump-sum", content)
    assert pipeline.drive(each_exchange, once_more.id) is Status.REJECTED


def test_a_file_that_killed_every_worker_is_given_up_without_being_touched_again(
    each_exchange: Exchange, people: Population, sender: Partner, clock: Clock
) -> None:
    view = hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))
    for _ in range(jobs.MAX_ATTEMPTS):
        assert claim(each_exchange, "killed", view.id) is not None
        clock.forward(seconds=61)
    assert pipeline.drive(each_exchange, view.id) is Status.REJECTED


def test_who_drives_waits_for_another_worker_but_not_for_ever(exchange: Exchange, employer: Partner) -> None:
    view = hand_over(exchange, employer.actor, "files", b"anything")
    assert claim(exchange, "another", view.id) is not None
    assert pipeline.drive(exchange, view.id, patience=0.1) is Status.RECEIVED


def test_a_worker_answers_files_and_sends_notices_until_it_is_stopped(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=pipeline.work, args=(each_exchange, stop))
    worker.start()
    try:
        view = hand_over(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))
        wait(lambda: Status(answered(each_exchange, sender.actor, view).status) in SETTLED)
        wait(lambda: any(each_exchange.settings.mail_folder.glob("*.eml")))
    finally:
        stop.set()
        worker.join(20)
    assert not worker.is_alive()
    assert answered(each_exchange, sender.actor, view).status is Status.COMPLETE


def test_a_worker_that_is_to_stop_begins_no_further_chore(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, done = threading.Event(), list[str]()

    def last(_exchange: Exchange) -> None:
        done.append("last")
        stop.set()

    def too_late(_exchange: Exchange) -> None:
        done.append("too late")

    chores: dict[Callable[[Exchange], object], float] = {last: 1.0, too_late: 1.0}
    monkeypatch.setattr(pipeline, "_EVERY", chores | {pipeline.retention.sweep: 3600.0})
    pipeline.work(exchange, stop)
    assert done == ["last"]


def test_a_worker_goes_on_with_what_a_killed_one_had_in_hand(each_exchange: Exchange, clock: Clock) -> None:
    make_partner(each_exchange, Role.OCSS_STAFF)
    sender = make_partner(each_exchange, Role.EMPLOYER)
    view = hand_over(each_exchange, sender.actor, "files", b"anything")

    def killed() -> None:
        each_exchange.after_fork()
        assert claim(each_exchange, each_exchange.owner, view.id) is not None
        die()

    assert outcome(fork(killed)) == -signal.SIGKILL
    stop = threading.Event()
    worker = threading.Thread(target=pipeline.work, args=(each_exchange, stop))
    worker.start()
    try:
        wait(lambda: _is_free(each_exchange, view.id))
        clock.forward(seconds=1)
        wait(lambda: Status(answered(each_exchange, sender.actor, view).status) in SETTLED)
    finally:
        stop.set()
        worker.join(20)


def _is_free(exchange: Exchange, transfer_id: UUID) -> bool:
    with reading(exchange.engine) as session:
        return session.exec(select(Job.owner).where(Job.transfer_id == transfer_id)).one() is None


def test_a_worker_survives_a_database_that_goes_away(exchange: Exchange, employer: Partner) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    view = hand_over(exchange, employer.actor, "files", b"anything")
    rename(exchange, "job", "job_away")
    stop = threading.Event()
    worker = threading.Thread(target=pipeline.work, args=(exchange, stop))
    worker.start()
    try:
        time.sleep(0.3)
        assert worker.is_alive()
        rename(exchange, "job_away", "job")
        wait(lambda: Status(answered(exchange, employer.actor, view).status) in SETTLED)
    finally:
        stop.set()
        worker.join(20)


def test_what_goes_wrong_is_logged_without_what_stands_in_files(
    exchange: Exchange, employer: Partner, capsys: pytest.CaptureFixture[str]
) -> None:
    marker = "MARKER-THAT-STANDS-IN-A-FILE"

    def raises(contents: str) -> None:
        raise ValueError(contents)

    with pytest.raises(ValueError, match=marker) as caught:
        raises(marker)
    said = pipeline._without_contents(caught.value)
    assert said["error"] == "ValueError"
    assert marker not in str(said)
    assert "test_worker.py" in str(said["where"])


def rename(exchange: Exchange, table: str, to: str) -> None:
    with transaction(exchange.engine) as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))


def wait(until: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_transfer_goes_through_its_states_in_order_each_in_the_journal(
    each_exchange: Exchange, people: Population, sender: Partner
) -> None:
    back = send(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))

    said = [entry.what for entry in delivery.ledger(each_exchange, sender.actor, back.view.id)]
    states = ["SCANNING", "VALIDATING", "ACCEPTED", "PROCESSING", "COMPLETE"]
    assert said == ["transfer.received", *(f"transfer.status: {state}" for state in states)]
    assert send(each_exchange, sender.actor, "lump-sum", b"").status is Status.REJECTED


def test_names_of_answers_are_durable_before_a_row_names_them(
    each_exchange: Exchange, people: Population, sender: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        happened.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    event.listen(each_exchange.engine, "commit", lambda _connection: happened.append("commit"))
    send(each_exchange, sender.actor, "lump-sum", report(sender, people, "C1"))

    with reading(each_exchange.engine) as session:
        blobs = session.exec(select(Transfer.blob_id).where(Transfer.direction == "outbound")).all()
    folders = {str(each_exchange.settings.store / "blobs" / (blob_id or "")[:2]) for blob_id in blobs}
    answered_at = [at for at, what in enumerate(happened) if what == "commit"][2]  # after hand-over and claim
    assert len(blobs) == 3 + len(people.person(3).states)
    assert folders <= set(happened[:answered_at])


def test_a_lease_lost_during_a_step_ends_it_without_a_retry(
    exchange: Exchange, employer: Partner, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = hand_over(exchange, employer.actor, "files", b"anything")
    scan = steps.STEPS["scan"]

    def overtaken(opened: Exchange, row: Transfer, first: FirstPass | None) -> steps.Done:
        done = scan.work(opened, row, first)
        clock.forward(seconds=61)
        assert claim(opened, "faster", view.id) is not None
        return done

    monkeypatch.setitem(steps.STEPS, "scan", steps.Step(scan.status, overtaken))
    assert pipeline.run_next(exchange, "slow", view.id)
    with reading(exchange.engine) as session:
        [job] = session.exec(select(Job)).all()
    assert (job.kind, job.owner, job.state) == ("scan", "faster", "waiting")


def test_a_file_that_cannot_be_made_leaves_no_blob(exchange: Exchange) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"begun"
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        answers.seal(exchange, pieces())
    assert not [path for path in exchange.settings.store.rglob("*") if path.is_file()]


def test_a_worker_leaves_room_while_files_rain_in_and_one_writes_at_a_time(
    each_exchange: Exchange, clock: Clock
) -> None:
    employer = make_partner(each_exchange, Role.EMPLOYER)
    one_writer = each_exchange.engine.dialect.name == "sqlite"
    clock.stop()
    assert pipeline._courtesy(each_exchange, took=0.01) == 0
    hand_over(each_exchange, employer.actor, "files", b"anything")
    assert pipeline._courtesy(each_exchange, took=0.01) == pytest.approx(0.03 if one_writer else 0)
    assert pipeline._courtesy(each_exchange, took=600) <= 0.1
    clock.forward(seconds=1)
    assert pipeline._courtesy(each_exchange, took=0.01) == 0
