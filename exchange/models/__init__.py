"""The tables, one file a noun. For trusted values only: SQLModel does not validate table classes.

States are strings with a CHECK, since a database enumeration cannot be taken back by a migration.
"""

from exchange.models import (
    accounts,
    certificates,
    connections,
    credentials,
    incidents,
    jobs,
    journal,
    limits,
    multistate,
    notices,
    orders,
    organizations,
    oversight,
    registration,
    registry,
    reports,
    sign_on,
    transfers,
    volumes,
)

__all__ = [
    "accounts",
    "certificates",
    "connections",
    "credentials",
    "incidents",
    "jobs",
    "journal",
    "limits",
    "multistate",
    "notices",
    "orders",
    "organizations",
    "oversight",
    "registration",
    "registry",
    "reports",
    "sign_on",
    "transfers",
    "volumes",
]
