"""`portal keys host`: the keys the SFTP gateway proves itself with, and their change with notice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.console import Config, Home, say
from deploy.failure import FailedError

if TYPE_CHECKING:
    from exchange.host_keys import HostKey
    from exchange.runtime import Exchange

host = typer.Typer(help="The SFTP gateway's host keys, and their change with notice.")
_USUAL_GRACE = 30


@host.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, with the whole keys.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Print every host key: whether it is in use, its kind and fingerprint, and from when until when."""
    with _opened(config, home) as exchange:
        _print(exchange, as_json=as_json)


@host.command("rotate")
def rotate(
    grace_days: Annotated[
        float, typer.Option(min=0.01, max=365, help="Days for which the next keys are only announced.")
    ] = _USUAL_GRACE,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The keys in use are not to be trusted: use others now.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Make the next host keys and announce them; every gateway changes to them when the grace is over.

    With --at-once those that were announced serve now, else new ones, and no client is to trust the old ones.
    """
    from sftp_gateway import rotation

    with _opened(config, home) as exchange:
        now = exchange.clock().replace(microsecond=0)
        since = now + timedelta(days=grace_days)
        rotation.rotate(exchange.settings.host_keys, now, since, at_once=at_once)
        _print(exchange)


@host.command("withdraw")
def withdraw(config: Config = None, home: Home = None) -> None:
    """Take the next host keys back before they are used; clients that learned them forget them."""
    from sftp_gateway import rotation

    with _opened(config, home) as exchange:
        rotation.withdraw(exchange.settings.host_keys, exchange.clock())
        _print(exchange)


@contextmanager
def _opened(config: Config, home: Home) -> "Iterator[Exchange]":
    """The exchange, with host keys; what does not fit is said in one sentence."""
    from deploy.installation import opened, source
    from sftp_gateway.host_keys import HostKeyExposedError
    from sftp_gateway.rotation import RotationError

    with opened(source(config, home)) as exchange:
        try:
            yield exchange
        except (RotationError, HostKeyExposedError, OSError) as problem:
            raise FailedError(str(problem)) from None


def _print(exchange: "Exchange", *, as_json: bool = False) -> None:
    """Have partners shown what there is now, and print it."""
    from exchange.host_keys import publish
    from sftp_gateway.rotation import KeyRing

    keys, now = KeyRing(exchange.settings.host_keys).told(), exchange.clock()
    publish(exchange, keys)
    if as_json:
        say(json.dumps([_told(key, now) for key in keys], indent=2))
        return
    for key in keys:
        say("  ".join((_state(key, now).ljust(8), key.kind.ljust(11), key.fingerprint, _when(key))).rstrip())


def _told(key: "HostKey", now: datetime) -> dict[str, Any]:
    return {
        "state": _state(key, now),
        "kind": key.kind,
        "fingerprint": key.fingerprint,
        "since": key.since.isoformat() if key.since else None,
        "until": key.until.isoformat() if key.until else None,
        "line": key.line,
    }


def _state(key: "HostKey", now: datetime) -> str:
    if key.is_to_come(now):
        return "next"
    return "replaced" if key.is_over(now) else "in use"


def _when(key: "HostKey") -> str:
    ends = (("from", key.since), ("until", key.until))
    return " ".join(f"{word} {moment:%Y-%m-%d %H:%M} UTC" for word, moment in ends if moment)
