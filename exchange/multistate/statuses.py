"""What may become of a registration: one table, which nothing goes around (decision 0023)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from exchange.errors import NotNowError
from exchange.models.multistate import RegistryStatus


class Act(StrEnum):
    """What is done with a registration; `activate` is the calendar's."""

    SUBMIT = "submit"
    ACTIVATE = "activate"
    CHANGE = "change"
    CANCEL = "cancel"
    DISCARD = "discard"


DRAFT, SUBMITTED = RegistryStatus.DRAFT, RegistryStatus.SUBMITTED
ACTIVE, CHANGED = RegistryStatus.ACTIVE, RegistryStatus.CHANGED
CANCELLED = RegistryStatus.CANCELLED
TRANSITIONS: Mapping[tuple[RegistryStatus, Act], RegistryStatus] = MappingProxyType(
    {
        (DRAFT, Act.SUBMIT): SUBMITTED,
        (DRAFT, Act.DISCARD): DRAFT,
        (SUBMITTED, Act.ACTIVATE): ACTIVE,
        (SUBMITTED, Act.CHANGE): SUBMITTED,
        (SUBMITTED, Act.CANCEL): CANCELLED,
        (ACTIVE, Act.CHANGE): CHANGED,
        (ACTIVE, Act.CANCEL): CANCELLED,
        (CHANGED, Act.CHANGE): CHANGED,
        (CHANGED, Act.CANCEL): CANCELLED,
    }
)
"""What stands, what is done, what stands then. A discarded draft is gone; nothing follows on CANCELLED."""
LIVE = frozenset({SUBMITTED, ACTIVE, CHANGED})
"""Those of which there is one a FEIN."""
_WHY = {
    DRAFT: "it was not submitted yet",
    SUBMITTED: "it is submitted already",
    ACTIVE: "it is in force already",
    CHANGED: "it is in force already",
    CANCELLED: "it was cancelled; register anew instead",
}


def after(status: str, act: Act) -> RegistryStatus:
    """What stands after an act. Raises `NotNowError` for one that the table does not have."""
    found = TRANSITIONS.get((RegistryStatus(status), act))
    if found is None:
        raise NotNowError(why=_WHY[RegistryStatus(status)])
    return found


def allows(status: str, act: Act) -> bool:
    """Whether the table has the act; for pages that offer it."""
    return (RegistryStatus(status), act) in TRANSITIONS
