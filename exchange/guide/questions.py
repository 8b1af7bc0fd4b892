"""The questionnaires: which questions were asked at a moment, and which are asked now."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from exchange.database import reading
from exchange.errors import RecordNotFoundError
from exchange.guide.memory import Edition
from exchange.guide.narrowing import hidden_questions
from exchange.models.base import as_utc
from exchange.models.guide import GuideQuestionnaire
from exchange.runtime import Exchange
from schemas.guide.documents import Audience, Guide, Question


def questionnaire(session: Session, moment: datetime | None = None) -> Guide:
    """The questions and versions that counted at a moment (None: now), as a guide that says nothing."""
    until = col(GuideQuestionnaire.until)
    counting: ColumnElement[bool] = until.is_(None)
    if moment is not None:
        counting = (col(GuideQuestionnaire.since) <= moment) & or_(until.is_(None), until > moment)
    body = session.exec(select(GuideQuestionnaire.body).where(counting)).first()
    return Guide.model_validate_json(body) if body else Guide(questions=(), versions=(), parts=())


def opened_at(exchange: Exchange, edition: Edition, reader: Audience) -> Mapping[str, datetime]:
    """When a reader began to see questions that once were not for it, by slug; others are left out.

    `edition`: the whole one of now, with which it is kept.
    """
    found: Mapping[str, datetime] = edition.kept.get(("opened", reader), lambda: _opened(exchange, reader))
    return found


def _opened(exchange: Exchange, reader: Audience) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    with reading(exchange.engine) as session:
        ended = select(GuideQuestionnaire.body, GuideQuestionnaire.until).where(
            col(GuideQuestionnaire.until).is_not(None)
        )
        for body, until in session.exec(ended.order_by(col(GuideQuestionnaire.edition))):
            hidden = hidden_questions(Guide.model_validate_json(body), reader) if until else ()
            found |= {slug: as_utc(until) for slug in hidden if until}
    return found


def asked(session: Session, kind: str, slug: str) -> Question:
    """A question that jurisdictions of a kind are asked now. Raises `RecordNotFoundError`."""
    for question in questionnaire(session).questions:
        if (question.slug, question.kind.value) == (slug, kind):
            return question
    raise RecordNotFoundError
