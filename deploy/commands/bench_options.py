"""Options that several benchmarks share."""

from pathlib import Path
from typing import Annotated

import typer

Rounds = Annotated[int, typer.Option(min=1, help="Rounds; medians are printed.")]
People = Annotated[int, typer.Option(min=20_000, max=10_000_000, help="People in the registry.")]
Home = Annotated[Path | None, typer.Option(help="An installation to make here, or to use again; it is kept.")]
Database = Annotated[
    str | None, typer.Option(help="URL of a PostgreSQL database, empty or that of HOME; it is kept.")
]
Check = Annotated[bool, typer.Option("--check", help="Exit with 1 when a goal is missed.")]


def refuse_keyless(home: Path | None, database: str | None) -> None:
    """Raise `typer.BadParameter` for a database without the home that has its keys."""
    if database and not home:
        raise typer.BadParameter("a database needs the --home whose keys it is sealed with")
