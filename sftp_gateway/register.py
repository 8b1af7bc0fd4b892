"""What the processes of one gateway know of one another: a slot a connection, in memory that all share.

A child writes its own slot and the parent takes it back when the child has ended, however it ended: nobody
who was killed stays listed. A text goes to the older of two places, so that a child which is killed while it
writes leaves the text before. No name of a file, and nothing secret, comes in here.
"""

import fcntl
import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from exchange.measures import Tally

_SLOT = 16384
_HEAD = struct.Struct("=?? 6x 16s 16s 16s")  # taken, to end, connection, account, organization
_TAKEN, _TO_END, _ID, _ACCOUNT = 0, 1, 8, 24
_TEXTS = (128, 8256)  # where the two texts of a slot begin
_TEXT = struct.Struct("=III")  # number, length, checksum
_LONGEST = _TEXTS[1] - _TEXTS[0] - _TEXT.size
_NOBODY = bytes(16)
_GIVEN = struct.Struct("=16sd 8x")  # organization, the moment up to which its bandwidth was given away
_SLOTS, _BANDWIDTHS = 0, 1  # what can be locked by itself


@dataclass(frozen=True)
class Look:
    """The register at one moment: `told` has what each connection said last, `tally` all that was counted."""

    told: list[dict[str, Any]]
    tally: Tally


@dataclass
class Given:
    """The moment (of the monotonic clock) up to which an organization's bandwidth was given away."""

    until: float


class Register:
    """The shared memory; made by the parent, which alone takes slots and gives them back."""

    def __init__(self, slots: int) -> None:
        self._file = os.memfd_create("connections")
        size = (slots + 1) * _SLOT  # the last one is the parent's own: what ended connections counted
        self._given = range(size, size + 2 * slots * _GIVEN.size, _GIVEN.size)
        os.ftruncate(self._file, self._given.stop)
        self.memory = mmap.mmap(self._file, self._given.stop)
        self._free = list(range(slots - 1, -1, -1))
        self._ended: list[int] = []
        self._own = Text(self.memory, slots)
        self._slots = slots
        self.tally = Tally()
        self._published = Tally()

    @contextmanager
    def locked(self, part: int = _SLOTS, *, wait: bool = True) -> Iterator[None]:
        """Hold a part for the block; `BlockingIOError` when another process does and `wait` is no.

        The kernel frees it when its holder dies.
        """
        fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, part)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, part)

    # What the parent does.

    def take(self) -> "Entry | None":
        """A slot for a new connection; None when all are taken."""
        if not self._free:
            return None
        entry = Entry(self, self._free.pop())
        taken, to_end = True, False
        _HEAD.pack_into(self.memory, entry.at, taken, to_end, entry.id.bytes, _NOBODY, _NOBODY)
        return entry

    def ended(self, entry: "Entry") -> None:
        """The process of this connection is gone."""
        self._ended.append(entry.number)

    def settle(self) -> None:
        """Give back the slots of what ended, keeping what it counted; later when the register is held now."""
        if not self._ended and self.tally == self._published:
            return
        with suppress(BlockingIOError), self.locked(wait=False):
            for number in self._ended:
                self.tally.take_in(Text(self.memory, number).read().get("tally", {}))
                self.memory[number * _SLOT : (number + 1) * _SLOT] = bytes(_SLOT)
            self._free += self._ended
            self._ended = []
            self._own.write({"tally": self.tally})
            self._published = Tally(self.tally)

    # What the registrar does.

    def look(self) -> Look:
        """All slots as they are now."""
        with self.locked():
            taken = [number for number in range(self._slots) if self.memory[number * _SLOT + _TAKEN]]
            told = [Text(self.memory, number).read() for number in taken]
            tally = Tally(self._own.read().get("tally", {}))
        for one in told:
            tally.take_in(one.get("tally", {}))
        return Look(told, tally)

    def end(self, wanted: set[UUID]) -> None:
        """Mark connections that are to end."""
        names = {one.bytes for one in wanted}
        for at in range(0, self._slots * _SLOT, _SLOT):
            if self.memory[at + _ID : at + _ID + 16] in names:
                self.memory[at + _TO_END] = 1

    # What children ask.

    def connections_of(self, account_id: UUID) -> int:
        """How many connections an account has now; hold the register meanwhile."""
        wanted = account_id.bytes
        places = range(_ACCOUNT, self._slots * _SLOT, _SLOT)
        return sum(self.memory[at : at + 16] == wanted for at in places)

    @contextmanager
    def given(self, organization_id: UUID, now: float) -> Iterator[Given]:
        """What an organization was given of its bandwidth, to be changed in the block."""
        with self.locked(_BANDWIDTHS):
            at = self.memory.find(organization_id.bytes, self._given.start, self._given.stop)
            at = at if at in self._given else self._unused(now)
            name, until = _GIVEN.unpack_from(self.memory, at)
            given = Given(until if name == organization_id.bytes else 0.0)
            yield given
            _GIVEN.pack_into(self.memory, at, organization_id.bytes, given.until)

    def _unused(self, now: float) -> int:
        """A place whose organization used all it was given; there are two for each connection."""
        return next(
            (at for at in self._given if _GIVEN.unpack_from(self.memory, at)[1] < now), self._given[0]
        )


class Entry:
    """One connection's slot, as its own process writes it. `tally` is what it counts."""

    def __init__(self, register: Register, number: int) -> None:
        self._register = register
        self.number = number
        self.at = number * _SLOT
        self.id = uuid4()
        self.tally = Tally()
        self._text = Text(register.memory, number)
        self._who: dict[str, str] | None = None

    def admit(self, account_id: UUID, organization_id: UUID, at_most: int) -> bool:
        """Note who signed in, unless the account has `at_most` connections already."""
        with self._register.locked():
            if self._register.connections_of(account_id) >= at_most:
                return False
            ids = account_id.bytes + organization_id.bytes
            self._register.memory[self.at + _ACCOUNT : self.at + _ACCOUNT + 32] = ids
        return True

    def introduce(self, who: dict[str, str]) -> None:
        """Say who is connected: what stays the same until the end."""
        self._who = {"id": str(self.id), **who}

    def show(self, moving: list[dict[str, Any]]) -> None:
        """Say what is going on now."""
        told = {"tally": self.tally, "who": self._who, "moving": moving}
        if not self._text.write(told):
            self._text.write(told | {"moving": []})

    def given(self, organization_id: UUID, now: float) -> AbstractContextManager[Given]:
        """As of the register."""
        return self._register.given(organization_id, now)

    @property
    def signed_in(self) -> bool:
        """Whether somebody was admitted here; the parent asks."""
        return self._register.memory[self.at + _ACCOUNT : self.at + _ACCOUNT + 16] != _NOBODY

    @property
    def to_end(self) -> bool:
        """Whether somebody wants this connection ended."""
        return bool(self._register.memory[self.at + _TO_END])


class Text:
    """The text of one slot, as JSON; one process writes it, others read it at any time."""

    def __init__(self, memory: mmap.mmap, slot: int) -> None:
        self._memory = memory
        self._places = [slot * _SLOT + start for start in _TEXTS]

    def write(self, told: Mapping[str, Any]) -> bool:
        """Replace the text; False when it is too long."""
        packed = json.dumps(told, separators=(",", ":")).encode()
        if len(packed) > _LONGEST:
            return False
        _older, at = min((_TEXT.unpack_from(self._memory, at)[0], at) for at in self._places)
        self._memory[at + _TEXT.size : at + _TEXT.size + len(packed)] = packed
        _TEXT.pack_into(self._memory, at, self._newest() + 1, len(packed), zlib.crc32(packed))
        return True

    def read(self) -> dict[str, Any]:
        """The newest text that is whole; nothing before the first."""
        newest_first = sorted(self._places, key=lambda at: -_TEXT.unpack_from(self._memory, at)[0])
        for at in newest_first:
            number, length, checksum = _TEXT.unpack_from(self._memory, at)
            packed = bytes(self._memory[at + _TEXT.size : at + _TEXT.size + length])
            if number and length <= _LONGEST and zlib.crc32(packed) == checksum:
                found: dict[str, Any] = json.loads(packed)
                return found
        return {}

    def _newest(self) -> int:
        return max(int(_TEXT.unpack_from(self._memory, at)[0]) for at in self._places)
