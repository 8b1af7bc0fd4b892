"""A tribal caseworker in a browser, from the first page to a located address, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from exchange.database import reading
from exchange.models.locate import LocateRequest
from exchange.runtime import Exchange
from tests.support.locating import FOUND, answer, make_worker, sent
from tests.support.registered import facts, register
from tests.web.accessibility import faults
from tests.web.visitors import Visitor, press_on, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AUTHORITY = "I am assigned to this case, it has one of the purposes above, and I may ask for this person."
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.mark.parametrize("visitor", [PHONE], indirect=True, ids=["phone"])
def test_from_the_first_page_to_an_address_by_keyboard(visitor: Visitor, exchange: Exchange) -> None:
    worker = make_worker(exchange)
    register(exchange, facts(1, "ALDERSON", "IDA", "19870327"))
    page = visitor.sign_in_by_keyboard(worker)
    press_on(page, "link", "Locate somebody")
    expect(page.get_by_role("heading", level=1)).to_have_text("Locate somebody")
    page.get_by_label("Establish, change or enforce support").focus()
    page.keyboard.press("Space")
    for label, text in (
        ("Case number", "T-100"),
        ("First name (optional)", "Ida"),
        ("Last name (optional)", "Aldersun"),
        ("Month", "3"),
        ("Day", "27"),
        ("Year", "1987"),
    ):
        tab_to(page, label)
        page.keyboard.type(text)
    assert faults(page) == []
    press_on(page, "button", "Search the case registry first")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Ida Alderson")
    assert faults(page) == []
    press_on(page, "button", "Ask the sources about this person")
    tab_to(
        page, "I am assigned to this case, it has one of the purposes above, and I may ask for this person."
    )
    page.keyboard.press("Space")
    press_on(page, "button", "Ask the sources")
    expect(page).to_have_url(re.compile("done=locate-asked"))
    located(exchange)
    expect(page.get_by_text("7 Synthetic Lane, Topeka KS 66601")).to_be_visible()  # without a reload
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    press_on(page, "button", "I used this")
    expect(page.get_by_text("You used this")).to_be_visible()


def located(exchange: Exchange) -> None:
    """The Department of Defense answers."""
    with reading(exchange.engine) as session:
        (wanted,) = session.exec(select(LocateRequest.id)).all()
    queries = sent(exchange, wanted)
    about = {"ssn": facts(1, "", "").ssn}
    assert answer(exchange, "A01", queries["A01"], FOUND, **about)
