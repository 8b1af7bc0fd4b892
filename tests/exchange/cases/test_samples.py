"""A sample for an installation: its findings are those planted, its matches those the registry knows."""

import io

from exchange.models.transfers import Status
from exchange.registry.overlap import overlap
from exchange.registry.seed import seed
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.catalog import LAYOUTS
from schemas.sample import SampleOrder, sample
from tests.support.case_files import acks
from tests.support.partners import make_partner
from tests.support.record_files import send

RECORDS = 600


def test_a_sample_is_found_out_and_acknowledged_exactly(each_exchange: Exchange) -> None:
    make_partner(each_exchange, Role.OCSS_STAFF)
    seed(each_exchange, 200, 7)
    state = make_partner(each_exchange, Role.STATE, jurisdiction="NE")
    out = io.BytesIO()
    order = SampleOrder(RECORDS, 3, 5.0, population=overlap(each_exchange, state.account.username, 3))
    truth = sample(LAYOUTS["case-registry"], order, out)
    back = send(each_exchange, state.actor, "case-registry", out.getvalue())
    assert (back.status, back.view.records) == (Status.COMPLETE, RECORDS)
    planted = {(one["line"], one["field"], one["code"]) for one in truth["errors"]}
    assert (set(back.codes), len(planted)) == (planted, 30)
    lines = [
        line for line, text in enumerate(out.getvalue().splitlines(), start=1) if text[:2] in (b"FC", b"FP")
    ]
    told = dict(zip(lines, acks(back), strict=True))
    refused = {line for line, one in told.items() if str(one["error_1"]).startswith("TE")}
    assert refused == {line for line, _, _ in planted} & set(told)
    homeless = {line for line, one in told.items() if one["error_1"] == "PE101"}
    assert len(homeless) > 10  # people of a case that was refused itself
    known = {line for line, one in told.items() if one.get("ssn_validity") == "V"}
    assert known == {match["line"] for match in truth["matches"]} - homeless
    assert len(known) > 30
