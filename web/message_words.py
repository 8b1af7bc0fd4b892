"""The words that the pages of messages use."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.messages.inbox import Box, ThreadLine
from exchange.messages.reading import MessageView, ReceiptView
from exchange.models.messages import MessageState, ReceiptKind
from roles.correspondence import CLASSIFICATIONS, Classification
from web.templating import calendar_day, moment
from web.wording import CHANNELS

BOXES: dict[Box, tuple[str, str]] = {
    Box.INBOX: ("Inbox", "Messages to your organization, and those it sent, stand here."),
    Box.UNREAD: ("Unread", "Everything was opened by somebody of your organization."),
    Box.WAITING: ("To answer", "Nobody waits for an answer of yours."),
    Box.MINE: ("Mine", "Nothing is meant for you or assigned to you alone."),
    Box.UNASSIGNED: ("Unassigned", "Everything that waits for an answer is assigned to somebody."),
    Box.OVERDUE: ("Overdue", "No answer is overdue."),
    Box.ARCHIVED: ("Archived", "Nothing was put away."),
    Box.ALL: ("All", "No message yet."),
}
"""By box: what its tab says, and what is said where it is empty."""
OF_AGENCIES = frozenset({Box.MINE, Box.UNASSIGNED, Box.OVERDUE})
"""Boxes of those who share an inbox."""
MARKS = {mark.value: CLASSIFICATIONS[mark][0] for mark in Classification}
"""How a message is marked."""
_TONES = {Classification.NONE: "plain", Classification.PII: "warn", Classification.FTI: "bad"}
GONE: dict[str, str] = {
    MessageState.RECALLED: "This message was recalled before anybody read it.",
    MessageState.PURGED: "The time of keeping of this message has ended; what it said was destroyed.",
}
DONE = {
    "sent": "Sent. It can be recalled until somebody opens it.",
    "queued": "It goes by itself as soon as its files are scanned; you need not wait.",
    "saved": "Saved as a draft.",
    "discarded": "The draft is thrown away.",
    "recalled": "Recalled: nobody had read it. It is a draft again.",
    "closed": "Closed. Nothing can be added until one of the two reopens it.",
    "reopened": "Open again.",
    "held": "Held. Nothing of it is deleted until you let go of it.",
    "released": "Let go. What is due of it is deleted when its time has ended.",
    "archived": "Put away. A new message brings it back.",
    "assigned": "Assigned anew.",
    "taken": "It is yours.",
    "due": "The day is set.",
    "moved": "It lies there now.",
    "noted": "The note is kept. Only your organization sees it.",
    "unarchived": "Back in the inbox.",
}


@dataclass(frozen=True)
class Told:
    """What a receipt says: who did what, and when; `file`: the name of what was fetched."""

    receipt: ReceiptView
    text: str


def mark(classification: str) -> tuple[str, str]:
    """How a message is marked, as a tag: its text and tone."""
    return MARKS[classification], _TONES[Classification(classification)]


def tags(line: ThreadLine) -> list[tuple[str, str]]:
    """What a list tells of a thread at a glance."""
    waits = ("Answer overdue", "bad") if line.overdue else ("To answer", "wait")
    found = [
        (f"{line.unread:,} new", "good") if line.unread else None,
        waits if line.waiting_since else None,
        mark(line.classification) if line.classification != Classification.NONE else None,
        ("Closed", "plain") if line.closed else None,
        ("Archived", "plain") if line.archived else None,
    ]
    return [one for one in found if one]


def facts(line: ThreadLine) -> list[tuple[str, str]]:
    """What is known about a thread, in words, for the page's summary list."""
    known = {
        "With": line.other,
        "Topic": line.topic,
        "Marked": MARKS[line.classification],
        "Office": line.office,
        "Assigned to": line.assigned_to,
        "Answer due": calendar_day(line.due_on) if line.due_on and line.waiting_since else "",
        "Messages": f"{line.messages:,}",
        "Last one": moment(line.last_at),
    }
    return [(name, text) for name, text in known.items() if text]


def receipts(message: MessageView) -> list[Told]:
    """Who has read a message and fetched its files, in words, in the order it happened."""
    names = {one.id: one.name for one in message.attachments}
    return [Told(one, _told(one, names.get(one.attachment_id or message.id, ""))) for one in message.receipts]


def standing(message: MessageView) -> str:
    """What has become of a message of one's own."""
    if any(one.kind == ReceiptKind.READ for one in message.receipts):
        return "Read"
    return "Delivered, not read yet"


def boxes(*, agency: bool) -> Sequence[Box]:
    """The boxes that somebody sees."""
    return [box for box in BOXES if agency or box not in OF_AGENCIES]


def _told(receipt: ReceiptView, name: str) -> str:
    what = "Read" if receipt.kind == ReceiptKind.READ else f"Opened {name}" if name else "Opened a file"
    return f"{what} by {receipt.person}, by {CHANNELS[receipt.channel]}"
