"""An organization looks after itself, in a real browser: a colleague from the invitation to the suspension, a
key and a token, a client's consent from the request to its end."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from exchange.runtime import Exchange
from roles.organizations import OrganizationKind
from roles.permissions import Role
from roles.programs import PROGRAMS
from sftp_gateway.host_keys import new_client_key
from tests.conftest import Clock
from tests.support.activating import PHRASE, activation_pages
from tests.support.invited import Invited
from tests.support.letters import code_in, mailed
from tests.support.partners import Partner, make_partner
from tests.web.pictures import Shoot
from tests.web.test_people import account
from tests.web.visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def boss(exchange: Exchange) -> Partner:
    """Looks after a processor, that is an organization that hands in files for others."""
    kind = OrganizationKind.PROCESSOR
    return make_partner(exchange, Role.EMPLOYER, 7, kind=kind, administrator=True)


@pytest.fixture
def office(visitor: Visitor, boss: Partner) -> Page:
    """The administrator's browser, on the page of the organization."""
    visitor.sign_in(boss).get_by_role("link", name="Organization", exact=True).click()
    return visitor.page


def open_person(office: Page) -> None:
    office.get_by_label("Your organization").get_by_role("link", name="People").click()
    office.get_by_role("link", name="Casey New").click()


def act(office: Page, name: str, shoot: Shoot, picture: str) -> None:
    """Choose what is done to the person whose page is open, and say so once more."""
    office.get_by_role("link", name=name, exact=True).click()
    shoot(office, picture)
    office.get_by_role("button", name=name, exact=True).click()
    expect(office.get_by_role("status")).to_contain_text("The change is saved")


def test_a_colleague_is_invited_comes_in_gets_more_and_is_kept_out(
    exchange: Exchange, office: Page, newcomer: Callable[[], Visitor], shoot: Shoot
) -> None:
    shoot(office, "administration-organization")
    office.get_by_label("Your organization").get_by_role("link", name="People").click()
    office.get_by_role("link", name="Invite somebody").click()
    office.get_by_label("Full name").fill("Casey New")
    office.get_by_label("Username").fill("casey.new")
    office.get_by_label("Work email address").fill("casey@example.org")
    shoot(office, "administration-invite")
    office.get_by_role("button", name="Send the invitation").click()
    expect(office.get_by_role("status")).to_contain_text("Tell the person the username yourself")
    shoot(office, "administration-people")

    invited, casey = account(exchange, "casey.new"), newcomer()
    assert invited is not None
    for page in activation_pages(casey, exchange, Invited(invited, code_in(mailed(exchange)[-1]))):
        last = page
    last.get_by_role("link", name="I have kept them").click()
    expect(last.get_by_role("link", name=PROGRAMS["lump-sum"].title).first).to_be_visible()
    last.get_by_role("link", name="Organization", exact=True).click()
    expect(last.get_by_role("link", name="People")).to_have_count(0)

    open_person(office)
    shoot(office, "administration-person")
    act(office, "Make administrator", shoot, "administration-make")
    last.reload()
    expect(last.get_by_label("Your organization").get_by_role("link", name="People")).to_be_visible()
    act(office, "Suspend", shoot, "administration-suspend")
    expect(office.locator(".page-head .tag")).to_have_text("Suspended")
    last.reload()
    last.get_by_label("Username").fill("casey.new")
    last.get_by_label("Password").fill(PHRASE)
    last.get_by_role("button", name="Continue").click()
    refuse(casey, shoot)


def refuse(visitor: Visitor, shoot: Shoot) -> None:
    """The visitor stays outside, and is told what to do."""
    expect(visitor.page.locator("#problem")).to_be_visible()
    shoot(visitor.page, "administration-kept-out")
    visitor.complaints.clear()  # the browser notes each refusal


def test_a_key_and_a_token_are_made_and_taken_back(
    office: Page, visitor: Visitor, exchange: Exchange, shoot: Shoot
) -> None:
    visitor.open("/account/keys")
    office.get_by_label("Public key", exact=True).fill(new_client_key(exchange.settings.home / "key"))
    office.get_by_label("What it is for").fill("payroll server")
    office.get_by_role("button", name="Add the key").click()
    expect(office.get_by_role("status")).to_be_visible()
    shoot(office, "administration-key")
    office.get_by_role("button", name="Take back payroll server").click()
    expect(office.get_by_role("row", name="payroll server")).to_contain_text("Taken back")

    visitor.open("/account/tokens")
    office.get_by_label("What it is for").fill("nightly upload")
    office.locator("#scopes label").first.click()
    office.get_by_role("button", name="Issue the token").click()
    expect(office.locator("#token")).to_contain_text(re.compile(r"^ocss_"))
    shoot(office, "administration-token")
    office.get_by_role("button", name="Take back nightly upload").click()
    expect(office.get_by_role("row", name="nightly upload")).to_contain_text("Taken back")
    shoot(office, "administration-token-back")


def test_a_client_agrees_and_withdraws_and_the_processor_is_told_what_to_do(
    exchange: Exchange,
    office: Page,
    visitor: Visitor,
    newcomer: Callable[[], Visitor],
    shoot: Shoot,
    clock: Clock,
) -> None:
    client = make_partner(exchange, Role.EMPLOYER, administrator=True)
    office.get_by_role("link", name="Who acts for whom").click()
    office.get_by_label("The client's FEIN").fill(client.fein)
    office.get_by_role("button", name="Ask", exact=True).click()
    expect(office.get_by_role("status")).to_contain_text("Asked")
    shoot(office, "administration-asked")

    theirs = newcomer()
    theirs.sign_in(client)
    theirs.open("/organization/clients")
    shoot(theirs.page, "administration-asked-of-us")
    theirs.page.get_by_role("button", name="Agree").click()
    expect(theirs.page.get_by_role("status")).to_contain_text("may act for you")
    clock.forward(seconds=1)

    visitor.open("/acting-for?next=/programs/debt-inquiry/report")
    office.get_by_role("button", name="Act for it").click()
    expect(office.get_by_role("complementary", name="Whom you act for")).to_contain_text(
        client.organization.name
    )
    office.get_by_label("Social Security number").fill("900-00-1234")
    office.get_by_label("Last name").fill("Sample")
    office.get_by_label("First name").fill("Robin")
    office.get_by_label("Kind of payment").select_option(index=1)
    soon = exchange.clock() + timedelta(days=9)
    for part, number in (("Month", soon.month), ("Day", soon.day), ("Year", soon.year)):
        office.get_by_role("group", name="When do you expect").get_by_label(part).fill(str(number))

    theirs.page.get_by_role("button", name="End it").click()
    expect(theirs.page.get_by_role("status")).to_contain_text("It ended, at once")
    shoot(theirs.page, "administration-ended")
    office.get_by_role("button", name="Ask", exact=True).click()
    expect(office.get_by_role("main")).to_contain_text("may not act for this client any more")
    shoot(office, "administration-withdrawn")
    visitor.complaints.clear()  # the browser notes the refusal
