"""A conversation on paper, as PDF. What people wrote is data to the typesetter, never markup."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from exchange.messages.reading import MessageView, ReceiptView, ThreadView
from roles.correspondence import CLASSIFICATIONS, TOPICS, Classification

_MARKUP = Path(__file__).with_name("conversation.typ")
_KINDS = {"read": "Read by", "downloaded": "File fetched by"}
_DOORS = {"web": "in the browser", "sftp": "by SFTP", "api": "by the API", "portal": "by the portal"}


def typeset(view: ThreadView, messages: Sequence[MessageView]) -> bytes:
    """The messages of a thread as one PDF: tagged (PDF/UA-1), unless a script is in it that no font here has.

    The same thread makes the same bytes.
    """
    import typst  # noqa: PLC0415  # 80 MB that only whoever prints needs

    conversation = _conversation(view, messages)
    try:
        return _compiled(conversation, ["ua-1"])
    except typst.TypstError:
        return _compiled(conversation, [])


def _compiled(conversation: dict[str, Any], standards: list[Literal["ua-1"]]) -> bytes:
    import typst  # noqa: PLC0415  # as above

    return typst.compile(
        _MARKUP.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,  # the same sheet on every machine
        pdf_standards=list(standards),
        timestamp=0,  # the document has a day of its own
        sys_inputs={"conversation": json.dumps(conversation, ensure_ascii=False)},
    )


def _conversation(view: ThreadView, messages: Sequence[MessageView]) -> dict[str, Any]:
    marked = CLASSIFICATIONS[Classification(view.line.classification)][0]
    last = max((one.at for one in messages), default=None)
    return {
        "title": view.line.subject,
        "year": last.year if last else 2000,
        "month": last.month if last else 1,
        "day": last.day if last else 1,
        "facts": [["Topic", TOPICS[view.topic].title], ["With", view.line.other], ["Marked", marked]],
        "messages": [_message(one) for one in messages],
    }


def _message(one: MessageView) -> dict[str, Any]:
    said = one.document
    if said is None:
        gone = f"Recalled {_moment(one.recalled_at)}" if one.recalled_at else "No longer kept"
        return {
            "head": f"{_moment(one.at)}",
            "from": "",
            "note": False,
            "body": gone,
            "files": [],
            "seen": [],
        }
    return {
        "head": _moment(said.sent_at),
        "from": ", ".join(text for text in (said.author.person, said.author.organization) if text)
        + (f" (by {said.author.agent})" if said.author.agent else ""),
        "note": said.note,
        "body": said.body,
        "files": [f"{file.name}, {file.size:,} bytes, SHA-256 {file.sha256}" for file in said.attachments],
        "seen": [_seen(receipt) for receipt in one.receipts],
    }


def _seen(receipt: ReceiptView) -> str:
    return f"{_KINDS[receipt.kind]} {receipt.person} {_DOORS[receipt.channel]}, {_moment(receipt.at)}"


def _moment(at: Any) -> str:
    return f"{at:%B} {at.day}, {at:%Y, %H:%M} UTC"
