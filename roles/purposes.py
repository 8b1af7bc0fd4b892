"""What an organization's contacts and addresses are for, and which notices reach which contact."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from roles.organizations import OrganizationKind


class ContactPurpose(StrEnum):
    """What somebody is the contact for."""

    FILES = "files"
    LEVIES = "levies"
    LUMP_SUM = "lump_sum"
    MATCHING = "matching"
    MEDICAL = "medical"
    SECURITY = "security"
    VERIFICATION = "verification"
    WITHHOLDING = "withholding"


class AddressPurpose(StrEnum):
    """What is sent to an address."""

    LEVIES = "levies"
    MEDICAL = "medical"
    OFFICE = "office"
    VERIFICATION = "verification"
    WITHHOLDING = "withholding"


class Rhythm(StrEnum):
    """How often an organization is told by mail of what waits for it."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NONE = "none"


@dataclass(frozen=True)
class PurposeWords:
    """How a purpose is shown, and which kinds of organization have to do with it; None for all.

    `may_follow`: the purpose that this one may be said to be the same as; empty for those that stand alone.
    """

    title: str
    about: str
    kinds: frozenset[OrganizationKind] | None = None
    may_follow: str = ""


EMPLOYING = frozenset(
    {OrganizationKind.EMPLOYER, OrganizationKind.FEDERAL_AGENCY, OrganizationKind.PROCESSOR}
)
"""Whose page holds what agencies ask an employer for."""
_PAYING = frozenset(
    {OrganizationKind.EMPLOYER, OrganizationKind.INSURER, OrganizationKind.PROCESSOR, OrganizationKind.STATE}
)
_MATCHING = frozenset(
    {OrganizationKind.FINANCIAL_INSTITUTION, OrganizationKind.STATE, OrganizationKind.TRANSMITTER}
)
_LEVIED = frozenset({OrganizationKind.FINANCIAL_INSTITUTION, OrganizationKind.INSURER})
_WITHHOLDING = EMPLOYING | {
    OrganizationKind.RESEARCH_PARTNER,
    OrganizationKind.STATE,
    OrganizationKind.TRIBE,
}


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
        "Payroll and income withholding",
        "Orders and terminations; states may ring this contact.",
        _WITHHOLDING,
    ),
    ContactPurpose.MEDICAL: PurposeWords(
        "Medical support notices", "Health cover for the children of employees.", EMPLOYING, "withholding"
    ),
    ContactPurpose.VERIFICATION: PurposeWords(
        "Verification of employment",
        "Whether somebody works for you, and since when.",
        EMPLOYING,
        "withholding",
    ),
    ContactPurpose.LEVIES: PurposeWords(
        "Liens and levies", "Notices of liens and levies, and answers to them.", _LEVIED
    ),
}
"""In the order that pages show them."""

ADDRESSES: dict[AddressPurpose, PurposeWords] = {
    AddressPurpose.OFFICE: PurposeWords("Main office", "Where the organization is."),
    AddressPurpose.WITHHOLDING: PurposeWords(
        "Payroll and income withholding", "Where orders on paper are sent.", EMPLOYING
    ),
    AddressPurpose.MEDICAL: PurposeWords(
        "Medical support notices", "Where medical notices are sent.", EMPLOYING, "withholding"
    ),
    AddressPurpose.VERIFICATION: PurposeWords(
        "Verification of employment",
        "Where agencies ask whether somebody works for you.",
        EMPLOYING,
        "withholding",
    ),
    AddressPurpose.LEVIES: PurposeWords(
        "Liens and levies", "Where notices of liens and levies are sent.", _LEVIED
    ),
}

NOTICES: dict[str, ContactPurpose] = {
    "data-match": ContactPurpose.MATCHING,
    "debt-inquiry": ContactPurpose.LUMP_SUM,
    "income-withholding": ContactPurpose.WITHHOLDING,
    "lump-sum": ContactPurpose.LUMP_SUM,
    "termination": ContactPurpose.WITHHOLDING,
}
"""The contact that is told of a program's files; `FILES` for every other program, and where there is none."""

RHYTHMS: dict[str, tuple[str, str]] = {
    Rhythm.AT_ONCE.value: ("At once", "A mail within seconds of each file that comes."),
    Rhythm.DAILY.value: ("Once a day", "One mail each business day, with how many of which program came."),
    Rhythm.NONE.value: (
        "Not at all",
        "Sign in to see what came. Mail about security still comes.",
    ),
}
"""How each is offered: its name, and what it means."""

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
