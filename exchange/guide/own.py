"""What the guide says of an agency's own jurisdiction, in short: for whoever of it has just signed in."""

from dataclasses import dataclass
from datetime import datetime

from exchange.database import reading
from exchange.guide import editions, entries
from exchange.guide.keepers import own_code, sorts_kept
from exchange.models.accounts import Organization
from exchange.runtime import Exchange
from roles.guide import EntrySort
from roles.permissions import Permission
from roles.policy import Actor, can
from schemas.guide.documents import Facts


@dataclass(frozen=True)
class Own:
    """One's own part; `kept`: what of it one may change."""

    facts: Facts
    answers: int
    contacts: int
    newest: datetime
    kept: frozenset[EntrySort]


def own(exchange: Exchange, actor: Actor) -> Own | None:
    """The part of the actor's own jurisdiction; None for whoever is of none, or of one the guide has not."""
    if not can(actor, Permission.GUIDE_READ):
        return None
    edition = editions.published(exchange)
    with reading(exchange.engine) as session:
        organization = session.get_one(Organization, actor.organization_id)
        part = edition.parts.get(own_code(session, exchange, organization) or "")
        if part is None:
            return None
        row = entries.jurisdiction(session, part.facts.locator_code)
        kept = sorts_kept(session, exchange, actor, row)
    newest = max(
        one.published_at for key, one in edition.stamps.items() if key.code == part.facts.locator_code
    )
    return Own(part.facts, len(part.answers), len(part.contacts), newest, kept)
