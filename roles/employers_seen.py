"""What agencies see of employers: of which kinds of organization, and which contacts and addresses of theirs.

Who may look is `Permission.EMPLOYER_SEARCH`; what is not named here is not disclosed to anybody who looks.
"""

from collections.abc import Mapping
from typing import TypeVar

from roles.organizations import OrganizationKind
from roles.purposes import (
    ADDRESSES,
    CONTACTS,
    EMPLOYING,
    AddressPurpose,
    ContactPurpose,
    Purpose,
    PurposeWords,
)

LOOKED_UP: frozenset[OrganizationKind] = EMPLOYING
"""The organizations that agencies find: those that pay wages, or report for those who do."""
CONTACTS_SEEN: frozenset[ContactPurpose] = frozenset(
    {ContactPurpose.MEDICAL, ContactPurpose.VERIFICATION, ContactPurpose.WITHHOLDING}
)
ADDRESSES_SEEN: frozenset[AddressPurpose] = frozenset(
    {
        AddressPurpose.MEDICAL,
        AddressPurpose.OFFICE,
        AddressPurpose.VERIFICATION,
        AddressPurpose.WITHHOLDING,
    }
)
"""Contacts for files, payments and security are between the organization and OCSS."""

_SEEN: Mapping[str, frozenset[str]] = {
    "address": frozenset(one.value for one in ADDRESSES_SEEN),
    "contact": frozenset(one.value for one in CONTACTS_SEEN),
}

Row = TypeVar("Row")


def told_of(sort: str, purpose: str) -> bool:
    """Whether agencies see an address or contact (`sort`) for this purpose, and are told when it changes."""
    return purpose in _SEEN[sort]


def contacts_seen(counting: Mapping[str, Row]) -> list[tuple[PurposeWords, Row | None]]:
    """Of an organization's contacts by purpose, those that agencies see; None where none is provided."""
    return _seen(CONTACTS, CONTACTS_SEEN, counting)


def addresses_seen(counting: Mapping[str, Row]) -> list[tuple[PurposeWords, Row | None]]:
    """Of an organization's addresses by purpose, those that agencies see; None where none is provided."""
    return _seen(ADDRESSES, ADDRESSES_SEEN, counting)


def _seen(
    purposes: Mapping[Purpose, PurposeWords], seen: frozenset[Purpose], counting: Mapping[str, Row]
) -> list[tuple[PurposeWords, Row | None]]:
    return [(words, counting.get(key.value)) for key, words in purposes.items() if key in seen]
