"""One person reported or asked about on the screen or by one API call, answered at once.

What is typed travels as what is sent: a file of one record, through the same intake, checks, journal and
answers as every other file (contract: three doors, one path).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from exchange.accounts.acting import in_view
from exchange.accounts.feins import open_subsidiary, plain, verified
from exchange.database import reading
from exchange.errors import ProgramNotFoundError
from exchange.registry.agencies import AGENCIES, Agency
from exchange.registry.matching import Match
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake, partners, pipeline, reported
from exchange.transfers.intake import Handed
from exchange.transfers.views import TransferView
from roles.permissions import Permission
from roles.policy import Actor, Channel, authorize, sendable_program
from schemas.catalog import LAYOUTS
from schemas.checking import CheckRules
from schemas.forms import FORMS, Answers, Form, Problem, as_file, parse
from schemas.kinds import Value
from schemas.layouts.employer import SLOT_FIELDS

MOST_FINDINGS = 100
_ANOTHER = "You do not act for this employer just now. Choose it above, or report for the one you act for"
_ALREADY = "Change what was wrong, or leave it as it is: the states know of it."


@dataclass(frozen=True)
class Answer:
    """What came of one report. `result` is None while it is not answered, or when it was refused."""

    transfer: TransferView
    result: Match | None
    agencies: tuple[Agency, ...]


def form_of(actor: Actor, program: str) -> Form:
    """The form of a program the actor may send to.

    Raises `ProgramNotFoundError` where there is none, `NotPermittedError` where the role does not send.
    """
    sendable_program(actor, program)
    if program not in FORMS:
        raise ProgramNotFoundError
    return FORMS[program]


def employers(exchange: Exchange, actor: Actor) -> list[tuple[str, str]]:
    """FEINs and names that the actor reports under now: its organization's, or those of the client it chose.

    Raises `RepresentationEndedError` when that client does not agree any more.
    """
    authorize(actor, Permission.TRANSFER_READ)
    with reading(exchange.engine) as session:
        _, whom = in_view(session, exchange, actor, None)
        further = [(open_subsidiary(exchange, one), one.name) for one in verified(session, [whom])]
    return [(fein, whom.name) for fein in partners.feins(exchange, [whom])] + further


def report(exchange: Exchange, actor: Actor, program: str, submitted: Mapping[str, str]) -> Answers | Handed:
    """Hand one report over and have it answered, or return the answers with what is wrong with them."""
    handed = _handed_over(exchange, actor, program, submitted)
    if isinstance(handed, Handed):
        pipeline.answer(exchange, handed)
    return handed


def ask(
    exchange: Exchange, actor: Actor, program: str, submitted: Mapping[str, str]
) -> Answers | tuple[Handed, Answer]:
    """As `report`, with what came of it, which its sender is given as soon as it is there."""
    authorize(actor, Permission.TRANSFER_READ)
    handed = _handed_over(exchange, actor, program, submitted)
    if isinstance(handed, Answers):
        return handed
    taken = pipeline.answer(exchange, handed, actor)
    if taken is None or taken.transfer is None:
        return handed, answer(exchange, actor, handed.transfer.id)
    if taken.result is None:
        return handed, Answer(taken.transfer, None, ())
    with exchange.vault.open(taken.result.blob_id) as reader:
        return handed, _answer_in(taken.transfer, reader.read(0, reader.size))


def _handed_over(
    exchange: Exchange, actor: Actor, program: str, submitted: Mapping[str, str]
) -> Answers | Handed:
    form = form_of(actor, program)
    if actor.channel is Channel.WEB:
        meant = _under_its_number(exchange, actor, submitted)
        if meant is None:
            return Answers({}, (Problem("client_fein", _ANOTHER),))
        submitted = meant
    rules = partners.rules_now(exchange, actor, program, MOST_FINDINGS)
    answers = parse(form, submitted, rules)
    content = b"" if answers.problems else as_file(form, answers.values, rules)
    before = told_before(exchange, actor, form, content, rules) if content else ()
    if answers.problems or before:
        return replace(answers, problems=(*answers.problems, *(problem for _, problem in before)))
    name = f"{program}-{rules.control_number[1:13].lower()}.txt"
    with intake.begin(exchange, actor, program, name) as arriving:
        arriving.write(content)
        return arriving.finish(at_once=True)


def _under_its_number(
    exchange: Exchange, actor: Actor, submitted: Mapping[str, str]
) -> Mapping[str, str] | None:
    """What was sent, with the number it is reported under; None when it was meant for somebody else.

    A form may lie open in one window while another one turns to a different client.
    """
    numbers = [fein for fein, _ in employers(exchange, actor)]
    given = plain(submitted.get("client_fein", "")) or next(iter(numbers if actor.client else ()), "")
    if given and given not in numbers:
        return None
    return {**submitted, "client_fein": given}


def told_before(
    exchange: Exchange, actor: Actor, form: Form, content: bytes, rules: CheckRules
) -> tuple[tuple[int, Problem], ...]:
    """Lines of a small file that were handed over before: what to do, when that was, and in which file."""
    if form.layout.once is None:
        return ()
    whose = (actor.organization_id, form.slug)
    found = reported.repeated_in(exchange, whose, form.layout, content, rules)
    return tuple((one.line, Problem(one.field, f"{one.expected} {_ALREADY}")) for one in found)


def answer(exchange: Exchange, actor: Actor, transfer_id: UUID) -> Answer:
    """What came of a report of one record. Raises `TransferNotFoundError`."""
    view = delivery.transfer(exchange, actor, transfer_id)
    found = [one for one in delivery.answers(exchange, actor, transfer_id) if one.kind == "result"]
    if not found or view.records != 1:
        return Answer(view, None, ())
    opened = delivery.content(exchange, actor, found[0].id)
    try:
        return _answer_in(view, opened.read(0, opened.size))
    finally:
        opened.close()


def _answer_in(view: TransferView, result: bytes) -> Answer:
    _header, line, *_ = result.splitlines()
    record = LAYOUTS[f"{view.program}-result"]["detail"].parse(line)
    return Answer(view, Match(str(record["result_code"])), tuple(_agencies(record)))


def _agencies(record: Mapping[str, Value]) -> list[Agency]:
    states = (record[state] for state, *_ in SLOT_FIELDS)
    return [AGENCIES[str(state)] for state in states if state]
