"""Bounds of a connection that no client of a partner reaches by accident, and from where one may come."""

from pathlib import Path

import paramiko
import pytest

from exchange.accounts import organizations
from exchange.runtime import Exchange
from roles.permissions import Role
from sftp_gateway import limits
from tests.sftp_gateway.conftest import NUMBERS, Gateway, User, make_user
from tests.sftp_gateway.tools import wait_until
from tests.support.partners import make_partner


def test_only_so_many_files_are_open_at_once_and_none_is_lost_over_it(gateway: Gateway, user: User) -> None:
    client = gateway.client(user)
    held = [client.open(f"/inbox/files/{number}.txt", "w") for number in range(limits.HANDLES)]
    with pytest.raises(OSError, match="Too many files are open"):
        client.open("/inbox/files/one-more.txt", "w")
    with pytest.raises(OSError, match="Too many files are open"):
        client.listdir("/inbox")
    held[0].write(b"still good")
    held[0].close()
    assert client.stat("/inbox/files/0.txt").st_size == 10
    assert client.listdir("/inbox/files")


def test_an_organization_is_entered_from_its_networks_only_and_left_when_they_change(
    exchange: Exchange, gateway: Gateway, tmp_path: Path
) -> None:
    boss = make_partner(exchange, Role.EMPLOYER, next(NUMBERS), administrator=True)
    user = make_user(exchange, boss, tmp_path)
    inside = gateway.client(user).get_channel()
    assert inside is not None
    organizations.restrict(exchange, boss.actor, "127.77.0.0/16", even_if_out=True)
    wait_until(lambda: not inside.get_transport().is_active())
    with pytest.raises(paramiko.AuthenticationException):
        gateway.transport(f"127.78.0.{next(NUMBERS) % 250}").auth_publickey(user.name, user.key)
    gateway.transport("127.77.0.1").auth_publickey(user.name, user.key)
