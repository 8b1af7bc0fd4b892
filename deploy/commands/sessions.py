"""`portal sessions`: who is connected by SFTP and doing what; ending a connection."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.console import Config, Home, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from exchange.connections import Shown

sessions = typer.Typer(help="Who is connected by SFTP and doing what; ending a connection.")
_SHORT = 8
_COLUMNS = ("ID", "ACCOUNT", "ORGANIZATION", "SOURCE", "CLIENT", "SINCE", "IN", "OUT", "OPEN NOW")
_ARROWS = {"in": "sends", "out": "fetches"}


@sessions.callback(invoke_without_command=True)
def sessions_now(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Print who is connected by SFTP now: account, source, client, bytes, and what is open."""
    from deploy.installation import opened, source
    from exchange import connections

    if context.invoked_subcommand is not None:
        return
    with opened(source(config, home)) as exchange:
        found = connections.looked_at(exchange)
    if as_json:
        say(json.dumps([_told(one) for one in found.connections], indent=2))
        return
    for line in _table(found.connections):
        say(line)
    if found.signing_in:
        say(f"and {found.signing_in} not signed in (yet)")


@sessions.command("end")
def end(
    connection: Annotated[str, typer.Argument(help="Its id, or so much of it that it is the only one.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """End a connection; the client is told. Its unfinished uploads stay and can be resumed."""
    from deploy.installation import opened, source
    from exchange import connections

    with opened(source(config, home)) as exchange:
        known = [one.seen.id for one in connections.looked_at(exchange).connections]
        wanted = [one for one in known if str(one).startswith(connection.lower())]
        if len(wanted) != 1:
            raise FailedError(
                f"{'no' if not wanted else 'more than one'} connection begins with {connection}"
            )
        connections.end(exchange, None, wanted[0])
    say(f"{wanted[0]} is being ended")


def _told(one: "Shown") -> dict[str, Any]:
    seen = one.seen
    return {
        "id": str(seen.id),
        "account": one.username,
        "organization": one.organization,
        "source": seen.source,
        "client": seen.client,
        "method": seen.method,
        "gateway": one.place,
        "since": seen.since.isoformat(timespec="seconds"),
        "bytes_in": seen.bytes_in,
        "bytes_out": seen.bytes_out,
        "open": [
            {"program": motion.program, "direction": motion.direction, "bytes": motion.size}
            for motion in seen.moving
        ],
        "ending": one.ending,
    }


def _table(shown: "list[Shown]") -> Iterator[str]:
    """The lines of a table whose columns are as wide as what stands in them."""
    if not shown:
        yield "nobody is connected"
        return
    rows = [_COLUMNS, *map(_row, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(one: "Shown") -> tuple[str, ...]:
    seen = one.seen
    moving = (f"{_ARROWS[motion.direction]} {motion.program} {motion.size:,}" for motion in seen.moving)
    return (
        str(seen.id)[:_SHORT],
        one.username,
        one.organization,
        seen.source,
        seen.client,
        f"{seen.since:%Y-%m-%d %H:%M:%S}Z",
        f"{seen.bytes_in:,}",
        f"{seen.bytes_out:,}",
        "is being ended" if one.ending else "; ".join(moving) or "-",
    )
