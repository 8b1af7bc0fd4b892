"""Which order each acknowledgement answers, and to which state an employer's reports go (domain.md 6.5, 6.6).

An order is known by its employer, the state of the batch, tracking number and case. It is answered once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.models.base import as_utc
from exchange.models.orders import WAITING, WithholdingOrder
from exchange.models.transfers import Transfer
from exchange.orders import parties, records
from exchange.orders.parties import Issuer
from exchange.registry.bulk import chunks
from exchange.runtime import Exchange
from schemas.checking import Block, Checked, RecordBlock
from schemas.findings import Finding, finding
from schemas.groups import Group

NO_ORDER, OTHER_ACTION, ANSWERED, NOT_THEIRS, WHICH_STATE = "X017", "X018", "X019", "X020", "X021"
EIN, STATE, TRACKING, CASE = "ein", "state_fips", "document_tracking_number", "case_id"
ACTION, DISPOSITION = "action_code", "disposition_status"
OWN_REPORTS = frozenset({"L", "S", "T"})
"""Dispositions that no order asked for."""


class Known(NamedTuple):
    """What is read of an order to match it."""

    id: UUID
    tracking_hash: bytes
    case_hash: bytes
    state_id: UUID
    state_fips: str
    employer_id: UUID
    action_code: str
    status: str
    received_at: datetime
    line: int


@dataclass(frozen=True)
class Match:
    """Where one acknowledgement goes; `order_id` is None for a report of the employer's own."""

    issuer: Issuer
    employer_id: UUID
    order_id: UUID | None = None


@dataclass(frozen=True)
class _Batch:
    """What a batch's header comes to; `issuer` is None where it names no state."""

    employer_id: UUID
    issuer: Issuer | None


@dataclass(frozen=True)
class _Said:
    """One acknowledgement, as far as it is matched."""

    place: int
    batch: _Batch
    disposition: str
    action: str
    tracking: bytes
    case: bytes
    names_order: bool


class _RefusedError(Exception):
    """This acknowledgement is refused: the code, the field, what is expected."""

    def __init__(self, code: str, field: str, expected: str = "") -> None:
        super().__init__(code)
        self.code, self.field, self.expected = code, field, expected


class Matching:
    """Our check of a file of acknowledgements: what it says fits an order of one who may answer it.

    `matched`: by place in the block just checked, where each accepted record goes. `failed`: by batch, the
    field of its header that refuses all of it.
    """

    def __init__(self, exchange: Exchange, row: Transfer, checked: Checked) -> None:
        """`checked` is about to be read."""
        self._exchange, self._checked = exchange, checked
        self._batches: dict[int, _Batch | None] = {}
        self._taken: set[UUID] = set()
        self.matched: dict[int, Match] = {}
        self.failed: dict[int, str] = {}
        with reading(exchange.engine) as session:
            at = as_utc(row.created_at)
            self._employers = parties.answered_for(session, exchange, row.organization_id, at)

    def __call__(self, block: Block) -> Iterator[Finding]:
        """The acknowledgements of a block."""
        self.matched = {}
        rows = block.records.get("detail")
        if rows is None:
            return
        with reading(self._exchange.engine) as session:
            yield from self._open_batches(session, rows)
            yield from self._refuse_other_employers(rows)
            said = list(self._said(rows))
            known = self._orders(session, said)
            issuers = parties.issuers(
                session, self._exchange, {one.state_fips for some in known.values() for one in some}
            )
        for one in said:
            try:
                self.matched[one.place] = self._match(one, known.get(one.tracking, []), issuers)
            except _RefusedError as refused:
                rows.accepted[one.place] = False
                yield _told(rows, one.place, refused)

    def _open_batches(self, session: Session, rows: RecordBlock) -> Iterator[Finding]:
        groups = self._checked.summary.groups
        new = [index for index in np.unique(rows.group).tolist() if index not in self._batches]
        codes = {index: self._code(groups[index]) for index in new}
        issuers = parties.issuers(session, self._exchange, {code for code in codes.values() if code})
        for index in new:
            employer = self._employers.get(groups[index].texts.get(EIN, "").strip())
            issuer = issuers.get(codes[index])
            wrong = EIN if employer is None else STATE if codes[index] and issuer is None else ""
            self._batches[index] = _Batch(employer, issuer) if employer and not wrong else None
            if wrong:
                self.failed[index] = wrong.upper()
                yield self._failure(groups[index], wrong)
        rows.accepted[np.isin(rows.group, [i for i, batch in self._batches.items() if batch is None])] = False

    def _code(self, group: Group) -> str:
        of_file = self._checked.summary.file.texts
        return group.texts.get(STATE, "").strip() or of_file.get(STATE, "").strip()

    def _failure(self, group: Group, wrong: str) -> Finding:
        code = NOT_THEIRS if wrong == EIN else WHICH_STATE
        place = self._checked.layout.header[wrong]
        return finding(code, group.line, place, found=group.texts.get(wrong, ""))

    def _refuse_other_employers(self, rows: RecordBlock) -> Iterator[Finding]:
        """Records that name an employer of their own, which is not that of their batch."""
        for place, ein in zip(np.flatnonzero(rows.accepted).tolist(), _accepted(rows, EIN), strict=True):
            batch = self._batches[int(rows.group[place])]
            if ein and batch and self._employers.get(ein.decode()) != batch.employer_id:
                rows.accepted[place] = False
                yield _told(rows, place, _RefusedError(NOT_THEIRS, EIN))

    def _said(self, rows: RecordBlock) -> Iterator[_Said]:
        cells, places = self._exchange.vault.cells, np.flatnonzero(rows.accepted).tolist()
        numbers = _accepted(rows, TRACKING)
        tracking = records.tracking_hashes(cells, numbers)
        cases = records.case_hashes(cells, _accepted(rows, CASE))
        codes = zip(_accepted(rows, DISPOSITION), _accepted(rows, ACTION), strict=True)
        for place, (status, action), number, hashed, case in zip(
            places, codes, numbers, tracking, cases, strict=True
        ):
            batch = self._batches[int(rows.group[place])]
            assert batch is not None, "records of batches that failed are refused"
            yield _Said(place, batch, status.decode(), action.decode(), hashed, case, bool(number))

    def _orders(self, session: Session, said: Sequence[_Said]) -> Mapping[bytes, list[Known]]:
        """The orders that the tracking numbers name, by their hash, the oldest first."""
        found: dict[bytes, list[Known]] = defaultdict(list)
        hashes = list(dict.fromkeys(one.tracking for one in said if one.names_order))
        theirs = col(WithholdingOrder.employer_id).in_(set(self._employers.values()))
        columns = [getattr(WithholdingOrder, name) for name in Known._fields]
        for some in chunks(hashes):
            named = col(WithholdingOrder.tracking_hash).in_(some)
            for row in session.exec(select(*columns).where(named, theirs)):
                one = Known(*row)
                found[one.tracking_hash].append(one)
        for same in found.values():
            same.sort(key=lambda one: (one.received_at, one.line))
        return found

    def _match(self, said: _Said, named: Iterable[Known], issuers: Mapping[str, Issuer]) -> Match:
        """Where it goes; raises `_RefusedError`."""
        batch = said.batch
        of_number = [one for one in named if _is_of(one, batch)]
        if said.names_order and not of_number:
            wanted = "the document tracking number of an order to this employer"
            raise _RefusedError(NO_ORDER, TRACKING, wanted)
        if said.disposition in OWN_REPORTS:
            if batch.issuer is None:
                raise _RefusedError(WHICH_STATE, DISPOSITION)
            return Match(batch.issuer, batch.employer_id)
        order = self._order(said, of_number)
        self._taken.add(order.id)
        issuer = batch.issuer or issuers[order.state_fips]
        return Match(issuer, batch.employer_id, order.id)

    def _order(self, said: _Said, of_number: list[Known]) -> Known:
        of_case = [one for one in of_number if one.case_hash == said.case]
        if not of_case:
            raise _RefusedError(NO_ORDER, CASE, "the case of the order with this tracking number")
        if len({one.state_id for one in of_case}) > 1:
            raise _RefusedError(WHICH_STATE, TRACKING)
        same = [one for one in of_case if one.action_code == said.action]
        if not same:
            actions = dict.fromkeys(one.action_code for one in of_case)
            raise _RefusedError(OTHER_ACTION, ACTION, " or ".join(actions))
        open_ = [one for one in same if one.status in WAITING and one.id not in self._taken]
        if not open_:
            raise _RefusedError(ANSWERED, TRACKING)
        return open_[0]


def _is_of(order: Known, batch: _Batch) -> bool:
    """Whether it is an order to the batch's employer, of the batch's state where it names one."""
    issuer = batch.issuer
    same_state = issuer is None or order.state_id == issuer.organization_id
    return order.employer_id == batch.employer_id and same_state


def _accepted(rows: RecordBlock, name: str) -> list[bytes]:
    column: list[bytes] = rows.column(name)[rows.accepted].tolist()
    return column


def _told(rows: RecordBlock, place: int, refused: _RefusedError) -> Finding:
    field, line = rows.record[refused.field], int(rows.lines[place])
    shown = rows.cells[place, field.first - 1 : field.last].tobytes().decode("ascii")
    return finding(refused.code, line, field, found=shown, expected=refused.expected or None)
