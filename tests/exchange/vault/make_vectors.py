"""Writes the vector files: `python -m tests.exchange.vault.make_vectors`, from the project's folder.

Plaintexts, sizes and damages are the same at every run; keys, ids and encapsulations are random, so the bytes
differ. Run it only when the format's version changes: the files are there to stay what they are.
"""

import hashlib
import json
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from exchange.runtime import utc_now
from exchange.vault import Sealed, Vault, open_vault
from exchange.vault.container import SLOT_SIZE
from tests.exchange.vault.containers import frames, plaintext, seal

HERE = Path(__file__).parent / "vectors"
CHUNK = 1024
GOOD = {  # name: sizes of its segments
    "empty": (0,),
    "one-byte": (1,),
    "one-chunk-exactly": (CHUNK,),
    "one-chunk-and-a-byte": (CHUNK + 1,),
    "three-segments": (2 * CHUNK + 100, 700, 3 * CHUNK),
    "resumed-without-more": (CHUNK + 5, 0),
}
Damage = Callable[[bytes, bytes], bytes]
"""From a good container, and another of the same shape, to a damaged one."""


def part(container: bytes, number: int) -> slice:
    """Where frame `number` stands."""
    _, start, end = frames(container)[number]
    return slice(start, end)


def flip(number: int, offset: int) -> Damage:
    """One bit, `offset` bytes into frame `number`, or before it."""

    def damage(container: bytes, _other: bytes) -> bytes:
        place = part(container, number).start + offset
        return container[:place] + bytes([container[place] ^ 1]) + container[place + 1 :]

    return damage


def splice(number: int, source: int, *, foreign: bool = False) -> Damage:
    """Frame `source`, of this container or the other, in the place of frame `number`."""

    def damage(container: bytes, other: bytes) -> bytes:
        where = part(container, number)
        taken = (other if foreign else container)[part(other if foreign else container, source)]
        return container[: where.start] + taken + container[where.stop :]

    return damage


def drop(*numbers: int) -> Damage:
    """Some frames left out."""

    def damage(container: bytes, _other: bytes) -> bytes:
        kept = [place for number, place in enumerate(frames(container)) if number not in numbers]
        return b"".join(container[start:end] for _, start, end in kept)

    return damage


def cut(number: int, inside: int = 0) -> Damage:
    """Everything after frame `number` and then `inside` bytes of the next left out."""
    return lambda container, _other: container[: frames(container)[number][2] + inside]


def overwrite(offset: int, data: bytes) -> Damage:
    """Other bytes from `offset` on."""
    return lambda container, _other: container[:offset] + data + container[offset + len(data) :]


def swap_segments(container: bytes, _other: bytes) -> bytes:
    """The second and third segment in each other's place."""
    starts = [start for kind, start, _ in frames(container) if kind == b"SEGM"]
    end = frames(container)[-1][1]
    first, second, third = (
        container[: starts[1]],
        container[starts[1] : starts[2]],
        container[starts[2] : end],
    )
    return first + third + second + container[end:]


def unknown_wrap(container: bytes, _other: bytes) -> bytes:
    """A key slot of a kind that this version does not know, with a right check sum."""
    slot = struct.pack(">I", 9) + container[1028 : 1024 + SLOT_SIZE - 32]
    return container[:1024] + slot + hashlib.sha256(slot).digest() + container[1024 + SLOT_SIZE :]


def dress_as_finished(container: bytes, other: bytes) -> bytes:
    """A draft whose closing frame says that it is finished."""
    suspended = cut(7)(container, other)
    return suspended[:-72] + b"FINI" + suspended[-68:]


def replace_segment(container: bytes, other: bytes) -> bytes:
    """The second segment, header and chunk, from another file."""
    return splice(6, 6, foreign=True)(splice(5, 5, foreign=True)(container, other), other)


def swap_chunks(container: bytes, other: bytes) -> bytes:
    """Two whole chunks of a segment in each other's place."""
    first = container[part(container, 9)]
    moved = splice(9, 10)(container, other)
    where = part(container, 10)
    return moved[: where.start] + first + moved[where.stop :]


SEGMENTS = (2 * CHUNK + 100, 700, 3 * CHUNK)
"""Frames: 0 SEGM, 1-3 DATA, 4 SUSP, 5 SEGM, 6 DATA, 7 SUSP, 8 SEGM, 9-11 DATA, 12 FINI.

Chunks: 0-2 in the first, 3 in the second, 4-6 in the third.
"""

# By name: the chunk that the refusal names (None: the vault says that it is locked), and how it is done.
DAMAGED: dict[str, tuple[int | None, Damage]] = {
    "bit-in-chunk": (1, flip(2, 50)),
    "bit-in-tag": (0, flip(2, -1)),
    "bit-in-frame-word": (4, flip(9, 7)),
    "bit-in-magic": (0, flip(0, 8)),
    "bit-in-container-id": (0, flip(0, 24)),
    "bit-in-key-check": (3, flip(5, 80)),
    "bit-in-header-zeros": (0, flip(0, 600)),
    "bit-in-wrapped-secret": (0, flip(0, 1100)),
    "bit-in-suspended-mark": (4, flip(7, 30)),
    "bit-in-finished-mark": (7, flip(12, 71)),
    "version-2": (0, overwrite(16, struct.pack(">I", 2))),
    "keys-destroyed": (0, overwrite(1024, bytes(3072))),
    "unknown-wrap": (None, unknown_wrap),
    "chunks-swapped": (4, swap_chunks),
    "chunk-repeated": (5, splice(10, 9)),
    "chunk-of-another-segment": (4, splice(9, 1)),
    "chunk-of-another-file": (4, splice(9, 9, foreign=True)),
    "chunk-dropped": (5, drop(10)),
    "last-chunk-dropped": (6, drop(11)),
    "cut-at-chunk": (7, cut(11)),
    "cut-in-chunk": (6, cut(10, 500)),
    "cut-to-nothing": (0, lambda _container, _other: b""),
    "segment-dropped": (3, drop(5, 6, 7)),
    "first-segment-dropped": (0, drop(0, 1, 2, 3, 4)),
    "segments-swapped": (3, swap_segments),
    "segment-of-another-file": (3, replace_segment),
    "suspended-mark-dropped": (3, drop(4)),
    "suspended": (4, cut(7)),
    "suspended-dressed-as-finished": (4, dress_as_finished),
    "bytes-appended": (7, lambda container, _other: container + bytes(100)),
    "container-appended": (7, lambda container, other: container + other),
}


def torn_rewrap(container: bytes, _other: bytes) -> bytes:
    """A power loss while the idle slot was being written: not damage, the other slot counts."""
    return container[:2560] + plaintext("torn", 900) + container[3460:]


def write(name: str, blob_id: str, container: bytes, **expected: object) -> dict[str, object]:
    """Write a vector's file; returns its entry in the list."""
    (HERE / f"{name}.sealed").write_bytes(container)
    return {"file": f"{name}.sealed", "container_id": blob_id, **expected}


def bytes_of(vault: Vault, sealed: Sealed) -> bytes:
    """The file of a blob."""
    with vault.store.open(sealed.blob_id) as file:
        return file.read(0, file.size)


def good_vectors(vault: Vault) -> Iterator[dict[str, object]]:
    """A container for each entry of `GOOD`, and one after a torn re-wrap."""
    for name, sizes in GOOD.items():
        whole = plaintext(name, sum(sizes))
        stops = [sum(sizes[: number + 1]) for number in range(len(sizes))]
        parts = [whole[stop - size : stop] for stop, size in zip(stops, sizes, strict=True)]
        sealed = seal(vault, *parts)
        facts = {"plaintext": name, "size": sealed.size, "sha256": sealed.sha256, "segments": sizes}
        yield write(name, sealed.blob_id, bytes_of(vault, sealed), **facts)
        if name == "three-segments":
            torn = torn_rewrap(bytes_of(vault, sealed), b"")
            yield write("torn-rewrap", sealed.blob_id, torn, **facts)


def damaged_vectors(vault: Vault) -> Iterator[dict[str, object]]:
    """A container for each entry of `DAMAGED`."""
    parts = [plaintext(f"damaged {number}", size) for number, size in enumerate(SEGMENTS)]
    sealed, other = seal(vault, *parts), seal(vault, *parts)
    for name, (chunk, damage) in DAMAGED.items():
        container = damage(bytes_of(vault, sealed), bytes_of(vault, other))
        yield write(name, sealed.blob_id, container, chunk=chunk)


def main() -> None:
    """Write every vector, the list of them, and the keyring that opens them."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        keyring = Path(folder) / "keyring.json"
        vault = replace(open_vault(keyring, Path(folder) / "store", utc_now), chunk_size=CHUNK)
        vectors = {"good": list(good_vectors(vault)), "damaged": list(damaged_vectors(vault))}
        (HERE / "keyring.json").write_bytes(keyring.read_bytes())
    (HERE / "vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
