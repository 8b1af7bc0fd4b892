"""The bounds of the door, in one table. Sizes in bytes, times in seconds."""

from dataclasses import dataclass
from typing import Self

from exchange.settings import Settings

KIBIBYTE = 1024
PACKET_BEFORE_LOGIN = 35_000  # what RFC 4253, 6.1 obliges everyone to take
PACKET_AFTER_LOGIN = 256 * KIBIBYTE
READ_OR_WRITE = 255 * KIBIBYTE  # what `limits@openssh.com` announces, as OpenSSH's own server does
SFTP_PACKET = 256 * KIBIBYTE
WINDOW = 2 * 1024 * KIBIBYTE
REPLIES_HELD = 512 * KIBIBYTE  # beyond this, further requests wait until the client has read
MESSAGES_HELD = 1_000  # while keys are exchanged, when nothing but that may be said
NAMES_AT_ONCE = 100
SESSIONS = 10
SESSIONS_EVER = 10_000
HANDLES = 100
FAILURES = 6
LOGIN_REQUESTS = 60
PROMPTS = 8


@dataclass(frozen=True)
class Limits:
    """What an installation, or a test, may set otherwise."""

    connections: int = 500
    strangers: int = 100  # of these, who have not signed in; see deploy/decisions/0019-strangers-give-way.md
    silent_connections: int = 2000  # without a process, until a first word comes
    silent: float = 20
    connections_of_source: int = 50
    connections_of_account: int = 20
    login: float = 60
    idle: float = 900
    stalled: float = 120
    leave: float = 3600  # for transfers that are under way when another gateway takes over
    quiet: float = 10  # so long a connection without open files may say nothing while the gateway leaves
    drain: float = 8  # at a stop; below the supervisor's own patience
    penalty_threshold: float = 15
    penalty_most: float = 600

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As an installation has them."""
        return cls(connections_of_account=settings.sftp_connections_of_account, leave=settings.drain_seconds)
