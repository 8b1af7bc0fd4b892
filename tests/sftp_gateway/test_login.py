"""Who gets in, and that nothing short of a whole proof does."""

import threading
import time
from collections.abc import Callable

import paramiko
import pytest
from paramiko import AuthenticationException, BadAuthenticationType, Message
from paramiko.common import cMSG_USERAUTH_INFO_RESPONSE, cMSG_USERAUTH_REQUEST

from exchange.accounts import enrolment, sign_in
from exchange.models.journal import JournalEvent
from exchange.runtime import Exchange
from sftp_gateway import wire
from sftp_gateway.login import Accepted, Ask, Login, Refused
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.tools import wait_until
from tests.support.partners import PASSWORD

FALSE_SIGNATURE = wire.string("ssh-ed25519") + wire.string(b"\0" * 64)
REFUSED = pytest.raises((AuthenticationException, BadAuthenticationType, EOFError, paramiko.SSHException))


@pytest.fixture
def transport(gateway: Gateway, source: str) -> paramiko.Transport:
    return gateway.transport(source)


def answers(*given: str) -> Callable[[str, str, list[tuple[str, bool]]], list[str]]:
    return lambda _title, _instructions, _prompts: list(given)


def may_list(transport: paramiko.Transport) -> bool:
    opened = paramiko.SFTPClient.from_transport(transport)
    return opened is not None and opened.listdir("/") == ["inbox", "outbox", "receipts"]


def test_a_key_opens_the_door(transport: paramiko.Transport, user: User) -> None:
    transport.auth_publickey(user.name, user.key)
    assert may_list(transport)


def test_a_password_then_a_code_opens_the_door(transport: paramiko.Transport, user: User) -> None:
    assert transport.auth_password(user.name, PASSWORD) == ["keyboard-interactive"]
    assert not transport.is_authenticated()
    transport.auth_interactive(user.name, answers(user.partner.code()))
    assert may_list(transport)


def test_keyboard_interactive_asks_for_both(transport: paramiko.Transport, user: User) -> None:
    asked: list[tuple[str, bool]] = []

    def answer(_title: str, _instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        asked.extend(prompts)
        return [PASSWORD, user.partner.code()]

    transport.auth_interactive(user.name, answer)
    assert asked == [("Password: ", False), ("Code from your authenticator app: ", False)]
    assert may_list(transport)


@pytest.mark.parametrize(
    ("password", "code"), [("wrong", None), (PASSWORD, "000000"), (PASSWORD, ""), ("", None)]
)
def test_a_wrong_factor_is_refused(
    transport: paramiko.Transport, user: User, password: str, code: str | None
) -> None:
    with REFUSED:
        transport.auth_interactive(
            user.name, answers(password, user.partner.code() if code is None else code)
        )
    assert not transport.is_authenticated()


def test_a_code_counts_once(gateway: Gateway, user: User, source: str) -> None:
    code = user.partner.code()
    gateway.transport(source).auth_interactive(user.name, answers(PASSWORD, code))
    with REFUSED:
        gateway.transport(source).auth_interactive(user.name, answers(PASSWORD, code))


def test_a_code_without_its_password_is_worth_nothing(transport: paramiko.Transport, user: User) -> None:
    with REFUSED:
        transport.auth_interactive(user.name, answers(user.partner.code()))


def test_a_password_of_one_user_does_not_serve_another(
    transport: paramiko.Transport, user: User, stranger: User
) -> None:
    transport.auth_password(user.name, PASSWORD)
    with REFUSED:
        transport.auth_interactive(stranger.name, answers(stranger.partner.code()))
    with REFUSED:
        transport.auth_interactive(user.name, answers(user.partner.code()))
    assert not transport.is_authenticated()


def test_an_answer_meant_for_one_user_does_not_serve_another(
    transport: paramiko.Transport, user: User, stranger: User
) -> None:
    def switch(_title: str, _instructions: str, _prompts: object) -> list[str]:
        request = [wire.string(part) for part in (stranger.name, "ssh-connection", "none")]
        transport._send_message(Message(cMSG_USERAUTH_REQUEST + b"".join(request)))
        return [PASSWORD, user.partner.code()]

    with REFUSED:
        transport.auth_interactive(user.name, switch)
    assert not transport.is_authenticated()


def test_answers_nobody_asked_for_are_refused(transport: paramiko.Transport, user: User) -> None:
    with REFUSED:
        transport.auth_password(user.name, "wrong")
    both = wire.string(PASSWORD) + wire.string(user.partner.code())
    transport._send_message(Message(cMSG_USERAUTH_INFO_RESPONSE + wire.uint32(2) + both))
    time.sleep(0.3)
    assert not transport.is_authenticated()
    with REFUSED:
        transport.open_session(timeout=5)


def test_a_key_of_another_account_is_refused(
    transport: paramiko.Transport, user: User, stranger: User
) -> None:
    with REFUSED:
        transport.auth_publickey(stranger.name, user.key)


def test_a_known_key_with_a_wrong_signature_is_refused_and_counted(
    transport: paramiko.Transport, exchange: Exchange, user: User, stranger: User
) -> None:
    class Liar(paramiko.Ed25519Key):
        """Shows one key and signs with another."""

        def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> Message:
            return stranger.key.sign_ssh_data(data, algorithm)

    with REFUSED:
        transport.auth_publickey(user.name, Liar(filename=str(user.key_file)))
    assert refusals_of(exchange, user) == 1


def refusals_of(exchange: Exchange, user: User) -> int:
    from sqlmodel import select  # noqa: PLC0415  # only this helper looks into the database

    from exchange.database import reading  # noqa: PLC0415

    with reading(exchange.engine) as session:
        about = select(JournalEvent).where(
            JournalEvent.kind == "account.refused", JournalEvent.subject_id == user.partner.account.id
        )
        return len(session.exec(about).all())


def public_key_request(user: str, algorithm: str, blob: bytes, signature: bytes | None) -> Message:
    parts = [wire.string(part) for part in (user, "ssh-connection", "publickey")]
    signed = b"\0" if signature is None else b"\1"
    end = wire.string(signature) if signature is not None else b""
    body = b"".join(parts) + signed + wire.string(algorithm) + wire.string(blob) + end
    return Message(cMSG_USERAUTH_REQUEST + body)


def attempt(transport: paramiko.Transport, request: Message) -> None:
    """Send a login request as it is and wait for its refusal."""
    assert transport.auth_handler is not None
    transport.auth_handler.auth_event = refused = threading.Event()
    transport._send_message(request)
    assert refused.wait(60)


@pytest.mark.parametrize("signature", [None, b"", FALSE_SIGNATURE], ids=["asked", "empty", "false"])
@pytest.mark.parametrize(
    ("algorithm", "shape"),
    [
        ("sk-ssh-ed25519@openssh.com", "whole"),
        ("ssh-dss", "whole"),
        ("ssh-rsa", "whole"),
        ("", "whole"),
        ("ssh-ed25519-cert-v01@openssh.com", "whole"),
        ("rsa-sha2-512", "whole"),
        ("ssh-ed25519", "empty"),
        ("ssh-ed25519", "huge"),
        ("ssh-ed25519", "cut"),
    ],
)
def test_a_strange_key_is_refused_and_the_next_one_is_still_looked_at(
    transport: paramiko.Transport, user: User, algorithm: str, shape: str, signature: bytes | None
) -> None:
    with REFUSED:
        transport.auth_none(user.name)
    whole = user.key.asbytes()
    blob = {"whole": whole, "empty": b"", "huge": whole + b"\0" * 30_000, "cut": whole[:-1]}[shape]
    attempt(transport, public_key_request(user.name, algorithm, blob, signature))
    assert not transport.is_authenticated()
    transport.auth_publickey(user.name, user.key)
    assert transport.is_authenticated()


def test_a_signature_with_sha_1_is_refused(
    transport: paramiko.Transport, exchange: Exchange, user: User
) -> None:
    key = paramiko.RSAKey.generate(2048)
    enrolment.add_ssh_key(exchange, user.partner.account.id, f"ssh-rsa {key.get_base64()}", "rsa")
    with REFUSED:
        transport.auth_none(user.name)
    old = Message()
    old.add_string("ssh-rsa")
    old.add_string(b"\0" * 256)
    attempt(transport, public_key_request(user.name, "rsa-sha2-256", key.asbytes(), old.asbytes()))
    assert not transport.is_authenticated()
    transport.auth_publickey(user.name, key)
    assert transport.is_authenticated()


def test_many_keys_of_an_agent_are_no_failures(transport: paramiko.Transport, user: User) -> None:
    with REFUSED:
        transport.auth_none(user.name)
    for _ in range(20):
        strange = paramiko.ECDSAKey.generate()
        attempt(transport, public_key_request(user.name, strange.get_name(), strange.asbytes(), None))
    transport.auth_publickey(user.name, user.key)
    assert transport.is_authenticated()


def test_repeated_failures_end_the_connection(transport: paramiko.Transport, user: User) -> None:
    for _ in range(6):
        with REFUSED:
            transport.auth_publickey("nobody-" + user.name, user.key)
    wait_until(lambda: not transport.is_active())


def test_throttling_is_told_in_words(gateway: Gateway, user: User, source: str) -> None:
    banners = []
    for _ in range(4):
        transport = gateway.transport(source)
        with REFUSED:
            transport.auth_password(user.name, "wrong")
        banners.append(transport.get_banner())
    assert banners[:3] == [None, None, None]
    assert "Too many attempts. Wait" in (banners[3] or b"").decode()


def test_wrong_passwords_do_not_stop_a_right_key(
    transport: paramiko.Transport, gateway: Gateway, user: User, source: str
) -> None:
    for _ in range(4):
        with REFUSED:
            gateway.transport(source).auth_password(user.name, "wrong")
    transport.auth_publickey(user.name, user.key)
    assert may_list(transport)


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 5000, "\u202eadmin", "' OR 1=1 --"])
def test_a_strange_user_name_is_refused(transport: paramiko.Transport, user: User, name: str) -> None:
    with REFUSED:
        transport.auth_publickey(name, user.key)


def test_only_the_sftp_subsystem_is_served(transport: paramiko.Transport, user: User) -> None:
    transport.auth_publickey(user.name, user.key)
    for request in (
        lambda channel: channel.invoke_shell(),
        lambda channel: channel.exec_command("id"),
        lambda channel: channel.invoke_subsystem("netconf"),
        lambda channel: channel.get_pty(),
        lambda channel: channel.request_x11(),
    ):
        with pytest.raises(paramiko.SSHException):
            request(transport.open_session(timeout=30))
    with pytest.raises(paramiko.ChannelException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", 80), ("127.0.0.1", 1), timeout=5)
    with pytest.raises(paramiko.SSHException):
        transport.request_port_forward("127.0.0.1", 0)


def test_sessions_on_one_connection_are_bounded(transport: paramiko.Transport, user: User) -> None:
    transport.auth_publickey(user.name, user.key)
    opened = [paramiko.SFTPClient.from_transport(transport) for _ in range(10)]
    with pytest.raises(paramiko.ChannelException):
        transport.open_session(timeout=5)
    opened[0].close()

    def has_room() -> bool:
        try:
            return may_list(transport)
        except paramiko.ChannelException:
            return False

    wait_until(has_room)


def test_a_session_ends_with_exit_status_0(transport: paramiko.Transport, user: User) -> None:
    transport.auth_publickey(user.name, user.key)
    channel = transport.open_session(timeout=30)
    channel.invoke_subsystem("sftp")
    channel.shutdown_write()
    assert channel.recv_exit_status() == 0


def test_the_machine_itself_takes_no_answer_it_did_not_ask_for(exchange: Exchange, user: User) -> None:
    login = Login(exchange, "nowhere")
    both = (PASSWORD, user.partner.code())
    assert login.answer(user.name, both) == Refused()
    assert isinstance(login.ask(user.name), Ask)
    assert login.answer(user.name, both[:1]) == Refused()
    assert login.answer(user.name, both) == Refused()
    assert isinstance(login.ask(user.name), Ask)
    assert isinstance(login.answer(user.name, both), Accepted)


def test_whatever_goes_wrong_refuses(exchange: Exchange, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError

    for step in ("check_password", "key_is_known", "sign_in_by_key"):
        monkeypatch.setattr(sign_in, step, fail)
    login = Login(exchange, "nowhere")
    assert login.password(user.name, PASSWORD) == Refused()
    assert login.key_proved(user.name, user.key.asbytes()) == Refused()
    assert login.key_is_known(user.name, user.key.asbytes()) is False
    login.ask(user.name)
    assert login.answer(user.name, (PASSWORD, "000000")) == Refused()
