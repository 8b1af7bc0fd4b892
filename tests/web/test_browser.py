"""Journeys of people through a real browser: headless Chromium against the real application."""

import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Route, expect

from exchange.registry.population import Person, Population
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.pipeline import drive, work
from roles.permissions import Role
from schemas.tables import STATES
from tests.support.partners import Partner, make_partner
from tests.support.record_files import people_file
from tests.web.visitors import Visitor

PHONE = {"width": 360, "height": 740}
TRANSFER = re.compile(r"/files/[0-9a-f-]{36}$")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_keyboard_alone_signs_in_and_out(visitor: Visitor, employer: Partner) -> None:
    page = visitor.open("/sign-in")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(employer.account.username)
    page.keyboard.press("Tab")
    page.keyboard.type(employer.password)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type(employer.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(employer.organization.name)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.locator("details.account summary").focus()
    page.keyboard.press("Enter")
    for _ in page.locator("details.account a").all():
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visitor.address}/")


def test_a_picked_file_is_sent_with_progress(visitor: Visitor, employer: Partner, tmp_path: Path) -> None:
    file = tmp_path / "picked.bin"
    file.write_bytes(b"0123456789" * 500_000)
    page = visitor.sign_in(employer)
    page.get_by_role("link", name="Send a file").click()
    page.get_by_label("What are you sending?").select_option("files")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.locator("[data-figures]")).to_have_text("5.00 MB")
    seen: list[float] = []
    page.expose_function("seen", lambda value: seen.append(value))  # noqa: PLW0108  # a builtin is not taken
    page.evaluate(
        "new MutationObserver(() => seen(document.querySelector('[data-bar]').value))"
        ".observe(document.querySelector('[data-bar]'), {attributes: true})"
    )
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url(TRANSFER)
    assert max(seen) == 1
    expect(page.get_by_role("heading", level=1)).to_have_text("picked.bin")
    expect(page.get_by_text("5 MB (5,000,000 bytes)")).to_be_visible()


def test_a_dropped_file_is_sent(visitor: Visitor, employer: Partner) -> None:
    page = visitor.sign_in(employer)
    visitor.open("/programs/files")
    page.evaluate(
        """() => {
            const carried = new DataTransfer();
            carried.items.add(new File(["dropped content"], "dropped.txt"));
            const drop = document.querySelector("[data-drop]");
            const how = {dataTransfer: carried, bubbles: true, cancelable: true};
            drop.dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    expect(page.locator("[data-filename]")).to_have_text("dropped.txt")
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url(TRANSFER)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    assert download.value.suggested_filename == "dropped.txt.receipt.json"


def test_a_file_chosen_before_the_script_is_here_is_not_forgotten(
    visitor: Visitor, employer: Partner, tmp_path: Path
) -> None:
    file, held = tmp_path / "early.txt", list[Route]()
    file.write_bytes(b"early")
    page = visitor.sign_in(employer)
    page.route("**/upload.js", lambda route: held.append(route))  # noqa: PLW0108  # a builtin is not taken
    with page.expect_request("**/upload.js"):
        page.get_by_role("link", name="Send a file").click()
    page.get_by_label("Choose a file").set_input_files(file)
    held[0].continue_()
    expect(page.locator("[data-filename]")).to_have_text("early.txt")


def test_a_file_dropped_beside_the_field_leaves_the_page_as_it_is(
    visitor: Visitor, employer: Partner
) -> None:
    visitor.sign_in(employer)
    page = visitor.open("/files/send")
    kept = "() => document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true}))"
    assert page.evaluate(kept) is False


def test_a_paused_upload_is_resumed_and_arrives_whole(
    visitor: Visitor, employer: Partner, tmp_path: Path
) -> None:
    file = tmp_path / "long.bin"
    file.write_bytes(b"0123456789abcdef" * 2_000_000)
    page = visitor.sign_in(employer)
    visitor.open("/programs/files")
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4_000_000}
    session.send("Network.emulateNetworkConditions", slow)
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Send file").click()
    while page.evaluate("document.querySelector('[data-bar]').value") < 0.1:
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-words]")).to_contain_text("Send the rest when you are ready")
    session.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    with page.expect_request(lambda request: request.method == "PUT") as resumed:
        page.get_by_role("button", name="Send the rest").click()
    assert not resumed.value.headers["content-range"].startswith("bytes 0-")
    page.wait_for_url(TRANSFER)
    expect(page.get_by_text("32 MB (32,000,000 bytes)")).to_be_visible()


def test_sending_nothing_is_told_at_once(visitor: Visitor, employer: Partner) -> None:
    page = visitor.sign_in(employer)
    visitor.open("/files/send")
    page.get_by_role("button", name="Send file").click()
    expect(page.get_by_role("status")).to_have_text("Choose a file first.")


@pytest.mark.parametrize("visitor", [{"java_script_enabled": False}], indirect=True)
def test_everything_works_with_scripts_off(visitor: Visitor, employer: Partner, tmp_path: Path) -> None:
    file = tmp_path / "plain.txt"
    file.write_bytes(b"no scripts" * 200_000)
    page = visitor.sign_in(employer)
    page.get_by_role("link", name="Send a file").click()
    page.get_by_label("What are you sending?").select_option("files")
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url(TRANSFER)
    expect(page.get_by_text("2 MB (2,000,000 bytes)")).to_be_visible()
    page.get_by_role("link", name="Look again").click()
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{visitor.address}/")


@pytest.fixture
def worker(exchange: Exchange) -> Iterator[None]:
    """Somebody who does the jobs."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(exchange, stop))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def people(exchange: Exchange) -> Population:
    make_partner(exchange, Role.OCSS_STAFF)
    return seed(exchange, 50, 7)


def payroll_list(owing: Person) -> bytes:
    """What a payroll clerk has at hand: a title, headings of one's own, all the usual slips, a total."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    headings = ["Soc. Sec. No.", "Surname", "Given name", "DOB", "Type", "Pay date", "Amount"]
    good = [owing.ssn, owing.last_name.title(), owing.first_name.title(), "", "Bonus", "Dec 24, 2026", 1250.5]
    for row in (
        ["Lindenhall bonus list, December"],
        [],
        headings,
        good,
        [900000777, "García", "José", "3/27/1980", "severance", "2026-12-24", "$1,300.00"],
        ["90000O778", "Reed", "Jo", "", "Bonus", "12/24/2026", "1.300,00"],
        ["900-00-0779", "Kovač", "Ana", "", "Holiday pay", "12/24/2026", 900],
        ["Total", "", "", "", "", "", 3450.5],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_payroll_clerk_comes_from_sign_in_to_a_clean_answer(
    visitor: Visitor, employer: Partner, people: Population, worker: None, tmp_path: Path
) -> None:
    """Two rows of four are taken as they are, two are corrected on the page; no manual is opened."""
    owing, file = people.person(3), tmp_path / "bonuses.xlsx"
    file.write_bytes(payroll_list(owing))
    page = visitor.sign_in(employer)
    page.locator(".nav summary").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Lump-sum reports").click()
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Send file").click()
    page.wait_for_url(TRANSFER)
    page.get_by_role("link", name="Correct the 2 rows that were refused").click(timeout=20_000)
    row = page.get_by_role("region", name="Row 6: Jo Reed")
    row.get_by_label("Social Security number").fill("900 00 0778")
    row.get_by_label("Amount before deductions").fill("1,300")
    row = page.get_by_role("region", name="Row 7: Ana Kovač")
    row.get_by_label("Kind of payment").select_option("V")
    page.get_by_role("button", name="Send the corrected rows").click()
    expect(page.get_by_role("heading", name="Nothing to mend")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="bonuses.xlsx", exact=True).click()
    page.get_by_role("link", name="Read it here").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text(owing.last_name)
    expect(rows.first.get_by_role("cell", name="match", exact=True)).to_be_visible()
    expect(rows.first).to_contain_text(STATES[owing.states[0]])


def test_one_person_is_reported_by_keyboard_and_answered_at_once(
    visitor: Visitor, employer: Partner, people: Population
) -> None:
    owing = people.person(3)
    page = visitor.sign_in(employer)
    visitor.open("/programs/lump-sum")
    page.get_by_role("link", name="One person, on screen").press("Enter")
    page.get_by_label("Last name").press("Enter")
    expect(page.locator("#problem")).to_be_focused()
    visitor.complaints.clear()  # the browser notes the 422
    page.get_by_role("link", name="social security number").press("Enter")
    expect(page.locator("#ssn")).to_be_focused()
    page.keyboard.type(f"{owing.ssn[:3]}-{owing.ssn[3:5]}-{owing.ssn[5:]}")
    page.locator("#last_name").fill(owing.last_name.title())
    page.locator("#first_name").fill(owing.first_name.title())
    page.get_by_label("Kind of payment").select_option("B")
    for name, part in zip(("Month", "Day", "Year"), ("12", "24", "2026"), strict=True):
        page.get_by_role("group", name="When do you expect to pay?").get_by_label(name).fill(part)
    page.get_by_role("button", name="Report payment").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Match")
    expect(page.get_by_role("region")).to_have_count(len(owing.states) + 1)


def test_somebody_idle_is_warned_and_can_stay_or_is_sent_away(visitor: Visitor, employer: Partner) -> None:
    page = visitor.page
    page.clock.install()
    visitor.sign_in(employer)
    warning = page.get_by_role("alertdialog")
    page.clock.fast_forward("12:30")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("00:45")
    expect(warning).to_be_visible()
    with page.expect_response("**/session") as kept:
        page.get_by_role("button", name="Stay signed in").click()
    assert kept.value.status == 204
    expect(warning).to_be_hidden()
    page.clock.fast_forward("15:05")
    expect(page).to_have_url(f"{visitor.address}/sign-in?next=%2Fhome")


def test_idle_time_counts_from_the_page_and_not_from_a_late_script(
    visitor: Visitor, employer: Partner
) -> None:
    page, held = visitor.page, list[Route]()
    page.clock.install()
    page.route("**/session.js", lambda route: held.append(route))  # noqa: PLW0108  # a builtin is not taken
    with page.expect_request("**/session.js"):
        visitor.sign_in(employer)
    page.clock.fast_forward("13:15")
    held[0].continue_()
    expect(page.get_by_role("alertdialog")).to_be_visible()


PAGES = [
    "/",
    "/incidents",
    "/incidents/report",
    "/sign-on",
    "/roles/employer",
    "/register/employer",
    "/sign-in",
    "/home",
    "/files",
    "/files/send",
]
PAGES += ["/programs/lump-sum", "/layouts/lump-sum", "/programs/lump-sum/report", "/programs/files"]


@pytest.mark.parametrize("visitor", [{"viewport": PHONE}], indirect=True)
def test_every_page_fits_a_phone(visitor: Visitor, employer: Partner) -> None:
    page = visitor.sign_in(employer)
    content = people_file("lump-sum", employer, [{"ssn": "1", "last_name": "A" * 20, "first_name": "B"}] * 3)
    with intake.begin(employer.exchange, employer.actor, "lump-sum", f"{'long' * 20}.txt") as arriving:
        arriving.write(content)
        sent = arriving.finish().transfer.id
    drive(employer.exchange, sent)
    for path in [*PAGES, f"/files/{sent}", f"/programs/lump-sum/answers/{sent}"]:
        visitor.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_every_page_has_one_heading_labels_and_its_notice(visitor: Visitor, employer: Partner) -> None:
    page = visitor.sign_in(employer)
    for path in PAGES:
        visitor.open(path)
        assert page.locator("h1").count() == 1, path
        assert page.locator("html[lang=en]").count() == 1
        for medium in ("print", "screen"):
            page.emulate_media(media=medium)
            notice = page.get_by_text("Demonstration software. Not a government website.")
            expect(notice, f"{path} on {medium}").to_be_visible()
        unlabelled = (
            "[...document.querySelectorAll('input:not([type=hidden]),select')].filter(e => !e.labels.length)"
        )
        assert page.evaluate(f"{unlabelled}.length") == 0, path
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), path


def test_icons_are_drawn(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.evaluate("document.querySelector('.tile .icon use').getBBox().width") > 0
