"""Kinds of organization and the role their people have."""

from enum import StrEnum

from roles.permissions import Role


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


KIND_ROLES: dict[OrganizationKind, frozenset[Role]] = {
    OrganizationKind.ACCESS_VISITATION: frozenset({Role.ACCESS_VISITATION}),
    OrganizationKind.EMPLOYER: frozenset({Role.EMPLOYER}),
    OrganizationKind.FEDERAL_AGENCY: frozenset({Role.FEDERAL_AGENCY}),
    OrganizationKind.FINANCIAL_INSTITUTION: frozenset({Role.FINANCIAL_INSTITUTION}),
    OrganizationKind.INSURER: frozenset({Role.INSURER}),
    OrganizationKind.INTERNATIONAL: frozenset({Role.INTERNATIONAL}),
    OrganizationKind.OCSS: frozenset({Role.OCSS_ADMINISTRATOR, Role.OCSS_STAFF}),
    OrganizationKind.PROCESSOR: frozenset({Role.EMPLOYER}),
    OrganizationKind.RESEARCH_PARTNER: frozenset({Role.FEDERAL_AGENCY}),
    OrganizationKind.STATE: frozenset({Role.STATE}),
    OrganizationKind.TRANSMITTER: frozenset({Role.TRANSMITTER}),
    OrganizationKind.TRIBE: frozenset({Role.TRIBE}),
}
