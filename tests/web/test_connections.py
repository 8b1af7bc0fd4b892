"""The page of SFTP connections: who sees it, what it shows, and that one can be ended."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from exchange import connections
from exchange.connections import Motion
from exchange.measures import Tally
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.conftest import Clock
from tests.support.gateways import connection_of, ledger_of, report
from tests.support.partners import Partner, make_colleague, make_partner
from tests.web.conftest import Enter
from web.app import create_operations_app

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


def samples(exchange: Exchange) -> dict[tuple[str, ...], float]:
    """What Prometheus reads: by name and the values of its labels, in the order of their names."""
    with TestClient(create_operations_app(exchange)) as operations:
        text = operations.get("/metrics").text
    assert "portal_web_requests_total" in text
    families = text_string_to_metric_families(text)
    read = (sample for family in families for sample in family.samples if "sftp" in sample.name)
    return {
        (
            one.name.removeprefix("portal_sftp_"),
            *(value for _, value in sorted(one.labels.items())),
        ): one.value
        for one in read
    }


def test_prometheus_reads_what_gateways_counted(exchange: Exchange, employer: Partner) -> None:
    tally = Tally(connections=7, bytes_in=5_000)
    for seconds in (0.004, 0.2, 99):
        tally.observe("handover", seconds)
    tally.refused("request", "QuotaExceeded")
    ledger_of(exchange).write(report(connection_of(employer, exchange.clock()), signing_in=2, **tally))
    ledger_of(exchange).write(report(connections=3))
    ledger_of(exchange, "there:22").write(report(connections=1))
    read = samples(exchange)
    assert read["accepted_connections_total", "here:2022"] == 10
    assert read["accepted_connections_total", "there:22"] == 1
    assert read["received_bytes_total", "here:2022"] == 5_000
    assert read["open_connections", "here:2022", "signed in"] == 1
    assert read["open_connections", "here:2022", "signing in"] == 2
    assert read["refusals_total", "here:2022", "QuotaExceeded", "request"] == 1
    reached = [read["handover_seconds_bucket", "here:2022", bound] for bound in ("0.005", "0.25", "+Inf")]
    assert reached == [1, 2, 3]
    assert read["handover_seconds_sum", "here:2022"] == pytest.approx(99.204)
    assert read["login_seconds_count", "here:2022"] == 0


def test_the_speed_of_an_organization_is_set_on_its_page(
    sign_in: Enter, ada: Partner, employer: Partner
) -> None:
    head, page = sign_in(ada), f"/staff/organizations/{employer.organization.id}"
    refused = head.post(f"{page}/bandwidth", data={"kilobytes": "3"})
    assert (refused.status_code, "Enter 0, or a whole number" in refused.text) == (422, True)
    assert (
        head.post(f"{page}/bandwidth", data={"kilobytes": "250"}).headers["location"]
        == f"{page}?done=changed"
    )
    shown = head.get(page).text
    assert 'value="250"' in shown
    assert "The speed of its SFTP connections was set" in shown
    staff = sign_in(make_colleague(ada, "olive-3", Role.OCSS_STAFF))
    assert "SFTP speed" not in staff.get(page).text
