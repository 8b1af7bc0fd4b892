"""The steps of the pipeline: scan, validate, program. Each does its work and returns what is to be committed.

What a step finds out about the transfer it notes in the row it was given, too, since the next step of a small
file begins before that is committed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.models import transfers as models
from exchange.models.transfers import Scan, Status, Transfer
from exchange.programs.refusals import refused
from exchange.programs.table import PROGRAMS
from exchange.runtime import Exchange
from exchange.transfers import answers, findings_at_rest, late, scanning, validation
from exchange.transfers.answers import Closing, Document
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.progress import advance
from exchange.transfers.scanning import ScanOutcome
from exchange.transfers.validation import Verdict
from roles import programs as roles
from schemas.findings import Finding, at

Effect = Callable[[Session], None]
"""What a step has to write, in the transaction that ends its job."""


@dataclass(frozen=True)
class Done:
    """What a step came to: its effect, the kind of the step that follows, and what that may build on.

    `rest`: how long that is put off, for something that is not there yet. `documents`: what goes out.
    """

    effect: Effect
    following: str | None = None
    passed: FirstPass | None = None
    rest: timedelta | None = None
    documents: tuple[Document, ...] = ()


MALWARE, UNSCANNED, OUR_FAILURE = "F091", "F092", "F098"
"""Codes of `schemas.findings` for what the pipeline itself has to say."""


@dataclass(frozen=True)
class Step:
    """One step: the state a transfer shows meanwhile, and the work, with what the step before it left."""

    status: Status
    work: Callable[[Exchange, Transfer, FirstPass | None], Done]


def scan(exchange: Exchange, row: Transfer, _first: FirstPass | None = None) -> Done:
    """Look for malware before anything parses the file (domain.md 13.3)."""
    outcome = scanning.scan(exchange.settings.clamav, _pieces(exchange, row))
    _note_scan(row, outcome)
    refusal = _refusal(exchange, outcome)
    ended = _ended(exchange, row, Status.QUARANTINED, refusal) if refusal else None

    def effect(session: Session) -> None:
        _note_scan(session.get_one(Transfer, row.id), outcome)
        if ended:
            ended(session)

    return Done(effect, None if ended else "validate")


def _pieces(exchange: Exchange, row: Transfer) -> Iterator[bytes | memoryview]:
    """The bytes of a file, which is opened when the first are asked for."""
    with exchange.vault.open(row.blob_id or "") as reader:
        yield from reader.pieces()


def _note_scan(row: Transfer, outcome: ScanOutcome) -> None:
    row.scan, row.scan_detail = outcome.scan.value, outcome.detail


def validate(exchange: Exchange, row: Transfer, _first: FirstPass | None = None) -> Done:
    """Identify the layout and check every record; what is refused as a whole is answered here."""
    verdict = validation.examine(exchange, row)
    if verdict.status is Status.REJECTED:
        return Done(_answered(exchange, row, verdict))
    store_findings = validation.storing_findings(exchange, row, verdict)
    passed = verdict.passed
    verdict = replace(verdict, findings=(), passed=None)  # sealed now; a file may have fifty thousand
    validation.note(row, verdict)

    def effect(session: Session) -> None:
        store_findings(session)
        stored = session.get_one(Transfer, row.id)
        validation.note(stored, verdict)
        advance(session, exchange, stored, verdict.status)
        validation.take(session, exchange, row, verdict)

    return Done(effect, "program", passed)


def program(exchange: Exchange, row: Transfer, first: FirstPass | None = None) -> Done:
    """Let the program answer; its documents and ours go out in one transaction with COMPLETE.

    A program with pages of its own answers there, and leaves no acknowledgement beside a file that is good.
    """
    outcome = PROGRAMS[row.program](exchange, row, first)
    if outcome.rest is not None:
        return Done(_nothing, "program", rest=outcome.rest)
    if outcome.refused:
        return Done(_answered(exchange, row, Verdict(Status.REJECTED, outcome.refused, len(outcome.refused))))
    unwritten = first.findings if first else None
    more = late.unknown(exchange, row, outcome.found, unwritten)
    known = _findings(exchange, row) if unwritten is None else unwritten
    found = chain(known, more) if row.layout else None
    count = None if row.findings_count is None else row.findings_count + len(more)
    closing = Closing(Status.COMPLETE, outcome.documents, row.records, count, outcome.told)
    if outcome.told or not roles.PROGRAMS[row.program].page:
        closing = answers.complete(exchange, row, closing, found)

    def effect(session: Session) -> None:
        late.storing(exchange, row, more)(session)
        answers.close(session, exchange, row.id, closing)
        if outcome.write is not None:
            outcome.write(session)

    return Done(effect, documents=closing.documents)


def _nothing(_session: Session) -> None:
    """The effect of a step that waits."""


def failed(exchange: Exchange, row: Transfer) -> Effect:
    """The end of a transfer that we could not process; what it had taken is free again."""
    ended = _ended(exchange, row, Status.REJECTED, OUR_FAILURE)

    def effect(session: Session) -> None:
        validation.give_back(session, row)
        ended(session)

    return effect


def _refusal(exchange: Exchange, outcome: ScanOutcome) -> str | None:
    """The code of the finding when a scan's outcome keeps a file from being read.

    Raises `ConnectionError` while the scanner is away, so that the step is tried again.
    """
    settings = exchange.settings
    tolerated = not settings.clamav or settings.allow_unscanned or settings.demonstration
    if outcome.scan is Scan.INFECTED:
        return MALWARE
    if outcome.scan is Scan.CLEAN or tolerated:
        return None
    if outcome.detail == scanning.UNREACHABLE:
        raise ConnectionError(outcome.detail)
    return UNSCANNED


def _ended(exchange: Exchange, row: Transfer, status: Status, code: str) -> Effect:
    """The end of a transfer that no program will see, for one reason."""
    return _answered(exchange, row, Verdict(status, (at(code, 0, (0, 0)),), 1))


def _answered(exchange: Exchange, row: Transfer, verdict: Verdict) -> Effect:
    closing = Closing(verdict.status, refused(exchange, row, verdict), verdict.records, verdict.count)
    closing = answers.complete(exchange, row, closing, verdict.findings)
    store_findings = validation.storing_findings(exchange, row, verdict)
    verdict = replace(verdict, findings=())  # they are sealed now; a file may have fifty thousand

    def effect(session: Session) -> None:
        store_findings(session)
        answers.close(session, exchange, row.id, closing)

    return effect


def _findings(exchange: Exchange, row: Transfer) -> Iterator[Finding]:
    """The stored findings of a transfer in their order, in pages."""
    after = 0
    while True:
        with reading(exchange.engine) as session:
            later = select(models.Finding).where(
                models.Finding.transfer_id == row.id, col(models.Finding.sequence) > after
            )
            page = session.exec(later.order_by(col(models.Finding.sequence)).limit(5_000)).all()
        if not page:
            return
        yield from (findings_at_rest.opened(exchange, one) for one in page)
        after = page[-1].sequence


STEPS: dict[str, Step] = {
    "scan": Step(Status.SCANNING, scan),
    "validate": Step(Status.VALIDATING, validate),
    "program": Step(Status.PROCESSING, program),
}
"""By the kind of job."""
