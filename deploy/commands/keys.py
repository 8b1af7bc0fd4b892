"""`portal keys`: the keyring that seals every stored file."""

from typing import Annotated

import typer

from deploy.commands.host_keys import host
from deploy.console import Config, Home, note, progress, say
from deploy.failure import FailedError

keys = typer.Typer(help="The keyring that seals every stored file, and the SFTP gateway's host keys.")
keys.add_typer(host, name="host")


@keys.command("list")
def list_keys(config: Config = None, home: Home = None) -> None:
    """Print every wrapping key: id, date, state, and whether this machine can open with it."""
    from deploy.installation import opened, source

    with opened(source(config, home)) as exchange:
        for key in exchange.vault.keyring.current().keys:
            opens = "seals only" if key.private is None else "seals and opens"
            say(f"{key.id.hex()}  {key.created}  {key.state}  {opens}")


@keys.command("rotate")
def rotate(
    finish: Annotated[
        bool, typer.Option("--finish", help="Make no new key: go on with a rotation that was cut off.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Make a new key and re-wrap the keys of all stored files to it, while the system runs."""
    from deploy.installation import opened, source

    with opened(source(config, home)) as exchange:
        vault = exchange.vault
        total = sum(1 for _ in vault.ids())
        with progress("Re-wrapping", total) as advance:
            work = vault.rewrap if finish else vault.rotate
            counts = work(lambda _so_far: advance(1))
    say(f"{counts.rewrapped} files re-wrapped, {counts.already} were already")
    if counts.busy:
        note(f"{counts.busy} are being written now: run `portal keys rotate --finish` later")
    if counts.damaged or counts.locked:
        raise FailedError(f"{counts.damaged} files are damaged, {counts.locked} are sealed to a missing key")
