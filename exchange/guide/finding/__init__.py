"""The one box that forgives: a guide's index in memory, and what a line that somebody typed finds in it.

`Index.of(guide)` reads a `Guide` once; `index.search(...)` is asked by the pages and the API. Nothing here
reads the clock, the database or the network, and nothing of a query is ever evaluated: it is cut into at most
sixteen words, which are compared with those of the guide.

A query goes this way: `folding` cuts and folds it, `vocabulary` finds for each word those of the guide that
are spelt or sound like it, `phrases` finds names and translated topics among them, `codes` what is written as
a code, `topics` questions and purposes of contacts, and `ranking` weighs how much each entry explains.
"""

from exchange.guide.finding.hits import Hit
from exchange.guide.finding.index import Index

__all__ = ["Hit", "Index"]
