"""What an API token may be bound to: the permissions that calls of the API ask for, in words."""

from roles.permissions import ROLE_PERMISSIONS, Permission, Role

SCOPES: dict[Permission, str] = {
    Permission.TRANSFER_READ: "List files, fetch answers and receipts",
    Permission.FILES_SEND: "Send files to OCSS",
    Permission.FILES_ADDRESS: "Address files to an organization",
    Permission.LUMP_SUM_SEND: "Send lump-sum reports",
    Permission.TERMINATION_SEND: "Report terminations",
    Permission.DEBT_INQUIRY_SEND: "Ask debt inquiries",
    Permission.INCOME_WITHHOLDING_SEND: "Send income withholding orders",
    Permission.INCOME_WITHHOLDING_ACKNOWLEDGE: "Acknowledge income withholding orders",
    Permission.DATA_MATCH_SEND: "Send data-match files",
    Permission.CASE_REGISTRY_SEND: "Send cases, people of cases and locate requests by file",
    Permission.GUIDE_READ: "Read the restricted part of the reference guide",
    Permission.LOCATE_QUERY: "Locate people, and fetch what sources answer",
    Permission.MESSAGE_READ: "Read messages, and fetch what is attached to them",
    Permission.MESSAGE_SEND: "Write messages, answer and recall them",
}
"""In the order that pages show them. Looking after people and organizations is for people, not programs."""


def scopes_of(role: Role) -> dict[Permission, str]:
    """The scopes a token of somebody with this role may have."""
    return {scope: words for scope, words in SCOPES.items() if scope in ROLE_PERMISSIONS[role]}
