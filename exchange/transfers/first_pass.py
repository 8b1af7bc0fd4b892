"""What the first pass over a file leaves for the second, as long as one process does both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exchange.models.transfers import Transfer
from exchange.transfers.asked import Asked
from schemas.checking import CheckRules, Summary
from schemas.columns import Numbers
from schemas.findings import Finding
from schemas.record import Form, Layout
from schemas.trail import Trail

SMALL: Final = 64 * 1024
"""Bytes of a file whose steps are committed together."""


def is_small(row: Transfer) -> bool:
    """Whether the steps of this file are committed together, so that nobody waits for each of them."""
    return (row.size or 0) <= SMALL


@dataclass(frozen=True)
class FirstPass:
    """How a file was checked, and what came of it; small, whatever the size of the file.

    Nobody relies on it: another worker may go on with a file, or this one after a fall. `again`: the lines of
    records that had been reported before, in order. `asked`: whom the file is about, where the registry is
    asked. `findings`: only of a small file, for they are not written down yet when the second pass begins.
    """

    layout: Layout
    form: Form
    rules: CheckRules
    summary: Summary
    trail: Trail
    again: Numbers
    asked: Asked | None
    findings: Sequence[Finding] | None = None
