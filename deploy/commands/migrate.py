"""`portal migrate`: the tables of this release."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.console import Config, Home, say
from deploy.failure import FailedError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate)


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: compare the migrations with the models.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Bring the database to the tables of this release; does nothing when it is there already."""
    if check:
        _compare()
        return
    from deploy.installation import migrated, source

    settings = migrated(source(config, home))
    say(f"the database of {settings.home} is up to date")


def _compare() -> None:
    """Migrate an empty database and hold it against the models."""
    from deploy.migrate import differences
    from deploy.migrate import migrate as upgrade
    from exchange.database import open_engine

    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(engine)
        found = differences(engine)
        engine.dispose()
    if found:
        raise FailedError(f"the migrations and the models differ: {'; '.join(map(str, found))}")
    say("the migrations make the tables of the models")
