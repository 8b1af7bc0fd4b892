"""What changed lately, as each reader may know it; also of what is in the guide no more."""

from exchange.guide import editions, loading
from exchange.guide.latest import Change, changes
from exchange.runtime import Exchange
from schemas.guide.documents import Audience
from tests.support.guide import contact, small_guide, state

TEXAS = state("48000", "Texas", "18")
HIDDEN = contact("48000", "csenet", "csenet")
FOR_ALL = {"facts", "age-of-majority", "central-registry"}


def gone(exchange: Exchange, reader: Audience) -> list[Change]:
    whole = editions.published(exchange)
    return [one for one in changes(exchange, whole, reader) if one.change == "taken out"]


def test_a_jurisdiction_that_was_taken_out_is_told_to_who_could_read_of_it(exchange: Exchange) -> None:
    texas = TEXAS.model_copy(update={"contacts": (*TEXAS.contacts, HIDDEN)})
    for given in (small_guide(texas), small_guide()):
        loading.load(exchange, given)
    public, workers = (gone(exchange, reader) for reader in (Audience.PUBLIC, Audience.WORKERS))
    assert {one.key.slug for one in public} == FOR_ALL
    assert {one.key.slug for one in workers} == FOR_ALL | {"family-violence", "csenet"}
    assert {one.facts.name for one in (*public, *workers)} == {"Texas"}
    loading.load(exchange, small_guide(texas))
    assert gone(exchange, Audience.WORKERS) == []
