"""Kinds of organization, as data: what each must give, agree to and wait for before its people may enter."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from roles import agreements
from roles.agreements import Agreement
from roles.permissions import Permission, Role
from schemas.forms.asked import Asked
from schemas.forms.registration import ADDRESS, EVIDENCE, FACTS, FIRST_PERSON, NAME, NOTICES, RECORDED_NAME


class OrganizationKind(StrEnum):
    """What an organization is; OCSS itself is one, of which there is exactly one."""

    ACCESS_VISITATION = "access_visitation"
    EMPLOYER = "employer"
    FEDERAL_AGENCY = "federal_agency"
    FINANCIAL_INSTITUTION = "financial_institution"
    INSURER = "insurer"
    INTERNATIONAL = "international"
    OCSS = "ocss"
    PROCESSOR = "processor"
    RESEARCH_PARTNER = "research_partner"
    STATE = "state"
    TRANSMITTER = "transmitter"
    TRIBE = "tribe"


DAILY, SELDOM = 60, 180
"""Days an unused account lives: of daily users, and of those who come quarterly or yearly (13.2)."""


@dataclass(frozen=True)
class Prerequisite:
    """What OCSS must have on record about an organization before it may even start to register."""

    what: str
    refusal: str


@dataclass(frozen=True)
class Kind:
    """One kind of organization.

    `facts` are names of `schemas.forms.registration.FACTS`, the first of which tells one organization of the
    kind from another. `instead` says how those get in who do not register themselves; empty for those who do.
    `own_sign_on`: its people come through a sign-on of its own, so nobody is invited. `single`: there is one,
    made with the installation.
    """

    title: str
    for_whom: str
    roles: frozenset[Role]
    facts: tuple[str, ...]
    agreement: Agreement
    idle_days: int
    prerequisite: Prerequisite | None = None
    instead: str = ""
    own_sign_on: bool = False
    single: bool = False
    verifies: Permission = Permission.REGISTRATION_VERIFY

    @property
    def registers(self) -> bool:
        """Whether an organization of this kind registers itself."""
        return not self.instead

    @property
    def made_by_staff(self) -> bool:
        """Whether OCSS staff make the organizations of this kind."""
        return not self.registers and not self.single

    @property
    def role(self) -> Role:
        """The role of the people of a kind that has one only; of OCSS there are two."""
        (role,) = self.roles
        return role

    @property
    def key(self) -> str:
        """The fact that tells one organization of this kind from another."""
        return self.facts[0]


_TRIBE_FIRST = Prerequisite(
    "the agreements of the tribe",
    "A tribe may register once it has given OCSS the required agreements and OCSS has recorded them. "
    "For this locator code nothing is recorded yet.",
)
_AGENCY_FIRST = Prerequisite(
    "the connectivity of the agency",
    "A federal agency or research partner may register once OCSS has recorded its connection to the portal. "
    "For this FEIN nothing is recorded yet.",
)

KINDS: Mapping[OrganizationKind, Kind] = MappingProxyType(
    {
        OrganizationKind.EMPLOYER: Kind(
            "Employer",
            "You report for your own employees.",
            frozenset({Role.EMPLOYER}),
            ("fein",),
            agreements.EMPLOYER_SERVICES,
            SELDOM,
        ),
        OrganizationKind.PROCESSOR: Kind(
            "Third-party processor",
            "You report for the employees of other employers, for example as their payroll service.",
            frozenset({Role.EMPLOYER}),
            ("fein", "clients"),
            agreements.EMPLOYER_SERVICES,
            SELDOM,
        ),
        OrganizationKind.INSURER: Kind(
            "Insurer",
            "You pay claims and benefits, or report for those who do.",
            frozenset({Role.INSURER}),
            ("fein", "naic"),
            agreements.INSURANCE_MATCH,
            SELDOM,
        ),
        OrganizationKind.FINANCIAL_INSTITUTION: Kind(
            "Financial institution",
            "You hold accounts in more than one state and take part in the data match.",
            frozenset({Role.FINANCIAL_INSTITUTION}),
            ("fein", "routing", "match_method"),
            agreements.DATA_MATCH,
            SELDOM,
        ),
        OrganizationKind.TRANSMITTER: Kind(
            "Transmitter",
            "You hand in data-match files for financial institutions.",
            frozenset({Role.TRANSMITTER}),
            ("fein", "match_method", "clients"),
            agreements.DATA_MATCH,
            SELDOM,
        ),
        OrganizationKind.FEDERAL_AGENCY: Kind(
            "Federal agency",
            "You are an agency of the federal government that exchanges files with OCSS.",
            frozenset({Role.FEDERAL_AGENCY}),
            ("fein",),
            agreements.FILE_EXCHANGE,
            SELDOM,
            _AGENCY_FIRST,
        ),
        OrganizationKind.RESEARCH_PARTNER: Kind(
            "Research partner",
            "You do research with OCSS under a matching agreement.",
            frozenset({Role.FEDERAL_AGENCY}),
            ("fein",),
            agreements.FILE_EXCHANGE,
            SELDOM,
            _AGENCY_FIRST,
        ),
        OrganizationKind.TRIBE: Kind(
            "Tribal child support agency",
            "You run the child support program of a tribe under title IV-D.",
            frozenset({Role.TRIBE}),
            ("locator_code",),
            agreements.TRIBAL_ACCESS,
            DAILY,
            _TRIBE_FIRST,
        ),
        OrganizationKind.STATE: Kind(
            "State child support agency",
            "You run the child support program of a state or territory.",
            frozenset({Role.STATE}),
            ("jurisdiction",),
            agreements.RULES_OF_BEHAVIOR,
            DAILY,
            instead="States do not register here. Your state's own sign-on vouches for you, and your state's "
            "portal administrator decides what you see. Ask that administrator for access.",
            own_sign_on=True,
        ),
        OrganizationKind.INTERNATIONAL: Kind(
            "Central authority of another country",
            "You work on child support cases across borders.",
            frozenset({Role.INTERNATIONAL}),
            ("country",),
            agreements.RULES_OF_BEHAVIOR,
            SELDOM,
            instead="OCSS makes the accounts of other countries. Ask your central authority to write to the "
            "international desk of OCSS, naming you and your work address.",
        ),
        OrganizationKind.ACCESS_VISITATION: Kind(
            "Access and Visitation grantee",
            "You answer the yearly survey about your grant.",
            frozenset({Role.ACCESS_VISITATION}),
            ("jurisdiction",),
            agreements.RULES_OF_BEHAVIOR,
            SELDOM,
            instead="Access and Visitation programs get in through their state. Ask the administrator of "
            "your state's grant to name you to OCSS, which then adds your program.",
        ),
        OrganizationKind.OCSS: Kind(
            "Office of Child Support Services",
            "You are staff of OCSS.",
            frozenset({Role.OCSS_ADMINISTRATOR, Role.OCSS_STAFF}),
            ("jurisdiction",),
            agreements.RULES_OF_BEHAVIOR,
            DAILY,
            instead="Accounts of OCSS staff are made by an OCSS administrator, and those of new "
            "administrators by two. Ask yours.",
            single=True,
        ),
    }
)
KIND_ROLES: Mapping[OrganizationKind, frozenset[Role]] = MappingProxyType(
    {kind: about.roles for kind, about in KINDS.items()}
)


def kinds_of(role: Role) -> tuple[OrganizationKind, ...]:
    """The kinds of organization whose people have this role, the most usual first."""
    return tuple(kind for kind, about in KINDS.items() if role in about.roles)


def asked_of(kind: OrganizationKind) -> tuple[Asked, ...]:
    """What an organization of this kind is asked about itself; what OCSS has on record is not asked again."""
    about = KINDS[kind]
    facts = [FACTS[name] for name in about.facts]
    return (*facts[1:], *ADDRESS) if about.prerequisite else (NAME, *facts, *ADDRESS)


def asked_of_staff(kind: OrganizationKind) -> tuple[Asked, ...]:
    """What staff say who make an organization of this kind: about it, and who looks after it first.

    Its addresses and contacts it enters itself. A sign-on of its own leaves nobody to be invited.
    """
    about = KINDS[kind]
    facts = (FACTS[name] for name in about.facts)
    return (RECORDED_NAME, *facts, *EVIDENCE, *(NOTICES if about.own_sign_on else FIRST_PERSON))
