"""Handing files over in tests, through the use case that every door calls."""

from exchange.runtime import Exchange
from exchange.transfers import delivery, intake
from exchange.transfers.intake import Handed
from exchange.transfers.repository import TransferQuery
from exchange.transfers.views import TransferView
from roles.policy import Actor

CONTENT = b"synthetic content\n"


def hand_in(
    exchange: Exchange,
    actor: Actor,
    content: bytes = CONTENT,
    filename: str = "report.txt",
    program: str = "files",
) -> Handed:
    """Hand a file over in one go."""
    with intake.begin(exchange, actor, program, filename) as arriving:
        arriving.write(content)
        return arriving.finish()


def suspended(
    exchange: Exchange, actor: Actor, content: bytes = CONTENT, filename: str = "report.txt.part"
) -> TransferView:
    """A draft that holds `content`."""
    with intake.begin(exchange, actor, "files", filename) as arriving:
        arriving.write(content)
        return arriving.suspend()


def listed(exchange: Exchange, actor: Actor, **query: object) -> list[TransferView]:
    """What the actor's organization sees when it lists its transfers."""
    return delivery.transfers(exchange, actor, TransferQuery(**query)).items


def bytes_of(exchange: Exchange, actor: Actor, view: TransferView) -> bytes:
    """The whole content of a transfer."""
    content = delivery.content(exchange, actor, view.id)
    try:
        return b"".join(bytes(piece) for piece in content.pieces())
    finally:
        content.close()
