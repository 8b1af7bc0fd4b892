"""A message as a file: one JSON object, whose members are these and no others."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

MOST_BYTES = 2 * 1024 * 1024
"""Of a file; the longest body and ten thousand names are less."""
_TEXTS = ("to", "office", "person", "topic", "classification", "subject", "body", "client", "thread")
_LISTS = ("attachments",)
_WITHOUT_THREAD = ("to", "office", "person", "topic", "classification", "subject")


class NotReadableError(Exception):
    """A file that is no message; `field`: the member that is wrong, if one is. Its words hold no values."""

    def __init__(self, field: str, words: str) -> None:
        """Keep both."""
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class Text:
    """What a file says: fields as in a form, what it answers, its files, and the client it is written for."""

    filled: Mapping[str, str]
    thread_id: UUID | None
    attachments: tuple[str, ...]
    client: str


def read(content: bytes) -> Text:
    """The message that a file holds. Raises `NotReadableError`."""
    members = _members(content)
    for name, value in members.items():
        _check(name, value)
    thread = members.get("thread")
    if thread is not None:
        given = [name for name in _WITHOUT_THREAD if name in members]
        if given:
            raise NotReadableError(given[0], "An answer takes these from the thread that it names.")
    texts = {name: members[name] for name in _TEXTS if name in members}
    names = tuple(unicodedata.normalize("NFC", name) for name in members.get("attachments", ()))
    if len(set(names)) < len(names):
        raise NotReadableError("attachments", "A file is named twice.")
    return Text(texts, _thread(thread), names, texts.get("client", ""))


def _members(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise NotReadableError("", f"It has more than {MOST_BYTES:,} bytes.")
    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise NotReadableError("", "It is not in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotReadableError("", f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise NotReadableError("", "It is no object.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotReadableError("", "A member stands there twice.")
    return found


def _check(name: str, value: object) -> None:
    if name not in (*_TEXTS, *_LISTS):
        known = ", ".join((*_TEXTS, *_LISTS))
        raise NotReadableError("", f"It has a member that is none of {known}.")
    if name in _TEXTS and not _is_text(value):
        raise NotReadableError(name, "It is no text.")
    if name in _LISTS and not (isinstance(value, list) and all(_is_text(one) for one in value)):
        raise NotReadableError(name, "It is no list of file names.")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _thread(given: str | None) -> UUID | None:
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise NotReadableError("thread", "It is not the id of a thread.") from None
