"""Notices: one mail an organization, a link and no content; what fails waits."""

import email
import email.policy
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlmodel import select

from exchange import letters, mail
from exchange.database import reading, transaction
from exchange.models.jobs import Notice
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.files import hand_in
from tests.support.partners import Partner, make_partner
from tests.support.ports import free_port


def notices(exchange: Exchange, partners: list[Partner], times: int = 1) -> None:
    ids = [hand_in(exchange, one.actor, filename="secret-name.txt").transfer.id for one in partners]
    with transaction(exchange.engine) as session:
        for partner, about in zip(partners, ids, strict=True):
            for _ in range(times):
                mail.notify(session, exchange, partner.organization.id, "transfer.complete", about)


def waiting(exchange: Exchange) -> int:
    with reading(exchange.engine) as session:
        return len(session.exec(select(Notice).where(Notice.sent_at == None)).all())  # noqa: E711  # SQL


def in_folder(exchange: Exchange) -> list[EmailMessage]:
    folder = exchange.settings.mail_folder
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]  # the library's type is too wide
        for path in sorted(folder.glob("*.eml"))
    ]


def settled(exchange: Exchange, **settings: object) -> Exchange:
    return replace(exchange, settings=exchange.settings.model_copy(update=settings))


def test_each_organization_gets_one_mail_for_all_that_waits(each_exchange: Exchange) -> None:
    partners = [make_partner(each_exchange, Role.EMPLOYER, number) for number in (1, 2)]
    notices(each_exchange, partners, times=3)
    assert (mail.send_waiting(each_exchange), waiting(each_exchange)) == (2, 0)
    assert sorted(one["To"] for one in in_folder(each_exchange)) == [
        "notices1@employer.example.org",
        "notices2@employer.example.org",
    ]
    assert "(3 in all)" in in_folder(each_exchange)[0].get_content()
    assert mail.send_waiting(each_exchange) == 0


def test_a_mail_tells_nothing_but_that_something_waits(exchange: Exchange, employer: Partner) -> None:
    notices(exchange, [employer])
    mail.send_waiting(settled(exchange, public_url="https://portal.example.org"))
    (sent,) = in_folder(exchange)
    text = sent.as_string()
    assert "https://portal.example.org/files" in text
    for secret in ("secret-name", employer.account.name, employer.account.username, employer.fein, "files:"):
        assert secret not in text
    assert (sent["Subject"], sent["From"]) == (mail.SUBJECT, exchange.settings.mail_from)


def test_without_a_public_address_the_mail_names_the_web_listener(
    exchange: Exchange, employer: Partner
) -> None:
    notices(exchange, [employer])
    mail.send_waiting(exchange)
    assert "http://127.0.0.1:8080/files" in in_folder(exchange)[0].get_content()


def test_mails_in_the_folder_are_for_their_owner_only(exchange: Exchange, employer: Partner) -> None:
    notices(exchange, [employer])
    mail.send_waiting(exchange)
    assert exchange.settings.mail_folder.stat().st_mode & 0o777 == 0o700


def test_an_organization_that_wants_no_notices_gets_none(exchange: Exchange, employer: Partner) -> None:
    with transaction(exchange.engine) as session:
        session.merge(employer.organization).notices_to = None
    notices(exchange, [employer])
    assert (mail.send_waiting(exchange), waiting(exchange), in_folder(exchange)) == (0, 0, [])


def test_a_notice_belongs_to_its_transaction(exchange: Exchange, employer: Partner) -> None:
    def fail() -> None:
        with transaction(exchange.engine) as session:
            mail.notify(session, exchange, employer.organization.id, "transfer.complete", None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (waiting(exchange), mail.send_waiting(exchange)) == (0, 0)


def test_an_address_that_cannot_be_written_to_holds_up_nobody_else(
    exchange: Exchange, employer: Partner, other_employer: Partner
) -> None:
    with transaction(exchange.engine) as session:
        session.merge(employer.organization).notices_to = "a@example.org\r\nBcc: b@example.org"
    notices(exchange, [employer, other_employer])
    assert (mail.send_waiting(exchange), waiting(exchange)) == (1, 1)


@dataclass
class Mailbox:
    """Takes mail for one name and password, unless it is told to refuse."""

    refuses: bool = False
    got: list[Any] = field(default_factory=list)

    async def handle_DATA(self, *told: Any) -> str:  # noqa: N802  # aiosmtpd names it
        if self.refuses:
            return "451 not now"
        self.got.append(told[-1])
        return "250 OK"

    def __call__(self, *told: Any) -> AuthResult:
        data = told[-1]
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"portal", b"p@ss:word"), handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@contextmanager
def listening(mailbox: Mailbox, **more: Any) -> Iterator[str]:
    port = free_port()
    about: dict[str, Any] = {"hostname": "127.0.0.1", "port": port, "ready_timeout": 60.0, **more}
    controller = Controller(mailbox, authenticator=mailbox, auth_require_tls=False, **about)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[str]:
    with listening(mailbox) as address:
        yield address


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it signed itself."""
    made = (
        "openssl req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(made.split(), check=True, cwd=folder, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_mail_goes_to_the_server_with_its_name_and_password(
    exchange: Exchange, employer: Partner, smtp: str, mailbox: Mailbox
) -> None:
    notices(exchange, [employer])
    sending = settled(exchange, smtp=f"smtp://portal:p%40ss%3Aword@{smtp}")
    assert (mail.send_waiting(sending), waiting(exchange)) == (1, 0)
    assert mailbox.got[0].rcpt_tos == [employer.organization.notices_to]
    assert b"nothing" not in mailbox.got[0].content
    assert in_folder(exchange) == []


def test_mail_goes_to_an_open_server_without_a_name(
    exchange: Exchange, employer: Partner, smtp: str, mailbox: Mailbox
) -> None:
    notices(exchange, [employer])
    assert mail.send_waiting(settled(exchange, smtp=f"smtp://{smtp}")) == 1
    assert len(mailbox.got) == 1


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(
    exchange: Exchange, employer: Partner, mailbox: Mailbox, tmp_path: Path
) -> None:
    notices(exchange, [employer])
    with listening(mailbox, tls_context=own_certificate(tmp_path)) as address:
        assert mail.send_waiting(settled(exchange, smtp=f"smtp://{address}")) == 0
    assert (waiting(exchange), mailbox.got) == (1, [])


@pytest.mark.parametrize("why", ["refuses", "wrong password", "away"])
def test_mail_that_fails_waits_until_it_goes(
    exchange: Exchange, employer: Partner, smtp: str, mailbox: Mailbox, why: str
) -> None:
    notices(exchange, [employer])
    mailbox.refuses = why == "refuses"
    address = {"refuses": smtp, "wrong password": f"portal:wrong@{smtp}", "away": "127.0.0.1:1"}[why]
    assert mail.send_waiting(settled(exchange, smtp=f"smtp://{address}")) == 0
    assert waiting(exchange) == 1
    mailbox.refuses = False
    assert mail.send_waiting(settled(exchange, smtp=f"smtp://{smtp}")) == 1
    assert (waiting(exchange), len(mailbox.got)) == (0, 1)


def test_who_has_no_address_gets_no_letter(exchange: Exchange) -> None:
    with transaction(exchange.engine) as session:
        for nobody in (None, ""):
            letters.write(session, exchange, nobody, "new-device")
    assert letters.send_waiting(exchange) == 0
