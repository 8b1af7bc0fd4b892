"""`portal journal`: whether the record of what was done is whole."""

import typer

from deploy.console import Config, Home, say
from deploy.failure import FailedError

journal = typer.Typer(help="The append-only record of what was done.")


@journal.callback()
def _group() -> None:
    """Keep `verify` a word of its own, although it is the only one so far."""


@journal.command("verify")
def verify(config: Config = None, home: Home = None) -> None:
    """Check every event against the one before; exit code 1 names the first that is not as it was written."""
    from deploy.installation import opened, source
    from exchange import journal as chain

    with opened(source(config, home)) as exchange:
        broken = chain.verify(exchange)
    if broken is not None:
        raise FailedError(broken.why)
    say("the journal is whole")
