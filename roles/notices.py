"""What comes for a state or a tribe about people it looks after: kinds of notices, what pages show of them.

A notice is an outbound file in one of these layouts; whoever may fetch it may read it on a page.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NOTICE_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lump-sum-notice": "Lump sum",
        "termination-notice": "Termination",
        "data-match-state": "Account match",
        "income-withholding-ack": "Answers to orders",
        "employer-change": "Employer change",
    }
)
"""By the layout of the file, in the order that pages list them."""

_NUMBERS = frozenset({"ein", "fein", "ssn", "tin"})


def by_last_four(field: str) -> bool:
    """Whether pages show of this field of a notice its last four digits only (domain.md 13.3)."""
    return field == "account_number" or not _NUMBERS.isdisjoint(field.split("_"))


def masked(text: str) -> str:
    """A number by its last four digits."""
    return f"•••{text[-4:]}" if text else ""
