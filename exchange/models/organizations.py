"""What an organization says of itself: whom to reach for what, where it is, and its further numbers."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from exchange.models.base import Table, one_of
from roles.purposes import AddressPurpose, ContactPurpose

WAITING, AGREED, DECLINED, WITHDRAWN = "waiting", "agreed", "declined", "withdrawn"
MANDATE_STATES = (WAITING, AGREED, DECLINED, WITHDRAWN)


class Detail(Table):
    """What every detail for one purpose has, in force or earlier: since when it is so, and who said it.

    `follows`: the purpose that this one is the same as; its own fields are empty then. `changed_by`: None for
    what came with the registration, or was said before this was kept.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    purpose: str
    follows: str = ""
    changed_at: datetime
    changed_by: UUID | None = Field(default=None, foreign_key="account.id")


class ContactDetail(Detail):
    """Somebody to reach."""

    name: str = ""
    title: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""


class AddressDetail(Detail):
    """A place that mail is sent to."""

    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


class Contact(ContactDetail, table=True):
    """Whom to reach about one purpose; notices about it go to `email`."""

    __table_args__ = (one_of("purpose", ContactPurpose), UniqueConstraint("organization_id", "purpose"))


class Address(AddressDetail, table=True):
    """A postal address for one purpose."""

    __table_args__ = (one_of("purpose", AddressPurpose), UniqueConstraint("organization_id", "purpose"))


class EarlierContact(ContactDetail, table=True):
    """A contact as it was from `changed_at` until `ended_at`."""

    __tablename__ = "earlier_contact"

    ended_at: datetime


class EarlierAddress(AddressDetail, table=True):
    """An address as it was from `changed_at` until `ended_at`."""

    __tablename__ = "earlier_address"

    ended_at: datetime


class Subsidiary(Table, table=True):
    """A further FEIN of an organization; counts once OCSS has verified that it is the organization's own."""

    __table_args__ = (UniqueConstraint("organization_id", "fein_hash"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    name: str
    fein_sealed: bytes
    fein_hash: bytes = Field(index=True)
    added_at: datetime
    verified_at: datetime | None = None


class Mandate(Table, table=True):
    """A processor or transmitter asks to act for whoever has this FEIN; the client answers.

    The FEIN stands here instead of the client, so that asking tells nobody who takes part. `withdrawn`: taken
    back before it was answered. What was agreed to is a `Representation` of its own.
    """

    __table_args__ = (one_of("state", MANDATE_STATES),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    transmitter_id: UUID = Field(foreign_key="organization.id", index=True)
    fein_sealed: bytes
    fein_hash: bytes = Field(index=True)
    state: str = WAITING
    asked_at: datetime
    asked_by: UUID = Field(foreign_key="account.id")
    closed_at: datetime | None = None
