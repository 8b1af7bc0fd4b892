"""A job in somebody's hands, and what they know of its transfer."""

from dataclasses import dataclass

from exchange.jobs import Claimed
from exchange.models.transfers import Transfer
from exchange.transfers.first_pass import FirstPass
from exchange.transfers.views import TransferView
from exchange.vault import Sealed
from roles.policy import Actor


@dataclass
class Taken:
    """What came of a file, for whoever waits for it; None until that is committed.

    `result` is given to `actor` in the same moment, if anybody is named.
    """

    actor: Actor | None
    transfer: TransferView | None = None
    result: Sealed | None = None


@dataclass(frozen=True)
class Held:
    """A claimed job, the transfer it is about, what its first pass left, if it was here, and who waits."""

    claimed: Claimed
    row: Transfer
    first: FirstPass | None = None
    taken: Taken | None = None
