"""The pages of record layouts: whose they are, what stands on them, and what they give to download."""

import io
import re
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from exchange.models.accounts import SignInFailure
from exchange.runtime import Exchange
from exchange.transfers import trial
from roles.permissions import Role
from roles.programs import PROGRAMS, receivable
from schemas.catalog import LAYOUTS, Form
from schemas.checking import check, run
from schemas.sample import CREATED, SampleOrder, sample
from schemas.structure import CheckRules
from tests.schemas.test_tabular import HOSTILE
from tests.support.partners import Partner, make_partner
from tests.support.record_files import people_file
from tests.web.conftest import Enter

Checking = Callable[..., Any]
ALL = {slug for program in PROGRAMS.values() for slug in (*program.layouts, *program.answers)}


def test_what_programs_take_and_send_has_a_layout() -> None:
    assert set(LAYOUTS) >= ALL


@pytest.mark.parametrize("role", [Role.INSURER, Role.FINANCIAL_INSTITUTION, Role.STATE, Role.INTERNATIONAL])
def test_a_role_sees_the_layouts_of_its_programs_and_no_others(
    exchange: Exchange, sign_in: Enter, role: Role
) -> None:
    browser = sign_in(make_partner(exchange, role))
    listed = browser.get("/layouts").text
    mine = {slug for program in receivable(role) for slug in (*program.layouts, *program.answers)}
    assert {slug for slug in ALL if f'href="/layouts/{slug}"' in listed} == mine
    assert {slug for slug in ALL if browser.get(f"/layouts/{slug}").status_code == 200} == mine
    others = [path for slug in ALL - mine for path in (f"/layouts/{slug}", f"/layouts/{slug}/sample.txt")]
    assert {browser.get(path).status_code for path in others} <= {404}


def test_a_file_of_the_case_registry_can_be_downloaded_and_has_no_mistake(
    exchange: Exchange, sign_in: Enter
) -> None:
    browser = sign_in(make_partner(exchange, Role.STATE, jurisdiction="KS"))
    assert 'href="/layouts/case-registry/sample.txt"' in browser.get("/layouts/case-registry").text
    content = browser.get("/layouts/case-registry/sample.txt").content
    rules = CheckRules(today=CREATED, synthetic=True)
    assert run(check(LAYOUTS["case-registry"], io.BytesIO(content), rules=rules))[0] == []


def test_the_page_of_a_layout_has_every_column_rule_and_code(browser: TestClient) -> None:
    shown = browser.get("/layouts/lump-sum").text
    named = re.findall(r' id="([^"]+)"', shown)
    assert sorted(named) == sorted(set(named))
    for record in LAYOUTS["lump-sum"].records:
        for field in record.fields:
            columns = str(field.first) if field.width == 1 else f"{field.first}-{field.last}"
            assert f'data-label="Columns">{columns}</td>' in shown
            assert field.is_filler or field.title in shown
    assert "the sum of “Payment amount” of all details" in shown
    assert "Severance" in shown
    assert "The record stands there twice" in shown
    assert "Our own choice" in shown
    assert "12345678901234567890" in shown
    assert 'href="/programs/lump-sum/template.xlsx"' in shown


@pytest.mark.parametrize("ending", ["txt", "csv", "xlsx"])
def test_the_sample_of_a_layout_has_no_mistake(browser: TestClient, ending: str) -> None:
    answer = browser.get(f"/layouts/lump-sum/sample.{ending}")
    assert f'filename="lump-sum-sample.{ending}"' in answer.headers["content-disposition"]
    form = {"txt": Form.FIXED}.get(ending) or Form(ending)
    rules = CheckRules(today=CREATED, synthetic=True)
    found, summary = run(check(LAYOUTS["lump-sum"], io.BytesIO(answer.content), rules=rules, form=form))
    assert (found, summary.accepted) == ([], 5)


@pytest.mark.parametrize(
    "path", ["lump-sum-result/sample.txt", "lump-sum/sample.exe", "nothing", "x/sample.txt"]
)
def test_what_there_is_not_is_not_found(browser: TestClient, path: str) -> None:
    assert browser.get(f"/layouts/{path}").status_code == 404


@pytest.fixture
def checking(browser: TestClient) -> Checking:
    """An employer who sends a file to the check box; gives what the page says."""

    def check_it(content: bytes, layout: str = "lump-sum", name: str = "try.txt") -> Any:
        return browser.post(f"/layouts/{layout}/check", files={"file": (name, content)})

    return check_it


def people(count: int, **more: str) -> list[dict[str, str]]:
    return [
        {"ssn": f"90000{k:04d}", "last_name": "SAMPLE", "first_name": "ALEX"} | more
        for k in range(1, count + 1)
    ]


def rows_of(text: str) -> list[tuple[str, str]]:
    """Line and code of each finding that the page shows."""
    shown = text.split("Findings of the file that was checked")[1].split("</table>", maxsplit=1)[0]
    return re.findall(r'data-label="Line">([\d,]+|File)<.*?(?:· |soft">)([A-Z]\d{3})<', shown, re.DOTALL)


def left(exchange: Exchange) -> dict[str, object]:
    """All that an installation holds: blobs and drafts, rows by table, files on its disk by name."""
    with exchange.engine.connect() as connection:
        rows = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in SQLModel.metadata.sorted_tables
            if table.name not in {SignInFailure.__tablename__, "session"}
        }
    return {"blobs": set(exchange.vault.ids()), "rows": rows}


def test_a_good_file_is_told_so_and_nothing_of_it_stays(
    exchange: Exchange, employer: Partner, checking: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/there/is/no/such/folder")
    before = left(exchange)
    answer = checking(people_file("lump-sum", employer, people(3)))
    assert "All 3 records are in order. Nothing was handed over." in answer.text
    assert left(exchange) == before


@pytest.mark.parametrize("form", list(Form))
def test_planted_mistakes_are_found_by_line_and_code(checking: Checking, form: Form) -> None:
    out = io.BytesIO()
    truth = sample(LAYOUTS["debt-inquiry"], SampleOrder(records=40, seed=5, errors=30, form=form), out)
    answer = checking(out.getvalue(), "debt-inquiry")
    found = {one for one in rows_of(answer.text) if one[1] not in {"H008", "H009"}}
    assert found >= {(str(error["line"]), error["code"]) for error in truth["errors"]}
    assert len(found) == len(truth["errors"]) > 5


def test_the_numbers_of_the_header_are_those_of_whoever_asks(
    employer: Partner, other_employer: Partner, checking: Checking
) -> None:
    answer = checking(people_file("lump-sum", other_employer, people(1)))
    assert rows_of(answer.text) == [("1", "H008"), ("1", "H009")]
    assert "The whole file would be refused" in answer.text


@pytest.mark.parametrize("case", ["packed too tightly", "a password", "cut off", "a document type"])
def test_a_hostile_workbook_is_a_finding_and_leaves_nothing(
    exchange: Exchange, checking: Checking, case: str
) -> None:
    make, code = HOSTILE[case]
    assert rows_of(checking(make(), name="a.xlsx").text) == [("File", code)]
    assert set(exchange.vault.ids()) == set()


def test_an_empty_file_and_one_of_another_layout_are_findings(employer: Partner, checking: Checking) -> None:
    assert rows_of(checking(b"").text) == [("File", "F001")]
    assert [code for _, code in rows_of(checking(people_file("debt-inquiry", employer, [])).text)] == ["F002"]


def test_no_file_and_too_large_a_file_are_told_with_what_to_do(
    exchange: Exchange, browser: TestClient, checking: Checking
) -> None:
    large = checking(b"x" * (trial.MOST_BYTES + 1))
    assert (large.status_code, "Choose a file of at most 20 MB" in large.text) == (422, True)
    none = browser.post("/layouts/lump-sum/check", files={"file": ("", b"")})
    assert (none.status_code, "Choose a file to check" in none.text) == (422, True)
    assert set(exchange.vault.ids()) == set()


def test_a_check_from_another_site_or_without_the_program_is_refused(browser: TestClient) -> None:
    whole = {"file": ("a.txt", b"x")}
    foreign = browser.post("/layouts/lump-sum/check", files=whole, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert browser.post("/layouts/data-match/check", files=whole).status_code == 404


def test_checks_are_counted(exchange: Exchange, checking: Checking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "CHECKS", 2)
    assert [checking(b"").status_code for _ in range(3)] == [200, 200, 429]
