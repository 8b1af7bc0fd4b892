"""The one table of what programs do."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from exchange.models.transfers import Transfer
from exchange.programs import (
    acknowledgements,
    data_match,
    debt_inquiry,
    files,
    lump_sum,
    orders,
    termination,
)
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, Outcome

Process = Callable[[Exchange, Transfer], Outcome]


def _by_layout(**processes: Process) -> Process:
    """A program whose senders hand over different layouts, each of which is processed in its own way."""
    return lambda exchange, row: processes[(row.layout or "").replace("-", "_")](exchange, row)


def _only(documents: Callable[[Exchange, Transfer], tuple[Document, ...]]) -> Process:
    """A program that leaves nothing but documents."""
    return lambda exchange, row: Outcome(documents(exchange, row))


PROGRAMS: Final = MappingProxyType[str, Process](
    {
        "data-match": _only(data_match.process),
        "debt-inquiry": _only(debt_inquiry.process),
        "files": _only(files.process),
        "income-withholding": _by_layout(
            income_withholding=orders.process, income_withholding_ack=acknowledgements.process
        ),
        "lump-sum": _only(lump_sum.process),
        "termination": _only(termination.process),
    }
)
"""By slug; the same slugs as `roles.programs`."""
