"""Who of an organization receives which topic."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, delete, select

from exchange import journal
from exchange.accounts.acting import in_view, only_oneself
from exchange.database import reading, transaction
from exchange.errors import FieldsRefusedError, RecordNotFoundError
from exchange.messages.access import pulse
from exchange.messages.colleagues import colleagues
from exchange.models.accounts import Account
from exchange.models.messages import TopicReader
from exchange.runtime import Exchange
from roles.correspondence import TOPICS, Topic, topics_of
from roles.organizations import OrganizationKind
from roles.permissions import Permission
from roles.policy import Actor


@dataclass(frozen=True)
class Receivers:
    """Who receives a topic. Without any of `people` everybody does.

    `gone`: who was chosen and has no access any more. `people` and `gone` are ids with names, by name.
    """

    topic: Topic
    people: list[tuple[UUID, str]]
    gone: list[tuple[UUID, str]]

    @property
    def everybody(self) -> bool:
        """Whether all of the organization receive it: nobody was chosen, or nobody of those is left."""
        return not self.people


def receivers(exchange: Exchange, actor: Actor) -> list[Receivers]:
    """The topics of the actor's organization and who receives each. Raises `NotPermittedError`."""
    only_oneself(actor)
    with reading(exchange.engine) as session:
        visible, own = in_view(session, exchange, actor, Permission.ORGANIZATION_MANAGE)
        there = {row.id for row in colleagues(session, visible)}
        chosen = _chosen(session, visible)
    return [_view(topic, chosen, there) for topic in topics_of(OrganizationKind(own.kind))]


def people(exchange: Exchange, actor: Actor) -> list[tuple[UUID, str]]:
    """Everybody of the organization who may be chosen, by name. Raises `NotPermittedError`."""
    only_oneself(actor)
    with reading(exchange.engine) as session:
        visible, _ = in_view(session, exchange, actor, Permission.ORGANIZATION_MANAGE)
        return [(row.id, row.name) for row in colleagues(session, visible)]


def choose(exchange: Exchange, actor: Actor, topic: str, accounts: Collection[UUID]) -> None:
    """Say who receives a topic from now on, also what came before; nobody chosen: everybody does.

    Raises `RecordNotFoundError` for a topic that the organization has not, or `FieldsRefusedError` for
    somebody without access to it.
    """
    only_oneself(actor)
    with transaction(exchange.engine) as session:
        visible, own = in_view(session, exchange, actor, Permission.ORGANIZATION_MANAGE, lock=True)
        if TOPICS.get(topic) not in topics_of(OrganizationKind(own.kind)):
            raise RecordNotFoundError
        wanted = set(accounts)
        if not wanted <= {row.id for row in colleagues(session, visible)}:
            raise FieldsRefusedError({"people": "Choose people of your organization who have access"})
        _replace(session, visible, topic, wanted)
        told = sorted(str(one) for one in wanted)
        journal.append(session, exchange, "topic.received-by", actor, visible, topic=topic, people=told)
        pulse(session, visible)


def _replace(session: Session, organization_id: UUID, topic: str, wanted: set[UUID]) -> None:
    standing = (
        col(TopicReader.organization_id) == organization_id,
        col(TopicReader.topic) == topic,
    )
    session.execute(delete(TopicReader).where(*standing))
    session.add_all(
        TopicReader(organization_id=organization_id, topic=topic, account_id=one) for one in sorted(wanted)
    )


def _chosen(session: Session, organization_id: UUID) -> list[tuple[str, UUID, str]]:
    """Topic, account and name of all who were chosen, by name."""
    pairs = (
        select(TopicReader.topic, Account.id, Account.name)
        .join(Account, col(Account.id) == col(TopicReader.account_id))
        .where(TopicReader.organization_id == organization_id)
        .order_by(col(Account.name), col(Account.id))
    )
    return list(session.exec(pairs).all())


def _view(topic: Topic, chosen: list[tuple[str, UUID, str]], there: set[UUID]) -> Receivers:
    theirs = [(account_id, name) for slug, account_id, name in chosen if slug == topic.slug]
    return Receivers(
        topic,
        [one for one in theirs if one[0] in there],
        [one for one in theirs if one[0] not in there],
    )
