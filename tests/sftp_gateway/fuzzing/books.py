"""What the portal must still say after a fuzzer was there: every acknowledged file, and nothing of others."""

from collections import Counter
from dataclasses import dataclass, field

from sqlmodel import select

from exchange import journal
from exchange.database import reading
from exchange.models.transfers import Direction, Receipt, Status, Transfer
from exchange.runtime import Exchange
from exchange.transfers.names import is_draft_name
from sftp_gateway import wire
from sftp_gateway.paths import File, canonical
from tests.sftp_gateway.conftest import User
from tests.sftp_gateway.fuzzing.requests import CLOSE, HANDLE, OPEN, RENAME, STATUS, WRITE


@dataclass
class Books:
    """What the client was told: files handed over by CLOSE, and how many hand-overs there can have been."""

    handed: Counter[str] = field(default_factory=Counter)
    most: int = 0
    answers: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How often each kind of request got each kind of answer, so that a run can be seen to reach far."""
    _names: dict[bytes, str] = field(default_factory=dict)
    _written: set[bytes] = field(default_factory=set)

    def note(self, kind: int, body: bytes, answer: bytes) -> None:
        """Take in a request, behind its id, and its answer."""
        self.answers[kind, answer[0] if answer[0] != STATUS else answer[8]] += 1
        if kind == OPEN and answer[0] == HANDLE:
            place = canonical(wire.Reader(body).string())
            if isinstance(place, File):
                self._names[bytes(wire.Reader(answer[5:]).string())] = place.name
        if answer[5:9] != bytes(4) or answer[0] == HANDLE:
            return
        if kind in {CLOSE, RENAME, 200}:
            self.most += 1
        if kind == WRITE:
            reader = wire.Reader(body)
            handle = bytes(reader.string())
            reader.uint64()
            if len(reader.string()):
                self._written.add(handle)
        if kind == CLOSE:
            self._closed(bytes(wire.Reader(body).string()))

    def reach(self) -> str:
        """How far the run came: kinds of request and of answer, and files that were handed over."""
        done = {kind: count for (kind, answer), count in self.answers.items() if answer == 0 or answer > 100}
        return f"{self.answers.total()} requests, {done} met, {self.handed.total()} files handed over"

    def _closed(self, handle: bytes) -> None:
        name = self._names.pop(handle, None)
        if name and handle in self._written and not is_draft_name(name):
            self.handed[name] += 1
        self._written.discard(handle)

    def agree(self, exchange: Exchange, user: User) -> None:
        """Rows and receipts have all that was acknowledged and nothing that was not asked for."""
        with reading(exchange.engine) as session:
            mine = Transfer.organization_id == user.partner.organization.id
            rows = session.exec(select(Transfer).where(mine)).all()
            signed = set(session.exec(select(Receipt.transfer_id)))
        handed = [one for one in rows if one.direction == Direction.INBOUND and one.status != Status.DRAFT]
        assert not self.handed - Counter(one.filename for one in handed), "an acknowledged file is gone"
        assert len(handed) <= self.most, "files that nobody handed over"
        assert {one.id for one in handed} <= signed
        assert journal.verify(exchange) is None


@dataclass(frozen=True)
class Secrets:
    """What belongs to another organization and was never told to the one that fuzzes."""

    words: tuple[bytes, ...]

    def check(self, heard: bytes) -> None:
        """None of it may have come."""
        for word in self.words:
            assert word not in heard, f"another organization's {word!r} is visible"
