"""The `portal` command. Heavy imports happen inside the commands: `portal --help` starts at once."""

import sys
from typing import Annotated

import typer

from deploy.commands import (
    authorities,
    backup,
    bench,
    bench_persons,
    migrate,
    receipts,
    records,
    running,
    settings,
)
from deploy.commands.directory import admin
from deploy.commands.guide import guide
from deploy.commands.journal import journal
from deploy.commands.keys import keys
from deploy.commands.passwords import passwords
from deploy.commands.registry import registry
from deploy.commands.sessions import sessions
from deploy.commands.sign_on import sign_on
from deploy.console import note
from deploy.failure import FailedError, sentence
from roles.errors import PortalError

app = typer.Typer(
    name="portal",
    help="The partner exchange portal: demonstration, services, record layouts, and looking after it all.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"portal {version('ocss-portal')}")
        raise typer.Exit


@app.callback()
def portal(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Read the options that stand before the command."""


running.add_to(app)
records.add_to(app)
migrate.add_to(app)
authorities.add_to(admin)
app.add_typer(admin, name="admin")
app.add_typer(keys, name="keys")
app.add_typer(journal, name="journal")
receipts.add_to(app)
settings.add_to(app)
backup.add_to(app)
app.add_typer(registry, name="registry")
app.add_typer(guide, name="guide")
app.add_typer(passwords, name="passwords")
app.add_typer(sign_on, name="sign-on")
app.add_typer(sessions, name="sessions")
bench.add_to(app)
bench_persons.add_to(app)


def main() -> None:
    """Run the command line; what a command can not do is one sentence and exit code 1."""
    sys.exit(_run())


def _run() -> int:
    try:
        app(prog_name="portal")
    except KeyboardInterrupt:
        return 130
    except (FailedError, PortalError, OSError, ValueError) as error:
        if (told := sentence(error)) is None:
            raise
        note(f"Error: {told}")
        return 2 if isinstance(error, ValueError) else 1
    return 0


if __name__ == "__main__":
    main()
