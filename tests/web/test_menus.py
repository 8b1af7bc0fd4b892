"""The menus show what somebody may do, and nothing that leads nowhere."""

import pytest
from starlette.routing import Match, Route

from exchange.runtime import Exchange
from roles.permissions import Role
from roles.programs import of_files, receivable
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
    bar = main_menu(actor, "/home")
    within = [entry for item in bar for entry in item.get("entries", [item])]
    shown = {entry["href"] for entry in within + account_menu(actor, "/home")}
    assert {"/home", "/files"} <= shown
    assert {f"/programs/{program.slug}" for program in of_files(receivable(role))} <= shown
    (current,) = (item for item in main_menu(actor, "/files/send") if item["current"])
    assert current["href"] == "/files"


def test_many_programs_stand_in_a_menu_that_tells_when_one_is_open(exchange: Exchange) -> None:
    actor = make_partner(exchange, Role.EMPLOYER).actor
    (current,) = (item for item in main_menu(actor, "/programs/lump-sum/report") if item["current"])
    assert current["text"] == "Programs"
    assert [entry["href"] for entry in current["entries"] if entry["current"]] == ["/programs/lump-sum"]
    few = main_menu(make_partner(exchange, Role.INTERNATIONAL).actor, "/home")
    assert all("href" in item for item in few)


def test_pages_about_employers_stand_in_a_menu_for_whoever_has_several(exchange: Exchange) -> None:
    state = make_partner(exchange, Role.STATE).actor
    (current,) = (item for item in main_menu(state, "/employers") if item["current"])
    assert [entry["href"] for entry in current["entries"]] == ["/employers", "/multistate-registry"]
    tribe = make_partner(exchange, Role.TRIBE).actor
    assert "/employers" in [item.get("href") for item in main_menu(tribe, "/home")]
