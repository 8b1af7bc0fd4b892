"""The page of volumes: OCSS sees figures and takes them along as CSV; nobody else gets there."""

import csv
import io
import re

from exchange.runtime import Exchange
from roles.permissions import Role
from tests.exchange.test_volumes import some_transfers
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter
from web.figures import Column, Figure, Kind

FIGURE = Figure(
    "trees",
    "Trees",
    "How many there are.",
    (Column("Wood", Kind.TEXT), Column("Trees"), Column("Felled", Kind.PERCENT)),
    [("=1+1", 1_200, 0.25), ("Beech", 300, None)],
    (1,),
)


def test_a_chart_is_drawn_from_the_rows_of_its_table() -> None:
    first, second = FIGURE.groups
    assert (first.bars[0].width, first.bars[0].text) == ("78.00%", "1,200")
    assert (second.bars[0].width, second.bars[0].text) == ("19.50%", "300")
    assert FIGURE.description == "Trees: most 1,200 (=1+1), least 300 (Beech)."
    assert FIGURE.table() == [["=1+1", "1,200", "25.00%"], ["Beech", "300", "-"]]


def test_a_table_for_a_spreadsheet_holds_no_formula() -> None:
    assert b"".join(FIGURE.as_csv()).decode().splitlines() == [
        "Wood,Trees,Felled",
        "'=1+1,1200,0.25",
        "Beech,300,",
    ]


def test_ocss_sees_what_is_exchanged_and_takes_it_along(
    exchange: Exchange, sign_in: Enter, ocss: Partner, employer: Partner
) -> None:
    browser = sign_in(ocss)
    assert "Nothing to show" in browser.get("/staff/volumes").text
    some_transfers(exchange, [employer], 30, 3)
    page = browser.get("/staff/volumes?months=24")
    assert page.status_code == 200
    assert (page.text.count('<svg class="chart"'), page.text.count("<caption")) == (7, 7)
    assert "style=" not in page.text
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    alone = browser.get(f"/staff/volumes?months=3&program=files&partner={employer.organization.id}").text
    assert f"Only <b>{employer.organization.name}</b>" in alone
    for key in ("months", "partners", "details"):
        answer = browser.get(f"/staff/volumes/{key}.csv?months=24")
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="volumes-{key}.csv"')
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert sum(int(row["Files handed over"]) + int(row["Files for partners"]) for row in rows) > 20
    for wrong in ("?program=none", "?partner=none", f"?partner={exchange.clock():%H}", "/none.csv"):
        assert browser.get(f"/staff/volumes{wrong}").status_code == 404


def test_nobody_else_sees_volumes(exchange: Exchange, sign_in: Enter) -> None:
    browser = sign_in(make_partner(exchange, Role.STATE))
    assert "Volumes" not in browser.get("/home").text
    assert browser.get("/staff/volumes").status_code == 403
    assert browser.get("/staff/volumes/details.csv").status_code == 403
