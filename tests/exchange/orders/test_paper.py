"""Orders on paper: tagged as PDF/UA asks, whole, and never anything but text."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from exchange.errors import NotPermittedError, RecordNotFoundError, RequestInvalidError
from exchange.models.orders import OrderStatus
from exchange.orders import lists, paper
from exchange.runtime import Exchange
from roles.permissions import Role
from schemas.order_parts import parts_of
from tests.support.orders import stored_order
from tests.support.partners import Partner, make_partner

HOSTILE = '#panic("x") ] } $x^2$ `a` <b> @ref */ // *b* \\u{41} #sys.inputs'
WHOLE: dict[str, Any] = {
    "employee_birth_date": date(1980, 3, 2),
    "child_1_first_name": "KIM",
    "payee_name": "PAYMENT CENTER",
    "payee_city": "TOPEKA",
    "remittance_identifier": "REMIT1",
    "monthly_deduction": 62_300,
    "ccpa_percent_limit": "50",
    "employer_contact_name": "EMPLOYER DESK",
    "penalty_text": HOSTILE,
}


@pytest.fixture
def state(exchange: Exchange) -> Partner:
    return make_partner(exchange, Role.STATE, jurisdiction="KS")


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def flat(text: str) -> str:
    return "".join(text.split())


def tags(node: Any) -> Iterator[str]:
    """The kinds of everything in a structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from tags(child)
    elif isinstance(node, dict):
        yield str(node.get("/S", ""))
        yield from tags(node.get("/K", []))


def test_an_order_on_paper_is_tagged_titled_and_whole(
    exchange: Exchange, state: Partner, employer: Partner
) -> None:
    order = stored_order(exchange, state, employer, **WHOLE)
    document = read(paper.paper(exchange, employer.actor, [order.id]))
    root: Any = document.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-US", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert document.metadata is not None
    assert document.metadata.title == "Original order"
    assert {"/H1", "/H2", "/Table", "/TH", "/L", "/Lbl", "/LBody"} <= set(tags(root["/StructTreeRoot"]))
    pages = [page.extract_text() for page in document.pages]
    assert all("Demonstration software. Not a government document." in page for page in pages)
    whole, opened = flat("".join(pages)), lists.order(exchange, employer.actor, order.id)
    rows = [text for part in parts_of(opened.values) for row in (*part.rows, (part.title,)) for text in row]
    assert [text for text in rows if flat(text) not in whole] == []
    assert flat(HOSTILE) in whole
    assert opened.line.status is OrderStatus.RECEIPTED


def test_several_orders_make_one_document_each_from_a_page_of_its_own(
    exchange: Exchange, state: Partner, employer: Partner
) -> None:
    orders = [stored_order(exchange, state, employer, document_tracking_number=f"TRACK{n}") for n in "12"]
    document = read(paper.paper(exchange, state.actor, [order.id for order in orders]))
    assert document.metadata is not None
    assert document.metadata.title == "2 income withholding orders"
    for place, page in enumerate(document.pages, start=1):
        assert (f"TRACK{place}" in page.extract_text(), f"Page {place} of 2" in page.extract_text()) == (
            True,
            True,
        )


def test_paper_is_made_of_ones_own_orders_only_and_all_or_nothing(
    exchange: Exchange, state: Partner, employer: Partner
) -> None:
    mine = stored_order(exchange, state, employer)
    other = stored_order(exchange, state, make_partner(exchange, Role.EMPLOYER, 2))
    with pytest.raises(RecordNotFoundError):
        paper.paper(exchange, employer.actor, [mine.id, other.id])
    assert lists.order(exchange, state.actor, mine.id).line.status is OrderStatus.SUBMITTED
    with pytest.raises(NotPermittedError):
        paper.paper(exchange, make_partner(exchange, Role.INSURER).actor, [mine.id])
    for wrong in ([], [mine.id] * (paper.MOST + 1)):
        with pytest.raises(RequestInvalidError):
            paper.paper(exchange, employer.actor, wrong)
