"""Templates (.xlsx) whose cells check what they can while somebody fills them in.

Numbers that are names (Social Security numbers, FEINs, ZIP codes) are text cells, so that no leading zero is
lost; days are dates, amounts are numbers, codes come from a list. The check of the file has the last word
all the same: a spreadsheet program asks nothing of cells that are pasted.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.kinds import Amount, Code, Date8, Fein, Phone, Ssn, StateCode, WholeDollars, Zip
from schemas.record import Field
from schemas.workbook import MOST_ROWS

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_TEXT, _DAY, _MONEY, _DOLLARS = "@", "mm/dd/yyyy", "#,##0.00", "#,##0"
_LISTS, _HELP = "Lists", "How to fill in"
_WIDTH, _HELP_WIDTHS = 24, (34, 12, 90)


@dataclass(frozen=True)
class _Cells:
    """What the cells of a column are: their format, the spreadsheet program's check, and words about both."""

    format: str
    words: str
    check: dict[str, Any]
    choices: tuple[str, ...] = ()


def workbook_template(fields: Sequence[Field]) -> bytes:
    """An empty workbook for rows of these fields, how to fill them in, and the lists of codes."""
    import openpyxl  # noqa: PLC0415 -- it takes 5 MB of every process

    book = openpyxl.Workbook()
    records, described = book.worksheets[0], [_cells(field) for field in fields]
    records.title = "Records"
    _describe(book, fields, described)
    lists = book.create_sheet(_LISTS)
    lists.sheet_state = "hidden"
    for place, (field, cells) in enumerate(zip(fields, described, strict=True), start=1):
        _head(records, place, field.title, cells.format)
        check = cells.check | _listed(lists, place, cells.choices)
        _checked(records, place, field, cells, check)
    records.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def choices_of(kind: Code) -> tuple[str, ...]:
    """What the list of a column offers: the post's letters for states, the meaning of all other codes."""
    return tuple(kind.table) if isinstance(kind, StateCode) else tuple(kind.table.values())


def _head(sheet: "Worksheet", place: int, title: str, number_format: str) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415 -- see above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 -- see above

    heading = sheet.cell(1, place, title)
    heading.font, heading.number_format = Font(bold=True), _TEXT
    column = sheet.column_dimensions[get_column_letter(place)]
    column.width, column.number_format = _WIDTH, number_format


def _checked(sheet: "Worksheet", place: int, field: Field, cells: _Cells, check: dict[str, Any]) -> None:
    """Let the spreadsheet program check the column below its heading."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 -- see above
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 -- see above

    rule = DataValidation(
        **check,
        allow_blank=not field.required,
        showErrorMessage=True,
        showInputMessage=True,
        errorTitle=field.title[:32],
        error=cells.words[:225],
        promptTitle=field.title[:32],
        prompt=f"{cells.words}{'' if field.required else ' Optional.'}"[:255],
    )
    letter = get_column_letter(place)
    rule.add(f"{letter}2:{letter}{MOST_ROWS}")
    sheet.add_data_validation(rule)


def _listed(lists: "Worksheet", place: int, choices: Sequence[str]) -> dict[str, Any]:
    """The check against a list, which stands in a sheet of its own: meanings may have commas in them."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 -- see above

    if not choices:
        return {}
    for row, text in enumerate(choices, start=1):
        lists.cell(row, place, text)
    letter = get_column_letter(place)
    return {"formula1": f"{_LISTS}!${letter}$1:${letter}${len(choices)}"}


def _describe(book: "Workbook", fields: Iterable[Field], described: Iterable[_Cells]) -> None:
    """A sheet in words, for those whose program checks nothing."""
    sheet = book.create_sheet(_HELP)
    sheet.append(("Column", "Needed", "What belongs there"))
    for field, cells in zip(fields, described, strict=True):
        words = f"{cells.words} {'; '.join(cells.choices)}" if cells.choices else cells.words
        sheet.append((field.title, "yes" if field.required else "no", words))
    for letter, width in zip("ABC", _HELP_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width


def _cells(field: Field) -> _Cells:
    """The cells of one field, by its kind."""
    kind = field.kind
    if isinstance(kind, Code):
        check = {"type": "list"}
        return _Cells(_TEXT, "Choose one of the list.", check, choices_of(kind))
    if isinstance(kind, Date8):
        return _day(kind)
    if isinstance(kind, Amount):
        return _money(field, kind)
    for of, shortest, longest, words in _LENGTHS:
        if isinstance(kind, of):
            return _Cells(_TEXT, words, _length(shortest, longest))
    return _Cells(_TEXT, f"At most {field.width} characters.", _length(0, field.width))


_LENGTHS = (
    (Ssn, 9, 11, "Nine digits, zeros in front included; hyphens do no harm."),
    (Fein, 9, 10, "Nine digits, zeros in front included; a hyphen does no harm."),
    (Phone, 10, 14, "Ten digits: area code and number."),
    (Zip, 5, 10, "Five or nine digits, zeros in front included."),
)


def _length(shortest: int, longest: int) -> dict[str, Any]:
    return {"type": "textLength", "operator": "between", "formula1": f"{shortest}", "formula2": f"{longest}"}


def _day(kind: Date8) -> _Cells:
    latest, limit = "DATE(2099,12,31)", ""
    if kind.past:
        latest, limit = "TODAY()", ", not after today"
    elif kind.ahead is not None:
        latest, limit = f"TODAY()+{kind.ahead}", f", at most {kind.ahead} days ahead"
    check = {"type": "date", "operator": "between", "formula1": "DATE(1901,1,1)", "formula2": latest}
    return _Cells(_DAY, f"A day as month/day/year{limit}.", check)


def _money(field: Field, kind: Amount) -> _Cells:
    most = (10**field.width - 1) / 10**kind.places
    whole = isinstance(kind, WholeDollars)
    words = "Whole dollars." if whole else "Dollars and cents, such as 1250.50."
    check = {"type": "decimal", "operator": "between", "formula1": "0", "formula2": f"{most}"}
    return _Cells(_DOLLARS if whole else _MONEY, words, check)
