"""Certificate authorities of partners, and what they sign, good or not."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
)

from exchange.accounts import authorities, authority_pages, public_keys
from exchange.accounts.authorities import Keeper, New
from exchange.runtime import Exchange
from tests.support.partners import Partner

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
fresh = ed25519.Ed25519PrivateKey.generate
DAY = 86_400


def line(private: Private) -> str:
    """The public key as OpenSSH writes it."""
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def blob_of(private: Private) -> bytes:
    """The public key as RFC 4253 encodes it."""
    return base64.b64decode(line(private).split(" ")[1])


def string(content: bytes) -> bytes:
    """RFC 4251's string."""
    return len(content).to_bytes(4, "big") + content


@dataclass(frozen=True)
class Wish:
    """What a certificate is to say; moments in seconds from the present one."""

    principals: tuple[str, ...] = ()
    serial: int = 7
    key_id: str = "payroll server"
    since: float = -60
    until: float = DAY
    options: dict[str, bytes] = field(default_factory=dict)
    kind: SSHCertificateType = SSHCertificateType.USER
    key: Private = field(default_factory=fresh)

    def but(self, **other: Any) -> "Wish":
        """The same but for this."""
        return replace(self, **other)


def sign(authority: Private, now: float, wish: Wish) -> bytes:
    """The blob of a certificate."""
    builder = SSHCertificateBuilder().public_key(wish.key.public_key()).type(wish.kind)
    builder = builder.serial(wish.serial).key_id(wish.key_id.encode())
    if wish.principals:
        builder = builder.valid_principals([one.encode() for one in wish.principals])
    else:
        builder = builder.valid_for_all_principals()
    builder = builder.valid_after(max(0, int(now + wish.since)))
    builder = builder.valid_before(min(2**64 - 1, int(now + wish.until)))
    for name, value in wish.options.items():
        builder = builder.add_critical_option(name.encode(), value)
    return base64.b64decode(builder.sign(authority).public_bytes().split(b" ")[1])


def with_sha_1(blob: bytes, authority: rsa.RSAPrivateKey) -> bytes:
    """The same certificate, signed by RSA with SHA-1."""
    own = blob_of(authority)
    signed = blob[: blob.rindex(own) + len(own)]
    signature = authority.sign(signed, padding.PKCS1v15(), hashes.SHA1())  # to be refused
    return signed + string(string(b"ssh-rsa") + string(signature))


def signed_by_a_certificate(blob: bytes, authority: ed25519.Ed25519PrivateKey, chained: bytes) -> bytes:
    """The same certificate, with another certificate in the place of the authority's key."""
    own = blob_of(authority)
    signed = blob[: blob.rindex(own) - 4] + string(chained)
    return signed + string(string(b"ssh-ed25519") + string(authority.sign(signed)))


@dataclass(frozen=True)
class Vouching:
    """An authority that an organization registered; `wish` is what its certificates usually say."""

    exchange: Exchange
    keeper: Keeper
    private: Private
    partner: Partner

    @property
    def shown(self) -> authority_pages.Authority:
        listed = authority_pages.all_of(self.exchange, self.keeper)
        return next(one for one in listed if one.fingerprint == self.fingerprint)

    @property
    def fingerprint(self) -> str:
        return public_keys.fingerprint_of(blob_of(self.private))

    @property
    def wish(self) -> Wish:
        return Wish(principals=(self.partner.account.username,))

    def sign(self, wish: Wish | None = None) -> bytes:
        return sign(self.private, self.exchange.clock().timestamp(), wish or self.wish)


def register(
    boss: Partner, of: Partner | None = None, private: Private | None = None, usernames: str = ""
) -> Vouching:
    """Register an authority in an administrator's name; its certificates are for `of`, or that person."""
    exchange, keeper = boss.exchange, authorities.keeper_of(boss.actor)
    made = Vouching(exchange, keeper, private or fresh(), of or boss)
    authorities.add(exchange, keeper, New(line(made.private), "signing server", "365", usernames))
    return made
