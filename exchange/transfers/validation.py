"""Is a file what it says it is: layout, records, and what only this exchange can know about it.

Streams: memory does not grow with the file. Everything found is kept, at most `MOST_FINDINGS` of it listed.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from exchange.database import reading
from exchange.models import transfers as models
from exchange.models.registry import Handover
from exchange.models.transfers import ControlNumber, Status, Transfer
from exchange.registry import matching
from exchange.registry.bulk import insert_rows, table_of
from exchange.runtime import Exchange
from exchange.transfers import findings_at_rest
from exchange.transfers.partners import rules_for
from roles.programs import PROGRAMS
from schemas.catalog import identify
from schemas.checking import Block, Checked, CheckRules, RecordBlock, Summary, check
from schemas.findings import Finding, at, finding
from schemas.record import Layout

HEAD = 64 * 1024
MOST_FINDINGS = 50_000
"""Findings of the checker listed for one file, and as many of ours; the count goes on behind that."""

READ_AHEAD = 1024 * 1024

DUPLICATE_FILE, CONTROL_NUMBER_USED, NOT_INQUIRED = "F093", "H013", "X009"


@dataclass(frozen=True)
class Verdict:
    """What a check came to: REJECTED, ACCEPTED, ACCEPTED_WITH_ERRORS (QUARANTINED, by the scan), and why."""

    status: Status
    findings: Sequence[Finding] = ()
    count: int = 0
    records: int | None = None
    layout: str | None = None
    control_number: str | None = None


@dataclass(frozen=True)
class Checking:
    """A file being checked: iterate over `blocks`, then read the summary."""

    layout: Layout
    blocks: Iterator[Block]
    checked: Checked

    @property
    def summary(self) -> Summary:
        """Complete once the blocks are exhausted."""
        return self.checked.summary


def examine(exchange: Exchange, row: Transfer) -> Verdict:
    """Check a file completely; programs without layouts take any file."""
    if not PROGRAMS[row.program].layouts:
        return Verdict(Status.ACCEPTED)
    with checking(exchange, row) as checking_it:
        if isinstance(checking_it, Finding):
            return Verdict(Status.REJECTED, (checking_it,), 1)
        return _verdict(exchange, row, checking_it)


@contextmanager
def checking(exchange: Exchange, row: Transfer) -> Iterator[Checking | Finding]:
    """Open a transfer's file and check it as it is read; a finding instead when its layout is not known.

    Programs read a file a second time with this, so that they see exactly the records that were accepted.
    """
    reader = exchange.vault.open(row.blob_id or "")
    try:
        identified = identify(reader.read(0, HEAD), row.filename, PROGRAMS[row.program].layouts)
        if isinstance(identified, Finding):
            yield identified
            return
        with reading(exchange.engine) as session:
            rules = rules_for(session, exchange, row, MOST_FINDINGS)
        source = io.BufferedReader(reader.file(), READ_AHEAD)
        checked = check(identified.layout, source, rules=rules, form=identified.form)
        yield Checking(identified.layout, _with_own_checks(exchange, checked, rules), checked)
    finally:
        reader.close()


@contextmanager
def accepted_only(exchange: Exchange, row: Transfer) -> Iterator[Checking]:
    """The second pass over a file that was accepted; a file that changed its mind is a bug of ours."""
    with checking(exchange, row) as again:
        assert isinstance(again, Checking), "an accepted file has a layout"
        yield again
        assert not again.summary.fatal, "an accepted file stays accepted"


def _with_own_checks(exchange: Exchange, checked: Checked, rules: CheckRules) -> Iterator[Block]:
    """Each block, with the accounts refused that the quarter's inquiry file did not ask about."""
    for block in checked:
        accounts = block.records.get("matched_account")
        if accounts is not None and rules.months:
            block.findings.extend(_not_inquired(exchange, accounts, max(rules.months)))
        yield block


def _not_inquired(exchange: Exchange, accounts: RecordBlock, period: str) -> Iterator[Finding]:
    """Refuse every account whose SSN is not in the inquiry file of the period (domain.md 3.9)."""
    places = accounts.accepted.nonzero()[0]
    ssns = accounts.column("ssn")[places].tolist()
    with reading(exchange.engine) as session:
        known = matching.inquired(session, exchange.vault.cells, period, ssns)
    for index, place in enumerate(places.tolist()):
        if index not in known:
            accounts.accepted[place] = False
            line, shown = int(accounts.lines[place]), ssns[index].decode()
            wanted = f"somebody in the inquiry file {period}"
            yield finding(NOT_INQUIRED, line, accounts.record["ssn"], found=shown, expected=wanted)


def _verdict(exchange: Exchange, row: Transfer, checking_it: Checking) -> Verdict:
    found: list[Finding] = []
    own = 0
    for block in checking_it.blocks:
        own += sum(one.code == NOT_INQUIRED for one in block.findings)
        found.extend(block.findings[: 2 * MOST_FINDINGS - len(found)])
    summary = checking_it.summary
    number = str(summary.header.get("control_number") or "") or None
    taken = list(_taken_before(exchange, row, checking_it.layout, number))
    count = summary.findings + own + len(taken)
    accepted = Status.ACCEPTED_WITH_ERRORS if count else Status.ACCEPTED
    status = Status.REJECTED if summary.fatal or taken else accepted
    in_order = sorted([*taken, *found], key=lambda one: one.line)
    return Verdict(status, in_order, count, summary.records, checking_it.layout.slug, number)


def _taken_before(exchange: Exchange, row: Transfer, layout: Layout, number: str | None) -> Iterator[Finding]:
    """Findings where these bytes, or this control number, were accepted from this organization before."""
    whose = (row.organization_id, row.program)
    with reading(exchange.engine) as session:
        if session.get(Handover, (*whose, row.sha256)) is not None:
            yield at(DUPLICATE_FILE, 0, (0, 0))
        if number and session.get(ControlNumber, (*whose, _hash_of(exchange, number))) is not None:
            yield finding(CONTROL_NUMBER_USED, 1, layout.header["control_number"], found=number)


def storing_findings(exchange: Exchange, row: Transfer, verdict: Verdict) -> Callable[[Session], None]:
    """What writes the findings, in order, and the layout they were found against; sealed ahead of that."""
    rows = findings_at_rest.sealed(exchange, row.id, verdict.findings)

    def store(session: Session) -> None:
        session.get_one(Transfer, row.id).layout = verdict.layout
        insert_rows(session, table_of(models.Finding), findings_at_rest.COLUMNS, rows)

    return store


def take(session: Session, exchange: Exchange, row: Transfer, verdict: Verdict) -> None:
    """Write down that a file was accepted, so that neither it nor its control number is taken again.

    Two equal files at one moment: the second breaks on the primary key, is examined again, and refused then.
    """
    whose, program, number = row.organization_id, row.program, verdict.control_number
    if verdict.layout:
        taken = Handover(organization_id=whose, program=program, sha256=row.sha256 or "", transfer_id=row.id)
        session.add(taken)
    if number:
        known = _hash_of(exchange, number)
        used = ControlNumber(organization_id=whose, program=program, number_hash=known, transfer_id=row.id)
        session.add(used)


def _hash_of(exchange: Exchange, number: str) -> str:
    """A control number as it is remembered: it stood inside a file, so it is never kept in plain text."""
    return exchange.vault.cells.keyed_hash("control-number", number).hex()
