"""The public host keys of the SFTP gateway, as partners are shown them: those of now, and those to come.

A gateway and the operator's command write here what stands in the folder of host keys, which the other doors
do not see. Partners trust what they read here, so it carries an authenticator: a key that somebody put into
the database is not shown.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from exchange import journal, letters
from exchange.accounts.public_keys import KINDS, PublicKey, blob_of
from exchange.database import reading, transaction
from exchange.models.accounts import ACTIVE, Account, SSHKey
from exchange.models.connections import PublishedHostKeys
from exchange.runtime import Exchange

_ONLY = 1
_log = structlog.get_logger("host_keys")


@dataclass(frozen=True)
class HostKey:
    """One public key as OpenSSH writes it; the gateway proves itself with it from `since` until `until`."""

    line: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def kind(self) -> str:
        """In words."""
        return KINDS[self.line.split()[0]]

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it."""
        return PublicKey(self.kind, blob_of(self.line)).fingerprint

    def is_over(self, now: datetime) -> bool:
        """Whether another key has taken its place."""
        return self.until is not None and self.until <= now

    def is_to_come(self, now: datetime) -> bool:
        """Whether the gateway does not use it yet."""
        return self.since is not None and self.since > now


Keys = tuple[HostKey, ...]


def publish(exchange: Exchange, keys: Keys) -> bool:
    """Have partners shown these keys; whether that is news, which then stands in the journal.

    Whoever has an SFTP key gets a letter about a change, once, however many gateways tell of it.
    """
    told = json.dumps([_told(key) for key in keys])
    with reading(exchange.engine) as session:
        if _found(session, exchange) == told:
            return False
    with transaction(exchange.engine) as session:
        before = _found(session, exchange)
        if before == told:
            return False
        row = session.get(PublishedHostKeys, _ONLY) or PublishedHostKeys(id=_ONLY, told="", authenticator=b"")
        row.told, row.authenticator = told, exchange.vault.cells.authenticate(*_covered(told))
        session.add(row)
        _write_letters(session, exchange, _all(before), keys)
        journal.append(session, exchange, "sftp.host_keys_published", None, None, keys=_facts(keys))
    return True


def published(exchange: Exchange) -> Keys:
    """The keys of now, then those to come. None of them when somebody changed the row."""
    now = exchange.clock()
    with reading(exchange.engine) as session:
        told = _found(session, exchange)
    return tuple(key for key in _all(told) if not key.is_over(now))


def _write_letters(session: Session, exchange: Exchange, before: Keys, keys: Keys) -> None:
    now = exchange.clock()
    letter = _letter(before, keys, now) if before else None
    if letter is None:
        return
    holders = select(Account.email).join(SSHKey, col(SSHKey.account_id) == Account.id)
    holders = holders.where(
        Account.status == ACTIVE, col(SSHKey.revoked_at).is_(None), SSHKey.expires_at > now
    )
    for address in sorted(filter(None, set(session.exec(holders)))):
        letters.write(session, exchange, address, *letter)


def _letter(before: Keys, keys: Keys, now: datetime) -> tuple[str, str] | None:
    """Which letter tells of a change, and the time in it."""
    coming, came = _coming(keys, now), _coming(before, now)
    if coming and coming != came:
        return "host-keys-next", f"{coming[0].since:%B %d, %Y, %H:%M} UTC"
    if not _in_use(before, now) <= _in_use(keys, now):
        return "host-keys-changed", ""
    return ("host-keys-stay", "") if came and not coming else None


def _coming(keys: Keys, now: datetime) -> Keys:
    return tuple(key for key in keys if key.is_to_come(now))


def _in_use(keys: Keys, now: datetime) -> set[str]:
    return {key.line for key in keys if not key.is_to_come(now) and not key.is_over(now)}


def _all(told: str | None) -> Keys:
    return tuple(_read(one) for one in json.loads(told or "[]"))


def _found(session: Session, exchange: Exchange) -> str | None:
    row = session.get(PublishedHostKeys, _ONLY)
    if row is None:
        return None
    if not exchange.vault.cells.is_authentic(row.authenticator, *_covered(row.told)):
        _log.error("host_keys.damaged")
        return None
    return row.told


def _covered(told: str) -> tuple[str, ...]:
    return PublishedHostKeys.__tablename__, told


def _told(key: HostKey) -> dict[str, Any]:
    return {"line": key.line, "since": _written(key.since), "until": _written(key.until)}


def _facts(keys: Keys) -> list[dict[str, Any]]:
    return [
        {"fingerprint": key.fingerprint, "since": _written(key.since), "until": _written(key.until)}
        for key in keys
    ]


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _read(told: dict[str, Any]) -> HostKey:
    since, until = (datetime.fromisoformat(told[end]) if told[end] else None for end in ("since", "until"))
    return HostKey(told["line"], since, until)
