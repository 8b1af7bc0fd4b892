"""From RECEIVED to an answer: scan, validate, program, each a job whose effect and end commit together.

The work of a step (reading, checking, matching, writing sealed blobs) happens outside any transaction and
changes nothing that anybody sees. Its effect is one short transaction, which also ends the job and takes the
next one of the same transfer: a worker that lost its lease is fenced off there, so however often a step is
repeated, its effect happens once.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Uuid, bindparam
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from exchange import database, digests, jobs, letters, mail
from exchange.accounts import authorities, confirmation, lapse, recovery, registration, resets, tickets
from exchange.cases import making, responses
from exchange.database import one_reading, one_writer, reading, transaction
from exchange.errors import LeaseLostError
from exchange.guide import links, reviews
from exchange.jobs import Claimed
from exchange.messages import indexing, sending
from exchange.messages import retention as message_retention
from exchange.models.transfers import Status, Transfer
from exchange.multistate import registrations
from exchange.notices import employer_changes
from exchange.registry.searching import filling
from exchange.runtime import Exchange
from exchange.transfers import answers, delivery, fullness, retention, steps
from exchange.transfers.first_pass import is_small
from exchange.transfers.handover import Handed
from exchange.transfers.held import Held, Taken
from exchange.transfers.progress import SETTLED, advance
from exchange.transfers.steps import Done, Step
from exchange.transfers.views import view_of
from exchange.vault import Sealed, names_together
from exchange.volumes import closed
from roles.policy import Actor

IDLE_SECONDS = 0.25
DRIVE_SECONDS = 30.0
_RELEASE_EVERY = 2.0
_RAIN = timedelta(seconds=0.25)
"""Files rain in while another one came so shortly before."""
_COURTESY, _LONGEST_COURTESY = 3.0, 0.1
"""What a worker leaves to senders meanwhile: times the work, and at most so many seconds."""


def _settle(exchange: Exchange) -> None:
    database.settle(exchange.engine)


_EVERY: dict[Callable[[Exchange], object], float] = {
    _settle: 1.0,
    recovery.answer_waiting: 1.0,
    letters.send_waiting: 1.0,
    sending.deliver_waiting: 1.0,
    indexing.index_waiting: 2.0,
    mail.send_waiting: 5.0,
    resets.settle: 30.0,
    digests.send: 60.0,
    fullness.sweep: 60.0,
    authorities.sweep: 3600.0,
    confirmation.sweep: 3600.0,
    lapse.sweep: 3600.0,
    registration.sweep: 3600.0,
    registrations.sweep: 600.0,
    retention.sweep: 3600.0,
    message_retention.sweep: 3600.0,
    tickets.forget: 3600.0,
    closed.sweep: 3600.0,
    employer_changes.sweep: 3600.0,
    reviews.sweep: 3600.0,
    links.check: 60.0,
    making.make_waiting: 1.0,
    filling.tend: 2.0,
    responses.deliver: 5.0,
}
"""Seconds between a chore and its next turn; for a letter somebody waits in front of a screen."""

_STATUS = select(Transfer.status).where(col(Transfer.id) == bindparam("id", type_=Uuid()))
_log = structlog.get_logger("pipeline")


def run_next(
    exchange: Exchange,
    owner: str,
    transfer_id: UUID | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> bool:
    """Take the next transfer that is due (or the one named) as far as it goes now; False when none is.

    Where `goes_on` says no, what follows the step under way is left to another worker.
    """
    if not jobs.is_due(exchange, transfer_id):
        return False
    with transaction(exchange.engine) as session:
        held = _next(session, exchange, owner, transfer_id)
    _go_on(exchange, held, goes_on)
    return held is not None


def _go_on(exchange: Exchange, held: Held | None, goes_on: Callable[[], bool] = lambda: True) -> None:
    while held is not None:
        held = _stepped(exchange, held, goes_on)


def _stepped(exchange: Exchange, held: Held, goes_on: Callable[[], bool]) -> Held | None:
    """Do one step, whatever goes wrong; the next one of the same transfer when it can follow at once."""
    claimed = held.claimed
    log = _log.bind(transfer_id=str(claimed.transfer_id), step=claimed.kind, attempt=claimed.attempt)
    following = None
    try:
        following = _run(exchange, held, goes_on)
        log.info("step done")
    except LeaseLostError:
        log.warning("lease lost; another worker has this job")
    except Exception as error:  # noqa: BLE001  # whatever went wrong, the transfer must not be lost
        log.error("step failed", **_without_contents(error))  # noqa: TRY400  # a traceback shows values
        with suppress(LeaseLostError):
            _retry_or_give_up(exchange, claimed)
    return following


def work(exchange: Exchange, stop: threading.Event) -> None:
    """Run jobs until `stop` is set, between them send notices and sweep; survives a lost database.

    Looks for jobs whose worker was killed at its start, being its replacement perhaps, and ever again.
    """
    due = dict.fromkeys(_EVERY, 0.0) | {retention.sweep: time.monotonic() + _EVERY[retention.sweep]}
    release_at = 0.0
    while not stop.is_set():
        try:
            if release_at <= time.monotonic():
                release_at = time.monotonic() + _RELEASE_EVERY
                _release(exchange)
            began = time.monotonic()
            if run_next(exchange, exchange.owner, goes_on=lambda: not stop.is_set()):
                stop.wait(_courtesy(exchange, time.monotonic() - began))
                continue
            _do_chores(exchange, due, stop)
        except (SQLAlchemyError, OSError) as error:
            _log.error("worker pauses", **_without_contents(error))
        stop.wait(IDLE_SECONDS)


def _do_chores(
    exchange: Exchange, due: dict[Callable[[Exchange], object], float], stop: threading.Event
) -> None:
    """Do those that are due; all are at a worker's start, and none is begun once it is to stop."""
    for chore in [chore for chore, at in due.items() if at <= time.monotonic()]:
        if stop.is_set():
            return
        due[chore] = time.monotonic() + _EVERY[chore]
        chore(exchange)


def _courtesy(exchange: Exchange, took: float) -> float:
    """Seconds to rest after a transfer that took so many, where senders wait for the one writer's place.

    SQLite lets one write at a time. Whoever hands files over waits for each; the answers come no later for
    it, since all that is saved now is done as soon as the last file is in.
    """
    if not one_writer(exchange.engine) or not jobs.raining(exchange, _RAIN):
        return 0.0
    return min(took * _COURTESY, _LONGEST_COURTESY)


def _release(exchange: Exchange) -> None:
    if freed := jobs.release_ended(exchange):
        _log.warning("jobs of killed workers taken back", jobs=freed)


def answer(exchange: Exchange, handed: Handed, actor: Actor | None = None) -> Taken | None:
    """Do now, in the caller, all that follows on a file it has just handed over `at_once`.

    What cannot be done just now a worker tries again; it is waited for as by `drive`, and None returned.
    `actor`: whom the result is given to as it is committed, which is noted as a download.
    """
    taken = Taken(actor)
    _go_on(exchange, handed.held and replace(handed.held, taken=taken))
    if taken.transfer is None:
        drive(exchange, handed.transfer.id)
        return None
    return taken


def drive(exchange: Exchange, transfer_id: UUID, patience: float = DRIVE_SECONDS) -> Status:
    """Run one transfer's jobs now, in the caller, until it is settled; returns where it stands.

    Another worker may have taken a job already: its end is waited for, `patience` seconds at most.
    """
    deadline = time.monotonic() + patience
    while (status := _status(exchange, transfer_id)) not in SETTLED and time.monotonic() < deadline:
        if not run_next(exchange, exchange.owner, transfer_id):
            time.sleep(0.02)
    return status


def _status(exchange: Exchange, transfer_id: UUID) -> Status:
    with reading(exchange.engine) as session:
        return Status(session.connection().execute(_STATUS, {"id": transfer_id}).scalar_one())


def _run(exchange: Exchange, held: Held, goes_on: Callable[[], bool]) -> Held | None:
    """Work, then commit the effect, the job's end and the claim of the next job of this transfer in one.

    A small file does all its steps first: whoever waits for its answer waits for one commit.
    """
    claimed = held.claimed
    if claimed.attempt > jobs.MAX_ATTEMPTS:  # it killed every worker that tried
        _give_up(exchange, claimed)
        return None
    with _lease_kept(exchange, held), names_together(), _looked_up_once(exchange, held):
        worked = _worked(exchange, held, goes_on)
    _, last = worked[-1]
    with transaction(exchange.engine) as session:
        row = _ended(session, exchange, held, worked)
        given = _given(session, exchange, held, last)
        following = _following(session, exchange, held, last, goes_on)
    if held.taken and last.following is None:
        held.taken.transfer, held.taken.result = view_of(row), given
    return following


@contextmanager
def _looked_up_once(exchange: Exchange, held: Held) -> Iterator[None]:
    """Let all steps of a small file see one state of the database: they ask the same, one after the other."""
    with one_reading(exchange.engine) if is_small(held.row) else nullcontext():
        yield


def _ended(session: Session, exchange: Exchange, held: Held, worked: list[tuple[Step, Done]]) -> Transfer:
    """End the job, with the effects of its steps in their order."""
    jobs.complete(session, held.claimed)
    row = session.get_one(Transfer, held.claimed.transfer_id)
    for step, done in worked:
        advance(session, exchange, row, step.status)
        done.effect(session)
    return row


def _given(session: Session, exchange: Exchange, held: Held, last: Done) -> Sealed | None:
    """The result, given to whoever waits for it with the commit of the answer: noted as every download."""
    actor = held.taken.actor if held.taken else None
    result = next((one for one in last.documents if one.kind == answers.RESULT), None)
    if actor is None or result is None:
        return None
    delivery.note_given(session, exchange, actor, session.get_one(Transfer, result.id))
    return result.blob


def _following(
    session: Session, exchange: Exchange, held: Held, last: Done, goes_on: Callable[[], bool]
) -> Held | None:
    """Add the job that follows, if any; claimed at once where it can be."""
    if last.following is None:
        return None
    transfer_id = held.claimed.transfer_id
    jobs.enqueue(session, exchange, last.following, transfer_id, last.rest)
    if last.rest is not None or not goes_on():
        return None
    following = _next(session, exchange, held.claimed.owner, transfer_id)
    return following and replace(following, first=last.passed, taken=held.taken)


def _worked(exchange: Exchange, held: Held, goes_on: Callable[[], bool]) -> list[tuple[Step, Done]]:
    """The steps to be committed together, each after its work: one, or of a small file all that are left."""
    step = steps.STEPS[held.claimed.kind]
    done = step.work(exchange, held.row, held.first)
    worked = [(step, done)]
    while done.following is not None and done.rest is None and is_small(held.row) and goes_on():
        step = steps.STEPS[done.following]
        done = step.work(exchange, held.row, done.passed)
        worked.append((step, done))
    return worked


def _next(session: Session, exchange: Exchange, owner: str, transfer_id: UUID | None) -> Held | None:
    """Claim the next job; the transfer shows the state of its step from the same moment."""
    claimed = jobs.claim(session, exchange, owner, transfer_id)
    if claimed is None:
        return None
    row = session.get_one(Transfer, claimed.transfer_id)
    if claimed.attempt <= jobs.MAX_ATTEMPTS:
        advance(session, exchange, row, steps.STEPS[claimed.kind].status)
    return Held(claimed, row)


@contextmanager
def _lease_kept(exchange: Exchange, held: Held) -> Iterator[None]:
    """Renew the lease while the block works; a lease that is lost shows when the effect commits.

    A small file is done long before it lapses, unless a scanner has to be waited for.
    """
    if is_small(held.row) and not exchange.settings.clamav:
        yield
        return
    claimed = held.claimed
    done = threading.Event()

    def renew() -> None:
        while not done.wait(jobs.LEASE.total_seconds() / 3):
            with suppress(LeaseLostError, SQLAlchemyError):
                jobs.renew(exchange, claimed)

    keeper = threading.Thread(target=renew, name=f"lease-{claimed.id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _retry_or_give_up(exchange: Exchange, claimed: Claimed) -> None:
    if not jobs.retry(exchange, claimed):
        _give_up(exchange, claimed)


def _give_up(exchange: Exchange, claimed: Claimed) -> None:
    """Reject the transfer, saying that we failed, and tell OCSS.

    Where even that fails (no store, no database), the lease lapses and it is tried again.
    """
    row = _row(exchange, claimed.transfer_id)
    effect = steps.failed(exchange, row)
    with transaction(exchange.engine) as session:
        jobs.fail(session, claimed)
        effect(session)
        mail.notify(session, exchange, answers.ocss(session), "transfer.failed", row.id)
    _log.error("transfer given up", transfer_id=str(row.id), step=claimed.kind)


def _without_contents(error: BaseException) -> dict[str, object]:
    """What kind of error it was and where; its words and its variables may hold what stands in a file."""
    where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return {"error": type(error).__name__, "where": where}


def _row(exchange: Exchange, transfer_id: UUID) -> Transfer:
    with reading(exchange.engine) as session:
        return session.get_one(Transfer, transfer_id)
