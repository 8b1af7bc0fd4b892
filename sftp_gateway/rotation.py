"""Which host keys the gateway proves itself with, and from when on: a plan in a file beside the keys.

The plan names sets of keys and the moment from which each serves. Nobody has to be awake at that moment:
every gateway that sees the folder, or a copy of it, reckons by the clock. Why it goes as it does stands in
deploy/decisions/0016-host-keys-change-with-notice.md.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import paramiko
import structlog

from exchange.host_keys import HostKey
from sftp_gateway import host_keys
from sftp_gateway.host_keys import HostKeyExposedError, HostKeys

_log = structlog.get_logger("sftp")

PLAN_FILE = "ssh_host_keys.json"
OVERLAP = timedelta(days=1)
"""So long after the change a client is not yet told to forget the old keys: clocks and copies differ."""
_LOOK_AGAIN = 5.0  # seconds after which keys that could not be read are looked at again, at the earliest


class RotationError(Exception):
    """What was asked for does not fit what is under way; the sentence is for the operator."""


class PlanDamagedError(RotationError):
    """The plan cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} cannot be read; restore it from a backup.")


@dataclass(frozen=True)
class KeySet:
    """One set of keys: serves from `since` on, and clients are told to forget it from `forgotten` on."""

    number: int
    since: datetime | None = None
    forgotten: datetime | None = None

    def serves(self, now: datetime) -> bool:
        """Whether its time has come."""
        return self.since is None or self.since <= now

    def is_forgotten(self, now: datetime) -> bool:
        """Whether its time is over for good."""
        return self.forgotten is not None and self.forgotten <= now


Plan = tuple[KeySet, ...]


@dataclass(frozen=True)
class Loaded:
    """A plan, and the keys of each of its sets by number."""

    plan: Plan
    keys: dict[int, tuple[paramiko.PKey, ...]]

    def at(self, now: datetime) -> HostKeys:
        """What serves at a moment, and what is announced beside it."""
        current = _current(self.plan, now)
        others = [one for one in self.plan if one is not current and not one.is_forgotten(now)]
        beside = tuple(key for one in others for key in self.keys[one.number])
        return HostKeys(self.keys[current.number], beside)

    def told(self) -> tuple[HostKey, ...]:
        """Every key with the time in which it serves, the oldest set first."""
        ends = [one.since for one in self.plan[1:]] + [None]
        return tuple(
            HostKey(host_keys.public_line(key), one.since, until)
            for one, until in zip(self.plan, ends, strict=True)
            for key in self.keys[one.number]
        )


class KeyRing:
    """The keys of a folder, made when it has none; looks again whenever the plan was changed.

    Raises `HostKeyExposedError`, `PlanDamagedError` or `OSError` when made. Later, what cannot be read is
    logged, and the keys in use stay in use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _make_first(folder)
        self._seen = _stamp(folder)
        self._loaded = _load(folder)
        self._again_at = 0.0

    def at(self, now: datetime) -> HostKeys:
        """The keys of a moment."""
        self._look()
        return self._loaded.at(now)

    def told(self) -> tuple[HostKey, ...]:
        """As `Loaded.told`."""
        self._look()
        return self._loaded.told()

    def _look(self) -> None:
        stamp = _stamp(self._folder)
        if stamp == self._seen or time.monotonic() < self._again_at:
            return
        try:
            self._loaded, self._seen = _load(self._folder), stamp
        except (HostKeyExposedError, PlanDamagedError, OSError, paramiko.SSHException) as problem:
            self._again_at = time.monotonic() + _LOOK_AGAIN
            _log.error("sftp.host_keys_unreadable", error=type(problem).__name__)


def rotate(folder: Path, now: datetime, since: datetime, *, at_once: bool = False) -> None:
    """Make the next set of keys, which serves from `since` on.

    `at_once`: the present keys are not to be trusted any more. What was announced already serves from now on
    (else a new set does), and clients are to forget the others now. Raises `RotationError` when a set is
    waiting already.
    """
    _make_first(folder)
    with _alone(folder):
        plan = _plan(folder)
        waits = not plan[-1].serves(now)
        if waits and not at_once:
            raise RotationError(f"The next keys wait already, for {plan[-1].since:%Y-%m-%d %H:%M} UTC.")
        if not waits:
            plan += (_made(folder, plan[-1].number),)
        since, forgotten = (now, now) if at_once else (since, since + OVERLAP)
        before = [replace(one, forgotten=min(one.forgotten or forgotten, forgotten)) for one in plan[:-1]]
        _keep(folder, (*before, replace(plan[-1], since=since)), now)


def withdraw(folder: Path, now: datetime) -> None:
    """Take the set back that waits for its time. Raises `RotationError` when none does."""
    _make_first(folder)
    with _alone(folder):
        *before, last = _plan(folder)
        if last.serves(now):
            raise RotationError("No keys are waiting for their time.")
        _keep(folder, (*before[:-1], replace(before[-1], forgotten=None)), now)
        host_keys.remove(folder, last.number)


def _make_first(folder: Path) -> None:
    """Make the first set, unless there is a plan: it may have been thrown away since."""
    if not _place(folder).exists():
        host_keys.make(folder)


def _made(folder: Path, number: int) -> KeySet:
    """A new set after the one of this number, with keys of the same kinds."""
    host_keys.remove(folder, number + 1)  # what a rotation that was cut off has left
    host_keys.make(folder, number + 1, ecdsa=host_keys.has_ecdsa(folder, number))
    return KeySet(number + 1)


def _keep(folder: Path, plan: Plan, now: datetime) -> None:
    """Write the plan without the sets whose time is over; then remove their private keys."""
    over = [one for one in plan if one.is_forgotten(now)]
    sets = [_told(one) for one in plan if one not in over]
    host_keys.replace(_place(folder), json.dumps({"sets": sets}, indent=1).encode())
    for one in over:
        host_keys.remove(folder, one.number)


def _current(plan: Plan, now: datetime) -> KeySet:
    """The newest set whose time has come; the oldest where the clock is behind them all."""
    return next((one for one in reversed(plan) if one.serves(now)), plan[0])


def _load(folder: Path) -> Loaded:
    plan = _plan(folder)
    return Loaded(plan, {one.number: host_keys.load(folder, one.number) for one in plan})


def _plan(folder: Path) -> Plan:
    place = _place(folder)
    try:
        told = json.loads(host_keys.tight(place).read_bytes())["sets"]
        return tuple(KeySet(one["number"], _read(one["since"]), _read(one["forgotten"])) for one in told)
    except FileNotFoundError:
        return (KeySet(1),)
    except (ValueError, KeyError, TypeError):
        raise PlanDamagedError(place) from None


def _told(one: KeySet) -> dict[str, object]:
    return {"number": one.number, "since": _written(one.since), "forgotten": _written(one.forgotten)}


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _place(folder: Path) -> Path:
    return folder / PLAN_FILE


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """What changes when the plan is replaced."""
    try:
        found = _place(folder).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder against another operator."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
