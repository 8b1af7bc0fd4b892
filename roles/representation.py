"""Who may act for whom: the kinds of organization that hand files over for others."""

from roles.organizations import OrganizationKind
from roles.permissions import Permission

MAY_ACT_FOR: dict[OrganizationKind, frozenset[OrganizationKind]] = {
    OrganizationKind.PROCESSOR: frozenset({OrganizationKind.EMPLOYER, OrganizationKind.INSURER}),
    OrganizationKind.TRANSMITTER: frozenset({OrganizationKind.FINANCIAL_INSTITUTION}),
}
"""A third-party processor reports for employers and insurers, a transmitter for financial institutions."""

DELEGATED: frozenset[Permission] = frozenset(
    {
        Permission.MESSAGE_READ,
        Permission.MESSAGE_SEND,
        Permission.MULTISTATE_MANAGE,
        Permission.ORGANIZATION_MANAGE,
    }
)
"""What is done on the page of the client that was chosen; files name the client they are about themselves.

Of the client's organization only what agencies see of it may be kept: contacts, addresses (`disclosure`).
"""


def acts_for_others(kind: OrganizationKind) -> bool:
    """Whether organizations of this kind have clients at all."""
    return kind in MAY_ACT_FOR


def may_have_agents(kind: OrganizationKind) -> bool:
    """Whether somebody may act for organizations of this kind."""
    return any(kind in clients for clients in MAY_ACT_FOR.values())
