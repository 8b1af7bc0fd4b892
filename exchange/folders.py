"""The folders of the SFTP door: files handed over and answered, and messages as files beside them."""

from collections.abc import Iterator
from itertools import chain

from exchange.errors import TransferNotFoundError
from exchange.messages import mirror
from exchange.messages.attachments import PROGRAM
from exchange.models.transfers import Direction
from exchange.runtime import Exchange
from exchange.transfers import delivery
from exchange.transfers.delivery import Content
from exchange.transfers.views import FolderEntry
from roles.policy import Actor


def folder(exchange: Exchange, actor: Actor, direction: Direction, program: str) -> Iterator[FolderEntry]:
    """What stands in a folder, newest first, read as it is asked for; messages before what answers files."""
    handed = delivery.folder(exchange, actor, direction, program)
    if program != PROGRAM:
        return handed
    if direction is Direction.INBOUND:
        return (one for one in handed if _is_own(actor, one))
    return chain(mirror.folder(exchange, actor), handed)


def entry(exchange: Exchange, actor: Actor, direction: Direction, program: str, name: str) -> FolderEntry:
    """What a folder shows under a name, or `TransferNotFoundError`."""
    if program == PROGRAM and direction is Direction.OUTBOUND:
        try:
            return mirror.entry(exchange, actor, name)
        except TransferNotFoundError:
            return delivery.folder_entry(exchange, actor, direction, program, name)
    found = delivery.folder_entry(exchange, actor, direction, program, name)
    if program == PROGRAM and not _is_own(actor, found):
        raise TransferNotFoundError
    return found


def opened(exchange: Exchange, actor: Actor, chosen: FolderEntry) -> Content | bytes:
    """The bytes of an entry: an opened file, or a short text. Raises as `delivery.content`."""
    if chosen.message_id is not None:
        return mirror.opened(exchange, actor, chosen)
    return delivery.content(exchange, actor, chosen.view.id)


def _is_own(actor: Actor, one: FolderEntry) -> bool:
    """What somebody wants to send with a message is theirs alone, like their drafts."""
    return one.view.account_id == actor.account_id
