"""The part of OpenID Connect that a relying party speaks: discovery, the way there, the code, the ID token.

The provider's bytes are hostile until its signature over them is checked with the keys of its own issuer.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jwt import JWTClaimsRegistry

from exchange.errors import RequestInvalidError, SignOnFailedError

SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
"""Signature algorithms of ID tokens; never `none`, never a shared secret."""
SCOPE = "openid profile email"
_SECONDS = 10.0
_LEEWAY = 60
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
UNREACHABLE = (
    "It cannot be reached, or its answer could not be relied on. Try again, then tell your help desk."
)


@dataclass(frozen=True)
class Client:
    """Who we are to a provider: `key` is our private JWK as JSON."""

    issuer: str
    client_id: str
    key: str
    redirect_uri: str


@dataclass(frozen=True)
class Exchanged:
    """What a code is exchanged with: the verifier (PKCE), the nonce, the issuer the answer names."""

    code: str
    verifier: str
    nonce: str
    issuer: str | None


@dataclass(frozen=True)
class Claims:
    """What a provider signed about a person."""

    subject: str
    name: str
    email: str | None
    acr: str | None
    everything: dict[str, Any]

    def values(self, claim: str) -> frozenset[str]:
        """The values of a claim that is a text or a list of texts."""
        held = self.everything.get(claim)
        return frozenset(held) if isinstance(held, list) else frozenset({str(held)} if held else ())


def new_key() -> tuple[str, dict[str, str]]:
    """A private key as JSON, and its public half, both as JWK (RFC 7517)."""
    key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
    public: dict[str, str] = {name: str(value) for name, value in key.as_dict(private=False).items()}
    return json.dumps(key.as_dict(private=True)), public


def refuse_unsafe(address: str) -> None:
    """Raise `RequestInvalidError` for an address that is not HTTPS; this machine itself may go without."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise RequestInvalidError(what="an address of https:// is needed")


def authorization_address(
    client: Client, state: str, nonce: str, verifier: str, asked: dict[str, str]
) -> str:
    """Where the browser is sent. Raises `SignOnFailedError` when the provider does not answer.

    `asked`: further parameters of the request; empty ones are left out.
    """
    more = {name: value for name, value in asked.items() if value}
    with _session(client) as session:
        address, _ = session.create_authorization_url(
            _discovered(session, client)["authorization_endpoint"],
            state=state,
            code_verifier=verifier,
            nonce=nonce,
            **more,
        )
    return str(address)


def claims_of(client: Client, exchanged: Exchanged) -> Claims | None:
    """Exchange the code; what the provider signed, or None when that does not hold.

    Raises `SignOnFailedError` when the provider does not answer.
    """
    with _session(client) as session:
        about = _discovered(session, client)
        if exchanged.issuer not in {None, client.issuer}:
            return None
        try:
            token = session.fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=exchanged.code,
                code_verifier=exchanged.verifier,
            )
            keys = KeySet.import_key_set(_json(session, about["jwks_uri"]))
            return _checked(client, str(token.get("id_token", "")), keys, exchanged.nonce)
        except (HTTPError, JoseError, OSError, ValueError, KeyError, TypeError):
            return None


def _session(client: Client) -> OAuth2Client:
    session = OAuth2Client(
        client_id=client.client_id,
        client_secret=ECKey.import_key(json.loads(client.key)),
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106 -- the name of a method
        redirect_uri=client.redirect_uri,
        scope=SCOPE,
        code_challenge_method="S256",
        timeout=_SECONDS,
        follow_redirects=False,
    )
    session.register_client_auth_method(PrivateKeyJWT(alg="ES256"))
    return session


def _discovered(session: OAuth2Client, client: Client) -> dict[str, str]:
    """What the provider publishes of itself; it must be the issuer we know (OpenID Discovery, 4.3)."""
    try:
        refuse_unsafe(client.issuer)
        about = _json(session, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
        endpoints = {
            name: str(about[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        for address in endpoints.values():
            refuse_unsafe(address)
    except (HTTPError, OSError, ValueError, KeyError, TypeError, RequestInvalidError):
        raise SignOnFailedError(why=UNREACHABLE) from None
    if about.get("issuer") != client.issuer:
        raise SignOnFailedError(why=UNREACHABLE)
    return endpoints


def _json(session: OAuth2Client, address: str) -> Any:
    answer = session.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    return answer.json()


def _checked(client: Client, token: str, keys: KeySet, nonce: str) -> Claims:
    """The claims of an ID token (OpenID Connect Core, 3.1.3.7). Raises `JoseError` or `ValueError`."""
    claims = jwt.decode(token, keys, algorithms=SIGNATURES).claims
    JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": client.issuer},
        aud={"essential": True, "value": client.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client.client_id:
        raise ValueError("the token was made for somebody else")
    email = claims.get("email") if claims.get("email_verified", True) else None
    return Claims(
        subject=str(claims["sub"]),
        name=str(claims.get("name", ""))[:100],
        email=str(email)[:254] if email else None,
        acr=claims.get("acr"),
        everything=claims,
    )
