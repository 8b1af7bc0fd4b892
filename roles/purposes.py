"""What an organization's contacts and addresses are for, and which notices reach which contact."""

from dataclasses import dataclass
from enum import StrEnum


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
    """How a purpose is shown."""

    title: str
    about: str


CONTACTS: dict[ContactPurpose, PurposeWords] = {
    ContactPurpose.FILES: PurposeWords(
        "Files", "Answers and files that are ready to fetch, where no other contact is meant."
    ),
    ContactPurpose.LUMP_SUM: PurposeWords("Lump sums and debt inquiries", "Reports before a payment."),
    ContactPurpose.MATCHING: PurposeWords("Data match", "Quarterly inquiry files and their results."),
    ContactPurpose.SECURITY: PurposeWords("Security", "Incidents, and who may act for your organization."),
    ContactPurpose.WITHHOLDING: PurposeWords(
        "Income withholding", "Orders and terminations; states may ring this contact."
    ),
}
"""In the order that pages show them."""

ADDRESSES: dict[AddressPurpose, PurposeWords] = {
    AddressPurpose.OFFICE: PurposeWords("Main office", "Where the organization is."),
    AddressPurpose.WITHHOLDING: PurposeWords("Income withholding", "Where orders on paper are sent."),
    AddressPurpose.MEDICAL: PurposeWords("Medical support notices", "Where medical notices are sent."),
}

NOTICES: dict[str, ContactPurpose] = {
    "data-match": ContactPurpose.MATCHING,
    "debt-inquiry": ContactPurpose.LUMP_SUM,
    "lump-sum": ContactPurpose.LUMP_SUM,
}
"""The contact that is told of a program's files; `FILES` for every other program, and where there is none."""
