"""The pages of record layouts: whose they are, what stands on them, and what they give to download."""

import io

import pytest
from starlette.testclient import TestClient

from exchange.runtime import Exchange
from roles.permissions import Role
from roles.programs import PROGRAMS, receivable
from schemas.catalog import LAYOUTS, Form
from schemas.checking import check, run
from schemas.sample import CREATED
from schemas.structure import CheckRules
from tests.support.partners import make_partner
from tests.web.conftest import Enter

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


def test_the_page_of_a_layout_has_every_column_rule_and_code(browser: TestClient) -> None:
    shown = browser.get("/layouts/lump-sum").text
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
