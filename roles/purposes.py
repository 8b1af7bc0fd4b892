"""What an organization's contacts and addresses are for, and which notices reach which contact."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from roles.organizations import OrganizationKind


class ContactPurpose(StrEnum):
    """What somebody is the contact for."""

    FILES = "files"
    LUMP_SUM = "lump_sum"
    MATCHING = "matching"
    SECURITY = "security"
    WITHHOLDING = "withholding"


class AddressPurpose(StrEnum):
    """What is sent to an address."""

    MEDICAL = "medical"
    OFFICE = "office"
    WITHHOLDING = "withholding"


@dataclass(frozen=True)
class PurposeWords:
    """How a purpose is shown, and which kinds of organization have to do with it; None for all."""

    title: str
    about: str
    kinds: frozenset[OrganizationKind] | None = None


_EMPLOYING = frozenset(
    {OrganizationKind.EMPLOYER, OrganizationKind.FEDERAL_AGENCY, OrganizationKind.PROCESSOR}
)
_PAYING = frozenset(
    {OrganizationKind.EMPLOYER, OrganizationKind.INSURER, OrganizationKind.PROCESSOR, OrganizationKind.STATE}
)
_MATCHING = frozenset(
    {OrganizationKind.FINANCIAL_INSTITUTION, OrganizationKind.STATE, OrganizationKind.TRANSMITTER}
)
_WITHHOLDING = _EMPLOYING | {OrganizationKind.STATE, OrganizationKind.TRIBE}


CONTACTS: dict[ContactPurpose, PurposeWords] = {
    ContactPurpose.FILES: PurposeWords(
        "Files", "Answers and files that are ready to fetch, where no other contact is meant."
    ),
    ContactPurpose.LUMP_SUM: PurposeWords(
        "Lump sums and debt inquiries", "Reports before a payment.", _PAYING
    ),
    ContactPurpose.MATCHING: PurposeWords(
        "Data match", "Quarterly inquiry files and their results.", _MATCHING
    ),
    ContactPurpose.SECURITY: PurposeWords("Security", "Incidents, and who may act for your organization."),
    ContactPurpose.WITHHOLDING: PurposeWords(
        "Income withholding", "Orders and terminations; states may ring this contact.", _WITHHOLDING
    ),
}
"""In the order that pages show them."""

ADDRESSES: dict[AddressPurpose, PurposeWords] = {
    AddressPurpose.OFFICE: PurposeWords("Main office", "Where the organization is."),
    AddressPurpose.WITHHOLDING: PurposeWords(
        "Income withholding", "Where orders on paper are sent.", _EMPLOYING
    ),
    AddressPurpose.MEDICAL: PurposeWords(
        "Medical support notices", "Where medical notices are sent.", _EMPLOYING
    ),
}

NOTICES: dict[str, ContactPurpose] = {
    "data-match": ContactPurpose.MATCHING,
    "debt-inquiry": ContactPurpose.LUMP_SUM,
    "lump-sum": ContactPurpose.LUMP_SUM,
    "termination": ContactPurpose.WITHHOLDING,
}
"""The contact that is told of a program's files; `FILES` for every other program, and where there is none."""

Purpose = TypeVar("Purpose", bound=StrEnum)


def shown_to(
    purposes: Mapping[Purpose, PurposeWords], kind: OrganizationKind, filled: Container[str]
) -> dict[Purpose, PurposeWords]:
    """The purposes that an organization of this kind has to do with, and those that are `filled` anyway."""
    return {
        purpose: words
        for purpose, words in purposes.items()
        if words.kinds is None or kind in words.kinds or purpose.value in filled
    }
