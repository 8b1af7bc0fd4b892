"""`portal passwords load` makes the list that new passwords are held against."""

import hashlib
from pathlib import Path

from exchange.accounts import breached
from tests.deploy.command_line import Portal


def test_a_list_of_hashes_and_passwords_is_loaded(portal: Portal, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    stolen = hashlib.sha1(b"seven wise walruses at sea").hexdigest().upper()
    listed.write_text(f"{stolen}:42\r\nanother stolen one\n")
    home = tmp_path / "home"
    done = portal("passwords", "load", str(listed), "--home", str(home))
    assert (done.code, done.out) == (0, "2 breached passwords are refused from now on\n")
    assert breached.holds(home / "breached-passwords", "seven wise walruses at sea")
    assert breached.holds(home / "breached-passwords", "another stolen one")
    assert not breached.holds(home / "breached-passwords", "a password of one's own")


def test_a_list_that_is_not_there_is_wrong_use(portal: Portal, tmp_path: Path) -> None:
    assert portal("passwords", "load", str(tmp_path / "none"), "--home", str(tmp_path)).code == 2
