"""The rules of a layout in sentences: of the whole file, of one record, its code tables, its findings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.codes import CODES, Effect
from schemas.groups import bound
from schemas.headings import HEADING_ROWS
from schemas.kinds import Code, RefusedValueError
from schemas.record import Field, Layout, Record
from schemas.sample import CREATED
from schemas.structure import CheckRules

_SHORTEST_TABLE = 2
_OF_THE_PORTAL = frozenset(
    {"F091", "F092", "F093", "F094", "F095", "F096", "F098", "F099", "H009", "H013", "H014", "D002", "X009"}
)
"""Told of files that were handed over, or not by every layout."""
_OF_TABLES = frozenset(
    {"F007", "F008", "F009", "F010", "F011", "F012", "F014", "F015", "F016", "H016", "R006", "R007", "V023"}
    | {"V024", "V028", "V029"}
)
_OF_BATCHES = frozenset({"F013", "H018", "H019"})
_OF_GROUPS = frozenset({"F005"})
_PROBES = (
    "?",
    " A",
    "a",
    "0",
    "9",
    "A",
    "-1",
    "1",
    "20260231",
    "999999",
    "000000001",
    "A A",
    "=A",
    "99991231",
    "123456789",
)
"""Texts that no one kind takes all of: what each says to them are the findings it can give."""
_RULES = CheckRules(today=CREATED, synthetic=True)
_LOOSE_END = re.compile(r"(?<=\.) (Expected: )?\{(expected|found)\}\.?$")


@dataclass(frozen=True)
class CodeTable:
    """A table of codes and the fields that use it."""

    titles: tuple[str, ...]
    codes: Mapping[str, str]


@dataclass(frozen=True)
class Mending:
    """A finding: what it means, what to do, what it does to the file."""

    code: str
    title: str
    action: str
    effect: str


def file_rules(layout: Layout) -> list[str]:
    """What holds for the file as a whole."""
    return [
        *_order(layout),
        *_ends(layout),
        *_agreeing(layout),
        *_against_facts(layout),
        *_once(layout),
        *_refusing(layout),
    ]


def _order(layout: Layout) -> Iterator[str]:
    few = "any number of details (also none)" if layout.structure.empty else "one or more details"
    yield (
        f"A file begins with its header ({layout.header.mark}), goes on with {few}, "
        f"and ends with its trailer ({layout.trailer.mark})."
    )
    if layout.structure.many:
        yield "Several such groups, each with its own header and trailer, may follow each other in one file."
    if layout.outer is not None:
        yield (
            "All groups together stand between a header and a trailer of the file "
            f"({layout.outer.header.mark} and {layout.outer.trailer.mark})."
        )
    for record in layout.details:
        if record.when is not None:
            name, values = record.when
            said = " or ".join(sorted(values))
            yield (f"{record.title}: used where the header says {said} in “{layout.header[name].title}”.")


def _ends(layout: Layout) -> Iterator[str]:
    yield "Plain ASCII text. Each record ends with a line feed, or with carriage return and line feed."
    if layout.short_lines:
        yield "Spaces at the end of a record may be left out."
    else:
        yield f"Each record has its full length of {layout.header.length:,} characters, spaces included."
    if layout.twin:
        yield (
            "The same records may come as CSV or XLSX: one heading row, then one row a detail. Header and "
            "trailer are then made by the portal."
        )
        yield (
            f"The headings may stand in any of the first {HEADING_ROWS} rows, in any order, in the words of "
            "this page or those of many payroll lists (Surname, DOB, Pay date). A total below the list is "
            "passed over."
        )


def _agreeing(layout: Layout) -> Iterator[str]:
    structure, trailer = layout.structure, layout.trailer
    if structure.count in trailer:
        lenient = ", where it is a number" if structure.lenient_count else ""
        yield f"“{trailer[structure.count].title}” in the trailer is the number of details{lenient}."
    for total in structure.totals:
        field = layout.details[0][total.detail]
        yield f"“{trailer[total.trailer].title}” in the trailer is the sum of “{field.title}” of all details."
    for name in structure.same:
        yield f"“{layout.header[name].title}” is the same in header and trailer."


_FACTS = {
    "senders": "must be a number of the organization that hands the file over",
    "clients": "must be a number that this organization may report for",
    "institutions": "must be a number that this organization may report for",
    "transmitters": "must be a number of the organization that hands the file over",
    "months": "must be a period that is open",
    "methods": "must fit the method that was agreed with the institution",
    "jurisdictions": "must be the state that hands the file over; a tribe leaves it blank",
    "test": "must say what the installation takes: a production installation takes no test files",
}


def _against_facts(layout: Layout) -> Iterator[str]:
    for rule in layout.structure.among:
        yield f"“{layout.header[rule.field].title}” {_FACTS[rule.fact]}."


def _once(layout: Layout) -> Iterator[str]:
    if layout.once is not None:
        fields = ", ".join(f"“{layout.details[0][name].title}”" for name in layout.once.detail)
        whose = ", ".join(f"“{layout.header[name].title}”" for name in layout.once.header)
        yield (
            f"A record is refused that agrees in all of {fields} with one of an earlier file that is still "
            f"kept, where both files have the same {whose}."
        )


def _refusing(layout: Layout) -> Iterator[str]:
    if "F" in layout.fatal:
        yield (
            "A finding on header or trailer, or on the file as a whole, refuses all of it. Other findings "
            "refuse the record they stand in; the rest is taken."
        )


def record_rules(record: Record) -> list[str]:
    """What holds between records of a kind; what holds between fields, the table of the record says."""
    if not record.unique:
        return []
    fields = ", ".join(f"“{record[name].title}”" for name in record.unique)
    return [f"No two records of a group may agree in all of: {fields}."]


def code_tables(layout: Layout) -> list[CodeTable]:
    """Every table of codes that its fields use, each once, in the order of the file."""
    found: dict[tuple[str, ...], tuple[list[str], Mapping[str, str]]] = {}
    for record in layout.records:
        for field in record.by_name.values():
            if isinstance(field.kind, Code) and len(field.kind.table) >= _SHORTEST_TABLE:
                key = (*field.kind.table, *field.kind.table.values())
                titles = found.setdefault(key, ([], field.kind.table))[0]
                titles += [] if field.title in titles else [field.title]
    return [CodeTable(tuple(titles), table) for titles, table in found.values()]


def mendings(layout: Layout) -> list[Mending]:
    """The findings that a file of this layout can bring, in the order of their codes."""
    given = _given_by_values(layout) | {rule.code for record in layout.details for rule in record.across}
    given |= {code for code in CODES if code[0] in "FHRD"} - _OF_THE_PORTAL - _given_elsewhere(layout)
    given |= {"D002"} if layout.once else set()
    given |= {code for rule in layout.structure.among for code in (rule.code, rule.withdrawn) if code}
    return [_mending(code) for code in sorted(given)]


def _given_elsewhere(layout: Layout) -> frozenset[str]:
    """Findings that come only of rules or forms that other layouts have."""
    structure = layout.structure
    other = {"H008", "H010", "H011", "H012", "H017", "H022"}
    other |= set() if layout.twin else _OF_TABLES
    other |= set() if structure.many else _OF_GROUPS
    other |= set() if layout.outer else _OF_BATCHES
    other |= {"H003"} if structure.many else set()
    other |= set() if structure.totals else {"H006"}
    other |= set() if structure.same else {"H005"}
    other |= {"H007"} if structure.empty else set()
    other |= set() if any(record.unique for record in layout.details) else {"D001"}
    return frozenset(other)


def _given_by_values(layout: Layout) -> set[str]:
    tables = {"R007", "V023", "V024", "V028", "V029"} if layout.twin else set()
    return tables | {code for record in layout.records for field in record.fields for code in _said_by(field)}


def _said_by(field: Field) -> Iterator[str]:
    asked = bound(field, _RULES)
    texts = [text for text, _ in asked.kind.slips(field.width)]
    for text in ("", *_PROBES, *(probe * field.width for probe in _PROBES), *texts):
        try:
            asked.parse(text.ljust(field.width)[: field.width])
        except RefusedValueError as refused:
            yield refused.code


def _mending(code: str) -> Mending:
    words = CODES[code]
    action = _LOOSE_END.sub("", words.action)
    label = "value" if code == "H005" else "the trailer's field"
    wanted = _EXPECTED.get(code, "what the rule of the field asks for")
    action = action.removeprefix("{label}: ").format(label=label, expected=wanted, found="the one named")
    return Mending(code, words.title, action[0].upper() + action[1:], _EFFECTS[words.effect])


_EXPECTED = {
    "F009": "those of the template",
    "H004": "as many as there are between header and trailer",
    "R001": "the mark of one of the records above",
    "R002": "the length that this page names",
    "R003": "no record is longer than this page says",
    "V009": "the codes of its table",
    "X001": "another field of the record",
    "X002": "its indicator",
}
"""What stands for {expected} where no record is at hand."""
_EFFECTS = {effect: effect.words[0].upper() + effect.words[1:] for effect in Effect}

__all__ = ["CodeTable", "Mending", "code_tables", "file_rules", "mendings", "record_rules"]
