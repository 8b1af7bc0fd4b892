"""Looking at a file of a message without fetching it: pictures of a few kinds, and text as text."""

from dataclasses import dataclass
from uuid import UUID

from exchange.messages import files
from exchange.runtime import Exchange
from exchange.transfers.delivery import Content
from roles.policy import Actor
from schemas import previews

_HEAD = 500_000
"""Bytes in which the measures of a picture stand, whatever a camera wrote before them."""
TEXT = "text/plain; charset=utf-8"
_NOTHING = (
    "There is no preview of this file: it is neither text nor a picture that can be shown. Download it."
)
_TOO_LARGE = "This picture is too large to be shown here. Download it."
_CUT = "\n\n[Only the beginning is shown. Download the file to read all of it.]"


@dataclass(frozen=True)
class Preview:
    """What is shown of a file: never anything that can run or load something."""

    media_type: str
    body: bytes


def preview(exchange: Exchange, actor: Actor, message_id: UUID, attachment_id: UUID) -> Preview:
    """What can be shown of a file of a message, which counts as opened. Raises as `files.content` does."""
    content = files.content(exchange, actor, message_id, attachment_id)
    try:
        return _picture(content) or _text(content)
    finally:
        content.close()


def _picture(content: Content) -> Preview | None:
    seen = previews.picture(content.read(0, _HEAD))
    if seen is None:
        return None
    if not seen.fits or content.size > previews.MOST_PICTURE:
        return Preview(TEXT, _TOO_LARGE.encode())
    return Preview(seen.media_type, content.read(0, content.size))


def _text(content: Content) -> Preview:
    shown = previews.text(content.read(0, previews.MOST_TEXT))
    if shown is None:
        return Preview(TEXT, _NOTHING.encode())
    return Preview(TEXT, (shown + (_CUT if content.size > previews.MOST_TEXT else "")).encode())
