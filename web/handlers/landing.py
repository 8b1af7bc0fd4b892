"""The pages for somebody who is not signed in: landing, roles, registration."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from roles.permissions import ADMINISTRATOR_PERMISSIONS, PERMISSION_WORDS, ROLES, Role, holders
from roles.programs import receivable, sendable
from web.templating import page

ICONS = {
    Role.ACCESS_VISITATION: "support_agent",
    Role.EMPLOYER: "work",
    Role.FEDERAL_AGENCY: "flag",
    Role.FINANCIAL_INSTITUTION: "account_balance",
    Role.INSURER: "shield",
    Role.INTERNATIONAL: "public",
    Role.OCSS_ADMINISTRATOR: "security",
    Role.OCSS_STAFF: "verified_user",
    Role.STATE: "groups",
    Role.TRANSMITTER: "send",
    Role.TRIBE: "people",
}


async def landing(request: Request) -> Response:
    """The first page: what this is, and the role chooser."""
    return page(request, "landing.html", {"roles": ROLES.items(), "icons": ICONS})


async def role_page(request: Request) -> Response:
    """What one role can do, from the tables."""
    role = _role_of(request)
    sends = sendable(role)
    receives = [program for program in receivable(role) if program not in sends]
    about = ROLES[role]
    values = {"role": role, "about": about, "sends": sends, "receives": receives, "title": about.title}
    return page(request, "role.html", values)


async def register_page(request: Request) -> Response:
    """How an organization of this role gets in."""
    role = _role_of(request)
    return page(request, "register.html", {"title": "Registration", "role": role, "about": ROLES[role]})


async def permissions_page(request: Request) -> Response:
    """Who may do what, from the table that decides it."""
    rows = [
        (words, [ROLES[role] for role in holders(permission)], permission in ADMINISTRATOR_PERMISSIONS)
        for permission, words in PERMISSION_WORDS.items()
    ]
    return page(request, "permissions.html", {"title": "Who may do what", "rows": rows, "roles": len(ROLES)})


def _role_of(request: Request) -> Role:
    try:
        return Role(request.path_params["role"])
    except ValueError:
        raise HTTPException(404) from None
