"""What SFTP gateways write down: one row a gateway that runs, one a connection that has signed in, host keys.

Rows of a gateway that ended without a word (a killed process, a lost machine) are nobody's: whoever reads
looks at `owner` and `seen_at` first (`exchange.connections`). Neither table holds the name of a file.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Text
from sqlmodel import BigInteger, Field

from exchange.models.base import Table


class Gateway(Table, table=True):
    """One run of the SFTP gateway. `place` names it to people; `tally` is what it counted, as JSON."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    owner: str
    place: str
    started_at: datetime
    seen_at: datetime
    signing_in: int = 0
    tally: str = Field(default="{}", sa_type=Text)


class Connected(Table, table=True):
    """One connection that has signed in. `moving`: what is open now, as JSON; `end_asked_at`: is to end."""

    __tablename__ = "gateway_connection"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    gateway_id: UUID = Field(foreign_key="gateway.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    organization_id: UUID = Field(foreign_key="organization.id")
    source: str
    client: str
    method: str
    since: datetime
    bytes_in: int = Field(default=0, sa_type=BigInteger)
    bytes_out: int = Field(default=0, sa_type=BigInteger)
    moving: str = Field(default="[]", sa_type=Text)
    end_asked_at: datetime | None = None


class PublishedHostKeys(Table, table=True):
    """The one row of what partners are shown of the gateway's host keys; `told` is JSON."""

    __tablename__ = "published_host_keys"

    id: int = Field(primary_key=True)
    told: str = Field(sa_type=Text)
    authenticator: bytes
