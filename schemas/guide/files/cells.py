"""The cells of a table that people open in a spreadsheet: safe there, and read back as they were."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_WORDS: Final = MappingProxyType({True: "yes", False: "no", None: ""})


class CellError(ValueError):
    """A cell does not say what its column is for; the message is what is expected."""


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`, also for a text that somebody typed without the apostrophe."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


@dataclass(frozen=True)
class Form:
    """How a member's value stands in a cell. `read` raises `CellError`; `left_out`: empty is no value."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]
    left_out: bool = False


def _yes_no(text: str) -> bool:
    words: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}
    if text.strip().lower() not in words:
        raise CellError("yes or no")
    return words[text.strip().lower()]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise CellError("what stood here in the export: it is not meant to be edited") from None


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


TEXT = Form(str, str)
OPTIONAL = Form(lambda value: "" if value is None else str(value), str, left_out=True)
YES_NO = Form(lambda value: _WORDS[value], _yes_no, left_out=True)
LIST = Form("\n".join, lambda text: [line.strip() for line in text.split("\n") if line.strip()])
"""One entry a line of the cell."""
JSON = Form(_line, _json, left_out=True)
