"""Codes that people read off a letter and type: letters and digits that nobody takes for one another."""

import secrets

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 4


def new_code(groups: int) -> str:
    """So many groups of four, with hyphens between: nearly 20 bits a group."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(groups))


def plain(code: str) -> str:
    """A code as it is hashed, however it was typed."""
    return "".join(one for one in code.upper()[:64] if one.isascii() and one.isalnum())
