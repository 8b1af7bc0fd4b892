"""Which file names are taken: any language, nothing misleading. Refused, never repaired.

A name is only ever a label; it becomes part of no path in the store.
"""

import re
import unicodedata

from idna.core import valid_contextj

from exchange.errors import FileNameRefusedError

MAXIMUM_BYTES = 200
"""Leaves room for `.findings.csv` within the 255 bytes that file systems take."""

DRAFT_SUFFIXES = (".part", ".filepart", ".partial", ".tmp")
"""What clients call a file that they rename when it is whole (`.filepart` WinSCP, `.partial` rclone)."""

_OURS = re.compile(r"~[0-9a-f]{8}$")
_REFUSED_CATEGORIES = {
    "Cc": "it contains a control character",
    "Cf": "it contains an invisible or direction-changing character",
    "Cs": "it is not proper Unicode",
    "Zl": "it contains a line separator",
    "Zp": "it contains a paragraph separator",
}


def checked(filename: str) -> str:
    """The name itself, in Unicode's composed form (NFC), or `FileNameRefusedError` saying why."""
    name = unicodedata.normalize("NFC", filename)
    why = _refusal(name)
    if why:
        raise FileNameRefusedError(why=why)
    return name


def is_text(name: str) -> bool:
    """Whether a name consists of characters that names may have, however long it is."""
    return _misleading(name) is None


def is_draft_name(filename: str) -> bool:
    """Whether a client that uses this name will rename the file once it is whole."""
    return filename.lower().endswith(DRAFT_SUFFIXES)


def without_draft_suffix(filename: str) -> str:
    """What a client would have renamed `NAME.part` to; the name itself where nothing would be left."""
    for suffix in DRAFT_SUFFIXES:
        if filename.lower().endswith(suffix):
            shorter = filename[: -len(suffix)]
            return filename if _refusal(shorter) else shorter
    return filename


def distinct(filename: str, identifier: str) -> str:
    """How an older file is shown when a newer one has the same name; `identifier` is hexadecimal."""
    return f"{filename}~{identifier[:8]}"


def split_distinct(name: str) -> tuple[str, str | None]:
    """Undo `distinct`: the file name, and the first eight digits of its identifier if there are any."""
    return (name[:-9], name[-8:]) if _OURS.search(name) else (name, None)


def _misleading(name: str) -> str | None:
    for position, character in enumerate(name):
        why = _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if why and not _shapes_letters(name, position):
            return why
    return None


def _shapes_letters(name: str, position: int) -> bool:
    """Whether a joiner or non-joiner stands where the script needs it (RFC 5892, A.1 and A.2; UTS 39, 3.1.1).

    Persian and the scripts of India are not spelled without them. Elsewhere they would show nothing, and two
    names that look alike could differ.
    """
    try:
        return valid_contextj(name, position)
    except ValueError:  # beside a character that Unicode has no name for
        return False


def _refusal(name: str) -> str | None:
    why = _misleading(name)
    if why:
        return why
    if name.strip() in {"", ".", ".."} or name != name.strip():
        return "it is empty, dots only, or begins or ends with a space"
    if "/" in name or "\\" in name:
        return "it contains a slash"
    if len(name.encode()) > MAXIMUM_BYTES:
        return f"it is longer than {MAXIMUM_BYTES} bytes"
    return "it ends like a name the portal gives" if _OURS.search(name) else None
