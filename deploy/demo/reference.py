"""The reference guide of the demonstration: the synthetic one, some entries of which changed lately."""

from dataclasses import replace
from datetime import datetime, timedelta

from exchange.guide import loading, synthetic
from exchange.runtime import Exchange

EDITIONS = (800, 290, 20)
"""How many days ago it was published; the last of them as it is now."""


def publish(exchange: Exchange) -> None:
    """Publish its editions, each with the clock of its day, so that answers have an age and a history."""
    now = exchange.clock()
    for stage, days in enumerate(EDITIONS, 1):
        loading.load(_on(exchange, now - timedelta(days=days)), synthetic.guide(len(EDITIONS) - stage))


def _on(exchange: Exchange, moment: datetime) -> Exchange:
    return replace(exchange, clock=lambda: moment)
