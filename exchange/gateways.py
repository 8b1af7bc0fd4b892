"""What a running SFTP gateway writes down of itself: who is connected, what it counted, that it is there.

One process of the gateway writes, all rows in one transaction, and only when something changed: hundreds of
connections cost the database one writer's turn a second at most.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import Session, col, select

from exchange import processes
from exchange.connections import Seen
from exchange.database import reading, table_of, transaction
from exchange.models.connections import Connected, Gateway
from exchange.runtime import Exchange

SAYS_SO_EVERY = timedelta(seconds=5)
"""So often a gateway says that it is there, when nothing else changes."""
FORGOTTEN_AFTER = timedelta(days=1)
"""Rows of a gateway of another machine that was silent for so long are thrown away."""


@dataclass(frozen=True)
class Report:
    """What is so now. `tally`: counters by name, which only grow."""

    connections: tuple[Seen, ...]
    signing_in: int
    tally: Mapping[str, float]


@dataclass
class Ledger:
    """The rows of one gateway. `owner` names the process whose life they share (`exchange.processes`)."""

    exchange: Exchange
    place: str
    owner: str
    started_at: datetime
    id: UUID = field(default_factory=uuid4)
    _written: dict[UUID, Seen] = field(default_factory=dict)
    _told: tuple[int, Mapping[str, float]] | None = None
    _said_at: datetime | None = None

    def write(self, report: Report) -> None:
        """Make the rows say what the report says."""
        now, told = self.exchange.clock(), (report.signing_in, dict(report.tally))
        seen = {one.id: one for one in report.connections}
        due = self._said_at is None or now - self._said_at >= SAYS_SO_EVERY
        if not due and told == self._told and seen == self._written:
            return
        with transaction(self.exchange.engine) as session:
            if not self._say(session, now, told):
                self._written = {}
            self._change(session, seen)
        self._written, self._told, self._said_at = seen, told, now

    def to_end(self) -> set[UUID]:
        """The connections that somebody wants ended."""
        mine = select(Connected.id).where(
            Connected.gateway_id == self.id, col(Connected.end_asked_at).is_not(None)
        )
        with reading(self.exchange.engine) as session:
            return set(session.exec(mine))

    def close(self) -> None:
        """The gateway has ended: nothing of it stays."""
        with transaction(self.exchange.engine) as session:
            _forget(session, [self.id])

    def forget_ended(self) -> None:
        """Throw away what gateways left that ended without a word."""
        old = self.exchange.clock() - FORGOTTEN_AFTER
        with transaction(self.exchange.engine) as session:
            rows = session.exec(select(Gateway)).all()
            ended = [row.id for row in rows if row.seen_at < old or processes.has_ended(row.owner)]
            _forget(session, ended)

    def _say(self, session: Session, now: datetime, told: tuple[int, Mapping[str, float]]) -> bool:
        """That the gateway is there; whether it was known."""
        row = session.get(Gateway, self.id)
        known = row is not None
        row = row or Gateway(
            id=self.id, owner=self.owner, place=self.place, started_at=self.started_at, seen_at=now
        )
        row.seen_at, row.signing_in, row.tally = now, told[0], json.dumps(told[1], sort_keys=True)
        session.add(row)
        session.flush()
        return known

    def _change(self, session: Session, seen: Mapping[UUID, Seen]) -> None:
        table, before = table_of(Connected), self._written
        new = [self._row(one) for one in seen.values() if one.id not in before]
        if new:
            session.execute(insert(table), new)
        changed = [_moved(one) for one in seen.values() if one.id in before and one != before[one.id]]
        if changed:
            columns: dict[str, Any] = {name: bindparam(name) for name in ("bytes_in", "bytes_out", "moving")}
            which = table.c.id == bindparam("which")
            session.connection().execute(update(table).where(which).values(columns), changed)
        if gone := before.keys() - seen.keys():
            session.execute(delete(table).where(table.c.id.in_(gone)))

    def _row(self, one: Seen) -> dict[str, Any]:
        told = asdict(one) | {"moving": _moving(one), "gateway_id": self.id, "end_asked_at": None}
        return Connected(**told).model_dump()


def _moved(one: Seen) -> dict[str, Any]:
    return {
        "which": one.id,
        "bytes_in": one.bytes_in,
        "bytes_out": one.bytes_out,
        "moving": _moving(one),
    }


def _moving(one: Seen) -> str:
    return json.dumps([asdict(motion) for motion in one.moving])


def _forget(session: Session, gateways: Iterable[UUID]) -> None:
    ids = list(gateways)
    session.execute(delete(Connected).where(col(Connected.gateway_id).in_(ids)))
    session.execute(delete(Gateway).where(col(Gateway.id).in_(ids)))
