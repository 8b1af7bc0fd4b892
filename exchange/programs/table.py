"""The one table of what programs do."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from exchange.models.transfers import Transfer
from exchange.programs import data_match, debt_inquiry, files, lump_sum, termination
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, Outcome

Process = Callable[[Exchange, Transfer], Outcome]


def _only(documents: Callable[[Exchange, Transfer], tuple[Document, ...]]) -> Process:
    """A program that leaves nothing but documents."""
    return lambda exchange, row: Outcome(documents(exchange, row))


PROGRAMS: Final = MappingProxyType[str, Process](
    {
        "data-match": _only(data_match.process),
        "debt-inquiry": _only(debt_inquiry.process),
        "files": _only(files.process),
        "lump-sum": _only(lump_sum.process),
        "termination": _only(termination.process),
    }
)
"""By slug; the same slugs as `roles.programs`."""
