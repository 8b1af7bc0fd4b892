"""Every kind that registers, in a real browser: from the landing page to verified, activated and home."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from exchange.accounts import verification
from exchange.accounts.registration_steps import Step, steps_of
from exchange.runtime import Exchange
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import ROLES
from tests.acceptance.sizes import SOAK
from tests.support.partners import Partner
from tests.support.registering import Applicant, answers_for, clear, code_in, mails
from tests.web.pictures import Shoot
from tests.web.visitors import Visitor

KIND = OrganizationKind
REGISTERING = [kind for kind, about in KINDS.items() if about.registers]
TRIED = REGISTERING if SOAK else [KIND.EMPLOYER, KIND.TRIBE]
"""Their pages differ most from one another; without a browser all kinds are tried in every run."""
PHONE = {"viewport": {"width": 360, "height": 740}}
PASSWORD = "seven quiet rivers meet at noon"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def staff(newcomer: Callable[[], Visitor], ocss: Partner) -> Visitor:
    """OCSS staff at a browser of their own."""
    made = newcomer()
    made.sign_in(ocss)
    return made


def fill(page: Page, step: Step, kind: OrganizationKind) -> None:
    """Type the answers of a page, or choose them."""
    page.wait_for_load_state()  # of a page just begun, some fields may not be there yet
    for name, text in answers_for(kind)[step].items():
        field = page.locator(f"[name='{name}']")
        if field.count() == 0:
            continue
        if field.first.get_attribute("type") == "radio":
            page.locator(f"[name='{name}'][value='{text}'] + label").click()
        elif field.first.get_attribute("type") == "checkbox":
            page.locator(f"label[for='{name}']").click()
        elif field.first.evaluate("field => field.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)


def register(visitor: Visitor, exchange: Exchange, kind: OrganizationKind, shoot: Shoot) -> Page:
    """From the landing page to the page that says it was submitted."""
    role, page = KINDS[kind].role, visitor.open("/")
    page.get_by_role("link", name=ROLES[role].title, exact=True).click()
    page.get_by_role("link", name="Register").click()
    shoot(page, f"{kind}-0-begin")
    page.get_by_role("link", name="Start now").click()
    steps = steps_of(kind)
    for number, step in enumerate(steps, 1):
        expect(page.get_by_text(f"Step {number} of {len(steps)}", exact=True)).to_be_visible()
        fill(page, step, kind)
        shoot(page, f"{kind}-{number}-{step}")
        page.locator("main form .usa-button").first.click()
        if step is Step.EMAIL:
            page.get_by_label("Code from the letter").fill(code_in(mails(exchange)[-1]))
            shoot(page, f"{kind}-{number}-{step}-code")
            page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registration submitted")
    shoot(page, f"{kind}-9-submitted")
    return page


@pytest.mark.parametrize("kind", TRIED)
def test_every_kind_gets_from_the_landing_page_to_its_home(
    visitor: Visitor, staff: Visitor, exchange: Exchange, ocss: Partner, kind: OrganizationKind, shoot: Shoot
) -> None:
    if KINDS[kind].prerequisite:
        clear(exchange, ocss.actor, kind)
    page = register(visitor, exchange, kind, shoot)
    reference = page.locator("[data-reference]").inner_text()
    desk = staff.open("/home")
    desk.get_by_role("link", name="Registrations", exact=True).click()
    shoot(desk, "staff-queue")
    desk.get_by_role("link", name=reference).click()
    shoot(desk, f"staff-{kind}")
    assert "900123456" not in desk.content()
    desk.get_by_role("button", name="Verify this registration").click()
    expect(desk.get_by_role("status")).to_contain_text("activation code")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are verified")
    shoot(page, f"{kind}-a-verified")
    page.get_by_role("link", name="Activate your account").click()
    activate(page, exchange)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sample")
    shoot(page, f"{kind}-b-home")


@pytest.mark.parametrize(("kind", "where"), [(KIND.INTERNATIONAL, "CA"), (KIND.ACCESS_VISITATION, "KS")])
def test_whom_staff_let_in_gets_home_as_well(
    visitor: Visitor, staff: Visitor, exchange: Exchange, kind: OrganizationKind, where: str, shoot: Shoot
) -> None:
    desk = staff.open("/staff/organizations")
    desk.get_by_role("link", name="Add an organization").click()
    shoot(desk, "staff-new")
    desk.get_by_role("link", name=KINDS[kind].title).click()
    desk.get_by_label("Name of the organization").fill("Sample Authority")
    place = desk.locator(f"[name='{KINDS[kind].key}']")
    (place.select_option if kind is KIND.ACCESS_VISITATION else place.fill)(where)
    desk.get_by_label("What was received").fill("Letter of May 2")
    desk.get_by_label("Full name").fill("Robin Sample")
    desk.get_by_label("Work email address").fill("robin@example.org")
    desk.get_by_label("Username").fill("robin.sample")
    shoot(desk, f"{kind}-0-made")
    desk.get_by_role("button", name="Add the organization").click()
    expect(desk.get_by_role("status")).to_contain_text("Tell its first administrator the username")
    shoot(desk, f"{kind}-1-waits")
    page = visitor.open("/activate")
    activate(page, exchange)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample Authority")
    shoot(page, f"{kind}-b-home")
    desk.reload()
    expect(desk.get_by_text("has not come yet")).to_have_count(0)


def activate(page: Page, exchange: Exchange) -> None:
    """Code, password, authenticator app, and in."""
    page.get_by_label("Username").fill("robin.sample")
    page.get_by_label("Activation code").fill(code_in(mails(exchange)[-1]))
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = re.sub(r"\s", "", page.locator("#secret").inner_text())
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(exchange.clock()))
    page.get_by_role("button", name="Activate my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    page.get_by_role("link", name="I have kept them, go on").click()


def test_a_tribe_without_agreements_is_told_what_to_do(visitor: Visitor, shoot: Shoot) -> None:
    page = visitor.open("/roles/tribe")
    page.get_by_role("link", name="Register").click()
    page.get_by_role("link", name="Start now").click()
    page.get_by_label("Locator code of your tribe").fill("90 123")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot register yet")
    expect(
        page.get_by_text("A tribe may register once it has given OCSS the required agreements")
    ).to_be_visible()
    expect(page.get_by_role("link", name="partners@ocss.example.org")).to_be_visible()
    shoot(page, "tribe-refused")


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("state", "States do not register here"),
        ("international", "OCSS makes the accounts of other countries"),
        ("access_visitation", "get in through their state"),
        ("ocss_staff", "Ask yours"),
    ],
)
def test_who_does_not_register_is_told_who_lets_them_in(
    visitor: Visitor, role: str, sentence: str, shoot: Shoot
) -> None:
    page = visitor.open(f"/register/{role}")
    expect(page.get_by_text(sentence)).to_be_visible()
    assert page.locator("main form").count() == 0
    shoot(page, f"register-{role}")


def test_a_case_participant_is_shown_the_door_to_use(visitor: Visitor, shoot: Shoot) -> None:
    page = visitor.open("/")
    page.get_by_role("link", name="See where to go").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parents and the public: where to go")
    expect(page.get_by_text("Your state or tribal child support agency")).to_be_visible()
    shoot(page, "for-the-public")
    visitor.open("/sign-in").get_by_role("link", name="Parents and the public").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parents and the public: where to go")


def test_somebody_comes_back_on_another_computer_by_the_mailed_code(
    visitor: Visitor, exchange: Exchange, shoot: Shoot
) -> None:
    applicant = Applicant(exchange, KIND.INSURER)
    applicant.go_to(Step.EMAIL)
    page = visitor.open("/register/insurer")
    page.get_by_role("link", name="Come back to one you began").click()
    shoot(page, "return")
    page.get_by_label("Code from our letter").fill(code_in(mails(exchange)[-1]).lower())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About your organization")
    page.get_by_role("button", name="Save and finish later").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are kept")
    shoot(page, "left")
    visitor.open("/register/status")
    expect(page.get_by_role("heading", level=1)).to_have_text("Come back to your registration")


def test_an_answer_is_changed_from_the_last_page_and_leads_back_to_it(
    visitor: Visitor, exchange: Exchange, shoot: Shoot
) -> None:
    applicant = Applicant(exchange, KIND.INSURER)
    applicant.go_to(Step.AGREEMENT)
    page = visitor.open("/register/return")
    page.get_by_label("Code from our letter").fill(str(applicant.secret))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Change organization").click()
    page.get_by_label("City").fill("Wichita")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    expect(page.get_by_text("Wichita")).to_be_visible()
    page.get_by_role("link", name="Change organization").click()
    page.get_by_label("Federal employer identification number (FEIN)").fill("07 1234567")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#problem")).to_be_focused()
    shoot(page, "organization-problem")
    visitor.complaints.clear()  # the browser notes the 422


def test_asked_back_and_denied_stand_on_the_applicants_page(
    visitor: Visitor, staff: Visitor, exchange: Exchange, shoot: Shoot
) -> None:
    applicant = Applicant(exchange, KIND.EMPLOYER)
    made = applicant.submit()
    desk = staff.open(f"/staff/registrations/{made.id}")
    desk.get_by_label("What do you want to know?").fill("Is your legal name complete?")
    desk.get_by_role("button", name="Send it back").click()
    page = visitor.open("/register/return")
    page.get_by_label("Code from our letter").fill(str(applicant.secret))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Is your legal name complete?")).to_be_visible()
    shoot(page, "status-returned")
    page.get_by_role("link", name="Change your answers and submit again").click()
    page.get_by_role("button", name="Accept and submit registration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registration submitted")
    staff.open(f"/staff/registrations/{made.id}")
    desk.get_by_label("Why?").fill("Records name another employer.")
    desk.get_by_role("button", name="Deny this registration").click()
    page.reload()
    expect(page.get_by_text("Records name another employer.")).to_be_visible()
    shoot(page, "status-denied")


def test_staff_record_what_lets_a_tribe_start(staff: Visitor, exchange: Exchange, shoot: Shoot) -> None:
    desk = staff.open("/staff/registrations")
    desk.get_by_role("link", name="Agreements and connectivity on record").click()
    shoot(desk, "staff-clearances-empty")
    desk.get_by_label("What it is").select_option("tribe")
    desk.get_by_label("Locator code of the tribe").fill("90830")
    desk.get_by_label("Name of the organization").fill("Sample Nation")
    desk.get_by_label("What was received").fill("Agreements of August 3, file 26-114")
    desk.get_by_role("button", name="Record").click()
    expect(desk.get_by_role("status")).to_contain_text("It is on record")
    shoot(desk, "staff-clearances")
    Applicant(exchange, KIND.TRIBE).hand_in(Step.CLEARANCE)
    desk.get_by_role("button", name="Withdraw what is on record of Sample Nation").click()
    expect(desk.locator("td .tag")).to_contain_text("Withdrawn")


def test_an_administrator_lets_a_colleague_join(
    visitor: Visitor, exchange: Exchange, ocss: Partner, shoot: Shoot
) -> None:
    first = Applicant(exchange, KIND.EMPLOYER)
    verification.verify(exchange, ocss.actor, first.submit().id)
    page = visitor.open("/activate")
    activate(page, exchange)
    Applicant(exchange, KIND.EMPLOYER, "casey.second").submit()
    page.get_by_role("link", name="Organization", exact=True).click()
    page.get_by_role("link", name="Requests to join").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Robin O'Sample")
    shoot(page, "joins")
    page.get_by_role("button", name="Let Robin O'Sample in").click()
    expect(page.get_by_role("status")).to_contain_text("Let in")
    expect(page.get_by_text("Nobody asks")).to_be_visible()
