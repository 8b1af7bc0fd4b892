"""SHA-256 of a stream, computed in a thread of its own while the caller seals the same bytes.

Hashing costs ten times what sealing does, and both release the interpreter lock: side by side, sealing
is free.
"""

import hashlib
import threading
from queue import SimpleQueue

WORTH_A_THREAD = 256 * 1024
"""Bytes below which handing over costs more than hashing in place."""


class StreamDigest:
    """Takes views in order; a view's bytes must stay as they are until `wait` has passed it."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._work: SimpleQueue[memoryview | None] = SimpleQueue()
        self._done: SimpleQueue[None] = SimpleQueue()
        self._waiting = 0
        self._thread: threading.Thread | None = None

    def update(self, view: memoryview) -> None:
        """Take the next bytes; returns before they are hashed when there are enough of them."""
        if self._thread is None:
            if len(view) < WORTH_A_THREAD:
                self._sha256.update(view)
                return
            self._thread = threading.Thread(target=self._hash, name="vault-digest", daemon=True)
            self._thread.start()
        self._waiting += 1
        self._work.put(view)

    def wait(self, at_most: int = 0) -> None:
        """Return once no more than `at_most` of the views given are still to be hashed."""
        while self._waiting > at_most:
            self._done.get()
            self._waiting -= 1

    def value(self, *rest: memoryview) -> bytes:
        """The digest of everything given so far and then `rest`."""
        self.wait()
        so_far = self._sha256.copy()
        for view in rest:
            so_far.update(view)
        return so_far.digest()

    def close(self) -> None:
        """End the thread. May be called again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._work.put(None)
            thread.join()

    def _hash(self) -> None:
        while (view := self._work.get()) is not None:
            self._sha256.update(view)
            self._done.put(None)
