"""How a segment's secret is wrapped: HPKE (RFC 9180) with ML-KEM-768 and X25519 to a keyring entry.

Wrapping needs the public half only. Further kinds of wrap (a KMS, a transit service) get the next number.
"""

from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from exchange.errors import VaultLockedError
from exchange.vault.container import MalformedError, Segment, Slot, wrap_info

HPKE_WRAP = 1
MLKEM_PUBLIC_SIZE = 1184
MLKEM_SEED_SIZE = 64
CURVE_SIZE = 32
PUBLIC_SIZE = MLKEM_PUBLIC_SIZE + CURVE_SIZE
PRIVATE_SIZE = MLKEM_SEED_SIZE + CURVE_SIZE
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class WrappingKey:
    """A keyring entry. `public` is ML-KEM-768 then X25519, raw; `private` is the 64-byte seed then X25519."""

    id: bytes
    created: str
    state: str
    public: bytes
    private: bytes | None = field(default=None, repr=False)

    @cached_property
    def sealing(self) -> MLKEM768X25519PublicKey:
        """The half that wraps."""
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public[:MLKEM_PUBLIC_SIZE]),
            X25519PublicKey.from_public_bytes(self.public[MLKEM_PUBLIC_SIZE:]),
        )

    @cached_property
    def opening(self) -> MLKEM768X25519PrivateKey:
        """The half that unwraps; raises `VaultLockedError` when this keyring does not hold it."""
        if self.private is None:
            raise VaultLockedError
        return MLKEM768X25519PrivateKey(
            MLKEM768PrivateKey.from_seed_bytes(self.private[:MLKEM_SEED_SIZE]),
            X25519PrivateKey.from_private_bytes(self.private[MLKEM_SEED_SIZE:]),
        )


def new_wrapping_key(key_id: bytes, created: str) -> WrappingKey:
    """A fresh active key pair."""
    kem, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return WrappingKey(key_id, created, "active", public, kem.private_bytes_raw() + curve.private_bytes_raw())


def wrap(secret: bytes, segment: Segment, key: WrappingKey, sequence: int = 1) -> Slot:
    """`secret` for the holder of `key`, as a key slot."""
    wrapped = SUITE.encrypt(secret, key.sealing, wrap_info(segment, key.id))
    return Slot(HPKE_WRAP, sequence, key.id, wrapped)


def unwrap(slot: Slot, segment: Segment, key: WrappingKey) -> bytes:
    """The secret in `slot`; raises `MalformedError` when it was not wrapped for this key and place."""
    if slot.kind != HPKE_WRAP:
        raise VaultLockedError
    try:
        return SUITE.decrypt(slot.wrapped, key.opening, wrap_info(segment, slot.key_id))
    except InvalidTag:
        raise MalformedError from None
