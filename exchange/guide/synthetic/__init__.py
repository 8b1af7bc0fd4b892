"""A whole guide that is made up, always the same: names and codes of places are real, all else is not.

`questionnaires` makes the questions and editions, `places` the jurisdictions, `answers` and `addresses` what
they say, all from the tables in `tables/`. Nothing in it is the official text of the guide (OMB 0970-0209) or
the law of anywhere: questions are paraphrased or our own, answers, citations and contacts are invented.
"""

from exchange.guide.synthetic.whole import guide

__all__ = ["guide"]
