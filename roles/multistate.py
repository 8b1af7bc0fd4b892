"""Who registers as a multistate employer: an employer for itself, a processor for its clients together."""

from enum import StrEnum

from roles.organizations import OrganizationKind


class Registrant(StrEnum):
    """As what an organization registers; decides what its registration lists."""

    EMPLOYER = "employer"
    PROVIDER = "provider"


def registrant_of(kind: OrganizationKind) -> Registrant:
    """As what an organization of this kind registers under its own numbers.

    A processor reports for others: by itself it registers for clients that are multistate employers.
    """
    return Registrant.PROVIDER if kind is OrganizationKind.PROCESSOR else Registrant.EMPLOYER
