"""Pairs of people with the answer whether they are the same one, to hold a matcher against.

Made from our own lists of names and difficulties, and from nothing that a matcher uses: nothing here may
import one, or a library of nicknames or phonetics. `deploy.bench.labelled_pairs` is the front.

- `facts`: what is known of a person; a pair. `stock`: the lists in the text files beside it, and people of
  them.
- `slips`: within one word. `naming`, `dates`, `numbers`: the difficulties. `relatives`: near, but others.
- `dressing`: the look of both sides, and what is left out of a middle name.
- `judging`: which pairs a knowledgeable caseworker can decide; the others are left out.
- `task`: the same pairs as a search in a registry.
"""
