"""What waits for somebody's decision: told on the page that opens after signing in."""

from dataclasses import dataclass

from exchange.accounts import clients, verification
from exchange.runtime import Exchange
from roles.permissions import Permission
from roles.policy import Actor, can


@dataclass(frozen=True)
class Waiting:
    """How many registrations (`late`: longer than they may), people who ask to join, and who ask to act."""

    registrations: int = 0
    late: int = 0
    joins: int = 0
    requests: int = 0


def waiting_for(exchange: Exchange, actor: Actor) -> Waiting:
    """What the actor may decide; what somebody else decides is not counted."""
    registrations, late = (0, 0)
    if can(actor, Permission.REGISTRATION_VERIFY):
        registrations, late = verification.how_many_wait(exchange, actor, exchange.clock())
    return Waiting(
        registrations,
        late,
        verification.how_many_ask_to_join(exchange, actor) if can(actor, Permission.ACCOUNT_MANAGE) else 0,
        clients.how_many_ask(exchange, actor) if can(actor, Permission.ORGANIZATION_MANAGE) else 0,
    )
