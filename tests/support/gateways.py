"""A gateway that a test writes down itself, where no connection matters."""

from datetime import datetime, timedelta
from uuid import uuid4

from exchange.connections import Motion, Seen
from exchange.gateways import Ledger, Report
from exchange.runtime import Exchange
from tests.support.partners import Partner


def ledger_of(exchange: Exchange, place: str = "here:2022", owner: str = "") -> Ledger:
    """The rows of a gateway whose process is this one, unless `owner` says otherwise."""
    return Ledger(exchange, place, owner or exchange.owner, exchange.clock())


def connection_of(partner: Partner, since: datetime, *moving: Motion) -> Seen:
    """A connection of somebody, which has moved a million bytes to us."""
    return Seen(
        id=uuid4(),
        account_id=partner.account.id,
        organization_id=partner.organization.id,
        source="192.0.2.7",
        client="OpenSSH_10.0",
        method="publickey",
        since=since - timedelta(minutes=3),
        bytes_in=1_000_000,
        bytes_out=2_000,
        moving=moving,
    )


def report(*connections: Seen, signing_in: int = 0, **tally: float) -> Report:
    return Report(connections, signing_in, tally)
