"""A reader of sealed containers written from exchange/vault/FORMAT.md alone; it imports nothing of ours.

HPKE is spelled out as well (RFC 9180, with the KEM of draft-connolly-cfrg-xwing-kem), so that the page's
claim to be complete does not rest on one library's choice of names.
"""

import base64
import hashlib
import hmac
import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = b"HPKE" + bytes.fromhex("647a") + b"\x00\x01" + b"\x00\x02"


def read(container: bytes, container_id: bytes, keyring: Path) -> bytes:
    """The plaintext of a finished container; any exception means that it is refused."""
    keys = {entry["id"]: entry["private"] for entry in json.loads(keyring.read_text())["keys"]}
    closing_at = len(container) - 72
    places = headers_back_from(container, struct.unpack(">Q", container[-64:-56])[0])
    join, plaintext = bytes(32), b""
    for index, place in enumerate(places):
        header = container[place : place + 4096]
        end = places[index + 1] if index + 1 < len(places) else closing_at
        previous = places[index - 1] if index else 0
        size = chunk_size(header)
        expected = (b"SEGM", 4088, b"OCSSVALT", 1, size, container_id, index, 0)
        require(struct.unpack(">4sI8sII16sII", header[:48]) == expected)
        require(struct.unpack(">QQQ", header[48:72]) == (place, previous, len(plaintext)))
        require(not any(header[104:1024]))
        okm = hkdf(secret_of(header, keys), join, b"ocss-vault 1 segment" + header[:72], 96)
        require(okm[32:64] == header[72:104])
        cipher, join = AESGCM(okm[:32]), okm[64:]
        chunks, at = 0, place + 4096
        last_size = size
        while container[at : at + 4] == b"DATA" and at < end:
            require(last_size == size)
            length = struct.unpack(">I", container[at + 4 : at + 8])[0]
            chunk = cipher.decrypt(
                b"DATA" + chunks.to_bytes(8, "big"),
                container[at + 8 : at + 8 + length],
                container[at : at + 8],
            )
            last_size = len(chunk)
            plaintext, chunks, at = plaintext + chunk, chunks + 1, at + 8 + length
        if at < end or end == closing_at:
            kind = b"FINI" if at == closing_at else b"SUSP"
            require(container[at : at + 16] == struct.pack(">4sIQ", kind, 64, place))
            closing = cipher.decrypt(
                kind + chunks.to_bytes(8, "big"), container[at + 16 : at + 72], container[at : at + 16]
            )
            require(closing == struct.pack(">Q", len(plaintext)) + hashlib.sha256(plaintext).digest())
            at += 72
        require(at == (end if end != closing_at else len(container)))
    return plaintext


def require(held: bool) -> None:
    if not held:
        raise ValueError


def chunk_size(header: bytes) -> int:
    size: int = struct.unpack(">I", header[20:24])[0]
    require(0 < size <= 16 * 1024 * 1024)
    return size


def headers_back_from(container: bytes, place: int) -> list[int]:
    places = [place]
    while struct.unpack(">I", container[places[0] + 40 : places[0] + 44])[0]:
        before = struct.unpack(">Q", container[places[0] + 56 : places[0] + 64])[0]
        require(before < places[0])
        places.insert(0, before)
    return places


def secret_of(header: bytes, keys: dict[str, str]) -> bytes:
    best = (-1, "", b"")
    for place in (1024, 2560):
        slot = header[place : place + 1536]
        kind, length, sequence, key_id = struct.unpack(">IIQ16s", slot[:32])
        if hashlib.sha256(slot[:1504]).digest() == slot[1504:] and kind == 1:
            best = max(best, (sequence, key_id.hex(), slot[32 : 32 + length]))
    _, name, wrapped = best
    info = b"ocss-vault 1 wrap" + bytes.fromhex(name) + header[:72]
    return hpke_open(wrapped, base64.b64decode(keys[name]), info)


def hpke_open(wrapped: bytes, private: bytes, info: bytes) -> bytes:
    kem, curve = (
        MLKEM768PrivateKey.from_seed_bytes(private[:64]),
        X25519PrivateKey.from_private_bytes(private[64:]),
    )
    public = curve.public_key().public_bytes_raw()
    shared = curve.exchange(X25519PublicKey.from_public_bytes(wrapped[1088:1120]))
    both = kem.decapsulate(wrapped[:1088]) + shared + wrapped[1088:1120] + public
    mixed = hashlib.sha3_256(both + b"\\.//^\\").digest()
    context = b"\0" + extract(b"psk_id_hash", b"") + extract(b"info_hash", info)
    secret = extract(b"secret", b"", mixed)
    nonce = expand(secret, b"base_nonce", context, 12)
    return AESGCM(expand(secret, b"key", context, 32)).decrypt(nonce, wrapped[1120:], b"")


def extract(label: bytes, ikm: bytes, salt: bytes = bytes(32)) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + SUITE + label + ikm, "sha256")


def expand(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    full = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info
    return hmac.digest(secret, full + b"\x01", "sha256")[:length]


def hkdf(ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    key, okm, block = hmac.digest(salt, ikm, "sha256"), b"", b""
    for number in range(1, length // 32 + 1):
        block = hmac.digest(key, block + info + bytes([number]), "sha256")
        okm += block
    return okm
