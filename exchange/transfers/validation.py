"""Is a file what it says it is: layout, records, and what only this exchange can know about it.

Streams: memory does not grow with the file. Everything found is kept, at most `MOST_FINDINGS` of it listed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from sqlalchemy import delete
from sqlmodel import Session, col, select

from exchange.database import insert_now, reading
from exchange.models import transfers as models
from exchange.models.accounts import Organization
from exchange.models.registry import Handover
from exchange.models.transfers import ControlNumber, Status, Transfer
from exchange.registry.bulk import among, insert_rows, table_of
from exchange.runtime import Exchange
from exchange.transfers import findings_at_rest, late
from exchange.transfers.asked import Asked
from exchange.transfers.first_pass import FirstPass, is_small
from exchange.transfers.own_checks import OWN_CHECKS, OwnCheck
from exchange.transfers.partners import client_named, rules_for
from exchange.transfers.reported import NOTHING, Gathered, Reports, forget, keep, refused_again, sealed
from exchange.transfers.windows import source
from roles.organizations import KIND_ROLES, OrganizationKind
from roles.programs import PROGRAMS, layouts_sent
from roles.representation import acts_for_others
from schemas.catalog import identify
from schemas.checking import Block, Checked, Summary, batches, check
from schemas.columns import Numbers
from schemas.findings import CODES, Effect, Finding, at, finding
from schemas.record import Form, Layout
from schemas.trail import Trail

HEAD = 64 * 1024
MOST_FINDINGS = 50_000
"""Findings of the checker listed for one file, and as many of ours; the count goes on behind that."""

DUPLICATE_FILE, CONTROL_NUMBER_USED, BATCH_NUMBER_USED = "F093", "H013", "H020"
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Used:
    """The control numbers of a file, and of its batches where it has some; "" for one that was not given."""

    file: str | None = None
    batches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a check came to: REJECTED, ACCEPTED, ACCEPTED_WITH_ERRORS (QUARANTINED, by the scan), and why."""

    status: Status
    findings: Sequence[Finding] = ()
    count: int = 0
    records: int | None = None
    layout: str | None = None
    used: Used = field(default_factory=Used)
    refused: int | None = None
    about: "About | None" = None
    reports: Reports | None = None
    passed: FirstPass | None = None
    again: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class About:
    """Whom the header of a file names as the employer it is for: a client, or (None) its sender itself."""

    client_id: UUID | None


@dataclass
class Checking:
    """A file being checked: iterate over `blocks`, then read the summary.

    `own`: our own check, where the layout has one; `own_count`: how much that has found so far; `own_found`:
    the first of that.
    """

    layout: Layout
    form: Form
    checked: Checked
    own: OwnCheck | None
    own_count: int = 0
    own_found: list[Finding] = field(default_factory=list)

    @property
    def blocks(self) -> Iterator[Block]:
        """Each block with what we ourselves have found in it. Iterate once."""
        for block in self.checked:
            found = list(self.own(block)) if self.own else []
            self.own_count += len(found)
            self.own_found += found[: late.MOST - len(self.own_found)]
            self.checked.summary.fatal |= any(CODES[one.code].effect is Effect.FILE for one in found)
            block.findings.extend(found)
            yield block

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
        trail, asked = Trail(whole=is_small(row)), Asked.by(checking_it.layout)
        verdict = _verdict(exchange, row, checking_it, _noting(trail.noting(checking_it.blocks), asked))
    how = (checking_it.layout, checking_it.form, checking_it.checked.rules)
    unwritten = verdict.findings if is_small(row) else None
    passed = FirstPass(*how, checking_it.summary, trail, verdict.again, asked, unwritten)
    return replace(verdict, passed=passed)


@contextmanager
def checking(exchange: Exchange, row: Transfer) -> Iterator[Checking | Finding]:
    """Open a transfer's file and check it as it is read; a finding instead when its layout is not known.

    Programs may read a file a second time with this, so that they see exactly the records that were accepted.
    """
    reader = exchange.vault.open(row.blob_id or "")
    try:
        with reading(exchange.engine) as session:
            rules = rules_for(session, exchange, row, MOST_FINDINGS)
            candidates = _layouts_of(session, row)
        identified = identify(reader.read(0, HEAD), row.filename, candidates)
        if isinstance(identified, Finding):
            yield identified
            return
        with source(reader, identified.form) as content:
            checked = check(identified.layout, content, rules=rules, form=identified.form)
            begin = OWN_CHECKS.get(identified.layout.slug)
            own = begin(exchange, row, checked) if begin else None
            yield Checking(identified.layout, identified.form, checked, own)
    finally:
        reader.close()


@contextmanager
def accepted_only(exchange: Exchange, row: Transfer) -> Iterator[Checking]:
    """The second pass over a file that was accepted; a file that changed its mind is a bug of ours."""
    with checking(exchange, row) as again:
        assert isinstance(again, Checking), "an accepted file has a layout"
        yield again
        assert not again.summary.fatal, "an accepted file stays accepted"


@dataclass(frozen=True)
class Accepted:
    """A file that was accepted, read again: of its findings there are those that refuse a record."""

    layout: Layout
    blocks: Iterator[Block]
    summary: Summary


@contextmanager
def retraced(exchange: Exchange, row: Transfer, first: FirstPass | None) -> Iterator[Accepted]:
    """The second pass along the trail of the first; a check anew where another process made that.

    Line and code of a finding are kept, its field and words are not.
    """
    if first is None:
        with accepted_only(exchange, row) as again:
            yield Accepted(again.layout, again.blocks, again.summary)
        return
    if first.trail.whole:
        yield Accepted(first.layout, _new_only(first, first.trail.kept()), first.summary)
        return
    with exchange.vault.open(row.blob_id or "") as reader, source(reader, first.form) as content:
        records = batches(first.layout, content, rules=first.rules, form=first.form)
        blocks = _new_only(first, first.trail.follow(first.layout, records))
        yield Accepted(first.layout, blocks, first.summary)


def _new_only(first: FirstPass, blocks: Iterator[Block]) -> Iterator[Block]:
    """Each block without the records that had been reported before: the first pass knew them at its end."""
    for block in blocks:
        block.findings.extend(refused_again(first.layout, first.again, block))
        yield block


def people_of(exchange: Exchange, row: Transfer, first: FirstPass | None) -> Asked:
    """Whom a file is about; it is read once more for that where another process made the first pass."""
    if first is not None and first.asked is not None:
        return first.asked
    asked = Asked()
    with retraced(exchange, row, first) as accepted:
        for block in accepted.blocks:
            asked.add(block)
    return asked


def _layouts_of(session: Session, row: Transfer) -> tuple[str, ...]:
    """The layouts that the sender's kind of organization hands over under the program."""
    kind = OrganizationKind(session.get_one(Organization, row.organization_id).kind)
    return layouts_sent(PROGRAMS[row.program], KIND_ROLES[kind])


def _noting(blocks: Iterator[Block], asked: Asked | None) -> Iterator[Block]:
    for block in blocks:
        if asked is not None:
            asked.add(block)
        yield block


def _verdict(exchange: Exchange, row: Transfer, checking_it: Checking, blocks: Iterator[Block]) -> Verdict:
    found: list[Finding] = []
    kept = 0
    gathered = Gathered(exchange, row.organization_id, row.program, checking_it.layout)
    for block in blocks:
        gathered.add(block, checking_it.summary.header)
        found.extend(block.findings[: 2 * MOST_FINDINGS - len(found)])
        kept += sum(int(rows.accepted.sum()) for rows in block.records.values())
    summary = checking_it.summary
    used = Used(str(summary.header.get("control_number") or "") or None, _batch_numbers(summary))
    taken = list(_taken_before(exchange, row, checking_it, used))
    repeated, reports = (NOTHING, None) if summary.fatal or taken else gathered.settle()
    found.extend(repeated.findings(checking_it.checked, MOST_FINDINGS))
    count = summary.findings + checking_it.own_count + len(taken) + len(repeated)
    accepted = Status.ACCEPTED_WITH_ERRORS if count else Status.ACCEPTED
    status = Status.REJECTED if summary.fatal or taken else accepted
    in_order = sorted([*taken, *found], key=lambda one: one.line)
    refused, about = summary.records - kept + len(repeated), _about(exchange, row, summary)
    reports = sealed(exchange, reports) if reports else None
    read = (summary.records, checking_it.layout.slug, used, refused, about, reports)
    return Verdict(status, in_order, count, *read, again=repeated.lines.astype(np.int64))


def _about(exchange: Exchange, row: Transfer, summary: Summary) -> About | None:
    """Whom a file of somebody who acts for others is about; None where its header does not say."""
    fein = str(summary.header.get("client_fein") or "")
    if not fein:
        return None
    with reading(exchange.engine) as session:
        kind = OrganizationKind(session.get_one(Organization, row.organization_id).kind)
        return About(client_named(session, exchange, row, fein)) if acts_for_others(kind) else None


def _batch_numbers(summary: Summary) -> tuple[str, ...]:
    """The control numbers of a file's batches, where it has batches."""
    if summary.layout.outer is None:
        return ()
    return tuple(str(group.header.get("control_number") or "") for group in summary.groups)


def _taken_before(exchange: Exchange, row: Transfer, checking_it: Checking, used: Used) -> Iterator[Finding]:
    """Findings where these bytes, or a control number, were accepted from this organization before."""
    whose, layout = (row.organization_id, row.program), checking_it.layout
    with reading(exchange.engine) as session:
        if session.get(Handover, (*whose, row.sha256)) is not None:
            yield at(DUPLICATE_FILE, 0, (0, 0))
        if used.file and session.get(ControlNumber, (*whose, number_hash(exchange, used.file))) is not None:
            place = layout.records[0]["control_number"]
            yield finding(CONTROL_NUMBER_USED, 1, place, found=used.file)
        known = _known_numbers(session, row, _batch_hashes(exchange, used))
    for group, number, hashed in zip(
        checking_it.summary.groups, used.batches, _batch_hashes(exchange, used), strict=False
    ):
        if number and hashed in known:
            yield finding(BATCH_NUMBER_USED, group.line, layout.header["control_number"], found=number)


def _known_numbers(session: Session, row: Transfer, hashes: Sequence[str]) -> set[str]:
    """Those of the control numbers that this organization has used under the program."""
    known: set[str] = set()
    whose = (ControlNumber.organization_id == row.organization_id, ControlNumber.program == row.program)
    for first in range(0, len(hashes), _AT_ONCE):
        some = among(session, col(ControlNumber.number_hash), hashes[first : first + _AT_ONCE])
        known.update(session.exec(select(ControlNumber.number_hash).where(*whose, some)))
    return known


def storing_findings(exchange: Exchange, row: Transfer, verdict: Verdict) -> Callable[[Session], None]:
    """What writes the findings, in order, and the layout they were found against; sealed ahead of that."""
    rows = findings_at_rest.sealed(exchange, row.id, verdict.findings)

    def store(session: Session) -> None:
        _note_layout(session.get_one(Transfer, row.id), verdict)
        insert_rows(session, table_of(models.Finding), findings_at_rest.COLUMNS, rows)

    return store


def note(row: Transfer, verdict: Verdict) -> None:
    """What a transfer tells of its check."""
    _note_layout(row, verdict)
    row.records, row.refused, row.findings_count = verdict.records, verdict.refused, verdict.count


def _note_layout(row: Transfer, verdict: Verdict) -> None:
    row.layout = verdict.layout
    row.client_id = verdict.about.client_id if verdict.about else row.client_id


def take(session: Session, exchange: Exchange, row: Transfer, verdict: Verdict) -> None:
    """Write down that a file was accepted, so that neither it nor its control number is taken again.

    Two equal files at one moment: the second breaks on the primary key, is examined again, and refused then.
    Called after the journal's event of the transaction, see `reported.keep`.
    """
    whose, program = row.organization_id, row.program
    if verdict.layout:
        taken = {"organization_id": whose, "program": program, "sha256": row.sha256 or ""}
        insert_now(session, Handover, **taken, transfer_id=row.id)
    of_file = [number_hash(exchange, verdict.used.file)] if verdict.used.file else []
    numbers = [*of_file, *_batch_hashes(exchange, verdict.used)]
    columns = ("organization_id", "program", "number_hash", "transfer_id")
    rows = ((whose, program, number, row.id) for number in numbers)
    insert_rows(session, table_of(ControlNumber), columns, rows)
    if verdict.reports:
        keep(session, exchange, row.id, verdict.reports)


def give_back(session: Session, row: Transfer) -> None:
    """Undo `take` for a file that we failed to process: whoever is told to send it again can do so."""
    for model in (Handover, ControlNumber):
        table = table_of(model)
        whose = (table.c.organization_id == row.organization_id, table.c.program == row.program)
        session.execute(delete(table).where(*whose, table.c.transfer_id == row.id))
    forget(session, [row.id])


def number_hash(exchange: Exchange, number: str) -> str:
    """A control number as it is remembered: it stood inside a file, so it is never kept in plain text."""
    return exchange.vault.cells.keyed_hash("control-number", number).hex()


def _batch_hashes(exchange: Exchange, used: Used) -> list[str]:
    """The same of batches, which are numbered apart from files."""
    numbers = (number.encode() for number in used.batches)
    return [hashed.hex() for hashed in exchange.vault.cells.keyed_hashes("batch-control-number", numbers)]
