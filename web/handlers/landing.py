"""The pages for somebody who is not signed in: landing, roles, where others go."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from roles.organizations import KINDS, kinds_of
from roles.permissions import ADMINISTRATOR_PERMISSIONS, PERMISSION_WORDS, ROLES, Permission, Role, holders
from roles.programs import receivable, sendable
from web.demonstration import Demonstration
from web.door import in_thread
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
    role = role_of(request)
    sends = sendable(role)
    receives = [program for program in receivable(role) if program not in sends]
    about = ROLES[role]
    values = {"role": role, "about": about, "sends": sends, "receives": receives, "title": about.title}
    values |= {"registers": KINDS[kinds_of(role)[0]].registers}
    values |= {"guide": role in holders(Permission.GUIDE_READ)}
    return page(request, "role.html", values)


async def for_the_public(request: Request) -> Response:
    """Where case participants and the public go instead."""
    return page(request, "for_the_public.html", {"title": "Parents and the public"})


async def permissions_page(request: Request) -> Response:
    """Who may do what, from the table that decides it."""
    rows = [
        (words, [ROLES[role] for role in holders(permission)], permission in ADMINISTRATOR_PERMISSIONS)
        for permission, words in PERMISSION_WORDS.items()
    ]
    return page(request, "permissions.html", {"title": "Who may do what", "rows": rows, "roles": len(ROLES)})


async def demonstration_letters(request: Request) -> Response:
    """What the demonstration has mailed: its visitors have no other way to read a code."""
    shown: Demonstration | None = request.app.state.demonstration
    found = await in_thread(request, shown.letters) if shown else []
    return page(request, "letters.html", {"title": "Letters of this demonstration", "letters": found})


def role_of(request: Request) -> Role:
    """The role in the path; what is none is not there."""
    try:
        return Role(request.path_params["role"])
    except ValueError:
        raise HTTPException(404) from None
