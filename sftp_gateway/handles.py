"""What an open handle is: a transfer in motion, a file or text being read, or a folder being listed."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from exchange import errors
from exchange.connections import Motion
from exchange.runtime import Exchange
from exchange.transfers import intake
from exchange.transfers.delivery import Content
from exchange.transfers.names import is_draft_name
from roles.policy import Actor
from sftp_gateway import attributes, limits
from sftp_gateway.attributes import Attributes, Changes
from sftp_gateway.paths import File
from sftp_gateway.refusals import BadHandleError, CannotShortenError, EndOfFileError, HandedOverError

_log = structlog.get_logger("sftp")

Named = tuple[str, Attributes]


class Handle:
    """What every handle can do; one that holds nothing has nothing to do."""

    def close(self) -> None:
        """The client is done; raising tells it that it did not work."""

    def abandon(self) -> None:
        """The client is gone: nothing unfinished may be handed over."""

    def motion(self) -> Motion | None:
        """What is sent or fetched here, for those who look at connections; never its name."""
        return None


class OpenFile(Handle):
    """A handle of a file."""

    def attributes(self) -> Attributes:
        """What FSTAT answers."""
        raise BadHandleError


class Readable(OpenFile):
    """A handle of a file whose bytes can be read."""

    def read(self, offset: int, length: int) -> bytes | bytearray:
        """At most `length` bytes from `offset`; `EndOfFileError` behind the end."""
        del offset, length
        raise BadHandleError


class Upload(OpenFile):
    """A transfer in motion. A write at another place than the next ends it; CLOSE hands it over.

    A draft name (`NAME.part`) stays a draft at CLOSE; the client hands it over by renaming it.
    """

    def __init__(self, exchange: Exchange, actor: Actor, place: File, arriving: intake.Arriving) -> None:
        self._exchange, self._actor = exchange, actor
        self.place = place
        self._arriving = arriving
        self._resumed_at = arriving.size
        self.appends = False
        self.stands_with: int | None = None
        """Bytes of the handed-over file of this name, when that was opened without emptying it."""
        self._announced: int | None = None
        self._modified: int | None = None
        self._started = time.monotonic()
        self._ended = False
        self._saved = False
        """Whether the transfer rests as a draft of all that has come; the next write goes on with it."""
        self.took: float | None = None
        """Seconds from CLOSE until the file was durable with its receipt, once it was handed over."""

    @property
    def draft_name(self) -> bool:
        """Whether the client will rename the file once it is whole."""
        return is_draft_name(self._arriving.filename)

    def write(self, offset: int, data: memoryview) -> None:
        """Take the next bytes. SSH_FXF_APPEND means the end, whatever the offset says."""
        self._still_open()
        expected = self._arriving.size
        if offset != expected and not self.appends:
            goes_on = self._leaves_alone
            self.stop("wrong offset")
            raise HandedOverError if goes_on else errors.OffsetMismatchError(expected=expected)
        with self._ending_on_failure():
            if self._saved:
                self._go_on()
            self._arriving.write(data)

    def save(self) -> None:
        """Make all that has come durable, as a draft; `close` hands it over without reading it again.

        Raises `TransferAbortedError` for a transfer that ended: nothing of it is durable.
        """
        self._still_open()
        if self._saved or self._leaves_alone:
            return
        with self._ending_on_failure():
            self._arriving.suspend()
        self._saved = True

    def _go_on(self) -> None:
        self._arriving = intake.resume(self._exchange, self._actor, self._arriving.id)
        self._resumed_at, self._saved = self._arriving.size, False

    def _still_open(self) -> None:
        if self._ended:
            raise errors.TransferAbortedError

    @contextmanager
    def _ending_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._ended = True
            self._arriving.abort()
            self._tell("refused", type(error).__name__)
            raise

    def motion(self) -> Motion:
        """What has come so far."""
        return Motion(self._arriving.program, "in", self._arriving.size)

    def attributes(self) -> Attributes:
        """What has come so far, or the size of the file that stands while nothing has."""
        return Attributes(attributes.FILE, self._shown_size, self._modified or int(time.time()))

    def change(self, wanted: Changes) -> None:
        """Keep the time; a size is right when it is what has come, or nothing, which begins anew.

        Any other must be what will have come by CLOSE: clients tell the size of the whole file.
        """
        if wanted.modified is not None:
            self._modified = wanted.modified
        if wanted.size is None or self._ended:
            return
        self._announced = None
        if wanted.size == 0:
            self._empty()
        elif wanted.size != self._shown_size:
            self._announced = wanted.size
            raise CannotShortenError

    @property
    def _leaves_alone(self) -> bool:
        """Whether a file that was handed over stands here and nothing of a new one has come."""
        return self.stands_with is not None and self._arriving.size == 0

    @property
    def _shown_size(self) -> int:
        return self.stands_with or 0 if self._leaves_alone else self._arriving.size

    def _empty(self) -> None:
        self.stands_with = None
        if self._arriving.size == 0:
            return
        if self._saved:
            intake.replace(self._exchange, self._actor, self._arriving.id)
        self._arriving.abort()
        self._arriving = intake.begin(
            self._exchange, self._actor, self._arriving.program, self._arriving.filename
        )
        self._resumed_at, self._saved = 0, False

    def close(self) -> None:
        """Hand over, or keep as a draft; a transfer that ended before is told as failed.

        A client whose connection was lost after the hand-over opens the file again, finds it whole, and
        closes it: that leaves it as it is. One that told another size than what came has not sent all of it.
        """
        self._still_open()
        found = self._shown_size
        if self._announced not in {None, found}:
            self.stop("not the announced size", keep=True)
            raise errors.SizeMismatchError(expected=self._announced, found=found)
        if self._leaves_alone:
            self.stop("nothing to add")
            return
        asked = time.monotonic()
        with self._ending_on_failure():
            self._settle()
        self._ended = True
        self.took = None if self.draft_name else time.monotonic() - asked
        self._keep_time()
        self._tell("draft" if self.draft_name else "handed over")

    def _settle(self) -> None:
        if not self.draft_name and self._saved:
            arriving = self._arriving
            intake.hand_over(self._exchange, self._actor, arriving.id, arriving.filename)
        elif not self.draft_name:
            self._arriving.finish()
        elif not self._saved:
            self._arriving.suspend()

    def abandon(self) -> None:
        """Keep what has come as a draft."""
        if not self._ended:
            self.stop("connection lost", keep=True)

    def stop(self, why: str, *, keep: bool = False) -> None:
        """End without a hand-over; bytes of an earlier connection, or saved ones, are never thrown away."""
        self._ended = True
        keep = self._saved or ((keep or self._resumed_at > 0) and self._arriving.size > 0)
        try:
            if keep and not self._saved:
                self._arriving.suspend()
            if keep:
                self._keep_time()
        except errors.TransferNotFoundError:  # thrown away, or its file sent anew
            keep = False
        except Exception:  # noqa: BLE001  # logged; the client is gone and the bytes stay as they are
            _log.exception("sftp.suspend_failed", transfer_id=str(self._arriving.id))
        finally:
            self._arriving.abort()
        self._tell("draft" if keep else "ended", why)

    def _keep_time(self) -> None:
        """The client's own time of the file; a failure here must not make a good upload look bad."""
        if self._modified is None:
            return
        try:
            intake.set_modified(self._exchange, self._actor, self._arriving.id, self._modified)
        except Exception:  # noqa: BLE001  # logged; see above
            _log.exception("sftp.time_not_kept", transfer_id=str(self._arriving.id))

    def _tell(self, outcome: str, why: str | None = None) -> None:
        _log.info(
            "sftp.upload",
            transfer_id=str(self._arriving.id),
            account_id=str(self._actor.account_id),
            organization_id=str(self._actor.organization_id),
            program=self._arriving.program,
            outcome=outcome,
            why=why,
            size=self._arriving.size,
            resumed_at=self._resumed_at,
            seconds=round(time.monotonic() - self._started, 3),
        )


class Download(Readable):
    """A file being read, at any offset."""

    def __init__(self, actor: Actor, content: Content, shown: Attributes) -> None:
        self._actor = actor
        self._content = content
        self._shown = shown
        self._given = 0
        self._started = time.monotonic()

    def read(self, offset: int, length: int) -> bytes | bytearray:
        """At most `length` bytes from `offset`; `EndOfFileError` behind the end."""
        if offset >= self._content.size:
            raise EndOfFileError
        data = bytearray(min(length, limits.READ_OR_WRITE, self._content.size - offset))
        self._given += self._content.reader.read_into(offset, data)
        return data

    def motion(self) -> Motion:
        """What was given so far."""
        return Motion(self._content.view.program, "out", self._given)

    def attributes(self) -> Attributes:
        """Size and time of the file."""
        return self._shown

    def close(self) -> None:
        """Give the file back."""
        self._content.close()
        _log.info(
            "sftp.download",
            transfer_id=str(self._content.view.id),
            account_id=str(self._actor.account_id),
            organization_id=str(self._actor.organization_id),
            program=self._content.view.program,
            size=self._content.size,
            given=self._given,
            seconds=round(time.monotonic() - self._started, 3),
        )

    def abandon(self) -> None:
        """Give the file back."""
        self.close()


class Text(Readable):
    """A short file made for the moment, such as a receipt."""

    def __init__(self, text: bytes, shown: Attributes) -> None:
        self._text = text
        self._shown = shown

    def read(self, offset: int, length: int) -> bytes | bytearray:
        """At most `length` bytes from `offset`; `EndOfFileError` behind the end."""
        if offset >= len(self._text):
            raise EndOfFileError
        return self._text[offset : offset + min(length, limits.READ_OR_WRITE)]

    def attributes(self) -> Attributes:
        """Size and time of the text."""
        return self._shown


class Listing(Handle):
    """A folder being listed: names are made as the client asks for them."""

    def __init__(self, names: Iterator[Named]) -> None:
        self._names = names

    def next_names(self) -> list[Named]:
        """The next batch; `EndOfFileError` after the last."""
        batch = list(itertools.islice(self._names, limits.NAMES_AT_ONCE))
        if not batch:
            raise EndOfFileError
        return batch
