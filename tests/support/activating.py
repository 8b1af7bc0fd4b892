"""An invited person who activates the account at a browser."""

from collections.abc import Iterator

import pyotp
from playwright.sync_api import Page

from exchange.runtime import Exchange
from tests.support.invited import Invited
from tests.web.visitors import Visitor

PHRASE = "seven wise walruses at sea"


def activation_pages(visitor: Visitor, exchange: Exchange, invited: Invited) -> Iterator[Page]:
    """Gives each page of the way as it comes up, the recovery codes last."""
    yield (page := visitor.open("/activate"))
    page.get_by_label("Username").fill(invited.account.username)
    page.get_by_label("Activation code").fill(invited.code.lower())
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("New password").fill(PHRASE)
    page.get_by_label("The same password again").fill(PHRASE)
    yield page
    page.get_by_role("button", name="Continue").click()
    drawn = page.get_by_role("img", name="QR code for your authenticator app")
    drawn.wait_for()
    page.wait_for_load_state()
    assert drawn.evaluate("element => element.getBBox().width") > 20
    yield page
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(exchange.clock()))
    page.get_by_role("button", name="Activate my account").click()
    page.locator("#codes").wait_for()
    page.wait_for_load_state()
    yield page
