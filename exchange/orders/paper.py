"""Orders on paper: tagged PDF (PDF/UA-1), made from the same parts as the page (decision 0026).

What a state wrote goes to the typesetter as JSON and is shown as text; it is never part of the markup.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from exchange.errors import RequestInvalidError
from exchange.orders import lists
from exchange.orders.lists import OpenedOrder
from exchange.runtime import Exchange
from roles.policy import Actor
from schemas.order_parts import parts_of, title_of

MOST = 25
"""Orders in one document: as many as stand on one page of the list. Typesetting them takes half a second."""
_MARKUP = Path(__file__).with_name("order.typ")


def paper(exchange: Exchange, actor: Actor, order_ids: Sequence[UUID]) -> bytes:
    """These orders as one PDF, each from a page of its own; each counts as opened, and is journalled.

    Raises `RecordNotFoundError` for an order of others, `RequestInvalidError` for none or too many.
    """
    if not 0 < len(order_ids) <= MOST:
        raise RequestInvalidError(what=f"a document has 1 to {MOST} orders")
    return typeset(lists.several(exchange, actor, list(order_ids)))


def typeset(opened: Sequence[OpenedOrder]) -> bytes:
    """Opened orders as one PDF."""
    import typst  # noqa: PLC0415  # 80 MB that only whoever prints needs

    titles = [title_of(one.values) for one in opened]
    title = titles[0] if len(titles) == 1 else f"{len(titles)} income withholding orders"
    orders = [_as_json(one, named) for one, named in zip(opened, titles, strict=True)]
    made = typst.compile(
        _MARKUP.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,  # the same sheet on every machine
        pdf_standards=["ua-1"],
        sys_inputs={"papers": json.dumps({"title": title, "orders": orders})},
    )
    assert isinstance(made, bytes)
    return made


def _as_json(opened: OpenedOrder, title: str) -> dict[str, object]:
    parts = [asdict(part) for part in parts_of(opened.values)]
    return {"title": title, "number": opened.line.tracking_number, "parts": parts}
