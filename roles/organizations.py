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
    STATE = "state"
    TRANSMITTER = "transmitter"
    TRIBE = "tribe"


KIND_ROLES: dict[OrganizationKind, frozenset[Role]] = {
    OrganizationKind.OCSS: frozenset({Role.OCSS_STAFF, Role.OCSS_ADMINISTRATOR}),
    **{OrganizationKind(role.value): frozenset({role}) for role in Role if not role.value.startswith("ocss")},
}
