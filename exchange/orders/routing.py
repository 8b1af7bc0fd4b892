"""Where the orders of a state's file go: by the EIN of each batch, to whoever that employer lets act for it.

A batch goes to the organization that owns its EIN. Where the batch names a primary EIN, and whoever has that
number acts for the employer, it goes there instead. An employer that takes no part is told to the state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from exchange.database import reading
from exchange.models.accounts import Organization
from exchange.models.base import as_utc
from exchange.models.transfers import Transfer
from exchange.orders import parties
from exchange.runtime import Exchange
from schemas.checking import Block, Checked, RecordBlock
from schemas.columns import Numbers
from schemas.findings import Finding, finding
from schemas.groups import Group
from schemas.record import Record

ANOTHER_AGENCY, NO_PART = "H021", "X016"
_NONE = np.zeros(0, dtype=np.int64)
Named = tuple[str, str]
"""The EIN and the primary EIN of a batch."""


@dataclass(frozen=True)
class Route:
    """Whose orders they are, and who gets them."""

    employer_id: UUID
    recipient_id: UUID


class Routing:
    """Our check of a file of orders: the issuer is the sender itself, and each employer takes part here.

    `undeliverable`: the places in the block just checked of orders that are refused for their employer alone.
    `failed`: the batches, by index, whose employer takes no part.
    """

    def __init__(self, exchange: Exchange, row: Transfer, checked: Checked) -> None:
        """`checked` is about to be read."""
        self._exchange, self._row, self._checked = exchange, row, checked
        self._routes: dict[Named, Route | None] = {}
        self._seen = 0
        self._file_seen = False
        self.undeliverable: Numbers = _NONE
        self.failed: set[int] = set()
        with reading(exchange.engine) as session:
            sender = session.get_one(Organization, row.organization_id)
            self.own = parties.locator_code(session, exchange, sender) or ""

    def __call__(self, block: Block) -> Iterator[Finding]:
        """The orders of a block."""
        yield from self._issuers()
        rows = block.records.get("detail")
        self.undeliverable = _NONE
        if rows is not None:
            yield from self._refused(rows)

    def route(self, named: Named) -> Route | None:
        """Where a batch goes; None when its employer takes no part here."""
        if named not in self._routes:
            self.look_up([named])
        return self._routes[named]

    def code_of(self, group: Group) -> str:
        """The locator code that the orders of a batch come under."""
        of_file = self._checked.summary.file.texts
        return group.texts.get("state_fips", "").strip() or of_file.get("state_fips", "").strip() or self.own

    def look_up(self, batches: Iterable[Named]) -> None:
        """Find where all of these go, in as few questions as can be."""
        new = [named for named in dict.fromkeys(batches) if named not in self._routes]
        if not new:
            return
        with reading(self._exchange.engine) as session:
            owners = parties.employers(session, self._exchange, {fein for named in new for fein in named})
            clients = {owners[ein] for ein, primary in new if primary and ein in owners}
            at = as_utc(self._row.created_at)
            agents = parties.agencies(session, self._exchange, clients, at)
        for ein, primary in new:
            employer, agent = owners.get(ein), owners.get(primary)
            acts = agent is not None and employer is not None and (agent, employer) in agents
            recipient = agent if acts else employer
            self._routes[ein, primary] = Route(employer, recipient) if employer and recipient else None

    def _refused(self, rows: RecordBlock) -> Iterator[Finding]:
        groups = self._checked.summary.groups
        indexes = np.unique(rows.group).tolist()
        self.look_up(named_in(groups[index]) for index in indexes)
        lost = [index for index in indexes if self._routes[named_in(groups[index])] is None]
        theirs = np.isin(rows.group, lost)
        self.undeliverable = np.flatnonzero(rows.accepted & theirs)
        rows.accepted[theirs] = False
        for index in lost:
            if index not in self.failed:
                self.failed.add(index)
                place, group = self._checked.layout.header["ein"], groups[index]
                yield finding(NO_PART, group.line, place, found=group.texts.get("ein", ""))

    def _issuers(self) -> Iterator[Finding]:
        """Headers that name another agency than the sender: the file's, and those of batches."""
        summary, layout = self._checked.summary, self._checked.layout
        if summary.file.texts and not self._file_seen and layout.outer is not None:
            self._file_seen = True
            yield from self._issuer(layout.outer.header, summary.file)
        for group in summary.groups[self._seen :]:
            yield from self._issuer(layout.header, group)
        self._seen = len(summary.groups)

    def _issuer(self, record: Record, header: Group) -> Iterator[Finding]:
        code = header.texts.get("state_fips", "").strip()
        if code and not (self.own and parties.is_of(self.own, code)):
            wanted = self.own or "OCSS has none of yours on record; ask it first"
            yield finding(ANOTHER_AGENCY, header.line, record["state_fips"], found=code, expected=wanted)


def named_in(group: Group) -> Named:
    """The EIN and primary EIN of a batch, "" where there is none."""
    return group.texts.get("ein", "").strip(), group.texts.get("primary_ein", "").strip()
