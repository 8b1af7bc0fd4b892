"""Sealed columns, keyed hashes for looking them up, and authenticators over rows.

A sealed cell is: version (1 byte), secret id (4), nonce (12), AES-256-GCM ciphertext and tag. Its associated
data and its key carry the purpose, so that a value moved into another column does not open.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange.errors import CellDamagedError
from exchange.vault.keyring import Keyring

CELL_VERSION = b"\x01"
ID_AT, NONCE_AT, SEALED_AT = 1, 5, 17
NONCE = SEALED_AT - NONCE_AT
SMALLEST_CELL = SEALED_AT + 16
HMAC_BLOCK = 64
WORD = 8


@lru_cache(maxsize=512)
def _purpose_key(secret: bytes, use: str, purpose: str) -> bytes:
    info = b"ocss-vault 1 " + use.encode() + b"\0" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


class Cells:
    """Seals and hashes with the secrets of the keyring that `current` gives.

    A keyring that holds no secrets (a door that only takes files in) raises `VaultLockedError`.
    """

    def __init__(self, current: Callable[[], Keyring]) -> None:
        self._current = current

    def seal(self, purpose: str, value: str) -> bytes:
        """Seal a column's value; `purpose` names the column, such as `account.totp`."""
        return self.seal_all(purpose, [value])[0]

    def seal_all(self, purpose: str, values: Sequence[str]) -> list[bytes]:
        """Seal many values of one column; the keyring is looked at once, which costs more than sealing."""
        secret = self._current().active_secret("cells")
        encrypt = AESGCM(_purpose_key(secret.value, "cells", purpose)).encrypt
        front = CELL_VERSION + secret.id
        bound = front + purpose.encode()
        random = secrets.token_bytes(NONCE * len(values))
        nonces = (random[start : start + NONCE] for start in range(0, len(random), NONCE))
        sealing = zip(nonces, values, strict=True)
        return [front + nonce + encrypt(nonce, value.encode(), bound) for nonce, value in sealing]

    def open(self, purpose: str, sealed: bytes) -> str:
        """The value; raises `CellDamagedError` when it was changed, or sealed for another purpose."""
        return self.open_all(purpose, [sealed])[0]

    def open_all(self, purpose: str, sealed: Sequence[bytes]) -> list[str]:
        """The values of many cells of one column; raises `CellDamagedError` as `open` does."""
        bound = purpose.encode()
        return [
            value.decode() for value in self._opened("cells", purpose, [(bound, cell) for cell in sealed])
        ]

    def seal_pages(self, purpose: str, pages: Mapping[bytes, bytes]) -> list[bytes]:
        """Seal pages of bytes, each to its place, which is its key here: elsewhere it does not open."""
        secret = self._current().active_secret("cells")
        encrypt = AESGCM(_purpose_key(secret.value, "pages", purpose)).encrypt
        front = CELL_VERSION + secret.id
        bound = front + purpose.encode() + b"\0"
        random = secrets.token_bytes(NONCE * len(pages))
        nonces = (random[start : start + NONCE] for start in range(0, len(random), NONCE))
        sealing = zip(nonces, pages.items(), strict=True)
        return [front + nonce + encrypt(nonce, page, bound + place) for nonce, (place, page) in sealing]

    def open_pages(self, purpose: str, sealed: Mapping[bytes, bytes]) -> list[bytes]:
        """The pages at these places; raises `CellDamagedError` when one was changed or lay elsewhere."""
        bound = purpose.encode() + b"\0"
        return self._opened("pages", purpose, [(bound + place, page) for place, page in sealed.items()])

    def _opened(self, use: str, purpose: str, sealed: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Of pairs of what each is bound to and what is sealed, the latter; the keyring is looked at once."""
        current, opened = self._current(), []
        ciphers: dict[bytes, AESGCM] = {}
        for bound, cell in sealed:
            front = cell[:NONCE_AT]
            if len(cell) < SMALLEST_CELL or front[:ID_AT] != CELL_VERSION:
                raise CellDamagedError
            if front not in ciphers:
                secret = current.secret("cells", front[ID_AT:])
                ciphers[front] = AESGCM(_purpose_key(secret.value, use, purpose))
            try:
                value = ciphers[front].decrypt(cell[NONCE_AT:SEALED_AT], cell[SEALED_AT:], front + bound)
            except InvalidTag:
                raise CellDamagedError from None
            opened.append(value)
        return opened

    def keyed_hash(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA-256 (32 bytes) by which a sealed value is looked up. The caller normalises `value`."""
        return self.keyed_hashes(purpose, [value.encode()])[0]

    def keyed_hashes(self, purpose: str, values: Iterable[bytes]) -> list[bytes]:
        """The keyed hash of each value, about a million in a second.

        HMAC's inner and outer state are made once and copied: `hmac.digest` takes more than twice as long.
        """
        secret = self._current().active_secret("hashes")
        key = _purpose_key(secret.value, "hashes", purpose).ljust(HMAC_BLOCK, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key)).copy
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key)).copy
        hashes = []
        for value in values:
            inside = inner()
            inside.update(value)
            outside = outer()
            outside.update(inside.digest())
            hashes.append(outside.digest())
        return hashes

    def keyed_words(self, purpose: str, words: bytes) -> bytes:
        """A keyed word of eight bytes for each word of eight bytes, ten million a second.

        AES of one block, half of it given and half of it told, is the pseudorandom function.
        """
        secret = self._current().active_secret("hashes")
        blocks = np.zeros((len(words) // WORD, 2), dtype=np.uint64)
        blocks[:, 0] = np.frombuffer(words, dtype=np.uint64)
        key = algorithms.AES(_purpose_key(secret.value, "words", purpose))
        cipher = Cipher(key, modes.ECB())  # noqa: S305  # each block is an input of a function, no message
        sealed = cipher.encryptor().update(blocks.tobytes())
        return np.frombuffer(sealed, dtype=np.uint64)[::2].tobytes()

    def authenticate(self, *fields: str) -> bytes:
        """An authenticator (36 bytes) over a row's fields, in order; kept beside them in the row."""
        secret = self._current().active_secret("rows")
        return secret.id + _row_mac(secret.value, fields)

    def is_authentic(self, authenticator: bytes, *fields: str) -> bool:
        """Whether `authenticator` was made over exactly these fields by this installation."""
        known = [s for s in self._current().secrets if (s.use, s.id) == ("rows", authenticator[:4])]
        expected = [secret.id + _row_mac(secret.value, fields) for secret in known]
        return any(hmac.compare_digest(mac, authenticator) for mac in expected)


def _row_mac(secret: bytes, fields: tuple[str, ...]) -> bytes:
    encoded = [field.encode() for field in fields]
    packed = b"".join(len(field).to_bytes(8, "big") + field for field in encoded)
    return hmac.digest(_purpose_key(secret, "rows", ""), packed, "sha256")
