"""What needs two people, and the policies that they choose."""

from dataclasses import dataclass
from enum import StrEnum

from roles.permissions import Permission, Role

NEEDS_TWO = frozenset({Role.OCSS_ADMINISTRATOR})
"""Roles that nobody gives alone."""


class TwoPersonAct(StrEnum):
    """An act that one person asks for and another one approves."""

    APPOINT_ADMINISTRATOR = "appoint_administrator"
    CHANGE_UNMASKING = "change_unmasking"
    RESET_SECOND_FACTOR = "reset_second_factor"


@dataclass(frozen=True)
class ActWords:
    """How an act is shown: its name, and what happens when it is approved."""

    title: str
    effect: str


ACTS: dict[TwoPersonAct, ActWords] = {
    TwoPersonAct.APPOINT_ADMINISTRATOR: ActWords(
        "New OCSS administrator", "The person becomes an OCSS administrator and signs in anew."
    ),
    TwoPersonAct.CHANGE_UNMASKING: ActWords(
        "Unmasking policy", "From then on only these people may see numbers in full, each time with a reason."
    ),
    TwoPersonAct.RESET_SECOND_FACTOR: ActWords(
        "Second-factor reset",
        "The person is told at once and may stop it while it waits. Then the person is signed out everywhere "
        "and sets a new password and second factor with a mailed code.",
    ),
}
LAPSES_AFTER_HOURS = 72


class Unmasking(StrEnum):
    """Who at OCSS may see a number in full, with a reason."""

    ADMINISTRATORS = "administrators"
    NOBODY = "nobody"
    STAFF = "staff"


UNMASKING: dict[Unmasking, tuple[str, Permission | None]] = {
    Unmasking.NOBODY: ("Nobody", None),
    Unmasking.ADMINISTRATORS: ("OCSS administrators", Permission.ACCOUNT_OVERSEE),
    Unmasking.STAFF: ("OCSS staff and administrators", Permission.ORGANIZATION_OVERSEE),
}
"""Each choice in words, and the permission it asks for."""
UNMASKING_DEFAULT = Unmasking.ADMINISTRATORS
