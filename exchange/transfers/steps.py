"""The steps of the pipeline: scan, validate, program. Each does its work and returns the effect to commit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from sqlmodel import Session, col, select

from exchange import jobs
from exchange.database import reading
from exchange.models import transfers as models
from exchange.models.transfers import Scan, Status, Transfer
from exchange.programs.refusals import refused
from exchange.programs.table import PROGRAMS
from exchange.runtime import Exchange
from exchange.transfers import answers, findings_at_rest, late, scanning, validation
from exchange.transfers.answers import Closing
from exchange.transfers.progress import advance
from exchange.transfers.scanning import ScanOutcome
from exchange.transfers.validation import Verdict
from schemas.findings import Finding, at

Effect = Callable[[Session], None]
"""What a step has to write, in the transaction that ends its job."""

MALWARE, UNSCANNED, OUR_FAILURE = "F091", "F092", "F098"
"""Codes of `schemas.findings` for what the pipeline itself has to say."""


@dataclass(frozen=True)
class Step:
    """One step: the state a transfer shows meanwhile, and the work that leads to the effect."""

    status: Status
    work: Callable[[Exchange, Transfer], Effect]


def scan(exchange: Exchange, row: Transfer) -> Effect:
    """Look for malware before anything parses the file (domain.md 13.3)."""
    reader = exchange.vault.open(row.blob_id or "")
    try:
        outcome = scanning.scan(exchange.settings.clamav, reader.pieces())
    finally:
        reader.close()
    row.scan = outcome.scan.value
    refusal = _refusal(exchange, outcome)
    ended = _ended(exchange, row, Status.QUARANTINED, refusal) if refusal else None

    def effect(session: Session) -> None:
        stored = session.get_one(Transfer, row.id)
        stored.scan, stored.scan_detail = outcome.scan.value, outcome.detail
        if ended:
            ended(session)
        else:
            jobs.enqueue(session, exchange, "validate", row.id)

    return effect


def validate(exchange: Exchange, row: Transfer) -> Effect:
    """Identify the layout and check every record; what is refused as a whole is answered here."""
    verdict = validation.examine(exchange, row)
    if verdict.status is Status.REJECTED:
        return _answered(exchange, row, verdict)
    store_findings = validation.storing_findings(exchange, row, verdict)
    verdict = replace(verdict, findings=())  # they are sealed now; a file may have fifty thousand

    def effect(session: Session) -> None:
        store_findings(session)
        stored = session.get_one(Transfer, row.id)
        stored.records, stored.refused, stored.findings_count = (
            verdict.records,
            verdict.refused,
            verdict.count,
        )
        advance(session, exchange, stored, verdict.status)
        validation.take(session, exchange, row, verdict)
        jobs.enqueue(session, exchange, "program", row.id)

    return effect


def program(exchange: Exchange, row: Transfer) -> Effect:
    """Let the program answer; its documents and ours go out in one transaction with COMPLETE."""
    outcome = PROGRAMS[row.program](exchange, row)
    more = late.unknown(exchange, row, outcome.found)
    found = chain(_findings(exchange, row), more) if row.layout else None
    count = None if row.findings_count is None else row.findings_count + len(more)
    closing = Closing(Status.COMPLETE, outcome.documents, row.records, count)
    closing = answers.complete(exchange, row, closing, found)

    def effect(session: Session) -> None:
        late.storing(exchange, row, more)(session)
        answers.close(session, exchange, row.id, closing)
        if outcome.write is not None:
            outcome.write(session)

    return effect


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
