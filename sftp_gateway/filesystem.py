"""The small tree a client sees, mapped to the exchange's use cases: one call each, no rule of its own."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress

from exchange import errors, folders
from exchange.accounts import sign_in
from exchange.connections import Motion
from exchange.measures import HANDOVER, Tally
from exchange.models.transfers import Direction, Status
from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.names import is_draft_name
from exchange.transfers.views import FolderEntry, TransferView
from roles.policy import Actor
from roles.programs import receivable, sendable
from sftp_gateway import attributes
from sftp_gateway.attributes import Attributes, Changes
from sftp_gateway.handles import Download, Handle, Named, Text, Upload
from sftp_gateway.paths import Area, AreaFolder, File, Place, ProgramFolder, Root
from sftp_gateway.refusals import (
    ExistsError,
    FolderExistsError,
    FoldersAreFixedError,
    HandedOverError,
    IsFolderError,
    NoSuchPlaceError,
    OtherFolderError,
    ReadOnlyError,
    StillOpenError,
)

READ, WRITE, APPEND, CREATE, TRUNCATE, EXCLUSIVE = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
RECEIPT_SUFFIX = ".receipt.json"

_ACTOR_KNOWN_FOR = 1.0  # seconds; a suspension, or a key taken back, refuses what is asked after these
_DIRECTIONS = {Area.INBOX: Direction.INBOUND, Area.OUTBOX: Direction.OUTBOUND}
_MODES = {Area.INBOX: attributes.FILE, Area.OUTBOX: attributes.FILE_TO_READ}


class Filesystem:
    """One connection's view of the exchange. All paths came through `paths.canonical`."""

    def __init__(
        self, exchange: Exchange, actor: Actor, key: bytes | None = None, tally: Tally | None = None
    ) -> None:
        self._exchange, self._known_actor, self._known_at = exchange, actor, time.monotonic()
        self._key = key
        self._uploads: dict[File, Upload] = {}
        self._open: set[Handle] = set()
        self.tally = Tally() if tally is None else tally
        self._programs = {
            Area.INBOX: tuple(program.slug for program in sendable(actor.role)),
            Area.OUTBOX: tuple(program.slug for program in receivable(actor.role)),
            Area.RECEIPTS: (),
        }

    @property
    def handles_open(self) -> int:
        """How many handles this connection holds."""
        return len(self._open)

    def moving(self) -> list[Motion]:
        """What is being sent and fetched now."""
        motions = (handle.motion() for handle in self._open)
        return [motion for motion in motions if motion is not None]

    def handle_opened(self, handle: Handle) -> None:
        """One more handle on this connection."""
        self._open.add(handle)

    def handle_closed(self, handle: Handle) -> None:
        """One handle less."""
        self._open.discard(handle)
        if isinstance(handle, Upload) and self._uploads.get(handle.place) is handle:
            del self._uploads[handle.place]

    @property
    def _actor(self) -> Actor:
        """Who is here, looked up anew again and again: a connection outlives a suspension by seconds only."""
        if time.monotonic() - self._known_at > _ACTOR_KNOWN_FOR:
            self._known_actor = sign_in.still_in(self._exchange, self._known_actor, self._key)
            self._known_at = time.monotonic()
        return self._known_actor

    # Looking.

    def attributes(self, place: Place) -> Attributes:
        """What STAT and LSTAT answer. Raises `NoSuchPlaceError` or `TransferNotFoundError`."""
        if not isinstance(place, File):
            self._folder_must_exist(place)
            return _folder(place)
        if place in self._uploads:
            return self._uploads[place].attributes()
        if place.area is Area.RECEIPTS:
            return self._receipt(place.name)[1]
        return self._shown(place.area, self._entry(place).view)

    def names(self, place: Place) -> Iterator[Named]:
        """What a folder holds; made as it is asked for."""
        if isinstance(place, File):
            raise NoSuchPlaceError
        self._folder_must_exist(place)
        match place:
            case Root():
                return iter([(area.value, _folder(AreaFolder(area))) for area in Area])
            case AreaFolder(Area.RECEIPTS):
                return self._receipt_names()
            case AreaFolder(area):
                return iter([(slug, _folder(ProgramFolder(area, slug))) for slug in self._programs[area]])
            case ProgramFolder(area, program):
                entries = folders.folder(self._exchange, self._actor, _DIRECTIONS[area], program)
                return ((entry.name, self._shown(area, entry.view)) for entry in entries)

    def space(self, place: Place) -> delivery.Space:
        """What `df` shows: the organization's quota, whichever place is asked about."""
        self.attributes(place)
        return delivery.space(self._exchange, self._actor)

    # Opening.

    def open(self, place: Place, flags: int, wanted: Changes) -> Handle:
        """Open a file: for writing a transfer begins or goes on, for reading its bytes are opened."""
        if not isinstance(place, File):
            raise IsFolderError
        if flags & (WRITE | APPEND | CREATE | TRUNCATE):
            upload = self._upload(place, flags)
            upload.change(Changes(modified=wanted.modified))
            self._uploads[place] = upload
            return upload
        if place.area is Area.RECEIPTS:
            return Text(*self._receipt(place.name))
        entry = self._entry(place)
        shown = self._shown(place.area, entry.view)
        opened = folders.opened(self._exchange, self._actor, entry)
        return Text(opened, shown) if isinstance(opened, bytes) else Download(self._actor, opened, shown)

    def _upload(self, place: File, flags: int) -> Upload:
        if place.area is not Area.INBOX or not isinstance(place.folder, ProgramFolder):
            raise ReadOnlyError
        existing = self._existing(place)
        if existing is None and not flags & CREATE:
            raise NoSuchPlaceError
        if existing is not None and flags & EXCLUSIVE:
            raise ExistsError
        goes_on = existing is not None and not flags & TRUNCATE
        if goes_on and existing is not None and _is_draft(existing):
            arriving = intake.resume(self._exchange, self._actor, existing.id)
        elif goes_on and flags & APPEND:
            raise HandedOverError
        else:
            arriving = intake.begin(self._exchange, self._actor, place.folder.program, place.name)
            self._forget_draft(existing)
        upload = Upload(self._exchange, self._actor, place, arriving)
        upload.appends = bool(flags & APPEND)
        if goes_on and existing is not None and not _is_draft(existing):
            upload.stands_with = existing.size
        return upload

    def _forget_draft(self, existing: TransferView | None) -> None:
        """A file sent anew replaces the draft of its name."""
        if existing is not None and _is_draft(existing):
            with suppress(errors.TransferNotFoundError):  # handed over or thrown away meanwhile
                intake.replace(self._exchange, self._actor, existing.id)

    # Changing.

    def change(self, place: Place, wanted: Changes) -> None:
        """SETSTAT: keep the time of a file in an inbox; everything else is met with a friendly OK."""
        if not isinstance(place, File):
            self._folder_must_exist(place)
        elif place in self._uploads:
            self._uploads[place].change(wanted)
        elif place.area is Area.RECEIPTS:
            self._receipt(place.name)
        else:
            entry = self._entry(place)
            if wanted.modified is not None and place.area is Area.INBOX:
                intake.set_modified(self._exchange, self._actor, entry.view.id, wanted.modified)

    def remove(self, place: Place) -> None:
        """Throw away an own draft; nothing else can be removed."""
        draft = self._own_draft(place)
        intake.discard(self._exchange, self._actor, draft.id)

    def rename(self, old: Place, new: Place) -> None:
        """Rename a draft within its folder: from a draft name to a final one hands it over."""
        if not isinstance(old, File):
            raise FoldersAreFixedError
        draft = self._own_draft(old)
        if not isinstance(new, File) or new.folder != old.folder:
            raise OtherFolderError
        if is_draft_name(old.name) and not is_draft_name(new.name):
            asked = time.monotonic()
            intake.hand_over(self._exchange, self._actor, draft.id, new.name)
            self.tally.observe(HANDOVER, time.monotonic() - asked)
        else:
            intake.rename_draft(self._exchange, self._actor, draft.id, new.name)

    def make_folder(self, place: Place) -> None:
        """Folders are fixed; one that is there is said to be there."""
        if not isinstance(place, File):
            try:
                self._folder_must_exist(place)
            except NoSuchPlaceError:
                raise FoldersAreFixedError from None
            raise FolderExistsError
        raise FoldersAreFixedError

    def remove_folder(self, place: Place) -> None:
        """Folders are fixed."""
        self.attributes(place)
        raise FoldersAreFixedError

    # Finding.

    def _folder_must_exist(self, place: Root | AreaFolder | ProgramFolder) -> None:
        if isinstance(place, ProgramFolder) and place.program not in self._programs[place.area]:
            raise NoSuchPlaceError

    def _entry(self, place: File) -> FolderEntry:
        """The file a folder shows under this name. Raises `TransferNotFoundError`."""
        if not isinstance(place.folder, ProgramFolder):
            raise NoSuchPlaceError
        self._folder_must_exist(place.folder)
        direction = _DIRECTIONS[place.area]
        return folders.entry(self._exchange, self._actor, direction, place.folder.program, place.name)

    def _existing(self, place: File) -> TransferView | None:
        try:
            return self._entry(place).view
        except (errors.TransferNotFoundError, NoSuchPlaceError):
            return None

    def _own_draft(self, place: Place) -> TransferView:
        if not isinstance(place, File):
            raise FoldersAreFixedError
        if place in self._uploads:
            raise StillOpenError
        if place.area is not Area.INBOX:
            raise ReadOnlyError
        view = self._entry(place).view
        if not _is_draft(view):
            raise HandedOverError
        return view

    # Showing.

    def _shown(self, area: Area, view: TransferView) -> Attributes:
        return Attributes(_MODES[area], view.size, int(view.modified_at.timestamp()))

    def _receipt_names(self) -> Iterator[Named]:
        for receipt in delivery.receipts(self._exchange, self._actor):
            yield receipt.name + RECEIPT_SUFFIX, _written(receipt)[1]

    def _receipt(self, name: str) -> tuple[bytes, Attributes]:
        if not name.endswith(RECEIPT_SUFFIX):
            raise NoSuchPlaceError
        of_file = name.removesuffix(RECEIPT_SUFFIX)
        return _written(delivery.receipt_named(self._exchange, self._actor, of_file))


def _written(receipt: delivery.NamedReceipt) -> tuple[bytes, Attributes]:
    """A receipt as the file that a client fetches."""
    text = (json.dumps(receipt.signed, indent=2) + "\n").encode()
    return text, Attributes(attributes.FILE_TO_READ, len(text), int(receipt.created_at.timestamp()))


def _is_draft(view: TransferView) -> bool:
    return view.status == Status.DRAFT


def _folder(place: Root | AreaFolder | ProgramFolder) -> Attributes:
    writable = isinstance(place, ProgramFolder) and place.area is Area.INBOX
    mode = attributes.FOLDER if writable else attributes.FOLDER_TO_READ
    return Attributes(mode, 0, int(time.time()))
