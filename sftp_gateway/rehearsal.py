"""What every connection will ask the database, asked once before any is served.

Each connection is a process of its own, forked from this one: mapped classes and compiled statements that
are there already need not be made anew in each, which would cost it 15 MB of its own and a tenth of a second.
Pages it writes to stop being shared, if only to count a reference: that is most of what is left.
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
    """Ask whether somebody's key is known, who there is by nobody's, and write what is rolled back."""
    prepare_models()
    attempt = sign_in.Attempt(channel=Channel.SFTP, source=_SOURCE)
    sign_in.key_is_known(exchange, *sign_in.some_key(exchange), attempt)
    with suppress(PortalError):
        identity.actor_of(exchange, _NOBODY, Channel.SFTP, _SOURCE)
    bandwidth.allowed(exchange, _NOBODY)
    with suppress(_NotMeantError), transaction(exchange.engine) as session:
        sign_in.note_key(session, _NOBODY, exchange.clock())
        sign_in.note_account(session, _NOBODY, exchange.clock())
        journal.append(session, exchange, "sftp.rehearsed", None, None)
        raise _NotMeantError
