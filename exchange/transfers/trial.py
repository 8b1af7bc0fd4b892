"""A file checked without being handed over: the very checks of a real one, and nothing stays behind.

Its bytes lie sealed in the vault while they are checked, since a workbook is read from its end, and are
shredded afterwards whatever happens; no row, no journal event, no receipt. Should the process die meanwhile,
the sealed bytes are swept like every blob that no row names.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from exchange.accounts import throttle
from exchange.errors import FileTooLargeError, ProgramNotFoundError
from exchange.runtime import Exchange
from exchange.transfers import partners
from exchange.transfers.validation import HEAD
from exchange.transfers.windows import READ_AHEAD
from exchange.vault import SealedReader
from roles.permissions import Permission
from roles.policy import Actor, authorize, sent_layouts
from roles.programs import Program, receivable, sendable
from schemas.catalog import LAYOUTS, identify
from schemas.checking import CheckRules, check
from schemas.findings import Finding
from schemas.record import Layout

MEBIBYTE = 1 << 20
MOST_BYTES = 20 * MEBIBYTE
"""Enough for 50,000 records of 400 characters; `portal validate` checks larger files."""
MOST_FINDINGS = 200
"""Findings listed; the count goes on behind that."""
CHECKS = 60
"""So many checks one account may ask for within the window of the throttle."""


@dataclass(frozen=True)
class Tried:
    """What a check came to. `form` is None when the file is nothing of this layout."""

    findings: Sequence[Finding]
    count: int
    records: int = 0
    accepted: int = 0
    refused: bool = True
    form: str | None = None


class Trial:
    """A file on trial. Made by `begin`; `close` it whatever happens, which destroys what was written."""

    def __init__(self, exchange: Exchange, layout: Layout, rules: CheckRules) -> None:
        """Open a draft that no row will name."""
        self._exchange, self._layout, self._rules = exchange, layout, rules
        self._writer = exchange.vault.create()
        self._seen = 0

    @property
    def too_large(self) -> bool:
        """More came than is checked here; the bytes since were let go."""
        return self._seen > MOST_BYTES

    def write(self, data: bytes | memoryview) -> None:
        """Take the next bytes. Raises `FileTooLargeError` past what even a hand-over takes."""
        self._seen += len(data)
        limit = self._exchange.settings.max_file_size
        if self._seen > max(limit, MOST_BYTES):
            raise FileTooLargeError(limit=limit)
        if not self.too_large:
            self._writer.write(data)

    def result(self) -> Tried:
        """Check what came; not asked for a file that is too large."""
        sealed = self._writer.finish()
        with self._exchange.vault.open(sealed.blob_id) as reader:
            return _tried(self._layout, reader, self._rules)

    def close(self) -> None:
        """Destroy the bytes and the keys to them."""
        self._writer.discard()
        self._exchange.vault.shred(self._writer.blob_id)


def begin(exchange: Exchange, actor: Actor, slug: str) -> Trial:
    """A trial of a file in this layout, counted against the account.

    Raises `ProgramNotFoundError` for a layout of no program of the actor, `TooManyAttemptsError`.
    """
    authorize(actor, Permission.TRANSFER_READ)
    layout, rules = LAYOUTS[_known(actor, slug)], _rules_of(exchange, actor, slug)
    throttle.spend(exchange, f"check:{actor.account_id}", CHECKS)
    return Trial(exchange, layout, rules)


def sends(actor: Actor, slug: str) -> bool:
    """Whether the actor hands over files of this layout: only then its own numbers are asked for."""
    return _program_of(actor, slug) is not None


def _rules_of(exchange: Exchange, actor: Actor, slug: str) -> CheckRules:
    """The rules of a hand-over for whoever may hand such a file over; for all others those of the layout."""
    program = _program_of(actor, slug)
    if program is not None:
        return partners.rules_now(exchange, actor, program.slug, MOST_FINDINGS)
    now, synthetic = exchange.clock(), exchange.settings.synthetic_people
    return CheckRules(today=now.date(), now=now, synthetic=synthetic, limit=MOST_FINDINGS)


def _program_of(actor: Actor, slug: str) -> Program | None:
    """The program under which the actor hands over files of this layout."""
    return next((program for program in sendable(actor.role) if slug in sent_layouts(actor, program)), None)


def _known(actor: Actor, slug: str) -> str:
    for program in receivable(actor.role):
        if slug in (*program.layouts, *program.answers):
            return slug
    raise ProgramNotFoundError


def _tried(layout: Layout, reader: SealedReader, rules: CheckRules) -> Tried:
    identified = identify(reader.read(0, HEAD), "", [layout.slug])
    if isinstance(identified, Finding):
        return Tried((identified,), 1)
    source = io.BufferedReader(reader.file(), READ_AHEAD)
    checked = check(layout, source, rules=rules, form=identified.form)
    found = [each for block in checked for each in block.findings]
    summary = checked.summary
    return Tried(
        sorted(found, key=lambda each: each.line),
        summary.findings,
        summary.records,
        summary.accepted,
        summary.fatal,
        identified.form.value,
    )
