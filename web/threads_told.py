"""Threads and messages as the API tells them: values of JSON, as `web.api_models` describes them."""

from exchange.messages import documents
from exchange.messages.inbox import ThreadLine
from exchange.messages.posting import Posted
from exchange.messages.reading import MessageView, ReceiptView, ThreadView
from exchange.transfers.views import rfc3339
from roles.correspondence import TOPICS

_SLUGS = {topic.title: slug for slug, topic in TOPICS.items()}


def posted(one: Posted) -> dict[str, object]:
    """Where a message that was handed over stands."""
    return {
        "id": str(one.id),
        "state": one.fate.value,
        "thread": str(one.thread_id) if one.thread_id else None,
        "message": str(one.message_id) if one.message_id else None,
        "refusal": one.refusal,
    }


def line(one: ThreadLine) -> dict[str, object]:
    """A thread in a list."""
    return {
        "id": str(one.id),
        "subject": one.subject,
        "topic": _SLUGS[one.topic],
        "classification": one.classification,
        "other": one.other,
        "other_id": str(one.other_id),
        "unread": one.unread,
        "message_count": one.messages,
        "last_at": rfc3339(one.last_at),
        "waiting_since": rfc3339(one.waiting_since) if one.waiting_since else None,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "overdue": one.overdue,
        "assigned_to": one.assigned_to,
        "office": one.office,
        "closed": one.closed,
        "archived": one.archived,
    }


def thread(view: ThreadView) -> dict[str, object]:
    """A thread with its messages."""
    return line(view.line) | {
        "held": view.held,
        "messages": [_message(one) for one in view.messages],
        "earlier": view.earlier or None,
    }


def _message(one: MessageView) -> dict[str, object]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "state": one.state,
        "own": one.own,
        "at": rfc3339(one.at),
        "recalled_at": rfc3339(one.recalled_at) if one.recalled_at else None,
        "may_recall": one.may_recall,
        "document": documents.as_json(one.document) if one.document else None,
        "receipts": [_receipt(receipt) for receipt in one.receipts],
    }


def _receipt(one: ReceiptView) -> dict[str, object]:
    return {
        "person": one.person,
        "kind": one.kind,
        "at": rfc3339(one.at),
        "channel": one.channel,
        "attachment_id": str(one.attachment_id) if one.attachment_id else None,
    }
