"""States do not register here: a state's own OpenID provider vouches for its workers (domain.md 12.3).

OpenID Connect Core 1.0, code flow with PKCE (RFC 7636), state, nonce, private_key_jwt (RFC 7523) and the
issuer of the answer (RFC 9207). What the provider says is worth nothing before its signature is checked; what
it says of a person's role is looked up in this installation's table, never taken as it is.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, select

from exchange import journal, mail
from exchange.accounts import openid
from exchange.accounts.enrolment import add_account
from exchange.accounts.identity import actor_of, prove, seal
from exchange.accounts.openid import Claims, Client, Exchanged
from exchange.accounts.sign_in import Attempt
from exchange.database import reading, transaction
from exchange.errors import IdentityDamagedError, SignInRefusedError, SignOnFailedError
from exchange.models.accounts import ACTIVE, Account, Organization
from exchange.models.base import as_utc
from exchange.models.sign_on import SignOnAttempt, SignOnProvider
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Actor, Channel

RETURN_PATH = "/sign-on/return"
BY = "state sign-on"
_WAITS = timedelta(minutes=10)
_SECRET, _UNDER_WAY, _SUBJECT = "sign_on.secret", "sign_on.attempt", "subject"

TOO_LATE = "It took too long, or was begun in another browser. Begin again."
NO_ROLE = "It knows you, but has given you no role at this portal. Ask your state's administrator for access."
CLOSED = "Your access to this portal is closed. Ask your state's administrator."
UNREACHABLE = (
    "It cannot be reached, or its answer could not be relied on. Try again, then tell your help desk."
)


@dataclass(frozen=True)
class NewProvider:
    """What an installation must know of a state's provider; see `exchange.models.sign_on`."""

    organization_id: UUID
    issuer: str
    client_id: str
    role_claim: str
    worker_value: str
    administrator_value: str | None = None
    acr: str | None = None


@dataclass(frozen=True)
class Offered:
    """A state that one may sign in through; `jurisdiction` is its USPS code."""

    jurisdiction: str
    name: str


@dataclass(frozen=True)
class Begun:
    """Where the browser goes now, and the token that its cookie keeps meanwhile."""

    address: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What the provider sent the browser back with."""

    state: str
    code: str
    issuer: str | None = None


@dataclass(frozen=True)
class _Person:
    """Somebody a provider vouches for, and the roles that its claims stand for here."""

    provider: SignOnProvider
    claims: Claims
    subject_hash: bytes

    @property
    def is_worker(self) -> bool:
        return self.provider.worker_value in self.claims.values(self.provider.role_claim)

    @property
    def is_administrator(self) -> bool:
        return self.provider.administrator_value in self.claims.values(self.provider.role_claim)


def add_provider(exchange: Exchange, new: NewProvider) -> dict[str, str]:
    """Record a state's provider; returns our public key (JWK), to be registered there.

    Raises `RequestInvalidError` for an issuer that is not reached by HTTPS.
    """
    openid.refuse_unsafe(new.issuer)
    private, public = openid.new_key()
    row = SignOnProvider(
        organization_id=new.organization_id,
        issuer=new.issuer,
        client_id=new.client_id,
        secret_sealed=exchange.vault.cells.seal(_SECRET, private),
        role_claim=new.role_claim,
        worker_value=new.worker_value,
        administrator_value=new.administrator_value,
        acr=new.acr,
        created_at=exchange.clock(),
    )
    with transaction(exchange.engine) as session:
        earlier = col(SignOnProvider.organization_id) == new.organization_id
        known = session.exec(select(SignOnProvider.id).where(earlier)).all()
        session.execute(delete(SignOnAttempt).where(col(SignOnAttempt.provider_id).in_(known)))
        session.execute(delete(SignOnProvider).where(earlier))
        seal(session, exchange, row)
        journal.append(session, exchange, "sign_on.provider_set", None, new.organization_id)
    return public


def offered(exchange: Exchange) -> list[Offered]:
    """The states whose people may sign in through their own sign-on, by name."""
    with_provider = select(Organization).where(
        Organization.id == SignOnProvider.organization_id, Organization.status == ACTIVE
    )
    with reading(exchange.engine) as session:
        rows = session.exec(with_provider.order_by(col(Organization.name))).all()
    return [Offered(row.jurisdiction or "", row.name) for row in rows]


def state_of(exchange: Exchange, actor: Actor) -> str | None:
    """The state whose sign-on vouches for the actor, for whom nothing here can; None for all others."""
    with reading(exchange.engine) as session:
        account = session.get_one(Account, actor.account_id)
        organization = session.get_one(Organization, actor.organization_id)
    return organization.jurisdiction if account.subject_hash is not None else None


def begin(exchange: Exchange, jurisdiction: str, then: str, *, anew: bool = False) -> Begun | None:
    """Send somebody to their state's sign-on; None for a state that has none here.

    `then` is the page of ours that they wanted; `anew` asks the state to let nobody in who does not show now
    who they are. Raises `SignOnFailedError` when the provider does not answer.
    """
    provider = _provider_of(exchange, jurisdiction)
    if provider is None:
        return None
    prove(exchange, provider)
    token, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {"acr_values": provider.acr or "", "prompt": "login" if anew else ""}
    client = _client(exchange, provider)
    address = openid.authorization_address(client, token, nonce, verifier, asked)
    kept = {"nonce": nonce, "verifier": verifier, "then": then}
    row = SignOnAttempt(
        state_hash=_hash(token),
        provider_id=provider.id,
        secrets_sealed=exchange.vault.cells.seal(_UNDER_WAY, json.dumps(kept)),
        expires_at=exchange.clock() + _WAITS,
    )
    with transaction(exchange.engine) as session:
        session.execute(delete(SignOnAttempt).where(col(SignOnAttempt.expires_at) < exchange.clock()))
        session.add(row)
    return Begun(address, token)


def complete(exchange: Exchange, answer: Answer, cookie: str, attempt: Attempt) -> tuple[Actor, str]:
    """Whom the state vouches for, and the page they wanted; makes or renews their account.

    Raises `SignOnFailedError` for an answer that is late, forged, another browser's, or of somebody without a
    role; it is used up in any case.
    """
    provider, exchanged, then = _taken_up(exchange, answer, cookie)
    claims = openid.claims_of(_client(exchange, provider), exchanged)
    if claims is None or (provider.acr is not None and claims.acr != provider.acr):
        raise _refused(exchange, provider, attempt, openid.UNREACHABLE)
    person = _Person(provider, claims, _subject_hash(exchange, provider, claims))
    if not (person.is_worker or person.is_administrator):
        raise _refused(exchange, provider, attempt, NO_ROLE)
    identifier = _known(exchange, person) or _made(exchange, person)
    try:
        actor = actor_of(exchange, identifier, Channel.WEB, attempt.source)
    except (SignInRefusedError, IdentityDamagedError):
        raise _refused(exchange, provider, attempt, CLOSED) from None
    with transaction(exchange.engine) as session:
        session.get_one(Account, identifier).signed_in_at = exchange.clock()
        facts = {"by": BY, "source": attempt.source}
        journal.append(session, exchange, "account.signed_in", actor, identifier, **facts)
    return actor, then


def _provider_of(exchange: Exchange, jurisdiction: str) -> SignOnProvider | None:
    wanted = select(SignOnProvider).where(
        SignOnProvider.organization_id == Organization.id,
        Organization.jurisdiction == jurisdiction.upper(),
        Organization.status == ACTIVE,
    )
    with reading(exchange.engine) as session:
        return session.exec(wanted).first()


def _taken_up(exchange: Exchange, answer: Answer, cookie: str) -> tuple[SignOnProvider, Exchanged, str]:
    """The attempt that an answer belongs to, which is then gone."""
    with transaction(exchange.engine) as session:
        row = session.get(SignOnAttempt, _hash(answer.state))
        if row is not None:
            session.delete(row)
        provider = session.get(SignOnProvider, row.provider_id) if row else None
    same_browser = secrets.compare_digest(answer.state.encode(), cookie.encode())
    if row is None or provider is None or not same_browser or as_utc(row.expires_at) <= exchange.clock():
        raise SignOnFailedError(why=TOO_LATE)
    prove(exchange, provider)
    kept = json.loads(exchange.vault.cells.open(_UNDER_WAY, row.secrets_sealed))
    exchanged = Exchanged(answer.code, kept["verifier"], kept["nonce"], answer.issuer)
    return provider, exchanged, str(kept["then"])


def _client(exchange: Exchange, provider: SignOnProvider) -> Client:
    key = exchange.vault.cells.open(_SECRET, provider.secret_sealed)
    return Client(provider.issuer, provider.client_id, key, mail.address_of(exchange, RETURN_PATH))


def _known(exchange: Exchange, person: _Person) -> UUID | None:
    """The account the person has had, now as the claims have it; None for somebody new."""
    with reading(exchange.engine) as session:
        wanted = select(Account).where(Account.subject_hash == person.subject_hash)
        found = session.exec(wanted).first()
    if found is None:
        return None
    prove(exchange, found)
    with transaction(exchange.engine) as session:
        account = session.get_one(Account, found.id, with_for_update=True)
        account.name, account.email = person.claims.name or account.name, person.claims.email or account.email
        if account.administrator != person.is_administrator:
            account.administrator = person.is_administrator
            seal(session, exchange, account)
            facts = {"administrator": account.administrator, "by": BY}
            journal.append(session, exchange, "account.changed", None, account.id, **facts)
    return found.id


def _made(exchange: Exchange, person: _Person) -> UUID:
    with transaction(exchange.engine) as session:
        organization = session.get_one(Organization, person.provider.organization_id)
        account = Account(
            organization_id=organization.id,
            username=f"{organization.jurisdiction or 'state'}-{person.subject_hash.hex()[:12]}".lower(),
            name=person.claims.name or "State worker",
            email=person.claims.email,
            role=Role.STATE.value,
            administrator=person.is_administrator,
            subject_hash=person.subject_hash,
            created_at=exchange.clock(),
        )
        add_account(session, exchange, account, "account.created", by=BY)
        return account.id


def _subject_hash(exchange: Exchange, provider: SignOnProvider, claims: Claims) -> bytes:
    return exchange.vault.cells.keyed_hash(_SUBJECT, f"{provider.issuer}|{claims.subject}")


def _refused(exchange: Exchange, provider: SignOnProvider, attempt: Attempt, why: str) -> SignOnFailedError:
    facts = {"at": BY, "channel": attempt.channel.value, "source": attempt.source}
    with transaction(exchange.engine) as session:
        journal.append(session, exchange, "account.refused", None, provider.organization_id, **facts)
    return SignOnFailedError(why=why)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
