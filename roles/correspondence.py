"""Messages, as data: the topics, who may write to whom about them, and how a message is marked."""

from dataclasses import dataclass
from enum import StrEnum

from roles.organizations import OrganizationKind
from roles.purposes import ContactPurpose

_ALL = frozenset(OrganizationKind)
AGENCIES = frozenset({OrganizationKind.OCSS, OrganizationKind.STATE, OrganizationKind.TRIBE})
"""One of the two ends of every thread; they have shared inboxes."""
_OCSS = frozenset({OrganizationKind.OCSS})
_CASES = frozenset({OrganizationKind.STATE, OrganizationKind.TRIBE})
_EMPLOYING = frozenset(
    {OrganizationKind.EMPLOYER, OrganizationKind.FEDERAL_AGENCY, OrganizationKind.PROCESSOR}
)
_PAYING = _EMPLOYING | {OrganizationKind.INSURER}
_BANKS = frozenset({OrganizationKind.FINANCIAL_INSTITUTION, OrganizationKind.TRANSMITTER})


@dataclass(frozen=True)
class Topic:
    """What a thread is about.

    `agencies` receive it, and write about it to `partners` and to each other. `contact`: whom a mail goes to.
    `for_agents`: a processor reads it in the mailbox of a client it acts for. `answer_days`: business days in
    which an answer is due; `keep_days`: how long a message is kept. These last two are ours (P).
    """

    slug: str
    title: str
    about: str
    agencies: frozenset[OrganizationKind]
    partners: frozenset[OrganizationKind]
    contact: ContactPurpose = ContactPurpose.FILES
    for_agents: bool = False
    answer_days: int = 5
    keep_days: int = 3 * 365


_TOPICS = (
    Topic("general", "General question", "Anything that no other topic fits.", AGENCIES, _ALL),
    Topic(
        "withholding",
        "Withholding and terminations",
        "Income withholding orders, and people who left or never worked there.",
        AGENCIES,
        _EMPLOYING,
        ContactPurpose.WITHHOLDING,
        for_agents=True,
        answer_days=3,
    ),
    Topic(
        "lump-sum",
        "Lump sums and debt inquiries",
        "A payment that is about to be made, or a match that was found.",
        AGENCIES,
        _PAYING,
        ContactPurpose.LUMP_SUM,
        for_agents=True,
        answer_days=2,
    ),
    Topic(
        "employment",
        "Verification of employment",
        "Whether somebody works there, and since when.",
        AGENCIES,
        _EMPLOYING,
        ContactPurpose.VERIFICATION,
        for_agents=True,
    ),
    Topic(
        "medical",
        "Medical support",
        "Health cover for children, and notices about it.",
        AGENCIES,
        _PAYING,
        ContactPurpose.MEDICAL,
        for_agents=True,
    ),
    Topic(
        "new-hire",
        "New hires, multistate and wages",
        "New-hire reports, the multistate registry, and quarterly wages.",
        AGENCIES,
        _EMPLOYING,
        ContactPurpose.WITHHOLDING,
        for_agents=True,
    ),
    Topic(
        "payment",
        "Payment inquiry",
        "Where a payment went, or what it was for. No payment can be made here.",
        AGENCIES,
        _PAYING,
        ContactPurpose.WITHHOLDING,
        for_agents=True,
        answer_days=2,
    ),
    Topic(
        "data-match",
        "Data match and levies",
        "Quarterly files, matched accounts, and levies on them.",
        AGENCIES,
        _BANKS,
        ContactPurpose.MATCHING,
        for_agents=True,
    ),
    Topic(
        "case",
        "Intergovernmental case",
        "A case that two agencies, or an agency and a central authority abroad, work on.",
        _CASES,
        frozenset({OrganizationKind.INTERNATIONAL}),
        keep_days=7 * 365,
    ),
    Topic(
        "agreement",
        "Agreements and grants",
        "Agreements with OCSS, grants, surveys and safeguards.",
        _OCSS,
        _ALL,
        keep_days=7 * 365,
    ),
    Topic(
        "technical",
        "Technical help",
        "Files, layouts, SFTP, the API, and signing in.",
        _OCSS,
        _ALL,
        answer_days=1,
        keep_days=365,
    ),
)

TOPICS: dict[str, Topic] = {topic.slug: topic for topic in _TOPICS}


class Classification(StrEnum):
    """What a message holds, as its writer says (domain.md 12.8)."""

    NONE = "none"
    PII = "pii"
    FTI = "fti"


CLASSIFICATIONS: dict[Classification, tuple[str, str]] = {
    Classification.NONE: ("No personal data", "Nobody can be recognized from it."),
    Classification.PII: ("Personal data", "Names, numbers or addresses of people."),
    Classification.FTI: (
        "Federal tax information",
        "Only between agencies, and never forwarded (Internal Revenue Code, section 6103).",
    ),
}
"""How each is offered: its name, and what it means."""


def may_write(topic: Topic, sender: OrganizationKind, addressee: OrganizationKind) -> bool:
    """Whether organizations of these kinds write to each other about a topic: one of them is an agency."""
    takes_part = topic.agencies | topic.partners
    between = {sender, addressee}
    return bool(between & topic.agencies) and between <= takes_part


def may_hold(marked: Classification, addressee: OrganizationKind, sender: OrganizationKind) -> bool:
    """Whether a message so marked may go from one to the other: tax information only between agencies."""
    return marked is not Classification.FTI or {addressee, sender} <= AGENCIES


def may_forward(marked: Classification, addressee: OrganizationKind) -> bool:
    """Whether what somebody else wrote may be passed on: personal data only to agencies, tax data never."""
    if marked is Classification.FTI:
        return False
    return marked is Classification.NONE or addressee in AGENCIES


def may_mark(marked: Classification, passed_on: Classification) -> bool:
    """Whether a message that passes another one on may be so marked: never as if it held less than that."""
    return passed_on is Classification.NONE or marked is not Classification.NONE


def topics_between(sender: OrganizationKind, addressee: OrganizationKind) -> tuple[Topic, ...]:
    """What one may write to the other about, in the order that pages show."""
    return tuple(topic for topic in _TOPICS if may_write(topic, sender, addressee))


def topics_of(kind: OrganizationKind) -> tuple[Topic, ...]:
    """What organizations of a kind write and are written to about."""
    return tuple(topic for topic in _TOPICS if kind in topic.agencies | topic.partners)
