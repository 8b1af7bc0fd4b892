"""Who is asking, and what they may see: the one question every use case asks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

from roles.errors import NotPermittedError, ProgramNotFoundError
from roles.organizations import KINDS, OrganizationKind
from roles.permissions import ADMINISTRATOR_PERMISSIONS, ROLE_PERMISSIONS, ROLES, Permission, Role
from roles.programs import PROGRAMS, Program
from roles.representation import DELEGATED

VisibleOrganization = NewType("VisibleOrganization", UUID)
"""The organization whose rows an actor may see. Only this module makes one."""


class Channel(StrEnum):
    """The door a request came through; `portal` is the portal itself."""

    API = "api"
    PORTAL = "portal"
    SFTP = "sftp"
    WEB = "web"


@dataclass(frozen=True)
class Client:
    """An organization that somebody of another one acts for just now."""

    id: UUID
    name: str
    kind: OrganizationKind


@dataclass(frozen=True)
class Actor:
    """A proven identity at one door: the fresh result of a sign-in, never a row.

    `administrator`: looks after the people of its own organization. `scopes`: the most a token lets its
    bearer do; None where nothing is held back. `client`: whom it chose to act for in this session.
    """

    account_id: UUID
    organization_id: UUID
    role: Role
    username: str
    name: str
    organization_name: str
    organization_kind: OrganizationKind
    channel: Channel
    source: str
    administrator: bool = False
    scopes: frozenset[Permission] | None = None
    client: Client | None = None


def permissions_of(actor: Actor) -> frozenset[Permission]:
    """What the actor may do: what the role holds, and what looking after one's own organization adds.

    A token's scopes only take away.
    """
    held = ROLE_PERMISSIONS[actor.role] | (ADMINISTRATOR_PERMISSIONS if actor.administrator else frozenset())
    return held if actor.scopes is None else held & actor.scopes


def may_enter(role: Role, channel: Channel) -> bool:
    """Whether people of a role come through this door at all."""
    return channel is not Channel.SFTP or ROLES[role].uses_sftp


def may_vouch(kind: OrganizationKind) -> bool:
    """Whether authorities of such an organization may vouch for who comes by SFTP; never those of OCSS."""
    return not KINDS[kind].single and any(may_enter(role, Channel.SFTP) for role in KINDS[kind].roles)


def can(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission; for menus and templates."""
    return permission in permissions_of(actor)


def authorize(actor: Actor, permission: Permission) -> VisibleOrganization:
    """Return the organization whose rows the actor may touch, or raise `NotPermittedError`."""
    if not can(actor, permission):
        raise NotPermittedError
    return VisibleOrganization(actor.organization_id)


def authorize_for(actor: Actor, permission: Permission) -> VisibleOrganization:
    """As `authorize`; the client's organization, where the actor acts for one and this may be done for it.

    That the client still agrees is for whoever opens the database to ask: `exchange.accounts.acting`.
    """
    own = authorize(actor, permission)
    on_behalf = actor.client is not None and permission in DELEGATED
    return VisibleOrganization(actor.client.id) if on_behalf and actor.client else own


def represented(actor: Actor) -> VisibleOrganization:
    """The organization whose page the actor is on, for what everybody of an organization sees."""
    return VisibleOrganization(actor.client.id if actor.client else actor.organization_id)


def sendable_program(actor: Actor, slug: str) -> Program:
    """The program the actor may hand a file over to.

    Raises `ProgramNotFoundError` for an unknown slug, `NotPermittedError` for one the role does not send to.
    """
    program = PROGRAMS.get(slug)
    if program is None:
        raise ProgramNotFoundError
    if not program.sent_by(permissions_of(actor)) or (program.only_page and actor.channel is not Channel.WEB):
        raise NotPermittedError
    return program


def authorize_sending(actor: Actor, slug: str) -> VisibleOrganization:
    """Return the organization whose files the actor may hand over to a program. Raises as the above."""
    sendable_program(actor, slug)
    return VisibleOrganization(actor.organization_id)


def sends(actor: Actor, program: Program) -> bool:
    """Whether the actor may hand files over to the program; for pages."""
    return bool(program.sent_by(permissions_of(actor)))


def sent_layouts(actor: Actor, program: Program) -> tuple[str, ...]:
    """The layouts that the actor hands over under the program; for pages."""
    return tuple(slug for one in program.sent_by(permissions_of(actor)) for slug in one.layouts)
