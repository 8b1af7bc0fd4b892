"""The reference guide: who reads what, and who keeps which part of it.

Tables, from which the pages, the API and the tests are made. That federal and international entries are kept
by OCSS and everybody else's by themselves is V (domain.md 9.1); what the public does not read is ours (P).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor, can
from schemas.guide.documents import Audience, JurisdictionKind


class EntrySort(StrEnum):
    """What an entry of the guide is."""

    FACTS = "facts"
    ANSWER = "answer"
    CONTACT = "contact"


@dataclass(frozen=True)
class Keeper:
    """Who keeps a part; `own`: only the jurisdiction that the organization is, otherwise all of the kind."""

    organization: OrganizationKind
    jurisdiction: JurisdictionKind
    sorts: frozenset[EntrySort]
    own: bool


_WHOLE = frozenset(EntrySort)
_SAID = frozenset({EntrySort.ANSWER, EntrySort.CONTACT})

KEEPERS: tuple[Keeper, ...] = (
    Keeper(OrganizationKind.STATE, JurisdictionKind.STATE, _SAID, own=True),
    Keeper(OrganizationKind.TRIBE, JurisdictionKind.TRIBE, _SAID, own=True),
    Keeper(
        OrganizationKind.INTERNATIONAL, JurisdictionKind.COUNTRY, frozenset({EntrySort.CONTACT}), own=True
    ),
    Keeper(OrganizationKind.OCSS, JurisdictionKind.FEDERAL, _WHOLE, own=False),
    Keeper(OrganizationKind.OCSS, JurisdictionKind.COUNTRY, _WHOLE, own=False),
    Keeper(OrganizationKind.OCSS, JurisdictionKind.STATE, frozenset({EntrySort.FACTS}), own=False),
    Keeper(OrganizationKind.OCSS, JurisdictionKind.TRIBE, frozenset({EntrySort.FACTS}), own=False),
)
"""What is not here nobody edits: OCSS does not answer for a state."""

_SEES: Mapping[Audience, frozenset[Audience]] = MappingProxyType(
    {
        Audience.PUBLIC: frozenset({Audience.PUBLIC}),
        Audience.WORKERS: frozenset({Audience.PUBLIC, Audience.WORKERS}),
    }
)

REVIEW_EVERY_DAYS = 365
"""Days after which an entry's keeper is asked to look at it again (ours, P)."""


def audience_of(actor: Actor | None) -> Audience:
    """What somebody reads: those without an account, or whose role does not read it all, the public part."""
    return Audience.WORKERS if actor and can(actor, Permission.GUIDE_READ) else Audience.PUBLIC


def sees(reader: Audience, wanted: Audience) -> bool:
    """Whether a reader of one kind sees what is meant for another."""
    return wanted in _SEES[reader]


def keeps(actor: Actor, own_code: str | None, kind: JurisdictionKind, code: str) -> frozenset[EntrySort]:
    """Which sorts of entries of a jurisdiction the actor may change.

    `own_code`: the locator code of the actor's organization, None where it has none; `kind` and `code`: of
    the jurisdiction.
    """
    if not can(actor, Permission.GUIDE_KEEP):
        return frozenset()
    return kept_by(actor.organization_kind, own_code, kind, code)


def kept_by(
    organization: OrganizationKind, own_code: str | None, kind: JurisdictionKind, code: str
) -> frozenset[EntrySort]:
    """Which sorts of entries of a jurisdiction an organization keeps, whoever of it does."""
    held = (
        keeper.sorts
        for keeper in KEEPERS
        if keeper.organization is organization
        and keeper.jurisdiction is kind
        and (not keeper.own or own_code == code)
    )
    return frozenset().union(*held)
