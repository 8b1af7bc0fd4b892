"""Mistakes to plant in sample files: each gives exactly one finding, and it is known which."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from schemas.dispositions import ACTION, DISPOSITIONS, REASON, STATUS, AllowedAction, AllowedReason, NeededBy
from schemas.groups import bound, refusal
from schemas.kinds import Blank, Code, Date8
from schemas.orders import AmountWhen
from schemas.record import Field, Form, Layout, Record
from schemas.structure import Across, AnyOf, AsHeader, BlankWhen, CheckRules, NeedsWhen, NeedsWith, ZeroWhen
from schemas.tabular import from_cell

Damage = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Slip:
    """One mistake. `texts`: what stands in which fields; `damage`: what happens to the line (fixed width).

    `again`: the record before it, once more.
    """

    field: str
    code: str
    texts: Mapping[str, str] | None = None
    damage: Damage | None = None
    again: bool = False


def slips(layout: Layout, record: Record, rules: CheckRules, form: Form) -> list[Slip]:
    """All mistakes that can be made in a record of this layout in this form."""
    again = Slip(record.unique[0], "D001", again=True)
    found = [*_values(record, rules, form), *_across(record), again]
    return [*found, *_lines(layout, record)] if form is Form.FIXED else found


def _values(record: Record, rules: CheckRules, form: Form) -> Iterator[Slip]:
    for place in record.fields[1:]:
        if place.is_filler:
            continue
        if place.required:
            yield Slip(place.name, "V001", {place.name: ""})
        for text, code in bound(place, rules).kind.slips(place.width):
            seen = code if form is Form.FIXED else _code_in_table(bound(place, rules), text)
            if seen is not None:
                yield Slip(place.name, seen, {place.name: text})


def _code_in_table(place: Field, text: str) -> str | None:
    """What the text gives when somebody types it into a cell; None where a table forgives it."""
    put = from_cell(place, text.strip())
    return None if len(put) > place.width else refusal(place, put.ljust(place.width))


def _across(record: Record) -> Iterator[Slip]:
    for rule in record.across:
        yield from _of_disposition(rule)
        if isinstance(rule, NeedsWhen):
            nothing = "0" * record[rule.field].width if isinstance(rule, AmountWhen) else ""
            yield Slip(rule.field, rule.code, {rule.field: nothing, rule.when: rule.values[0]})
        elif isinstance(rule, ZeroWhen):
            cleared = _cleared(record, BlankWhen)
            some = _some(record[rule.field])
            yield Slip(rule.field, rule.code, {**cleared, rule.field: some, rule.when: rule.values[0]})
        elif isinstance(rule, BlankWhen):
            cleared = _cleared(record, BlankWhen, ZeroWhen)
            some = _some(record[rule.field])
            yield Slip(rule.field, rule.code, {**cleared, rule.field: some, rule.when: rule.values[0]})
        elif isinstance(rule, NeedsWith):
            some = _some(record[rule.other])
            yield Slip(rule.field, rule.code, {**_needed(record), rule.field: "", rule.other: some})
        elif isinstance(rule, AnyOf):
            missing = next(name for name in rule.instead if record[name].optional)
            yield Slip(rule.field, rule.code, {rule.field: "", missing: ""})
        elif isinstance(rule, AsHeader) and rule.header == "year_month":
            yield Slip(rule.field, rule.code, {rule.field: "200001"})


def _some(place: Field) -> str:
    if isinstance(place.kind, Code):
        return next(iter(place.kind.table))
    return "20260105" if isinstance(place.kind, Date8) else "5".zfill(place.width)


def _cleared(record: Record, *kinds: type[Across]) -> dict[str, str]:
    """Every field that such rules speak of, blank: the mistake in one of them stays the only one."""
    return {rule.field: "" for rule in record.across if isinstance(rule, kinds)}


def _needed(record: Record) -> dict[str, str]:
    """Every field that a code asks for, filled, and the code that does."""
    texts: dict[str, str] = {}
    for rule in record.across:
        if isinstance(rule, NeedsWhen):
            texts |= {rule.field: _some(record[rule.field]), rule.when: rule.values[0]}
    return texts


def _of_disposition(rule: Across) -> Iterator[Slip]:
    """Answers that no order takes, and answers that lack what they need."""
    if isinstance(rule, AllowedReason):
        for status, reason in (("A", "Z"), ("R", ""), ("L", "O")):
            yield Slip(rule.field, rule.code, {STATUS: status, REASON: reason})
    elif isinstance(rule, AllowedAction | NeededBy):
        for each in DISPOSITIONS:
            answer = {
                STATUS: each.status,
                REASON: each.reason,
                ACTION: each.actions[0],
                **_filled(each.needs),
            }
            if isinstance(rule, NeededBy) and rule.field in each.needs:
                yield Slip(rule.field, rule.code, {**answer, rule.field: ""})
            elif isinstance(rule, AllowedAction):
                wrong = "ORG" if "ORG" not in each.actions else ""
                yield Slip(rule.field, rule.code, {**answer, ACTION: wrong})


def _filled(needs: tuple[str, ...]) -> Mapping[str, str]:
    """Something for each column that a disposition needs."""
    some = {
        "document_tracking_number": "TRACK1",
        "employee_ssn": "980010001",
        "corrected_fein": "001234567",
        "other_order_state": "NE",
        "termination_date": "20260110",
    }
    return {name: some[name] for name in needs}


def _lines(layout: Layout, record: Record) -> Iterator[Slip]:
    cut = (record.shortest if layout.short_lines else record.length) // 2
    spoilt = record.fields[2 if record.fields[1].is_filler else 1]
    column = spoilt.first - 1
    if layout.outer is None:
        yield Slip("", "R001", damage=lambda line: b"?" + line[1:])
    yield Slip("", "R002", damage=lambda line: line[:cut])
    yield Slip("", "R003", damage=lambda line: line + b"EXTRA")
    yield Slip(spoilt.name, "R004", damage=lambda line: line[:column] + b"\xc9" + line[column + 1 :])
    filler = next(place for place in record.fields if isinstance(place.kind, Blank))
    before, after = filler.first - 1, filler.first
    yield Slip(filler.name, "V002", damage=lambda line: line[:before] + b"X" + line[after:])
