"""The menus, as tables: what stands in them, and which permission shows it."""

from dataclasses import dataclass
from typing import Any

from roles.permissions import Permission
from roles.policy import Actor, can
from roles.programs import receivable


@dataclass(frozen=True)
class Entry:
    """One link; `needs` is the permission without which it is not shown, None: for everybody signed in.

    `others`: pages elsewhere that belong to it as well.
    """

    path: str
    text: str
    needs: Permission | None = None
    others: tuple[str, ...] = ()


MAIN: tuple[Entry, ...] = (
    Entry("/home", "Home"),
    Entry("/notices", "Notices", Permission.NOTICE_READ),
    Entry("/files", "Files", Permission.TRANSFER_READ),
    Entry("/layouts", "Layouts", Permission.TRANSFER_READ),
    Entry("/orders", "Orders", Permission.INCOME_WITHHOLDING_READ),
    Entry("/organization", "Organization"),
    Entry("/employers", "Employer search", Permission.EMPLOYER_SEARCH),
    Entry("/multistate", "Multistate", Permission.MULTISTATE_MANAGE),
    Entry("/multistate-registry", "Multistate registry", Permission.MULTISTATE_READ),
    Entry(
        "/staff/organizations",
        "Console",
        Permission.ORGANIZATION_OVERSEE,
        ("/staff/accounts", "/staff/decisions", "/staff/connections", "/staff/volumes"),
    ),
    Entry("/staff/registrations", "Registrations", Permission.REGISTRATION_VERIFY, ("/staff/clearances",)),
)
"""The bar below the head of every page; the programs of the role follow."""
MOST_IN_BAR = 2
"""Programs that stand beside the other pages."""

ACCOUNT: tuple[Entry, ...] = (
    Entry("/account", "Your account"),
    Entry("/account/security", "Sign-in and security"),
    Entry("/account/keys", "SFTP keys"),
    Entry("/account/tokens", "API tokens"),
    Entry("/incidents", "Report an incident", Permission.INCIDENT_REPORT),
)
"""Below the person's name: what is theirs."""

ORGANIZATION: tuple[Entry, ...] = (
    Entry("/organization", "Overview"),
    Entry("/organization/earlier", "Earlier details"),
    Entry("/organization/people", "People", Permission.ACCOUNT_MANAGE),
    Entry("/organization/joins", "Requests to join", Permission.ACCOUNT_MANAGE),
    Entry("/organization/authorities", "Certificate authorities", Permission.ACCOUNT_MANAGE),
    Entry("/organization/clients", "Who acts for whom", Permission.ORGANIZATION_MANAGE),
    Entry("/organization/networks", "Networks", Permission.ORGANIZATION_MANAGE),
    Entry("/organization/decisions", "Second-factor resets", Permission.ACCOUNT_MANAGE),
)
"""The pages of one's own organization."""
_KEPT_FOR_CLIENTS = 2
"""The first of them are also those of the client that somebody acts for."""

ORDERS: tuple[Entry, ...] = (
    Entry("/orders", "Orders"),
    Entry("/orders/reports", "Reports without an order"),
)
"""The pages of income withholding orders."""

STAFF: tuple[Entry, ...] = (
    Entry("/staff/organizations", "Organizations", Permission.ORGANIZATION_OVERSEE),
    Entry("/staff/accounts", "Accounts", Permission.ACCOUNT_OVERSEE),
    Entry("/staff/decisions", "Two-person decisions", Permission.ACCOUNT_OVERSEE),
    Entry("/staff/connections", "SFTP connections", Permission.CONNECTION_OVERSEE),
    Entry("/staff/volumes", "Volumes", Permission.VOLUME_OVERSEE),
)
"""The pages of the staff console."""

FOOT: tuple[Entry, ...] = (
    Entry("/for-the-public", "Parents and the public: where to go"),
    Entry("/who-may-do-what", "Who may do what"),
)
"""At the foot of every page, for everybody; `needs` stays None."""


def tabs_of(actor: Actor) -> tuple[Entry, ...]:
    """The pages of the organization that the actor is on the page of: of a client, those that it keeps."""
    return ORGANIZATION[:_KEPT_FOR_CLIENTS] if actor.client else ORGANIZATION


def main_menu(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The bar of an actor; the entry of the page that is shown is marked.

    Programs stand in a menu of their own (`entries`) where they are too many for the bar.
    """
    listed = (Entry(f"/programs/{program.slug}", program.title) for program in receivable(actor.role))
    pages, programs = _shown(MAIN, actor, here), _shown(tuple(listed), actor, here)
    if len(programs) <= MOST_IN_BAR:
        return pages + programs
    current = any(one["current"] for one in programs)
    return [*pages, {"text": "Programs", "entries": programs, "current": current}]


def account_menu(actor: Actor, here: str) -> list[dict[str, Any]]:
    """What stands below the actor's name."""
    return _shown(ACCOUNT, actor, here)


def tabs(entries: tuple[Entry, ...], actor: Actor, here: str) -> list[dict[str, Any]]:
    """Pages that belong together; the one with the longest address above `here` is marked."""
    shown = _shown(entries, actor, here)
    deepest = max((one["href"] for one in shown if one["current"]), key=len, default="")
    return [one | {"current": one["href"] == deepest} for one in shown]


def _shown(entries: tuple[Entry, ...], actor: Actor, here: str) -> list[dict[str, Any]]:
    held = (entry for entry in entries if entry.needs is None or can(actor, entry.needs))
    return [{"href": one.path, "text": one.text, "current": _leads_to(one, here)} for one in held]


def _leads_to(entry: Entry, here: str) -> bool:
    return any(here == path or here.startswith(f"{path}/") for path in (entry.path, *entry.others))
