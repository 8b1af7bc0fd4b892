"""Texts that an organization uses again: sealed, made by whoever works in its inbox or looks after it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from exchange import journal
from exchange.database import reading, transaction
from exchange.errors import CellDamagedError, FieldsRefusedError, NotNowError, RecordNotFoundError
from exchange.messages import fields
from exchange.models.accounts import Account
from exchange.models.base import as_utc
from exchange.models.messages import MessageTemplate
from exchange.runtime import Exchange
from roles.correspondence import TOPICS, Topic, topics_of
from roles.errors import NotPermittedError
from roles.permissions import Permission
from roles.policy import Actor, VisibleOrganization, authorize, can

LONGEST_TITLE, MOST = 80, 200
"""Characters of a title; templates of one organization."""
_TEMPLATE = "message.template"
_SEALED = ("title", "subject", "body")


@dataclass(frozen=True)
class Template:
    """A text to use again. `topic`: None where it fits any; `changed_by`: who wrote it last."""

    id: UUID
    title: str
    topic: Topic | None
    subject: str
    body: str
    changed_at: datetime
    changed_by: str


def may_manage(actor: Actor) -> bool:
    """Whether the actor makes and changes templates: agents of an agency, and who looks after a partner."""
    return any(can(actor, one) for one in (Permission.MESSAGE_MANAGE, Permission.ORGANIZATION_MANAGE))


def topics(actor: Actor) -> tuple[Topic, ...]:
    """The topics that a template may be for."""
    return topics_of(actor.organization_kind)


def templates(exchange: Exchange, actor: Actor, topic: str = "") -> list[Template]:
    """The templates of the actor's own organization by title; with a topic, those that fit it.

    Also who acts for a client writes with the texts of their own organization. Raises `NotPermittedError`.
    """
    visible = authorize(actor, Permission.MESSAGE_SEND)
    pairs = (
        select(MessageTemplate, Account.name)
        .join(Account, col(Account.id) == col(MessageTemplate.changed_by))
        .where(MessageTemplate.organization_id == visible)
    )
    if topic:
        pairs = pairs.where(col(MessageTemplate.topic).in_(["", topic]))
    with reading(exchange.engine) as session:
        found = [_view(exchange, row, name) for row, name in session.exec(pairs)]
    return sorted(found, key=lambda one: (one.title.casefold(), one.id))


def template(exchange: Exchange, actor: Actor, template_id: UUID) -> Template:
    """One template. Raises `RecordNotFoundError` for one that is not there, or another organization's."""
    visible = authorize(actor, Permission.MESSAGE_SEND)
    with reading(exchange.engine) as session:
        row = _own(session, visible, template_id)
        return _view(exchange, row, session.get_one(Account, row.changed_by).name)


def filled(exchange: Exchange, actor: Actor, template_id: UUID) -> dict[str, str]:
    """The fields of a draft that a template fills: topic, subject and body. Raises `RecordNotFoundError`."""
    found = template(exchange, actor, template_id)
    return {"topic": found.topic.slug if found.topic else "", "subject": found.subject, "body": found.body}


def save(exchange: Exchange, actor: Actor, given: Mapping[str, str], template_id: UUID | None = None) -> UUID:
    """Make a template, or change the one that is named; returns its id.

    `given`: title, topic (a slug or nothing), subject and body. Raises `FieldsRefusedError`, or
    `RecordNotFoundError`.
    """
    visible = _managing(actor)
    texts, topic = _checked(actor, given)
    with transaction(exchange.engine) as session:
        row = _own(session, visible, template_id) if template_id else _new(session, exchange, actor, visible)
        row.topic, row.sealed = topic, _sealed(exchange, row.id, texts)
        row.changed_at, row.changed_by = exchange.clock(), actor.account_id
        session.add(row)
        journal.append(session, exchange, "template.saved", actor, row.id, topic=topic)
    return row.id


def remove(exchange: Exchange, actor: Actor, template_id: UUID) -> None:
    """Throw a template away; what was written with it stays. Raises `RecordNotFoundError`."""
    visible = _managing(actor)
    with transaction(exchange.engine) as session:
        session.delete(_own(session, visible, template_id))
        journal.append(session, exchange, "template.removed", actor, template_id)


def _managing(actor: Actor) -> VisibleOrganization:
    if not may_manage(actor):
        raise NotPermittedError
    return authorize(actor, Permission.MESSAGE_SEND)


def _new(session: Session, exchange: Exchange, actor: Actor, visible: VisibleOrganization) -> MessageTemplate:
    theirs = select(MessageTemplate.id).where(MessageTemplate.organization_id == visible)
    if len(session.exec(theirs.limit(MOST)).all()) >= MOST:
        raise NotNowError(why=f"there are {MOST} templates; remove some first")
    now = exchange.clock()
    return MessageTemplate(organization_id=visible, sealed=b"", changed_at=now, changed_by=actor.account_id)


def _own(session: Session, visible: VisibleOrganization, template_id: UUID) -> MessageTemplate:
    row = session.get(MessageTemplate, template_id)
    if row is None or row.organization_id != visible:
        raise RecordNotFoundError
    return row


def _checked(actor: Actor, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Title, subject and body as they are kept, and the topic."""
    texts = {"title": " ".join(given.get("title", "").split())}
    texts |= {name: text.strip() for name, text in fields.cleaned(given).items() if name in _SEALED}
    longest = {"title": LONGEST_TITLE, "subject": fields.LONGEST_SUBJECT, "body": fields.LONGEST_BODY}
    problems = {name: fields.wrong_text(texts[name], longest[name]) for name in _SEALED}
    for name, what in (("title", "a title, by which your people find it"), ("body", "the text")):
        problems[name] = problems[name] if texts[name] else f"Enter {what}"
    topic = given.get("topic", "")
    if topic and TOPICS.get(topic) not in topics(actor):
        problems["topic"] = "Choose a topic, or any"
    if any(problems.values()):
        raise FieldsRefusedError({name: text for name, text in problems.items() if text})
    return texts, topic


def _sealed(exchange: Exchange, template_id: UUID, texts: Mapping[str, str]) -> bytes:
    return exchange.vault.cells.seal(_TEMPLATE, json.dumps({"id": str(template_id), **texts}))


def _view(exchange: Exchange, row: MessageTemplate, changed_by: str) -> Template:
    """A template as it is shown. Raises `CellDamagedError` for a text that was put into another's row."""
    texts = json.loads(exchange.vault.cells.open(_TEMPLATE, row.sealed))
    if texts["id"] != str(row.id):
        raise CellDamagedError
    return Template(
        row.id,
        texts["title"],
        TOPICS.get(row.topic),
        texts["subject"],
        texts["body"],
        as_utc(row.changed_at),
        changed_by,
    )
