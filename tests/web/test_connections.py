"""The page of SFTP connections: who sees it, what it shows, and that one can be ended."""

import re

import pytest

from exchange import connections
from exchange.connections import Motion
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.gateways import connection_of, ledger_of, report
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import Enter

PAGE = "/staff/connections"


@pytest.fixture
def ada(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_ADMINISTRATOR, administrator=True)


def test_administrators_see_connections_and_others_do_not(
    exchange: Exchange, sign_in: Enter, ada: Partner, employer: Partner
) -> None:
    head = sign_in(ada)
    assert "Nobody is connected" in head.get(PAGE).text
    moving = Motion("lump-sum", "in", 12_000_000)
    ledger_of(exchange).write(report(connection_of(employer, exchange.clock(), moving), signing_in=2))
    shown = head.get(PAGE).text
    for words in (employer.account.username, employer.organization.name, "192.0.2.7", "OpenSSH_10.0"):
        assert words in shown
    assert re.search(r"Sends\s+lump-sum,\s+12 MB", shown)
    assert "1 signed in, 2 not yet" in shown
    assert f'href="{PAGE}"' in head.get("/staff/organizations").text
    staff = sign_in(make_colleague(ada, "olive-3", Role.OCSS_STAFF))
    assert staff.get(PAGE).status_code == 403
    assert f'href="{PAGE}"' not in staff.get("/staff/organizations").text


def test_one_is_ended_with_a_fresh_proof_only(
    exchange: Exchange, sign_in: Enter, ada: Partner, employer: Partner, clock: Clock
) -> None:
    ledger, seen = ledger_of(exchange), connection_of(employer, exchange.clock())
    ledger.write(report(seen))
    head = sign_in(ada)
    clock.forward(minutes=11)
    ledger.write(report(seen))
    assert head.post(f"{PAGE}/{seen.id}/end").headers["location"].startswith("/prove")
    assert not connections.looked_at(exchange).connections[0].ending
    assert head.post("/prove", data={"code": ada.code()}).status_code == 303
    assert head.post(f"{PAGE}/{seen.id}/end").headers["location"] == f"{PAGE}?done=connection_ended"
    assert "Is being ended" in head.get(PAGE).text
    assert head.post(f"{PAGE}/{ada.account.id}/end").status_code == 404
