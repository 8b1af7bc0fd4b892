"""`portal backup` and `portal restore`: a copy of an installation, and a new installation from it."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.console import Config, Home, note, progress, say


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the copy.", exists=False)],
    config: Config = None,
    home: Home = None,
) -> None:
    """Copy the installation while it runs: database (SQLite), sealed files, keys.

    The copy holds the keys, so whoever has it can read everything. For PostgreSQL use pg_dump, then copy the
    store, then the keys, in this order.
    """
    from deploy.backup import back_up, size_of
    from deploy.failure import FailedError
    from deploy.installation import opened, source

    if target.exists():
        raise FailedError(f"{target} exists already; name a new folder")
    with opened(source(config, home)) as exchange:
        settings, moment = exchange.settings, exchange.clock().isoformat()
    with progress("Copying", size_of(settings)) as advance:
        count = back_up(settings, target, moment, advance)
    say(f"{count} files copied to {target}")
    note("The copy holds the keys: keep it as safe as the installation itself.")


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `portal backup` made.", exists=True)],
    config: Config = None,
    home: Home = None,
) -> None:
    """Lay a backup out as a new installation, after checking every file of it."""
    from deploy.backup import restore as lay_out
    from deploy.installation import source as settings_source

    settings = settings_source(config, home).settings()
    total = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    with progress("Restoring", total) as advance:
        count = lay_out(settings, source, advance)
    say(f"{count} files restored to {settings.home}; run `portal migrate`, then `portal journal verify`")
