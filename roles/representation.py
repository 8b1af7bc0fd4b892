"""Who may act for whom: the kinds of organization that hand files over for others."""

from roles.organizations import OrganizationKind

MAY_ACT_FOR: dict[OrganizationKind, frozenset[OrganizationKind]] = {
    OrganizationKind.PROCESSOR: frozenset({OrganizationKind.EMPLOYER, OrganizationKind.INSURER}),
    OrganizationKind.TRANSMITTER: frozenset({OrganizationKind.FINANCIAL_INSTITUTION}),
}
"""A third-party processor reports for employers and insurers, a transmitter for financial institutions."""


def acts_for_others(kind: OrganizationKind) -> bool:
    """Whether organizations of this kind have clients at all."""
    return kind in MAY_ACT_FOR


def may_have_agents(kind: OrganizationKind) -> bool:
    """Whether somebody may act for organizations of this kind."""
    return any(kind in clients for clients in MAY_ACT_FOR.values())
