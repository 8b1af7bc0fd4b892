"""People and their accounts in a real browser: activating, proving, looking after what they sign in with."""

import pytest
from playwright.sync_api import Page, expect

from exchange.runtime import Exchange
from tests.support.activating import activation_pages
from tests.support.invited import Invited, invite
from tests.support.partners import Partner
from tests.web.visitors import Visitor

PHONE = {"viewport": {"width": 360, "height": 740}}

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def casey(exchange: Exchange, employer: Partner) -> Invited:
    return invite(exchange, employer)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize(
    "visitor",
    [{}, PHONE, {"java_script_enabled": False}],
    ids=["desktop", "phone", "no scripts"],
    indirect=True,
)
def test_an_invited_person_activates_and_comes_home(
    exchange: Exchange, visitor: Visitor, casey: Invited
) -> None:
    for page in activation_pages(visitor, exchange, casey):
        assert fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    codes = page.locator("#codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    assert download.value.path().read_text().split() == codes
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{visitor.address}/home")
