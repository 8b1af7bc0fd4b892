"""Settings: arguments before variables before the file before the defaults; a wrong one is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from exchange.settings import MEBIBYTE, Settings, load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "portal.toml"
    place.write_text('home = "/srv/portal"\nweb_port = 1001\nsftp_port = 1002\npool_size = 3\n')
    return place


def test_arguments_win_over_variables_and_these_over_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_WEB_PORT", "2001")
    monkeypatch.setenv("PORTAL_SFTP_PORT", "2002")
    found = load(file, sftp_port=3002)
    assert (found.web_port, found.sftp_port, found.pool_size) == (2001, 3002, 3)
    assert found.max_file_size == 4096 * MEBIBYTE


def test_what_has_no_place_of_its_own_lies_under_home(tmp_path: Path) -> None:
    found = load(home=tmp_path)
    assert (found.store, found.keyring) == (tmp_path / "store", tmp_path / "keys" / "keyring.json")
    assert (found.receipt_key, found.host_keys) == (tmp_path / "keys" / "receipt.pem", tmp_path / "keys")
    assert (found.mail_folder, found.database_url) == (
        tmp_path / "mail",
        f"sqlite:///{tmp_path / 'portal.db'}",
    )


def test_what_has_a_place_of_its_own_keeps_it(tmp_path: Path) -> None:
    found = load(home=tmp_path, store="/srv/blobs", database_url="postgresql://db/portal")
    assert (found.store, found.database_url) == (Path("/srv/blobs"), "postgresql://db/portal")


def test_home_becomes_absolute_wherever_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().home == tmp_path / "home"
    monkeypatch.setenv("PORTAL_HOME", "elsewhere")
    assert load().store == tmp_path / "elsewhere" / "store"


def test_an_unknown_setting_of_the_file_is_named(file: Path) -> None:
    file.write_text("web_prot = 1\n")
    with pytest.raises(ValidationError, match="web_prot"):
        load(file)


def test_an_unknown_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_CLAMVA", "a-secret")
    with pytest.raises(ValidationError, match="PORTAL_CLAMVA") as refused:
        load()
    assert "a-secret" not in str(refused.value)


def test_every_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_WEB_PORT", "many")
    monkeypatch.setenv("PORTAL_QUOTA", "much")
    with pytest.raises(ValidationError, match=r"(?s)web_port.*quota|quota.*web_port"):
        load()


def test_settings_cannot_be_changed_while_running(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load(home=tmp_path).web_port = 1


def test_the_file_of_one_load_is_not_that_of_the_next(file: Path) -> None:
    assert load(file).web_port == 1001
    assert load().web_port == 8080
    assert Settings.config_file is None
