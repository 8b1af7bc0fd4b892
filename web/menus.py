"""The menus, as tables: what stands in them, and which permission shows it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from roles.permissions import Permission
from roles.policy import Actor, can
from roles.programs import of_files, receivable


@dataclass(frozen=True)
class Entry:
    """One link; `needs` is the permission without which it is not shown, None: for everybody signed in.

    `others`: pages elsewhere that belong to it as well. `menu`: where somebody is shown several entries of
    one such name, they stand in a menu of that name instead of in the bar.
    """

    path: str
    text: str
    needs: Permission | None = None
    others: tuple[str, ...] = ()
    menu: str = ""


MAIN: tuple[Entry, ...] = (
    Entry("/home", "Home"),
    Entry("/locate", "Locate", Permission.LOCATE_QUERY),
    Entry("/messages", "Messages", Permission.MESSAGE_READ),
    Entry("/notices", "Notices", Permission.NOTICE_READ),
    Entry("/files", "Files", Permission.TRANSFER_READ),
    Entry("/layouts", "Layouts", Permission.TRANSFER_READ),
    Entry("/orders", "Orders", Permission.INCOME_WITHHOLDING_READ),
    Entry("/guide", "Reference guide"),
    Entry("/organization", "Organization"),
    Entry("/employers", "Employer search", Permission.EMPLOYER_SEARCH, menu="Employers"),
    Entry("/multistate", "Multistate", Permission.MULTISTATE_MANAGE),
    Entry("/multistate-registry", "Multistate registry", Permission.MULTISTATE_READ, menu="Employers"),
    Entry(
        "/staff/organizations",
        "Console",
        Permission.ORGANIZATION_OVERSEE,
        ("/staff/accounts", "/staff/decisions", "/staff/connections", "/staff/volumes", "/staff/locate"),
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

LOCATE: tuple[Entry, ...] = (
    Entry("/locate", "Requests", Permission.LOCATE_QUERY),
    Entry("/locate/matches", "Case matches", Permission.LOCATE_QUERY),
)
"""The pages of locate."""
LOCATE_REVIEW: tuple[Entry, ...] = (
    *LOCATE,
    Entry("/locate/review", "Review", Permission.LOCATE_QUERY),
    Entry("/locate/alarms", "Unusual activity", Permission.LOCATE_QUERY),
)
"""Those and what managers have beside them."""

MESSAGES: tuple[Entry, ...] = (
    Entry("/messages", "Mailbox", Permission.MESSAGE_READ),
    Entry("/messages/templates", "Templates", Permission.MESSAGE_SEND),
    Entry("/messages/receivers", "Who receives what", Permission.ORGANIZATION_MANAGE),
    Entry("/messages/offices", "Offices", Permission.MESSAGE_MANAGE),
    Entry("/messages/load", "Load and answer times", Permission.MESSAGE_MANAGE),
)
"""The pages of the communication center."""

GUIDE: tuple[Entry, ...] = (
    Entry("/guide", "Look up"),
    Entry("/guide/topics", "Topics", others=("/guide/contacts",)),
    Entry("/guide/compare", "Compare"),
    Entry("/guide/map", "Map"),
    Entry("/guide/changes", "What changed"),
    Entry("/guide/keep", "Keep", Permission.GUIDE_KEEP),
)
"""The pages of the reference guide; those without `needs` are for everybody."""

STAFF: tuple[Entry, ...] = (
    Entry("/staff/organizations", "Organizations", Permission.ORGANIZATION_OVERSEE),
    Entry("/staff/accounts", "Accounts", Permission.ACCOUNT_OVERSEE),
    Entry("/staff/decisions", "Two-person decisions", Permission.ACCOUNT_OVERSEE),
    Entry("/staff/connections", "SFTP connections", Permission.CONNECTION_OVERSEE),
    Entry("/staff/volumes", "Volumes", Permission.VOLUME_OVERSEE),
    Entry("/staff/locate", "Locate audit", Permission.LOCATE_AUDIT),
)
"""The pages of the staff console."""

FOOT: tuple[Entry, ...] = (
    Entry("/guide", "Reference guide"),
    Entry("/for-the-public", "Parents and the public: where to go"),
    Entry("/who-may-do-what", "Who may do what"),
)
"""At the foot of every page, for everybody; `needs` stays None."""


def tabs_of(actor: Actor) -> tuple[Entry, ...]:
    """The pages of the organization that the actor is on the page of: of a client, those that it keeps."""
    return ORGANIZATION[:_KEPT_FOR_CLIENTS] if actor.client else ORGANIZATION


def main_menu(actor: Actor, here: str, new: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """The bar of an actor; the entry of the page that is shown is marked, and has a `count` of what is new.

    Programs stand in a menu of their own (`entries`) where they are too many for the bar.
    """
    listed = tuple(
        Entry(f"/programs/{program.slug}", program.title) for program in of_files(receivable(actor.role))
    )
    if len(listed) > MOST_IN_BAR:
        listed = tuple(replace(entry, menu="Programs") for entry in listed)
    shown = tabs(MAIN, actor, here) + _shown(listed, actor, here)
    return _folded([one | {"count": (new or {}).get(one["href"], 0)} for one in shown])


def _folded(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of one menu, where there are several, as one item with `entries`."""
    menus = Counter(one["menu"] for one in entries if one["menu"])
    bar = [one for one in entries if menus[one["menu"]] <= 1]
    for text in (text for text, count in menus.items() if count > 1):
        within = [one for one in entries if one["menu"] == text]
        bar.append({"text": text, "entries": within, "current": any(one["current"] for one in within)})
    return bar


def account_menu(actor: Actor, here: str) -> list[dict[str, Any]]:
    """What stands below the actor's name."""
    return _shown(ACCOUNT, actor, here)


def tabs(entries: tuple[Entry, ...], actor: Actor | None, here: str) -> list[dict[str, Any]]:
    """Pages that belong together; the one with the longest address above `here` is marked."""
    shown = _shown(entries, actor, here)
    deepest = max((one["href"] for one in shown if one["current"]), key=len, default="")
    return [one | {"current": one["href"] == deepest} for one in shown]


def _shown(entries: tuple[Entry, ...], actor: Actor | None, here: str) -> list[dict[str, Any]]:
    held = (entry for entry in entries if entry.needs is None or (actor and can(actor, entry.needs)))
    return [
        {"href": one.path, "text": one.text, "menu": one.menu, "current": _leads_to(one, here)}
        for one in held
    ]


def _leads_to(entry: Entry, here: str) -> bool:
    return any(here == path or here.startswith(f"{path}/") for path in (entry.path, *entry.others))
