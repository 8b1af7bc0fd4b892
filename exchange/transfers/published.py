"""A file that is whole although its row is still a draft: its process died between the bytes and the row.

Whoever resumes such a draft finds every byte there and can only finish it or throw it away.
"""

from exchange.errors import TransferAbortedError
from exchange.vault import Sealed, Vault


class PublishedWriter:
    """Stands in for the writer of a draft whose sealed container is finished already."""

    def __init__(self, vault: Vault, blob_id: str) -> None:
        """Read size and digest from the container. Raises `BlobMissingError`."""
        self._vault = vault
        with vault.open(blob_id) as reader:
            self._sealed = Sealed(blob_id, reader.size, reader.sha256)
        self.blob_id, self.size = blob_id, self._sealed.size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Nothing may follow: raises `TransferAbortedError` for anything but no bytes."""
        if len(data):
            raise TransferAbortedError

    def digest(self) -> str:
        """SHA-256 of the file in hexadecimal."""
        return self._sealed.sha256

    def suspend(self) -> None:
        """Everything is durable already."""

    def finish(self, *, known: bool = True) -> Sealed:
        """What is there."""
        del known
        return self._sealed

    def discard(self) -> None:
        """Destroy it."""
        self._vault.shred(self.blob_id)

    def release(self) -> None:
        """Nothing is held."""
