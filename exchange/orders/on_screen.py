"""Orders answered on the screen, and what an employer reports of its own accord: both travel as files.

What is chosen and typed becomes a file of acknowledgements, with the same intake, checks, journal and answers
as every other (contract: three doors, one path).
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from uuid import UUID, uuid4

from exchange.database import reading
from exchange.errors import FieldsRefusedError
from exchange.models.base import as_utc
from exchange.models.orders import WAITING
from exchange.orders import lists, parties, records
from exchange.registry.agencies import AGENCIES
from exchange.runtime import Exchange
from exchange.transfers import intake, partners, pipeline
from exchange.transfers.intake import Handed
from roles.permissions import Permission
from roles.policy import Actor, Channel, authorize, represented
from schemas.checking import CheckRules, check, run
from schemas.columns import as_lines, build
from schemas.findings import CODES, Effect, finding
from schemas.layouts.income_withholding_ack import ACKNOWLEDGEMENT, INCOME_WITHHOLDING_ACK
from schemas.record import Record
from schemas.tabular import written

PROGRAM = "income-withholding"
MOST_AT_ONCE = 500
"""Orders that may be answered with one choice; more travel as a file."""
_MOST_FINDINGS = 100
_TOO_LONG = "V023"
_ANOTHER = "Choose an employer that you may report for now: your own organization, or the client you act for"
Texts = Mapping[str, str]


@dataclass(frozen=True)
class _Batch:
    """Acknowledgements to one state for one employer."""

    code: str
    ein: str
    said: Sequence[Texts]


def acknowledge(
    exchange: Exchange,
    actor: Actor,
    order_ids: Sequence[UUID],
    disposition: str,
    reason: str = "",
    more: Mapping[str, str] | None = None,
) -> Handed:
    """Answer orders that wait, all with the same disposition, and have the answer processed.

    `more`: further fields of the acknowledgement as they were typed. Raises `RecordNotFoundError` for an
    order that is not the actor's, `FieldsRefusedError` saying by field what is allowed or missing (`orders`
    for the choice of orders).
    """
    authorize(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)
    if not 0 < len(set(order_ids)) <= MOST_AT_ONCE:
        raise FieldsRefusedError({"orders": f"Choose at least one order, and at most {MOST_AT_ONCE}"})
    with reading(exchange.engine) as session:
        rows = lists.rows_of(session, exchange, actor, list(dict.fromkeys(order_ids)))
    if any(row.order.status not in WAITING for row in rows):
        raise FieldsRefusedError({"orders": "Choose only orders that have no answer yet"})
    typed = {"disposition_status": disposition, "disposition_reason": reason, **(more or {})}
    return _hand_over(exchange, actor, list(_by_batch(exchange, rows)), typed)


def report(exchange: Exchange, actor: Actor, state: str, typed: Mapping[str, str], fein: str = "") -> Handed:
    """Report a lump sum, a suspension or the end of employment to a state, and have it processed.

    `state`: a USPS code, or the locator code of a state or tribe; `typed`: fields of the acknowledgement;
    `fein`: for which employer; where none is given, the own organization or the client it acts for. On
    the pages it is one of theirs: a form may lie open while another window turns to a different client.
    Raises `FieldsRefusedError`.
    """
    visible = authorize(actor, Permission.INCOME_WITHHOLDING_ACKNOWLEDGE)
    code = AGENCIES[state].fips if state in AGENCIES else state
    with reading(exchange.engine) as session:
        own = parties.answered_for(session, exchange, visible, exchange.clock())
        known = parties.issuers(session, exchange, [code])
    mine = [number for number, owner in own.items() if owner == represented(actor)]
    ein = fein or next(reversed(mine), "")
    problems = {} if known else {"state": "Choose the state that the report goes to"}
    problems |= {} if ein in (mine if actor.channel is Channel.WEB else own) else {"ein": _ANOTHER}
    if problems:
        raise FieldsRefusedError(problems)
    return _hand_over(exchange, actor, [_Batch(code, ein, [{"ein": ein}])], typed)


def _by_batch(exchange: Exchange, rows: Iterable[lists.Row]) -> Iterator[_Batch]:
    """The orders as their answers echo them, by state and employer."""
    opened = [(row.order, records.opened_order(exchange, row.order)) for row in rows]
    named = sorted(
        ((order.state_fips, one.origin.ein, records.echoed(order, one)) for order, one in opened),
        key=lambda each: each[:2],
    )
    for (code, ein), some in groupby(named, key=lambda each: each[:2]):
        yield _Batch(code, ein, [echoed for _, _, echoed in some])


def _hand_over(exchange: Exchange, actor: Actor, batches: list[_Batch], typed: Mapping[str, str]) -> Handed:
    """Make the file and let it take its way. Raises `FieldsRefusedError` for what its layout refuses."""
    rules = partners.rules_now(exchange, actor, PROGRAM, _MOST_FINDINGS)
    texts = _written(typed)
    made = [_Batch(one.code, one.ein, [{**echoed, **texts} for echoed in one.said]) for one in batches]
    number = f"P{uuid4().hex[:16].upper()}"
    file = b"".join(_lines(exchange, made, number))
    _refuse(file, rules)
    with intake.begin(exchange, actor, PROGRAM, f"{PROGRAM}-{number[1:13].lower()}.txt") as arriving:
        arriving.write(file)
        handed = arriving.finish(at_once=True)
    pipeline.answer(exchange, handed)
    return handed


def _written(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed as the record writes it; raises `FieldsRefusedError` for a text that is too long."""
    texts, problems = {}, {}
    for name, text in typed.items():
        field = ACKNOWLEDGEMENT[name]
        texts[name] = written(field, text.strip()) if text.strip() else ""
        if len(texts[name].rstrip()) > field.width:
            wanted = f"at most {field.width} characters"
            problems[name] = finding(_TOO_LONG, 0, field, expected=wanted).message
    if problems:
        raise FieldsRefusedError(problems)
    return texts


def _refuse(file: bytes, rules: CheckRules) -> None:
    """Raise `FieldsRefusedError` for what the check finds in the file; it has the last word."""
    found, _ = run(check(INCOME_WITHHOLDING_ACK, io.BytesIO(file), rules=rules))
    problems = {one.field: one.message for one in found if CODES[one.code].effect is not Effect.NOTE}
    if problems:
        raise FieldsRefusedError({field: text.rstrip(".") for field, text in problems.items()})


def _lines(exchange: Exchange, batches: Sequence[_Batch], number: str) -> Iterator[bytes]:
    """The file, line by line."""
    layout, now = INCOME_WITHHOLDING_ACK, as_utc(exchange.clock())
    assert layout.outer is not None, "acknowledgements come in batches"
    made = {"creation_date": f"{now:%Y%m%d}", "creation_time": f"{now:%H%M%S}"}
    numbers = (f"{number}{place:05d}" for place in count())
    of_file = {"control_number": next(numbers)}
    yield _line(layout.outer.header, of_file | made)
    for one in batches:
        frame = {"control_number": next(numbers)}
        yield _line(layout.header, frame | made | {"state_fips": one.code, "ein": one.ein})
        for said in one.said:
            yield _line(ACKNOWLEDGEMENT, said)
        yield _line(layout.trailer, frame | {"record_count": f"{len(one.said):05d}"} | _zeros("batch_count"))
    ends = of_file | {"batch_count": f"{len(batches):05d}"}
    yield _line(layout.outer.trailer, ends | _zeros("record_count"))


def _zeros(*names: str) -> dict[str, str]:
    return dict.fromkeys((*names, "employer_sent_count", "state_sent_count"), "00000")


def _line(record: Record, texts: Texts) -> bytes:
    return as_lines(build(record, 1, {name: text.encode("latin-1") for name, text in texts.items()}))
