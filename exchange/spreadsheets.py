"""Tables that people open in a spreadsheet: CSV (RFC 4180) in UTF-8, in which no cell becomes a formula."""

import csv
import io
from collections.abc import Iterable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_line(cells: Iterable[str]) -> bytes:
    """One line; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    csv.writer(text).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return text.getvalue().encode()
