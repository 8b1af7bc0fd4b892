"""When somebody last looked at what changed in the guide."""

from datetime import datetime, timedelta

from exchange.database import add_if_missing, transaction
from exchange.models.base import as_utc
from exchange.models.guide import GuideVisit
from exchange.runtime import Exchange
from roles.policy import Actor

ONE_VISIT = timedelta(minutes=30)
"""Pages that are opened within this time are one visit: to load a page again loses nothing."""
_UNDER_WAY = timedelta(minutes=1)
"""What is published tells when that began; whoever looked before it was done has not seen it."""


def look(exchange: Exchange, actor: Actor) -> datetime | None:
    """Note that the actor looks at what changed; since when there may be news, None for the first time."""
    now = exchange.clock()
    with transaction(exchange.engine) as session:
        row = session.get(GuideVisit, actor.account_id)
        if row is None:
            add_if_missing(
                session, GuideVisit(account_id=actor.account_id, seen_at=now)
            )  # or by a second tab
            return None
        if now - as_utc(row.seen_at) > ONE_VISIT:
            row.before_at = row.seen_at
        row.seen_at = now
        session.add(row)
        return as_utc(row.before_at) - _UNDER_WAY if row.before_at else None
