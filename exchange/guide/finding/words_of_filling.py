"""Words that weigh little or nothing, as the table beside this file has them."""

import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.guide.documents import JurisdictionKind

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

FILLING: Final = frozenset(word for words in _TABLE["filling"].values() for word in words.split())
"""Words of sentences that say nothing about what is looked for, in the languages that people ask in."""

GENERIC: Final = frozenset(_TABLE["generic"].split())
"""Words of names that many names have: they count little when a name is compared."""

COMMON: Final = frozenset(_TABLE["common"].split())
"""Words of names that some names have."""

VAGUE: Final = frozenset(_TABLE["vague"].split())
"""Words that nearly everything here has to do with: they count little."""

ADDRESSES: Final = frozenset(_TABLE["addresses"].split())
"""Words that tell that somebody to write to is looked for."""

HINTS: Final = MappingProxyType(
    {word: JurisdictionKind(kind) for kind, words in _TABLE["hints"].items() for word in words.split()}
)
"""Words that tell of what kind the jurisdiction is that is meant."""

ORDINARY: Final = VAGUE | ADDRESSES | frozenset(HINTS)
"""Words that are rather themselves than a name misspelt."""
