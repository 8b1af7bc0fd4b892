"""The sign-on of each state: its OpenID provider, and attempts that are under way."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from exchange.models.base import Table


class SignOnProvider(Table, table=True):
    """Where a state's people sign in, and what makes one of them a user here.

    `worker_value` and `administrator_value` are values of the claim `role_claim`. `acr` is the authentication
    context that is asked for and demanded. `secret_sealed` is our private key as a JWK (RFC 7523).
    """

    __tablename__ = "sign_on_provider"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", unique=True)
    issuer: str
    client_id: str
    secret_sealed: bytes
    role_claim: str
    worker_value: str
    administrator_value: str | None = None
    acr: str | None = None
    created_at: datetime
    authenticator: bytes = b""


class SignOnAttempt(Table, table=True):
    """Somebody who was sent to a provider and has not come back; gone when they have."""

    __tablename__ = "sign_on_attempt"

    state_hash: bytes = Field(primary_key=True)
    provider_id: UUID = Field(foreign_key="sign_on_provider.id")
    secrets_sealed: bytes
    expires_at: datetime
