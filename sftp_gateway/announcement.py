"""Telling a client that is signed in which host keys this server has, and proving that it does.

OpenSSH's PROTOCOL file, section 2.5 (hostkeys-00@openssh.com): a client with UpdateHostKeys learns keys it
does not know, and forgets those that are not named any more.
"""

from collections.abc import Iterable

from paramiko import Message, PKey
from paramiko.common import MSG_GLOBAL_REQUEST, MSG_REQUEST_SUCCESS

from sftp_gateway import wire

ANNOUNCE = "hostkeys-00@openssh.com"
PROVE = "hostkeys-prove-00@openssh.com"
_WITH_RSA = "rsa-sha2-512"


def announcement(keys: Iterable[PKey]) -> Message:
    """The request that names the keys; it wants no reply."""
    blobs = b"".join(wire.string(key.asbytes()) for key in keys)
    return wire.message(MSG_GLOBAL_REQUEST, wire.string(ANNOUNCE), b"\0", blobs)


def proofs(keys: Iterable[PKey], asked: wire.Reader, session_id: bytes, agreed: str) -> Message | None:
    """Signatures with the keys that a client asks about, in its order; None when one is not ours.

    `agreed` is the signature algorithm of the key exchange, which an RSA key uses here too, if it can.
    """
    known = {key.asbytes(): key for key in keys}
    signatures = b""
    while not asked.is_at_end():
        blob = bytes(asked.string())
        key = known.pop(blob, None)
        if key is None:
            return None
        data = wire.string(PROVE) + wire.string(session_id) + wire.string(blob)
        signatures += wire.string(_signed(key, data, agreed))
    return wire.message(MSG_REQUEST_SUCCESS, signatures)


def _signed(key: PKey, data: bytes, agreed: str) -> bytes:
    if key.get_name() != "ssh-rsa":
        return key.sign_ssh_data(data).asbytes()
    return key.sign_ssh_data(data, agreed if agreed.startswith("rsa-") else _WITH_RSA).asbytes()
