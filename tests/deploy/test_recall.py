"""The search for people decides labelled pairs, which know nothing of it, as well as is promised."""

from deploy.bench.labelled_pairs import pairs
from deploy.bench.recall import PRECISION, RECALL, judge
from exchange.runtime import Exchange


def test_labelled_pairs_are_decided_as_well_as_is_promised(exchange: Exchange) -> None:
    judged = judge(exchange.vault.cells, pairs(160))
    assert (judged.same, judged.others) == (80, 80)
    assert judged.recall >= RECALL
    assert judged.precision >= PRECISION
    assert judged.kinds.total() > judged.missed.total() + judged.taken.total()
