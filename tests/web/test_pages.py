"""Every page renders for everybody who may see it, and says only what is so."""

import io
import re
from pathlib import Path
from typing import get_args

import openpyxl
import pytest
from starlette.testclient import TestClient

import exchange as exchange_package
import web as web_package
from exchange.models.transfers import Status
from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.pipeline import drive
from roles.permissions import PERMISSION_WORDS, ROLES, Role
from roles.programs import of_files, receivable, sendable
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web import api_models, wording


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_page_and_a_way_in(client: TestClient, role: Role) -> None:
    landing, about, register = (client.get(path) for path in ("/", f"/roles/{role}", f"/register/{role}"))
    assert [page.status_code for page in (landing, about, register)] == [200, 200, 200]
    assert f'href="/roles/{role}"' in landing.text
    assert ROLES[role].summary in about.text
    for program in of_files(receivable(role)):
        assert program.title in about.text


@pytest.mark.parametrize("path", ["/roles/parent", "/register/parent", "/roles/%7B%7B7919*7919%7D%7D"])
def test_other_roles_do_not_exist(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "62710561" not in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OCSS_ADMINISTRATOR])
def test_home_and_every_program_open_for_each_role(exchange: Exchange, sign_in: Enter, role: Role) -> None:
    browser = sign_in(make_partner(exchange, role))
    home = browser.get("/home").text
    for program in of_files(receivable(role)):
        assert f'href="/programs/{program.slug}"' in home
        page = browser.get(f"/programs/{program.slug}")
        assert page.status_code == 200
        assert ("Send a file" in page.text) == (program in sendable(role))
    others = {"lump-sum", "data-match"} - {program.slug for program in of_files(receivable(role))}
    assert {browser.get(f"/programs/{slug}").status_code for slug in others} <= {404}


def test_an_empty_table_has_the_headings_of_the_records(browser: TestClient) -> None:
    text = browser.get("/programs/lump-sum/template.csv")
    book = browser.get("/programs/lump-sum/template.xlsx")
    headings = text.text.strip().split(",")
    assert "Social Security number" in headings
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert [cell.value for cell in next(sheet.rows)] == headings
    assert 'filename="lump-sum.csv"' in text.headers["content-disposition"]
    assert browser.get("/programs/lump-sum/template.exe").status_code == 404
    assert browser.get("/programs/files/template.csv").status_code == 404


def test_the_notice_stands_on_every_page(client: TestClient, browser: TestClient, employer: Partner) -> None:
    notice = "Demonstration software. Not a government website. Do not enter real personal data."
    for who, path in (
        (client, "/"),
        (client, "/sign-in"),
        (client, "/nowhere"),
        (browser, "/home"),
        (browser, "/files"),
    ):
        assert notice in who.get(path).text


def test_every_status_and_every_event_of_a_file_has_its_words() -> None:
    assert set(wording.STATUSES) == set(Status) == set(get_args(api_models.Status))
    assert set(wording._REACHED) == set(Status)
    sources = Path(exchange_package.__file__).parent.rglob("*.py")
    written = {kind for file in sources for kind in re.findall(r'"(transfer\.[a-z]+)"', file.read_text())}
    assert written - {"transfer.id"} <= set(wording.EVENTS)


def test_a_file_from_another_organization_says_whose_it_is(
    exchange: Exchange, sign_in: Enter, ocss: Partner, employer: Partner
) -> None:
    with intake.begin(exchange, employer.actor, "files", "from-us.txt") as arriving:
        arriving.write(b"hello")
        drive(exchange, arriving.finish().transfer.id)
    staff = sign_in(ocss)
    for path in ("/home", "/files", "/programs/files"):
        assert f"From {employer.organization.name}" in staff.get(path).text


def test_who_may_do_what_is_drawn_from_the_table(client: TestClient) -> None:
    shown = client.get("/who-may-do-what").text
    assert all(words.replace("'", "&#39;") in shown for words in PERMISSION_WORDS.values())
    reports = shown.split("Report lump-sum payments")[1].split("</tr>")[0]
    assert "Employers" in reports
    assert "Insurers" not in reports
    assert "Administrators of an organization" in shown.split("Invite, suspend")[1].split("</tr>")[0]


def test_no_component_is_written_twice() -> None:
    """Of two macros of one name the later one counts everywhere, without a word."""
    names = re.findall(
        r"{%-? macro (\w+)\(",
        (Path(web_package.__file__).parent / "templates" / "components.html").read_text(),
    )
    assert sorted(names) == sorted(set(names))
