"""People and their accounts in a real browser: activating, proving, looking after what they sign in with."""

import pytest
from playwright.sync_api import Page, expect

from exchange.accounts import recovery
from exchange.runtime import Exchange
from tests.conftest import Clock
from tests.support.activating import activation_pages
from tests.support.invited import Invited, invite
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner
from tests.web.visitors import Visitor

PHONE = {"viewport": {"width": 360, "height": 740}}

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def casey(exchange: Exchange, employer: Partner) -> Invited:
    return invite(exchange, employer)


def fits(page: Page) -> bool:
    page.wait_for_load_state()
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


@pytest.fixture
def named(visitor: Visitor) -> Visitor:
    """A visitor who comes by a host name, with an authenticator that answers at once."""
    visitor.address = visitor.address.replace("127.0.0.1", "localhost")
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    answers = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": kind | answers})
    return visitor


def add_passkey(visitor: Visitor, label: str) -> Page:
    page = visitor.open("/account/security")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What is it called?").fill(label)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added.")).to_be_visible()
    return page


def sign_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()


def test_a_passkey_signs_in_alone_and_as_second_factor(named: Visitor, employer: Partner) -> None:
    named.sign_in(employer)
    sign_out(add_passkey(named, "Office computer"))
    page = named.open("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{named.address}/home")
    sign_out(page)
    page = named.open("/sign-in?next=/files")
    page.get_by_label("Username").fill(employer.account.username)
    page.get_by_label("Password").fill(employer.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(f"{named.address}/files")
    history = named.open("/account/history")
    for way in ("by passkey", "by password and passkey", "by password and code"):
        expect(history.get_by_text(way, exact=True)).to_have_count(1)


def test_a_passkey_proves_its_owner_again_and_lets_the_app_go(
    named: Visitor, employer: Partner, clock: Clock
) -> None:
    named.sign_in(employer)
    page = add_passkey(named, "Key ring")
    clock.forward(minutes=10)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Show your second factor")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign-in and security")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The authenticator app was removed.")).to_be_visible()
    page.get_by_role("button", name="Remove Key ring").click()
    expect(page.get_by_text("This is your only second factor")).to_be_visible()
    named.complaints.clear()  # the browser notes the 409


def test_a_passkey_stands_in_for_the_code_when_the_password_was_forgotten(
    exchange: Exchange, named: Visitor, employer: Partner
) -> None:
    named.sign_in(employer)
    page = add_passkey(named, "The only one")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The authenticator app was removed.")).to_be_visible()
    sign_out(page)
    page = named.open("/forgot")
    page.get_by_role("textbox", name="Username").fill(employer.account.username)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    recovery.answer_waiting(exchange)
    page.get_by_role("link", name="Enter the code").click()
    page.get_by_label("Username").fill(employer.account.username)
    page.get_by_label("Code from our letter").fill(code_in(mailed(exchange)[-1]))
    for label in ("New password", "The same password again"):
        page.get_by_role("textbox", name=label).fill("seven wise walruses at sea")
    page.get_by_role("button", name="Set password with a passkey").click()
    expect(page).to_have_url(f"{named.address}/sign-in")
    page.get_by_label("Username").fill(employer.account.username)
    page.get_by_label("Password").fill("seven wise walruses at sea")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(f"{named.address}/home")


def test_a_removed_passkey_and_one_of_another_person_are_refused(
    named: Visitor, employer: Partner, other_employer: Partner, exchange: Exchange
) -> None:
    named.sign_in(employer)
    sign_out(add_passkey(named, "Office computer"))
    page = named.open("/sign-in")
    page.get_by_label("Username").fill(other_employer.account.username)
    page.get_by_label("Password").fill(other_employer.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is a problem")
    page = named.open("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{named.address}/home")
    page = named.open("/account/security")
    page.get_by_role("button", name="Remove Office computer").click()
    sign_out(page)
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That passkey is not known here.").first).to_be_visible()
    named.complaints.clear()  # the browser notes the 401
