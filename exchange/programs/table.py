"""The one table of what programs do."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from exchange.models.transfers import Transfer
from exchange.programs import data_match, debt_inquiry, files, lump_sum, termination
from exchange.runtime import Exchange
from exchange.transfers.answers import Document

Process = Callable[[Exchange, Transfer], tuple[Document, ...]]

PROGRAMS: Final = MappingProxyType[str, Process](
    {
        "data-match": data_match.process,
        "debt-inquiry": debt_inquiry.process,
        "files": files.process,
        "lump-sum": lump_sum.process,
        "termination": termination.process,
    }
)
"""By slug; the same slugs as `roles.programs`."""
