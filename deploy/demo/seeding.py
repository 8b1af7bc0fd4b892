"""Fills a new demonstration, in a process of its own: the parent of all parts stays small.

`python -m deploy.demo HOME PARENT` migrates, seeds when new, and leaves what the parent needs in
`accounts.json`.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from deploy.console import by_total, note, progress
from deploy.demo import agency, reference
from deploy.demo.correspondence import write_messages
from deploy.demo.details import describe_employers
from deploy.demo.enrolment import companies, enrol
from deploy.demo.history import ask_the_quarter, hand_over_history
from deploy.demo.locating import let_locate
from deploy.demo.multistate import register_multistate
from deploy.demo.newcomers import put_on_record, register
from deploy.demo.places import KEYS, KNOWN, demonstration
from deploy.demo.roster import PEOPLE
from deploy.failure import FailedError
from deploy.installation import migrated, opened
from deploy.lifeline import die_with
from deploy.private import write_private
from exchange.registry import seed as registry
from exchange.registry.population import Population
from exchange.registry.searching import filling
from exchange.runtime import Exchange
from exchange.settings import Settings
from exchange.transfers.receipts import public_key_path
from roles.errors import PortalError
from sftp_gateway.rotation import KeyRing

POPULATION, SEED = 20_000, 1975
"""People of the case registry; the child support program began in 1975."""
_BEGUN = ".seeding"
"""Stands in the home folder while a seeding is under way: what it finds there afterwards it may remove."""


def seed(home: Path) -> None:
    """Make the demonstration in `home` ready to run. A seeding that was cut off begins anew."""
    where = demonstration(home)
    settings = where.settings()
    if not (home / KNOWN).exists():
        _begin(settings)
        migrated(where)
        with opened(where) as exchange:
            _know(home, _facts(settings, _fill(exchange)))
        (home / _BEGUN).unlink()
    migrated(where)
    with opened(where) as exchange:
        filling.fill(exchange)
        ask_the_quarter(exchange)
        host_key = KeyRing(settings.host_keys).at(exchange.clock()).public_line
    _know(home, {**json.loads((home / KNOWN).read_text()), "host_key": host_key})


def _know(home: Path, known: dict[str, Any]) -> None:
    write_private(home / KNOWN, json.dumps(known, indent=2))


def _begin(settings: Settings) -> None:
    """Remove what a seeding that was cut off has left; `FailedError` when there is anything else."""
    home = settings.home
    if (home / _BEGUN).exists():
        for leftover in home.glob("portal.db*"):
            leftover.unlink()
        for folder in (settings.store, settings.keyring.parent, settings.mail_folder, home / KEYS):
            if folder.is_relative_to(home):
                shutil.rmtree(folder, ignore_errors=True)
    elif (home / "portal.db").exists():
        raise FailedError(f"{home} holds an installation that is not a demonstration")
    (home / _BEGUN).touch()


def _fill(exchange: Exchange) -> list[dict[str, Any]]:
    """Everything a visitor finds; returns the accounts."""
    reference.publish(exchange)  # first: its editions are of the past, and the journal goes by time
    with progress("Case registry", POPULATION) as advance:
        registry.seed(exchange, POPULATION, SEED, by_total(advance))
    with progress("Organizations and accounts", len(companies()) + len(PEOPLE)) as advance:
        enrolled = enrol(exchange, exchange.settings.home / KEYS, advance)
    ask_the_quarter(exchange)  # the data-match files of the history answer it
    hand_over_history(exchange)
    agency.open_offices(exchange)
    write_messages(exchange)
    agency.work(exchange)
    describe_employers(exchange)
    register_multistate(exchange)
    let_locate(exchange, Population(POPULATION, SEED))
    put_on_record(exchange)
    register(exchange)
    return [each.as_json() for each in enrolled]


def _facts(settings: Settings, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """What demo.json holds (contract.md), without the addresses and the host key, which may change."""
    assert settings.receipt_key is not None
    return {
        "receipt_key": str(public_key_path(settings.receipt_key)),
        "accounts": accounts,
    }


def main() -> int:
    """Be the child process of `portal demo`."""
    die_with(int(sys.argv[2]))
    try:
        seed(Path(sys.argv[1]))
    except KeyboardInterrupt:
        return 130
    except (FailedError, PortalError) as problem:
        note(f"Error: {problem}")
        return 1
    return 0
