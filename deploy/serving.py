"""Binds the doors of an installation and runs its parts, all or one, under the supervisor."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.address import Address, bound
from deploy.console import note
from deploy.process import Part
from deploy.source import Source
from deploy.supervisor import Supervisor
from exchange.settings import Settings

SOCKETS = {"web": ("web", "operations"), "sftp": ("sftp",), "worker": ()}
"""Each part, and the doors whose sockets it inherits, in this order."""


@dataclass(frozen=True)
class Doors:
    """The listening sockets of an installation by name, and the addresses they really have."""

    sockets: dict[str, socket.socket]
    addresses: dict[str, Address]

    @classmethod
    def at(cls, **wanted: Address) -> Self:
        """Bind all; `FailedError` when one is not to be had."""
        doors = cls({}, {})
        try:
            for name, address in wanted.items():
                doors.sockets[name], doors.addresses[name] = bound(address)
        except BaseException:
            doors.__exit__()
            raise
        return doors

    @classmethod
    def of(cls, settings: Settings, parts: Sequence[str]) -> Self:
        """Bind where the settings say, for these parts; the door for operations only if it has a port."""
        addresses = {
            "web": Address(settings.web_host, settings.web_port),
            "sftp": Address(settings.sftp_host, settings.sftp_port),
            "operations": Address(settings.operations_host, settings.operations_port),
        }
        names = [name for part in parts for name in SOCKETS[part]]
        if not settings.operations_port:
            names = [name for name in names if name != "operations"]
        return cls.at(**{name: addresses[name] for name in names})

    def __enter__(self) -> Self:
        """Hold the sockets for the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        for each in self.sockets.values():
            each.close()

    def told(self, where: Source) -> Source:
        """The settings' source with the addresses that the doors really have."""
        for name, address in self.addresses.items():
            where = where.but(**{f"{name}_host": address.host, f"{name}_port": address.port})
        return where


def run(where: Source, doors: Doors, announce: Callable[[], None], logs: Path) -> int:
    """Run a whole installation until told to stop; an exit code.

    `announce` is called just before its parts start; `logs` is the folder for their lines.
    """
    logs.mkdir(mode=0o700, exist_ok=True)
    return Supervisor(_parts(where, doors, _whole(where.settings()), logs), note, announce).run()


def run_all(where: Source) -> int:
    """Run a whole installation as its settings say; an exit code."""
    return _run(where, _whole(where.settings()))


def run_alone(name: str, where: Source) -> int:
    """Run one part as the settings say; an exit code."""
    return _run(where, (name,))


def _run(where: Source, names: Sequence[str]) -> int:
    with Doors.of(where.settings(), names) as doors:
        return Supervisor(_parts(where, doors, names), note).run()


def _whole(settings: Settings) -> tuple[str, ...]:
    return ("web", "sftp", *["worker"] * settings.workers)


def _parts(where: Source, doors: Doors, names: Sequence[str], logs: Path | None = None) -> tuple[Part, ...]:
    told = doors.told(where)
    made = []
    for place, name in enumerate(names):
        sockets = [doors.sockets[each] for each in SOCKETS[name] if each in doors.sockets]
        before = names[:place].count(name)
        log = logs / (f"{name}-{before + 1}.log" if before else f"{name}.log") if logs else None
        made.append(_part(name, told, sockets, log))
    return tuple(made)


def _part(name: str, where: Source, sockets: Sequence[socket.socket], log: Path | None) -> Part:
    """One child process, to be handed to the supervisor."""
    # -P: a folder named `web` where the user happens to stand must not be taken for ours.
    command = (sys.executable, "-P", "-m", "deploy.child", name, str(os.getpid()))
    numbers = tuple(str(each.fileno()) for each in sockets)
    return Part(name, command + numbers, where.as_json(), tuple(sockets), log)
