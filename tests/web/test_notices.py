"""The pages of notices: an agency searches what came and reads it; nothing typed stands in an address."""

import re

from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.exchange.notices.test_notices import report
from tests.support.partners import Partner, make_partner
from tests.web.conftest import Enter


def test_a_state_finds_and_reads_a_notice(
    exchange: Exchange, sign_in: Enter, ocss: Partner, employer: Partner
) -> None:
    people = seed(exchange, 40, 7)
    browser = sign_in(make_partner(exchange, Role.STATE, jurisdiction=people.person(3).states[0]))
    assert "No notices yet" in browser.get("/notices").text
    ssn = report(exchange, employer, people, "termination", "C1")
    listed = browser.get("/notices?kind=termination-notice&unread=yes").text
    [link] = set(re.findall(r'"(/notices/[0-9a-f-]{36})"', listed))
    assert "1 not yet read" in listed
    page = browser.get(link).text
    assert people.person(3).last_name in page
    assert (ssn in page, f"•••{ssn[-4:]}" in page) == (False, True)
    assert "No notice fits" in browser.get("/notices?unread=yes").text
    assert link in browser.post("/notices", data={"employer": employer.fein, "since": "2026-01-01"}).text
    wrong = browser.post("/notices", data={"until": "tomorrow"})
    assert (wrong.status_code, "such as 2026-03-27" in wrong.text) == (422, True)
    assert browser.get("/notices?kind=none").status_code == 400
    assert sign_in(employer).get(link).status_code == 403
