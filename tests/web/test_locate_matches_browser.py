"""In a browser, by keyboard: from home to the case of another state that the case registry has matched."""

import pytest
from playwright.sync_api import expect

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.case_files import case, filed, person
from tests.support.locating import make_worker
from tests.support.partners import make_partner
from tests.support.secrecy import CASE, FLAGGED, register
from tests.web.pictures import Shoot
from tests.web.visitors import Visitor, press_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_worker_takes_a_match_up(exchange: Exchange, visitor: Visitor, shoot: Shoot) -> None:
    make_partner(exchange, Role.OCSS_STAFF)
    register(exchange)
    worker = make_worker(exchange, role=Role.STATE, jurisdiction="KS", manager=True)
    for number in (1, 2):
        at = {"case_id": f"KS-{number}"}
        known = person(FLAGGED.ssn, FLAGGED.last.upper(), FLAGGED.first.upper(), **at)
        filed(exchange, worker, case(**at), known, number=number)
    page = visitor.sign_in_by_keyboard(worker)
    shoot(page, "locate-matches-home")
    press_on(page, "link", "People of your cases who stand in a case of another state: 2")
    expect(page.get_by_role("link", name="Case matches 2 waiting")).to_have_attribute("aria-current", "page")
    shoot(page, "locate-matches")
    press_on(page, "button", "case KS-1")
    expect(page.get_by_text(f"NE {CASE} (owes support)")).to_be_visible()
    shoot(page, "locate-match")
    press_on(page, "link", "Case matches")
    press_on(page, "link", "KS-1")
    press_on(page, "button", "Set aside")
    expect(page.get_by_text("Set aside. It does not come again")).to_be_visible()
    expect(page.get_by_text("KS-1", exact=True)).to_have_count(0)
