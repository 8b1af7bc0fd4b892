"""What every connection will ask the database, asked once before any is served.

Each connection is a process of its own, forked from this one: mapped classes and compiled statements that
are there already need not be made anew in each, which would cost it 15 MB of its own and a tenth of a second.
"""

from contextlib import suppress
from uuid import UUID

from exchange import bandwidth, journal
from exchange.accounts import identity, sign_in
from exchange.database import prepare_models, transaction
from exchange.errors import PortalError
from exchange.runtime import Exchange
from roles.policy import Channel

_NOBODY = UUID(int=0)
_SOURCE = "127.0.0.1"


class _NotMeantError(Exception):
    """Rolls the rehearsal back."""


def rehearse(exchange: Exchange) -> None:
    """Ask for somebody who does not exist, and write an event that is rolled back."""
    prepare_models()
    sign_in.key_is_known(exchange, "", b"", sign_in.Attempt(channel=Channel.SFTP, source=_SOURCE))
    with suppress(PortalError):
        identity.actor_of(exchange, _NOBODY, Channel.SFTP, _SOURCE)
    bandwidth.allowed(exchange, _NOBODY)
    with suppress(_NotMeantError), transaction(exchange.engine) as session:
        journal.append(session, exchange, "sftp.rehearsed", None, None)
        raise _NotMeantError
