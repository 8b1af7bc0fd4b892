"""The menus show what somebody may do, and nothing that leads nowhere."""

import pytest
from starlette.routing import Match, Route

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import make_partner
from web.menus import ACCOUNT, FOOT, MAIN, account_menu, main_menu
from web.routes import PAGES


def route_of(path: str) -> Route:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    found = [route for route in PAGES if route.matches(scope)[0] is Match.FULL]
    assert isinstance(found[0], Route), path
    return found[0]


def test_every_entry_leads_to_a_page_that_needs_the_same_permission() -> None:
    for entry in (*MAIN, *ACCOUNT):
        assert route_of(entry.path).needs == entry.needs, entry  # type: ignore[attr-defined]  # set by web.door
    assert not any(hasattr(route_of(entry.path), "proof") for entry in FOOT)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_shown_what_they_may_not_open(exchange: Exchange, role: Role) -> None:
    actor = make_partner(exchange, role).actor
    shown = {item["href"] for item in main_menu(actor, "/home") + account_menu(actor, "/home")}
    assert {"/home", "/files"} <= shown
    (current,) = (item for item in main_menu(actor, "/files/send") if item["current"])
    assert current["href"] == "/files"
