"""The vault: sealed blobs, sealed columns, keyed hashes, and the keyring that opens them.

Everything in `exchange` that keeps bytes from outside keeps them here; the doors never call it themselves. It
never puts plaintext on a disk, never lets a name that a user typed into a path, and never asks who is asking.
FORMAT.md describes the container so that another program could read it.
"""

from exchange.vault.cells import Cells
from exchange.vault.directory import names_together
from exchange.vault.keyring import Keyring, KeyringFile
from exchange.vault.reader import SealedReader
from exchange.vault.vault import Rotation, Vault, open_vault
from exchange.vault.writer import Sealed, SealedWriter

__all__ = [
    "Cells",
    "Keyring",
    "KeyringFile",
    "Rotation",
    "Sealed",
    "SealedReader",
    "SealedWriter",
    "Vault",
    "names_together",
    "open_vault",
]
