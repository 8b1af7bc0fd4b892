"""The guide in a real browser: by keyboard alone, with scripts off, on a phone, and on paper."""

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from exchange.guide import loading
from exchange.runtime import Exchange
from tests.support.whole_guide import part_of, whole_guide
from tests.web.visitors import Visitor

pytestmark = pytest.mark.browser
WIDTH = 360
PHONE = {"viewport": {"width": WIDTH, "height": 740}, "java_script_enabled": False}
CODES = ("20000", "31000", "80DE")
PAGES = (
    "/guide",
    "/guide/compare?q=emancipation&q=age-of-majority&q=legal-aid&j=" + "&j=".join(CODES),
    "/guide/topics/emancipation",
    "/guide/map?q=age-of-majority",
    "/guide/changes",
)


def sideways(page: Page) -> int:
    """How many pixels of the page are beyond the right edge of the screen."""
    page.wait_for_load_state()
    return int(page.locator("body").evaluate("() => document.documentElement.scrollWidth")) - WIDTH


def printed(page: Page) -> str:
    return "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf())).pages)


@pytest.mark.parametrize("visitor", [PHONE], indirect=True, ids=["phone"])
def test_an_answer_is_two_actions_away_by_keyboard_on_a_phone_without_scripts_and_prints(
    visitor: Visitor, exchange: Exchange
) -> None:
    parts = tuple(sorted(map(part_of, CODES), key=lambda part: part.facts.locator_code))
    loading.load(exchange, whole_guide().model_copy(update={"parts": parts}))
    page = visitor.open("/")
    box = page.get_by_label("Reference guide: rules and contacts of every program")
    for _ in range(8):
        page.keyboard.press("Tab")
        if box.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.type("Kansaz age of majorty")  # the first action
    page.keyboard.press("Enter")  # the second
    page.wait_for_url("**/guide/search?*")
    answer = page.locator(".found-answer")
    assert ("Kansas" in answer.inner_text(), answer.locator(".told-short").inner_text()) == (True, "18")
    assert sideways(page) == 0
    answer.get_by_role("link", name="Kansas: Age of majority").click()
    assert sideways(page) == 0
    visitor.open("/guide/80DE")
    assert sideways(page) == 0
    paper = printed(page)
    for words in ("Age of majority", "Synthetic guide", "/guide/80DE, printed", "Contacts"):
        assert words in paper
    for words in ("What changed", "Sign in", "Look up", "History", "No payment", "All jurisdictions"):
        assert words not in paper
    for path in PAGES:
        visitor.open(path)
        assert sideways(page) == 0, path
