"""`portal demo`: bind the doors, seed when new, write demo.json, show the way in, run everything."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.address import Address
from deploy.demo.places import FACTS, KEYS, KNOWN, demonstration
from deploy.failure import FailedError
from deploy.private import write_private
from deploy.serving import Doors
from deploy.serving import run as run_parts
from deploy.sources.places import synthetic_sources

WIDEST = 200
COLUMNS = {"role": 0, "username": 0, "password": 0, "totp_secret": 120, "organization": 170}
"""What the table shows, and from which width of the terminal on."""


def run(home: Path, web: Address, sftp: Address) -> int:
    """Run the demonstration in `home` until told to stop; the exit code for the shell."""
    home = home.absolute()
    with Doors.at(web=web, sftp=sftp) as doors:  # first: a taken port is said before anything is made
        return _run(home, doors)


def _run(home: Path, doors: Doors) -> int:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home):
        (home / FACTS).unlink(missing_ok=True)  # an old one would name old ports
        command = (sys.executable, "-P", "-m", "deploy.demo", str(home), str(os.getpid()))
        if code := subprocess.call(command):  # noqa: S603 -- ourselves
            return code
        return _serve(home, doors)


def _serve(home: Path, doors: Doors) -> int:
    facts = _facts(home, doors)

    def announce() -> None:
        write_private(home / FACTS, json.dumps(facts, indent=2))
        _show(facts, home)

    told = demonstration(home)
    if not doors.addresses["web"].is_anywhere:
        told = told.but(public_url=facts["web"])
    with synthetic_sources() as sources:
        return run_parts(told.but(locate_sources=sources), doors, announce, home / "logs")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the home folder; `FailedError` when another demonstration does."""
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FailedError(f"a demonstration already runs in {home}") from None
        yield


def _facts(home: Path, doors: Doors) -> dict[str, Any]:
    """What demo.json holds (contract.md)."""
    known: dict[str, Any] = json.loads((home / KNOWN).read_text())
    web, sftp = doors.addresses["web"].reachable, doors.addresses["sftp"].reachable
    return {
        "web": f"http://{web}",
        "sftp": {"host": sftp.host, "port": sftp.port, "host_key": known["host_key"]},
        "receipt_key": known["receipt_key"],
        "accounts": [_at_home(account, home) for account in known["accounts"]],
    }


def _at_home(account: dict[str, Any], home: Path) -> dict[str, Any]:
    """The account with the path of its private key where the home folder is now."""
    if "sftp" not in account:
        return account
    return {**account, "sftp": {**account["sftp"], "private_key": str(home / KEYS / account["username"])}}


def _show(facts: dict[str, Any], home: Path) -> None:
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDEST)
    table = Table(title="Demonstration: synthetic people, organizations and files only", title_justify="left")
    room = console.width
    shown = [heading for heading, width in COLUMNS.items() if width <= room]
    for heading in shown:
        table.add_column(heading.replace("_", " ").capitalize(), no_wrap=True)
    for account in facts["accounts"]:
        table.add_row(*(account[heading] for heading in shown))
    console.print(table)
    sftp = facts["sftp"]
    console.print(f"Web   {facts['web']}  (the sign-in page fills these in at a click)", highlight=False)
    console.print(
        f"SFTP  {sftp['host']} port {sftp['port']}, private keys under {home / KEYS}", highlight=False
    )
    console.print(f"All of it, with API tokens, in {home / FACTS}; logs in {home / 'logs'}", highlight=False)
    console.print("Ctrl-C stops it.")
    sys.stdout.flush()
