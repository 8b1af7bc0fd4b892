"""What only this exchange can know about a record: by layout, what is held against its tables.

A check of ours sees each block after the layout's rules, takes acceptance away from records, and says why.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np

from exchange.database import reading
from exchange.models.transfers import Transfer
from exchange.orders.matching import Matching
from exchange.orders.routing import Routing
from exchange.registry import matching
from exchange.runtime import Exchange
from exchange.transfers.reported import Kept
from schemas.checking import Block, Checked
from schemas.findings import Finding, finding

NOT_INQUIRED = "X009"


class OwnCheck(Protocol):
    """One check of one file, block by block."""

    def __call__(self, block: Block) -> Iterator[Finding]:
        """What is wrong in a block; the records that this refuses are no longer accepted."""


class Inquired:
    """Refuses every account whose SSN the quarter's inquiry file did not ask about (domain.md 3.9)."""

    def __init__(self, exchange: Exchange, row: Transfer, checked: Checked) -> None:
        """`row` is not asked: what counts stands in the rules of the check."""
        del row
        self._exchange, self._months = exchange, checked.rules.months

    def __call__(self, block: Block) -> Iterator[Finding]:
        """The accounts of a block."""
        accounts = block.records.get("matched_account")
        if accounts is None or not self._months:
            return
        period = max(self._months)
        places = accounts.accepted.nonzero()[0]
        ssns = accounts.column("ssn")[places]
        with reading(self._exchange.engine) as session:
            known = matching.inquired(session, self._exchange.vault.cells, period, ssns)
        for index in np.setdiff1d(np.arange(len(places)), known).tolist():
            accounts.accepted[places[index]] = False
            line, shown = int(accounts.lines[places[index]]), ssns[index].decode()
            wanted = f"somebody in the inquiry file {period}"
            yield finding(NOT_INQUIRED, line, accounts.record["ssn"], found=shown, expected=wanted)


Begin = Callable[[Exchange, Transfer, Checked], OwnCheck]

OWN_CHECKS: Final[Mapping[str, Begin]] = MappingProxyType(
    {
        "data-match": Inquired,
        "income-withholding": Routing,
        "income-withholding-ack": Matching,
        "lump-sum": Kept,
        "termination": Kept,
    }
)
"""By the slug of the layout."""
