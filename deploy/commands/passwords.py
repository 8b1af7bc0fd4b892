"""`portal passwords`: the installation's own list of passwords that were stolen elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from deploy.console import Advance, Config, Home, progress, say

passwords = typer.Typer(help="The list of breached passwords, which nobody may choose.")
_TOLD_EVERY = 100_000


@passwords.callback()
def _group() -> None:
    """Keep `load` a word of its own, although it is the only one so far."""


@passwords.command("load")
def load(
    file: Annotated[
        Path,
        typer.Argument(
            help="SHA-1 lines as Have I Been Pwned gives them (HASH:COUNT), bare SHA-1s, or the passwords.",
            exists=True,
            dir_okay=False,
        ),
    ],
    config: Config = None,
    home: Home = None,
) -> None:
    """Replace the list by FILE; the web pages use it from the next password on."""
    from deploy.installation import source
    from exchange.accounts import breached

    where = source(config, home).settings().breached_passwords
    with file.open("rb") as lines, progress("Reading", file.stat().st_size) as advance:
        count = breached.load(_told(lines, advance), where)
    say(f"{count} breached passwords are refused from now on")


def _told(lines: BinaryIO, advance: Advance) -> Iterator[bytes]:
    """The lines, while the bar moves by the bytes that were read."""
    read = 0
    for number, line in enumerate(lines):
        read += len(line)
        if number % _TOLD_EVERY == 0:
            advance(read)
            read = 0
        yield line
