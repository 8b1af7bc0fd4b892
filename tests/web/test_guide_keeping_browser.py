"""Keeping the guide in a browser: one person writes, another approves, and everybody can use the pages."""

import pytest
from playwright.sync_api import Page, expect

from exchange.accounts import sessions
from exchange.guide import editions, loading, upkeep
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.guide import small_guide
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.accessibility import faults
from tests.web.visitors import Visitor
from web.door import cookie_name

PART = "/guide/keep/20000"
AGE = f"{PART}/answers/age-of-majority"

pytestmark = pytest.mark.browser


def enter(visitor: Visitor, partner: Partner) -> None:
    """Be somebody from now on; the sign-in is tried elsewhere."""
    token = sessions.open_session(partner.exchange, partner.actor, "")
    name = cookie_name(partner.exchange.settings)
    visitor.page.context.add_cookies([{"name": name, "value": token, "url": visitor.address}])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_one_person_writes_and_another_approves(visitor: Visitor, exchange: Exchange) -> None:
    loading.load(exchange, small_guide())
    kansas = make_partner(exchange, Role.STATE, jurisdiction="KS", administrator=True)
    upkeep.ask_second_person(exchange, kansas.actor, "20000", wanted=True)
    enter(visitor, kansas)
    page = visitor.open("/guide/keep")
    page.get_by_role("link", name="Age of majority", exact=True).click()
    page.get_by_label("Answer").fill("21")
    page.get_by_label("Why it changes").fill("House Bill 7")
    press(page, "Save and preview")
    expect(page.locator(".differs del")).to_contain_text("18")
    press(page, "Hand over for approval")
    enter(visitor, make_colleague(kansas, "kay-2"))
    page = visitor.open(PART)
    page.get_by_role("link", name="Age of majority", exact=True).first.click()
    found = faults(page)
    press(page, "Approve and publish")
    expect(page.get_by_role("status")).to_contain_text("Published")
    (answer, _) = editions.published(exchange).parts["20000"].answers
    assert answer.value == "21"
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    for path in (PART, f"{AGE}/history", f"{AGE}/texts", f"{PART}/contacts/new", f"{PART}/preview"):
        found += faults(visitor.open(path))
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
    assert found == []
