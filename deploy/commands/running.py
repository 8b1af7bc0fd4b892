"""`portal demo`, `serve`, `web`, `sftp`, `worker`: starting the portal, whole or in parts."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.address import Address, parse
from deploy.console import Config, Home


def _address(text: str) -> Address:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Web = Annotated[Address, typer.Option("--web", parser=_address, metavar="HOST:PORT", help="Web door.")]
Sftp = Annotated[Address, typer.Option("--sftp", parser=_address, metavar="HOST:PORT", help="SFTP door.")]
DEMO_HOME, DEMO_WEB, DEMO_SFTP = Path("home"), Address("127.0.0.1", 8080), Address("127.0.0.1", 2022)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (demo, serve, web, sftp, worker):
        app.command(command.__name__)(command)


def demo(
    home: Annotated[Path, typer.Option(help="The demonstration's folder.", file_okay=False)] = DEMO_HOME,
    web: Web = DEMO_WEB,
    sftp: Sftp = DEMO_SFTP,
) -> None:
    """Run the demonstration: synthetic organizations, people and files; all parts in one.

    Migrates, seeds when new, writes HOME/demo.json, then listens; port 0 picks a free one. Ctrl-C stops it.
    """
    from deploy.demo.running import run

    sys.exit(run(home, web, sftp))


def serve(config: Config = None, home: Home = None) -> None:
    """Run web, SFTP gateway and workers together, from the settings; a part that dies is started again.

    SIGHUP starts all of them anew, with new settings, without refusing or breaking off anything.
    """
    from deploy.serving import run_all
    from deploy.source import source

    sys.exit(run_all(source(config, home)))


def web(config: Config = None, home: Home = None) -> None:
    """Run the web door alone, from the settings; SIGHUP starts it anew, as with serve."""
    _alone("web", config, home)


def sftp(config: Config = None, home: Home = None) -> None:
    """Run the SFTP gateway alone, from the settings; SIGHUP starts it anew, as with serve."""
    _alone("sftp", config, home)


def worker(config: Config = None, home: Home = None) -> None:
    """Run one worker alone, from the settings; start as many as there is work for."""
    _alone("worker", config, home)


def _alone(name: str, config: Path | None, home: Path | None) -> None:
    from deploy.serving import run_alone
    from deploy.source import source

    sys.exit(run_alone(name, source(config, home)))
