"""A state worker signs in through a real OpenID provider, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from exchange.accounts import sign_on
from exchange.accounts.sign_on import NewProvider
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.openid import real_provider
from tests.support.partners import make_partner
from tests.support.ports import free_port
from tests.web.conftest import Served

PEOPLE = {
    "casey": {"name": "Casey Worker", "email": "casey@example.org", "groups": ["exchange"]},
    "drew": {"name": "Drew Visitor", "groups": ["payroll"]},
}
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def connected(exchange: Exchange, served: Served) -> Iterator[Served]:
    """The portal, and Kansas with a provider of its own."""
    state = make_partner(exchange, Role.STATE, jurisdiction="KS").organization
    object.__setattr__(exchange.settings, "public_url", served.address)  # known only now that it listens
    port = free_port()
    new = NewProvider(state.id, f"http://127.0.0.1:{port}", "portal", "groups", "exchange")
    key = sign_on.add_provider(exchange, new)
    back = f"{served.address}/sign-on/return"
    told = {"client_id": "portal", "redirect_uri": back, "key": key, "people": PEOPLE, "port": port}
    with real_provider(told):
        yield served


@pytest.mark.parametrize("name", list(PEOPLE))
def test_a_state_worker_is_signed_in_by_the_state(chromium: Browser, connected: Served, name: str) -> None:
    page = chromium.new_page()
    page.goto(f"{connected.address}/files")
    page.get_by_role("link", name="Use your state's sign-on").click()
    page.get_by_role("link", name="Sample state 1").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("anything")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()
    if name == "casey":
        page.get_by_role("button", name="I accept these rules").click()
        expect(page).to_have_url(f"{connected.address}/files")
        expect(page.get_by_text("Casey Worker").first).to_be_attached()
    else:
        expect(page.get_by_text("has given you no role at this portal")).to_be_visible()
    page.close()
