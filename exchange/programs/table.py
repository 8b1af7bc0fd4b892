"""The one table of what programs do."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from exchange.models.transfers import Transfer
from exchange.programs import (
    acknowledgements,
    case_registry,
    data_match,
    debt_inquiry,
    files,
    lump_sum,
    messages,
    orders,
    termination,
)
from exchange.runtime import Exchange
from exchange.transfers.answers import Document, Outcome
from exchange.transfers.first_pass import FirstPass

Process = Callable[[Exchange, Transfer, FirstPass | None], Outcome]
"""What a program makes of a file, and of what its first pass left where one process did that."""


def _by_layout(**processes: Process) -> Process:
    """A program whose senders hand over different layouts, each of which is processed in its own way."""
    return lambda exchange, row, first: processes[(row.layout or "").replace("-", "_")](exchange, row, first)


def _only(documents: Callable[[Exchange, Transfer, FirstPass | None], tuple[Document, ...]]) -> Process:
    """A program that leaves nothing but documents."""
    return lambda exchange, row, first: Outcome(documents(exchange, row, first))


PROGRAMS: Final = MappingProxyType[str, Process](
    {
        "case-registry": case_registry.process,
        "data-match": _only(data_match.process),
        "debt-inquiry": _only(debt_inquiry.process),
        "files": _only(files.process),
        "guide-texts": _only(lambda _exchange, _row, _first: ()),
        "income-withholding": _by_layout(
            income_withholding=orders.process, income_withholding_ack=acknowledgements.process
        ),
        "lump-sum": _only(lump_sum.process),
        "messages": messages.process,
        "termination": _only(termination.process),
    }
)
"""By slug; the same slugs as `roles.programs`."""
