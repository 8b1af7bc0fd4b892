"""Binds both doors and runs all parts under the supervisor."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.address import Address, bound
from deploy.console import note
from deploy.failure import FailedError
from deploy.installation import Source
from deploy.parts import part
from deploy.supervisor import Supervisor
from exchange.settings import Settings


@dataclass(frozen=True)
class Doors:
    """The listening sockets of an installation, and the addresses they really have."""

    web_socket: socket.socket
    sftp_socket: socket.socket
    web: Address
    sftp: Address

    @classmethod
    def at(cls, web: Address, sftp: Address) -> Self:
        """Bind both; `FailedError` when one is not to be had."""
        web_socket, web = bound(web)
        try:
            sftp_socket, sftp = bound(sftp)
        except FailedError:
            web_socket.close()
            raise
        return cls(web_socket, sftp_socket, web, sftp)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Bind where the settings say."""
        return cls.at(
            Address(settings.web_host, settings.web_port), Address(settings.sftp_host, settings.sftp_port)
        )

    def __enter__(self) -> Self:
        """Hold the sockets for the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.web_socket.close()
        self.sftp_socket.close()

    def told(self, where: Source) -> Source:
        """The settings' source with the addresses that the doors really have."""
        return where.but(
            web_host=self.web.host, web_port=self.web.port, sftp_host=self.sftp.host, sftp_port=self.sftp.port
        )


def run(
    where: Source,
    doors: Doors,
    announce: Callable[[], None] = lambda: None,
    logs: Path | None = None,
) -> int:
    """Run all parts until told to stop; an exit code.

    `announce` is called just before they start; `logs` is the folder for their lines, else standard error.
    """
    told = doors.told(where)
    if logs is not None:
        logs.mkdir(mode=0o700, exist_ok=True)

    def log(name: str) -> Path | None:
        return logs / f"{name}.log" if logs else None

    workers = ("worker" if n == 0 else f"worker-{n + 1}" for n in range(told.settings().workers))
    parts = (
        part("web", told, doors.web_socket, log("web")),
        part("sftp", told, doors.sftp_socket, log("sftp")),
        *(part("worker", told, log=log(name)) for name in workers),
    )
    return Supervisor(parts, note, announce).run()
