"""All layouts by slug, and which of them a file has: told from what stands in it, never from its name."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.findings import Finding, at
from schemas.headings import HEADING_ROWS, headings, is_heading_row
from schemas.layouts.case_registry import CASE_REGISTRY
from schemas.layouts.case_registry_ack import CASE_REGISTRY_ACK
from schemas.layouts.data_match import DATA_MATCH
from schemas.layouts.data_match_answers import DATA_MATCH_RESULT, DATA_MATCH_STATE
from schemas.layouts.data_match_inquiry import DATA_MATCH_INQUIRY
from schemas.layouts.debt_inquiry import DEBT_INQUIRY, DEBT_INQUIRY_RESULT
from schemas.layouts.employer_change import EMPLOYER_CHANGE
from schemas.layouts.income_withholding import INCOME_WITHHOLDING, INCOME_WITHHOLDING_RESULT
from schemas.layouts.income_withholding_ack import INCOME_WITHHOLDING_ACK, INCOME_WITHHOLDING_ACK_RESULT
from schemas.layouts.locate_response import LOCATE_RESPONSE
from schemas.layouts.lump_sum import LUMP_SUM, LUMP_SUM_NOTICE, LUMP_SUM_RESULT
from schemas.layouts.termination import TERMINATION, TERMINATION_NOTICE, TERMINATION_RESULT
from schemas.record import Form, Layout

_ALL = (
    CASE_REGISTRY,
    CASE_REGISTRY_ACK,
    DATA_MATCH,
    DATA_MATCH_INQUIRY,
    DATA_MATCH_RESULT,
    DATA_MATCH_STATE,
    DEBT_INQUIRY,
    DEBT_INQUIRY_RESULT,
    EMPLOYER_CHANGE,
    INCOME_WITHHOLDING,
    INCOME_WITHHOLDING_ACK,
    INCOME_WITHHOLDING_ACK_RESULT,
    INCOME_WITHHOLDING_RESULT,
    LOCATE_RESPONSE,
    LUMP_SUM,
    LUMP_SUM_NOTICE,
    LUMP_SUM_RESULT,
    TERMINATION,
    TERMINATION_NOTICE,
    TERMINATION_RESULT,
)
__all__ = ["LAYOUTS", "Form", "Identified", "identify"]

LAYOUTS: Final = MappingProxyType({layout.slug: layout for layout in _ALL})

_ZIP = b"PK\x03\x04"
_TELLTALES = ((b"\xff\xfe", "F006"), (b"\xfe\xff", "F006"), (b"\xd0\xcf\x11\xe0", "F007"))
"""How text in 16-bit characters begins, and a workbook with a password or of the old kind."""
_UTF8_MARK = b"\xef\xbb\xbf"
_HEADINGS = {slug: headings(layout) for slug, layout in LAYOUTS.items() if layout.twin}


@dataclass(frozen=True)
class Identified:
    """What a file is."""

    layout: Layout
    form: Form


def identify(head: bytes, filename: str, candidates: Iterable[str]) -> Identified | Finding:
    """Which of the candidate layouts (slugs) a file has, by its first bytes (64 KiB, or all of it).

    The file's name serves only to tell the sender what was taken for what. A finding means that nothing fits.
    """
    del filename
    layouts = [LAYOUTS[slug] for slug in candidates]
    if not head:
        return at("F001", 0, (0, 0))
    for beginning, code in _TELLTALES:
        if head.startswith(beginning):
            return at(code, 0, (0, 0))
    if head.startswith(_ZIP):
        return _first(Form.XLSX, (layout for layout in layouts if layout.twin)) or _strange(head, layouts)
    fixed = _first(Form.FIXED, (layout for layout in layouts if _is_fixed(layout, head)))
    if fixed is not None:
        return fixed
    if head.startswith(_UTF8_MARK) and any(_is_fixed(layout, head[len(_UTF8_MARK) :]) for layout in layouts):
        return at("F006", 1, (1, 3))
    return _first(Form.CSV, (layout for layout in layouts if _is_csv(layout, head))) or _strange(
        head, layouts
    )


def _first(form: Form, fitting: Iterable[Layout]) -> Identified | None:
    return next((Identified(layout, form) for layout in fitting), None)


def _is_fixed(layout: Layout, head: bytes) -> bool:
    """Its first line begins with the mark of one of the records, and is no heading row."""
    begins = any(head.startswith(record.mark.encode("ascii")) for record in layout.records)
    return begins and not (layout.twin and _is_csv(layout, head))


def _is_csv(layout: Layout, head: bytes) -> bool:
    """One of its first lines names columns."""
    lines = head.removeprefix(_UTF8_MARK).split(b"\n", HEADING_ROWS)[:HEADING_ROWS]
    return layout.twin and any(_names_columns(layout, line.decode("utf-8", "replace")) for line in lines)


def _names_columns(layout: Layout, line: str) -> bool:
    cells = (cell.strip(' "\r') for cell in line.replace(";", ",").replace("\t", ",").split(","))
    return is_heading_row(_HEADINGS[layout.slug], cells)


def _strange(head: bytes, layouts: list[Layout]) -> Finding:
    wanted = " or ".join(f"{layout.title} begins with {layout.first.mark}" for layout in layouts)
    marks = {layout.first.mark.encode("ascii"): layout for layout in _ALL if len(layout.first.mark) > 1}
    taken = next((layout for mark, layout in marks.items() if head.startswith(mark)), None)
    looks = f" This file looks like: {taken.title}." if taken is not None else ""
    return at("F002", 1, (0, 0), expected=f"{wanted}.{looks}")
