"""A processor with very many clients, made at once and not one by one."""

from datetime import timedelta
from uuid import uuid4

from exchange.accounts.identity import mark
from exchange.database import transaction
from exchange.models.accounts import Organization, Representation
from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from tests.support.partners import Partner


def make_clients(exchange: Exchange, agent: Partner, count: int, first: int = 0) -> None:
    """Employers named `Client 0000` and so on, until `count` are there, that let it act since a day."""
    cells, since = exchange.vault.cells, exchange.clock() - timedelta(days=1)
    with transaction(exchange.engine) as session:
        for number in range(first, count):
            fein, key = f"0077{number:05d}", uuid4()
            client = Organization(
                id=key,
                kind=OrganizationKind.EMPLOYER.value,
                name=f"Client {number:04d}",
                fein_sealed=cells.seal(f"fein:{key}", fein),
                fein_hash=cells.keyed_hash("fein", fein),
                created_at=since,
            )
            client.authenticator = mark(exchange, client)
            pair = Representation(transmitter_id=agent.organization.id, client_id=key, since=since)
            pair.authenticator = mark(exchange, pair)
            session.add(client)
            session.flush()
            session.add(pair)
