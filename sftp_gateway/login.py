"""Who is at the door: one connection's way to an actor, as a small machine without any SSH in it.

Default is to refuse; any exception refuses. The decisions themselves are `exchange.accounts.sign_in`'s, the
same as on every other door. A change of the user name forgets every step that was passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog

from exchange import errors
from exchange.accounts import certificates, sign_in
from exchange.runtime import Exchange
from roles.policy import Actor, Channel

_log = structlog.get_logger("sftp")

_CODE = "Code from your authenticator app: "
_PASSWORD = "Password: "  # noqa: S105  # a prompt
_LONGEST_ANSWER = 1024
_LONGEST_NAME = 256


@dataclass(frozen=True)
class Refused:
    """No. `words` are shown when they give nothing away."""

    words: str = ""


@dataclass(frozen=True)
class HalfWay:
    """The password is right; the code is still missing."""


@dataclass(frozen=True)
class Ask:
    """Questions for keyboard-interactive (RFC 4256); answers are never echoed."""

    instructions: str
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Accepted:
    """The login is complete; `key` is the key or certificate it was made with, if it was one."""

    actor: Actor
    method: str
    key: bytes | None = None


Outcome = Refused | HalfWay | Ask | Accepted
_P = ParamSpec("_P")


def _refuses_on_error(
    step: Callable[Concatenate["Login", str, _P], Outcome],
) -> Callable[Concatenate["Login", str, _P], Outcome]:
    """Turn whatever a step raises into a refusal, and forget everything passed when the user changes."""

    @wraps(step)
    def guarded(self: "Login", username: str, /, *args: _P.args, **kwargs: _P.kwargs) -> Outcome:
        try:
            self.turn_to(username)
            return step(self, username, *args, **kwargs)
        except errors.TooManyAttemptsError as refusal:
            self.forget()
            return Refused(str(refusal))
        except errors.PortalError:
            return Refused()
        except Exception:  # noqa: BLE001  # logged; whatever goes wrong refuses
            _log.exception("sftp.login_failed")
            self.forget()
            return Refused()

    return guarded


class Login:
    """The steps of one connection. `methods` are what may come next."""

    def __init__(self, exchange: Exchange, source: str) -> None:
        self._exchange = exchange
        self._attempt = sign_in.Attempt(channel=Channel.SFTP, source=source)
        self._username: str | None = None
        self._passed: sign_in.PasswordPassed | None = None
        self._asked: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """The SSH methods that can continue."""
        if self._passed is not None:
            return ("keyboard-interactive",)
        return ("publickey", "password", "keyboard-interactive")

    def turn_to(self, username: str) -> None:
        """Forget every step when the user is another one than before."""
        if username != self._username:
            self.forget()
            self._username = username
        if len(username) > _LONGEST_NAME or not username.isprintable():
            raise errors.SignInRefusedError

    def forget(self) -> None:
        """Begin anew."""
        self._passed = None
        self._asked = ()

    def key_is_known(self, username: str, blob: bytes) -> bool:
        """Whether a signature with this public key or certificate would be looked at; proves nothing."""
        try:
            self.turn_to(username)
            return sign_in.key_is_known(self._exchange, username, blob, self._attempt)
        except errors.PortalError:
            return False
        except Exception:  # noqa: BLE001  # logged; whatever goes wrong refuses
            _log.exception("sftp.login_failed")
            return False

    @_refuses_on_error
    def key_proved(self, username: str, blob: bytes) -> Outcome:
        """The signature with this key, or with the key of this certificate, was verified by the caller."""
        if certificates.is_one(blob):
            actor = sign_in.sign_in_by_certificate(self._exchange, username, blob, self._attempt)
            return Accepted(actor, "certificate", blob)
        actor = sign_in.sign_in_by_key(self._exchange, username, blob, self._attempt)
        return Accepted(actor, "publickey", blob)

    @_refuses_on_error
    def key_not_proved(self, username: str) -> Outcome:
        """A signature was wrong: counted against the source."""
        raise sign_in.refuse(self._exchange, username, self._attempt, sign_in.KEY)

    @_refuses_on_error
    def password(self, username: str, password: str) -> Outcome:
        """First of two steps; the code is asked by keyboard-interactive."""
        self.forget()
        if len(password) > _LONGEST_ANSWER:
            return Refused()
        self._passed = sign_in.check_password(self._exchange, username, password, self._attempt)
        return HalfWay()

    @_refuses_on_error
    def ask(self, _username: str) -> Outcome:
        """What keyboard-interactive asks now: the code, or the password and the code."""
        self._asked = (_CODE,) if self._passed is not None else (_PASSWORD, _CODE)
        return Ask("", self._asked)

    @_refuses_on_error
    def answer(self, username: str, answers: tuple[str, ...]) -> Outcome:
        """The answers to what was asked last, which they use up."""
        asked, self._asked = self._asked, ()
        if not asked or len(answers) != len(asked) or any(len(one) > _LONGEST_ANSWER for one in answers):
            return Refused()
        if asked[0] == _PASSWORD:
            self._passed = sign_in.check_password(self._exchange, username, answers[0], self._attempt)
        passed = self._passed
        if passed is None:
            return Refused()
        actor = sign_in.check_code(self._exchange, passed, answers[-1].strip(), self._attempt)
        self.forget()
        return Accepted(actor, method="password and code")
