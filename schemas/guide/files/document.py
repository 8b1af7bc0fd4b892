"""The guide as one JSON document."""

import json
import re
from typing import Final

from pydantic import ValidationError

from schemas.guide.checks import Path
from schemas.guide.documents import Guide
from schemas.guide.files.faults import Fault, GuideFileError, Wrong, checked

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of a file: dozens of times a whole guide."""
_NAME = "guide.json"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_SYNTAX = re.compile(r" at line (\d+) column (\d+)$")


def to_json(guide: Guide) -> bytes:
    """The guide, a member a line, in UTF-8; what has its default is left out."""
    told = guide.model_dump(mode="json", exclude_defaults=True)
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def from_json(content: bytes, name: str = _NAME) -> Guide:
    """The guide that `to_json` wrote. Raises `GuideFileError`."""
    if len(content) > MOST_BYTES:
        raise GuideFileError([Fault(name, 1, "", f"a file of at most {MOST_BYTES:,} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GuideFileError([_at(name, content[: error.start].decode(errors="ignore"), "UTF-8")]) from None
    return checked(lambda: _parsed(text, name), lambda wrong: _located(name, text, wrong))


def _parsed(text: str, name: str) -> Guide:
    try:
        return Guide.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] != "json_invalid":
            raise
        raise GuideFileError([_broken(name, str(first["ctx"]["error"]))]) from None


def _broken(name: str, told: str) -> Fault:
    """What the parser told of text that is no JSON."""
    place = _SYNTAX.search(told)
    line, column = (int(place[1]), place[2]) if place else (1, "1")
    return Fault(name, line, column, f"JSON ({_SYNTAX.sub('', told)})")


def _at(name: str, before: str, expected: str) -> Fault:
    """A fault right behind `before`."""
    return Fault(name, before.count("\n") + 1, str(len(before) - before.rfind("\n")), expected)


def _located(name: str, text: str, wrong: list[Wrong]) -> list[Fault]:
    """Where the members are that are wrong; one that is missing is where its parent is."""
    wanted = {path[:length] for path, _ in wrong for length in range(len(path) + 1)}
    places = _offsets(text, wanted)
    faults = []
    for path, expected in wrong:
        known = next(path[:end] for end in range(len(path), -1, -1) if path[:end] in places)
        missing = ".".join(str(step) for step in path[len(known) :])
        faults.append(_at(name, text[: places[known]], f"{missing}: {expected}" if missing else expected))
    return faults


def _offsets(text: str, wanted: set[Path]) -> dict[Path, int]:
    """Where in a JSON text the values of the wanted paths begin."""
    found: dict[Path, int] = {(): 0}
    path: list[str | int] = []
    opened: list[str] = []
    is_key = False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "]}":
            opened.pop()
            path.pop()
        elif mark == ",":
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else ""
            is_key = opened[-1] == "{"
        elif mark == ":":
            is_key = False
        elif is_key:
            path[-1] = json.loads(mark)
        else:
            if tuple(path) in wanted:
                found.setdefault(tuple(path), token.start())
            if mark in "[{":
                opened.append(mark)
                path.append(0 if mark == "[" else "")
                is_key = mark == "{"
    return found
