"""Writing to a jurisdiction from its page: to the organization that keeps its part, or how to reach it."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from exchange.accounts import acting
from exchange.database import reading
from exchange.guide import entries
from exchange.guide.keepers import keeper_of
from exchange.messages import addressees
from exchange.runtime import Exchange
from roles.correspondence import Topic
from roles.permissions import Permission
from roles.policy import Actor, can
from schemas.guide.documents import Contact, Part

TOPICS = ("case", "general")
"""What one writes to a jurisdiction about: the first that these two may write to each other about."""
FIRST = ("central-authority", "central-registry", "tribal-program", "ocss-desk")
"""The contacts that a jurisdiction is reached by; after them any other that has a telephone or mail."""


class Way(Enum):
    """Whether one may write to a jurisdiction here; if not, why."""

    HERE = "here"
    NOBODY = "nobody"
    """No organization of that jurisdiction takes part, or none that one may write to."""
    OWN = "own"
    STRANGER = "stranger"
    """Nobody is signed in."""


@dataclass(frozen=True)
class Reach:
    """How somebody reaches a jurisdiction; `to`, `name` and `topic` where it is here.

    `contact`: whom to ring or mail, where anybody of theirs has a telephone or an address.
    """

    way: Way
    contact: Contact | None
    to: UUID | None = None
    name: str = ""
    topic: Topic | None = None


def reach(exchange: Exchange, actor: Actor | None, part: Part, day: date) -> Reach:
    """How the actor reaches a jurisdiction on a day. `part`: as the actor reads it.

    Raises `RecordNotFoundError` for a jurisdiction that the guide never had.
    """
    contact = main_contact(part, day)
    if actor is None or not can(actor, Permission.MESSAGE_SEND):
        return Reach(Way.STRANGER if actor is None else Way.NOBODY, contact)
    with reading(exchange.engine) as session:
        keeper = keeper_of(session, exchange, entries.jurisdiction(session, part.facts.locator_code))
        _, own = acting.in_view(session, exchange, actor, Permission.MESSAGE_SEND)
        found = addressees.addressee(session, own, keeper) if keeper else None
    if found is None:
        return Reach(Way.OWN if keeper == own.id else Way.NOBODY, contact)
    by_slug = {topic.slug: topic for topic in found.topics}
    fitting = next((by_slug[slug] for slug in TOPICS if slug in by_slug), found.topics[0])
    return Reach(Way.HERE, contact, found.id, found.name, fitting)


def main_contact(part: Part, day: date) -> Contact | None:
    """Whom a jurisdiction is reached by on a day; None where nobody has a telephone or mail."""
    reached = [one for one in part.contacts if one.counts_on(day) and (one.phone or one.email)]
    order = {slug: place for place, slug in enumerate(FIRST)}
    return min(reached, key=lambda one: order.get(one.type, len(order)), default=None)
