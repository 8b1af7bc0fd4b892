"""Malware keeps a file from being read; a scanner that is away keeps it waiting."""

from dataclasses import replace

import pytest

from exchange.models.transfers import Status
from exchange.runtime import Exchange
from exchange.transfers import pipeline
from roles.permissions import Role
from tests.conftest import Clock
from tests.support import clamav
from tests.support.partners import Partner, make_partner
from tests.support.record_files import Answered, answered, hand_over, outbox, send


@pytest.fixture
def ocss(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.OCSS_STAFF)


@pytest.fixture
def tribe(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.TRIBE)


def with_scanner(exchange: Exchange, address: str, **more: object) -> Exchange:
    return replace(exchange, settings=exchange.settings.model_copy(update={"clamav": address, **more}))


def codes(back: Answered) -> list[str]:
    return [code for _, _, code in back.codes]


def test_a_clean_file_says_so(exchange: Exchange, clamd: str, ocss: Partner, tribe: Partner) -> None:
    back = send(with_scanner(exchange, clamd), tribe.actor, "files", b"harmless")
    assert (back.status, back.view.scan) == (Status.COMPLETE, "clean")


def test_a_file_nobody_scanned_says_so(exchange: Exchange, ocss: Partner, tribe: Partner) -> None:
    back = send(exchange, tribe.actor, "files", b"harmless")
    assert (back.status, back.view.scan) == (Status.COMPLETE, "not scanned")


def test_an_infected_file_is_put_under_lock_and_goes_nowhere(
    exchange: Exchange, clamd: str, ocss: Partner, tribe: Partner
) -> None:
    back = send(with_scanner(exchange, clamd), tribe.actor, "files", clamav.EICAR)
    assert (back.status, back.view.scan, codes(back)) == (Status.QUARANTINED, "infected", ["F091"])
    assert set(back.answers) == {".findings.csv", ".ack.json"}
    assert outbox(exchange, ocss.actor, "files") == {}


def test_a_file_too_big_for_the_scanner_is_refused_unless_the_installation_allows_it(
    exchange: Exchange, clamd: str, ocss: Partner, tribe: Partner
) -> None:
    big = bytes(clamav.LARGEST_FILE + 10)
    refused = send(with_scanner(exchange, clamd), tribe.actor, "files", big)
    assert (refused.status, codes(refused)) == (Status.QUARANTINED, ["F092"])
    allowed = send(with_scanner(exchange, clamd, allow_unscanned=True), tribe.actor, "files", big)
    assert (allowed.status, allowed.view.scan) == (Status.COMPLETE, "not scanned")


def test_a_file_waits_for_a_scanner_that_is_away(
    exchange: Exchange, clamd: str, ocss: Partner, tribe: Partner, clock: Clock
) -> None:
    away = with_scanner(exchange, "unix:/nowhere/clamd.sock")
    view = hand_over(away, tribe.actor, "files", b"harmless")
    assert pipeline.run_next(away, "worker", view.id)
    assert answered(exchange, tribe.actor, view).status is Status.SCANNING
    clock.forward(seconds=2)
    pipeline.drive(with_scanner(exchange, clamd), view.id)
    assert answered(exchange, tribe.actor, view).view.scan == "clean"
