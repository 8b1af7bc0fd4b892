"""In a browser: a manager reviews by keyboard, the worker reads it, OCSS reconstructs who saw what."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from exchange.database import reading
from exchange.locate import searching
from exchange.models.locate import LocateRequest
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.locate.query import as_fields
from tests.conftest import Clock
from tests.support.locating import FOUND, answer, ask, at_noon, make_fellow, make_worker, sent
from tests.support.partners import Partner, make_partner
from tests.support.registered import facts, register
from tests.web.pictures import Shoot
from tests.web.visitors import Visitor, press_on, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
IDA = facts(1, "SAMPLE", "IDA", "19870327")
Come = Callable[[], Visitor]


@pytest.fixture
def manager(exchange: Exchange, clock: Clock) -> Partner:
    at_noon(clock)
    register(exchange, IDA)
    return make_worker(exchange, manager=True)


@pytest.fixture
def worker(manager: Partner) -> Partner:
    return make_fellow(manager, "fellow-2")


@pytest.fixture
def wanted(exchange: Exchange, worker: Partner) -> UUID:
    """The worker has searched, chosen somebody of their own name, and got an answer."""
    named = as_fields({"last_name": "Sampel", "first_name": "Ida", "birth_date": "1987-03-27"})
    (match,) = searching.search(exchange, worker.actor, "support", "T-100", named).matches
    whom = searching.carried(exchange, worker.actor, match.carried).subject
    asked = ask(exchange, worker.actor, sources=("A01",), fields=as_fields(whom.as_dict()))
    about = {"ssn": IDA.ssn, "last_name": whom.last_name}
    assert answer(exchange, "A01", sent(exchange, asked)["A01"], FOUND, **about)
    return asked


def test_a_manager_reviews_and_ocss_reconstructs_who_saw_what(
    exchange: Exchange, newcomer: Come, shoot: Shoot, manager: Partner, worker: Partner, wanted: UUID
) -> None:
    with reading(exchange.engine) as session:
        reference = session.exec(select(LocateRequest.reference)).one()
    page = newcomer().sign_in_by_keyboard(manager)
    asks_about(page, reference)
    answers(newcomer().sign_in(worker), shoot, reference)
    signs_off(page, reference)
    auditor = make_partner(exchange, Role.OCSS_ADMINISTRATOR)
    reconstructs(newcomer().sign_in(auditor), shoot, reference, (manager, worker))


def asks_about(page: Page, reference: str) -> None:
    """From the home page to the request, what was found, and a question; nothing is clicked."""
    press_on(page, "link", "Requests to review: 1")
    expect(page.get_by_role("link", name="Review 1 waiting")).to_have_attribute("aria-current", "page")
    press_on(page, "link", reference)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Review {reference}")
    press_on(page, "link", "Open the request")
    expect(page.get_by_text("7 Synthetic Lane, Topeka KS 66601")).to_be_visible()
    press_on(page, "link", "Review it")
    tab_to(page, "Note (optional)")
    page.keyboard.type("Is she a relative of yours?")
    press_on(page, "button", "Ask about it")
    expect(page.get_by_text("Your review is kept")).to_be_visible()


def answers(page: Page, shoot: Shoot, reference: str) -> None:
    """The worker is told that something is asked, reads it and answers."""
    expect(page.get_by_role("link", name="Locate 2 new")).to_be_visible()  # the answer of a source, and this
    page.get_by_role("link", name=reference, exact=True).first.click()
    expect(page.get_by_text("Is she a relative of yours?")).to_be_visible()
    expect(page.get_by_role("link", name="Review it")).to_have_count(0)
    shoot(page, "locate-asked")
    page.get_by_label("Your answer").fill("No relation. The court sent me the name.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Your answer is kept")).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_count(0)


def signs_off(page: Page, reference: str) -> None:
    """The request waits again, with the answer; then it does not, and neither does what was unusual."""
    page.reload()
    expect(page.get_by_text("Answered: read it")).to_be_visible()
    press_on(page, "link", reference)
    expect(page.get_by_text("No relation. The court sent me the name.")).to_be_visible()
    tab_to(page, "Note (optional)")
    page.keyboard.type("That is all right.")
    press_on(page, "button", "Sign off")
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    press_on(page, "link", "Unusual activity 1 waiting")
    expect(page.get_by_role("heading", level=3)).to_have_text(
        "The person has the same last name as the worker"
    )
    tab_to(page, "What was it?")
    page.keyboard.type("No relation")
    press_on(page, "button", "Settle")
    expect(page.get_by_text("Nothing unusual")).to_be_visible()
    expect(page.get_by_role("link", name="Unusual activity", exact=True)).to_be_visible()


def reconstructs(page: Page, shoot: Shoot, reference: str, people: tuple[Partner, Partner]) -> None:
    """By person, worker and agency: who was shown what of which source, and the same as a table."""
    manager, worker = people
    page.get_by_role("link", name="Console").first.click()
    page.get_by_role("link", name="Locate audit").click()
    looks = (worker, "Looked", reference, "A01")
    theirs = [looks, looks, (manager, "Looked", reference, "A01")]  # the worker's second is behind the answer
    found = [(worker, "Found in a search", "none", "FCR")]
    searched = [(worker, "Searched", "none", "none yet")]
    audited(page, ssn=f"{IDA.ssn[:3]}-{IDA.ssn[3:5]}-{IDA.ssn[5:]}")
    shoot(page, "locate-audit")
    assert shown(page) == rows(theirs + found)
    with page.expect_download() as told:
        page.get_by_role("button", name="Export all of it").click()
    assert exported(told.value.path()) == rows(theirs + found)
    assert not re.search(f"Synthetic Lane|{IDA.ssn}", page.content() + told.value.path().read_text())
    audited(page, worker="FELLOW-2")
    assert shown(page) == rows([looks, looks, *found, *searched])
    audited(page, agency="tribe 1")
    assert shown(page) == rows([*theirs, *found, *searched])
    audited(page, worker="nobody")
    expect(page.get_by_text("Nobody looked")).to_be_visible()


def audited(page: Page, **by: str) -> None:
    labels = {"ssn": "Social Security number", "worker": "Worker", "agency": "Agency"}
    for name, label in labels.items():
        page.get_by_label(f"{label} (optional)").fill(by.get(name, ""))
    page.get_by_label("What is the audit for?").fill("Complaint 7")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.get_by_role("region", name="What was found")).to_be_visible()
    page.wait_for_load_state()  # with all its rows


def rows(told: list[tuple[Partner, str, str, str]]) -> list[tuple[str, ...]]:
    """What an audit shows of these looks."""
    return sorted((who.account.username, *rest) for who, *rest in told)


def shown(page: Page) -> list[tuple[str, ...]]:
    """Username, act, request and answers of each look on the page."""
    found = page.get_by_role("table").locator("tbody tr").all()
    cells = [[cell.inner_text().split("\n") for cell in row.locator("td").all()] for row in found]
    return sorted((one[1][1], one[2][0], one[3][0], one[4][0]) for one in cells)


def exported(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="") as file:
        return sorted(
            (line["Username"], line["Act"], line["Request"] or "none", line["Answers there"] or "none yet")
            for line in csv.DictReader(file)
        )
