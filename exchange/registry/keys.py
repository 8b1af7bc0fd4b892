"""How people are found without storing who they are: the keyed hashes of SSN and of SSN with name."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from exchange.vault.cells import Cells

SSN = "registry.ssn"
SSN_AND_NAME = "registry.ssn-and-name"
PERSON = "registry.person"
"""Purposes: a hash or cell made for one is worthless for another."""

_DROPPED = bytes(range(0x41)) + bytes(range(0x5B, 0x100))
"""Everything but the letters A to Z."""


KEY = 4
"""Letters of a last name that count."""


def name_key(last_name: bytes) -> bytes:
    """First four letters of a last name: upper case, letters only (domain.md, Appendix B)."""
    return last_name.upper().translate(None, _DROPPED)[:KEY]


def name_keys(names: npt.NDArray[np.uint8]) -> npt.NDArray[np.bytes_]:
    """The same of many names: (names, width), a byte each. Most begin with four capital letters."""
    cut = np.full((len(names), KEY), ord(" "), dtype=np.uint8)
    cut[:, : names.shape[1]] = names[:, :KEY]
    plain = ((cut >= ord("A")) & (cut <= ord("Z"))).all(axis=1)
    found = cut.view(f"S{KEY}").ravel()
    for place in np.flatnonzero(~plain).tolist():
        found[place] = name_key(names[place].tobytes())
    return found


def ssn_hashes(cells: Cells, ssns: Iterable[bytes]) -> list[bytes]:
    """The keyed hash of each nine-digit SSN."""
    return cells.keyed_hashes(SSN, ssns)


def name_hashes(cells: Cells, ssns: Sequence[bytes], last_names: Sequence[bytes]) -> list[bytes]:
    """The keyed hash of each SSN together with the first four letters of the name it came with.

    The name alone is never hashed: equal names would look equal in a stolen database.
    """
    pairs = zip(ssns, last_names, strict=True)
    return cells.keyed_hashes(SSN_AND_NAME, [ssn + b"|" + name_key(name) for ssn, name in pairs])
