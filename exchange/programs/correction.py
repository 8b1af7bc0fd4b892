"""Refused rows corrected on the screen: shown as they were read, sent again as a file of their own.

What is corrected travels as what is sent: through the same intake, checks, journal and answers as every other
file, linked to the file it corrects (decision 22).
"""

import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from exchange.database import reading
from exchange.errors import ContentNotAvailableError
from exchange.models.transfers import Direction, Status, Transfer
from exchange.programs.on_screen import MOST_FINDINGS, form_of, told_before
from exchange.runtime import Exchange
from exchange.transfers import corrections, delivery, findings_at_rest, intake, partners, pipeline
from exchange.transfers.corrections import Corrects
from exchange.transfers.intake import Handed
from exchange.transfers.validation import HEAD
from exchange.transfers.views import TransferView
from exchange.transfers.windows import READ_AHEAD
from exchange.vault import SealedReader
from roles.policy import Actor, sends
from roles.programs import PROGRAMS
from schemas.as_read import Texts, rows_as_read
from schemas.catalog import identify
from schemas.checking import CheckRules, check
from schemas.findings import Finding
from schemas.forms import FORMS, Form
from schemas.forms.correcting import Row, checked, correcting, found_in, name_of, sent_rows

ON_PAGE = 25
"""Rows that are shown at a time."""
MOST_BYTES = 20 << 20
"""A larger file is corrected by its sender: it would be read anew for every look."""
ROWS_OPENED = "transfer.rows_opened"
_OF_HEADER = ("sender_fein", "client_fein", "test_flag")
_CORRECTED = re.compile(r"-corrected-[0-9a-f]{6}$")
_LONGEST_STEM = 120
_NOTHING_SENT = "Correct at least one row, or leave it as it is: there is nothing to send"
_CORRECTED_MEANWHILE = "Somebody has corrected some of these rows meanwhile; the others are shown below"
_FIRST_LINE = 2
"""Of the records; before them stands the header."""


@dataclass(frozen=True)
class Waiting:
    """The refused rows of a file that wait to be corrected, and whether that can be done here."""

    rows: int
    here: bool


@dataclass(frozen=True)
class Refused:
    """The refused rows of a file that are shown, `waiting` in all; `problems` are those of no row."""

    view: TransferView
    form: Form
    rows: Sequence[Row]
    waiting: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """What was read from a file: facts of its header, and some rows."""

    facts: Mapping[str, str]
    rows: Mapping[int, Texts]


def waiting(exchange: Exchange, actor: Actor, view: TransferView) -> Waiting:
    """How many rows of a file the actor could correct; none where it may not send to the program."""
    form = FORMS.get(view.program)
    settled = (view.direction, view.status) == (Direction.INBOUND, Status.COMPLETE)
    if form is None or not settled or not view.findings_count or not sends(actor, PROGRAMS[view.program]):
        return Waiting(0, here=False)
    with reading(exchange.engine) as session:
        return Waiting(corrections.waiting(session, view.id), view.size <= MOST_BYTES)


def refused_rows(exchange: Exchange, actor: Actor, transfer_id: UUID) -> Refused:
    """The first refused rows as they were read, each with what was found in it; the look is journalled.

    Raises `TransferNotFoundError`, `NotPermittedError`, or `ContentNotAvailableError` where none are shown.
    """
    view, form = _correctable(exchange, actor, transfer_id)
    with reading(exchange.engine) as session:
        lines = corrections.waiting_lines(session, view.id, ON_PAGE)
        stored = corrections.findings_of(session, view.id, lines)
        count = corrections.waiting(session, view.id)
    found: dict[int, list[Finding]] = defaultdict(list)
    for one in stored:
        found[one.line].append(findings_at_rest.opened(exchange, one))
    read = _read(exchange, actor, view, form, lines)
    rows = [found_in(form, read.rows.get(line, {}), line, found[line]) for line in lines]
    return Refused(view, form, rows, count)


def correct(
    exchange: Exchange, actor: Actor, transfer_id: UUID, submitted: Mapping[str, str]
) -> Refused | Handed:
    """Hand the corrected rows over as a file of their own, or return them with what is still wrong.

    Raises as `refused_rows`.
    """
    view, form = _correctable(exchange, actor, transfer_id)
    with reading(exchange.engine) as session:
        on_offer = corrections.waiting_lines(session, view.id, ON_PAGE)
        count = corrections.waiting(session, view.id)
    rows = sent_rows(form, submitted, [line for line in on_offer if _is_sent(form, submitted, line)])
    rules = partners.rules_now(exchange, actor, view.program, MOST_FINDINGS)
    facts = _read(exchange, actor, view, form, ()).facts
    outcome = checked(form, rows, rules, facts)
    shown = Refused(view, form, outcome.rows, count, _of_all(form, rows, submitted))
    if outcome.content and not shown.problems:
        shown = _told_before(exchange, actor, shown, outcome.content, rules)
    if shown.problems or not outcome.content or any(row.problems for row in shown.rows):
        return shown
    lines = tuple(row.line for row in rows if not row.left_out)
    name = _named(view.filename, rules.control_number[1:7].lower())
    return _hand_over(exchange, actor, view, name, outcome.content, lines)


def _correctable(exchange: Exchange, actor: Actor, transfer_id: UUID) -> tuple[TransferView, Form]:
    """The file and the form of its rows, when the actor may see the one and send the other."""
    view = delivery.transfer(exchange, actor, transfer_id)
    found = waiting(exchange, actor, view)
    if not (found.rows and found.here):
        form_of(actor, view.program)  # who may not send is told that first
        raise ContentNotAvailableError(why="none of its rows can be corrected here")
    return view, correcting(form_of(actor, view.program))


def _read(exchange: Exchange, actor: Actor, view: TransferView, form: Form, lines: Sequence[int]) -> _Read:
    """Read a file's header, and some of its rows, as whoever may fetch its content."""
    with reading(exchange.engine) as session:
        rules = partners.rules_for(session, exchange, session.get_one(Transfer, view.id), 1)
    opened = delivery.content(exchange, actor, view.id, ROWS_OPENED)
    try:
        identified = identify(opened.reader.read(0, HEAD), view.filename, [form.layout.slug])
        assert not isinstance(identified, Finding), "a file that was accepted has its layout"
        arriving = check(form.layout, _source(opened.reader), rules=rules, form=identified.form)
        next(iter(arriving))
        header = arriving.summary.header
        facts = {name: str(header[name]) for name in _OF_HEADER if header.get(name)}
        rows = (
            rows_as_read(form.layout, _source(opened.reader), identified.form, rules, lines) if lines else {}
        )
    finally:
        opened.close()
    return _Read(facts, rows)


def _source(reader: SealedReader) -> io.BufferedReader:
    return io.BufferedReader(reader.file(), READ_AHEAD)


def _is_sent(form: Form, submitted: Mapping[str, str], line: int) -> bool:
    return any(name_of(line, one.name) in submitted for one in form.questions)


def _of_all(form: Form, rows: Sequence[Row], submitted: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with what was sent as a whole."""
    first = form.questions[0].name
    sent = sum(name.endswith(f"-{first}") and name.startswith("row") for name in submitted)
    if sent > len(rows):
        return (_CORRECTED_MEANWHILE,)
    return () if any(not row.left_out for row in rows) else (_NOTHING_SENT,)


def _told_before(
    exchange: Exchange, actor: Actor, shown: Refused, content: bytes, rules: CheckRules
) -> Refused:
    """The rows, those marked that an earlier file reported."""
    taken = [row.line for row in shown.rows if not row.left_out]
    before = told_before(exchange, actor, shown.form, content, rules)
    told = {taken[line - _FIRST_LINE]: problem for line, problem in before}
    marked = [replace(row, problems=(told[row.line],)) if row.line in told else row for row in shown.rows]
    return replace(shown, rows=marked)


def _hand_over(
    exchange: Exchange, actor: Actor, view: TransferView, name: str, content: bytes, lines: tuple[int, ...]
) -> Handed:
    with intake.begin(exchange, actor, view.program, name) as arriving:
        arriving.write(content)
        handed = arriving.finish(corrects=Corrects(view.id, lines), at_once=True)
    pipeline.answer(exchange, handed)
    return handed


def _named(filename: str, mark: str) -> str:
    """The original's name without its ending, as far as there is room, and a mark of its own."""
    stem = _CORRECTED.sub("", filename.rpartition(".")[0] or filename)
    while len(stem.encode()) > _LONGEST_STEM:
        stem = stem[:-1]
    return f"{stem}-corrected-{mark}.txt"
