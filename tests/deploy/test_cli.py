"""The command line: what it prints, and the exit codes that scripts rely on."""

import io
import re
import sqlite3
from pathlib import Path

import pytest

from deploy import supervisor
from tests.deploy.command_line import Portal
from tests.support.certificates import fresh, line

COMMANDS = [
    *("demo", "serve", "web", "sftp", "worker", "migrate", "admin", "keys", "backup", "restore", "settings"),
    *("layouts", "validate", "sample", "verify"),
]
GROUPS = [
    "registry seed",
    "registry index",
    "journal verify",
    "keys rotate",
    "keys list",
    "keys host list",
    "keys host rotate",
    "keys host withdraw",
    "bench",
    "bench-sftp",
    "bench-match",
    "bench-persons",
    "admin create-account",
    "passwords load",
]


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_explains_itself(portal: Portal, command: str) -> None:
    outcome = portal(*command.split(), "--help")
    assert outcome.code == 0
    assert outcome.out.startswith("Usage: portal")


def test_the_version_is_the_distribution_s(portal: Portal) -> None:
    assert portal("--version").out == "portal 0.1.0\n"


@pytest.mark.parametrize(
    "wrong",
    [
        ("nonsense",),
        ("registry", "seed", "--people", "-1", "--seed", "1"),
        ("registry", "seed", "--people", "10"),
        ("journal",),
        ("demo", "--web", "here"),
        ("demo", "--web", "127.0.0.1:99999"),
        ("validate", "lump-sum"),
        ("settings", "--config", "/nowhere.toml"),
    ],
    ids=" ".join,
)
def test_wrong_use_exits_with_2_and_says_why(portal: Portal, wrong: tuple[str, ...]) -> None:
    outcome = portal(*wrong)
    assert outcome.code == 2
    assert outcome.err
    assert "Traceback" not in outcome.err


def test_a_wrong_setting_is_named_and_exits_with_2(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_WEB_PORT", "eighty")
    outcome = portal("settings")
    assert outcome.code == 2
    assert "web_port" in outcome.err


def test_an_unknown_setting_in_the_file_is_refused(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text("web_prot = 80\n")
    outcome = portal("settings", "--config", tmp_path / "portal.toml")
    assert outcome.code == 2
    assert "web_prot" in outcome.err


def test_settings_say_where_they_come_from_and_mask_passwords(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "portal.toml").write_text(
        'sftp_port = 2200\nsmtp = "smtp://robot:hush@mail.example.org:25"\n'
    )
    monkeypatch.setenv("PORTAL_WEB_PORT", "8181")
    outcome = portal("settings", "--config", tmp_path / "portal.toml", "--home", tmp_path)
    lines = {line.split()[0]: line for line in outcome.out.splitlines()}
    assert lines["web_port"].endswith("8181  (PORTAL_WEB_PORT)")
    assert lines["sftp_port"].endswith(f"2200  ({tmp_path / 'portal.toml'})")
    assert lines["home"].endswith(f"{tmp_path}  (command line)")
    assert lines["web_host"].endswith("(default)")
    assert "hush" not in outcome.out
    assert "smtp://robot:***@mail.example.org:25" in outcome.out


def test_a_command_on_a_home_without_tables_says_what_to_do_and_makes_nothing(
    portal: Portal, tmp_path: Path
) -> None:
    outcome = portal("journal", "verify", "--home", tmp_path / "new")
    assert outcome.code == 1
    assert "portal migrate" in outcome.err
    assert not (tmp_path / "new").exists()


def test_the_migrations_make_the_tables_of_the_models(portal: Portal) -> None:
    assert portal("migrate", "--check").code == 0


def test_an_account_can_be_made_and_given_a_token_and_a_key(
    portal: Portal, home: Path, tmp_path: Path
) -> None:
    assert portal("admin", "issue-token", "joe.doe", "--label", "t", "--home", home).out.startswith("ocss_")
    (tmp_path / "k.pub").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVb5zB8n1tZMTzsyBH1SkmOEDyCh+nAMbg2wFuFeVFd x"
    )
    added = portal("admin", "add-ssh-key", "joe.doe", tmp_path / "k.pub", "--label", "k", "--home", home)
    assert added.out.startswith("SHA256:")


def test_an_authority_is_added_listed_and_taken_back(portal: Portal, home: Path, tmp_path: Path) -> None:
    mine, key, asked = ("Acme Test", "--home", home), tmp_path / "ca.pub", tmp_path / "asked"
    key.write_text(line(fresh()))
    asked.write_text("serial: 7\nid: payroll server\n")
    strange = ("--label", "office", "--username", "nobody")
    assert (
        "Nobody of your organization"
        in portal("admin", "add-authority", mine[0], key, *strange, *mine[1:]).err
    )
    added = portal("admin", "add-authority", mine[0], key, "--label", "office", *mine[1:]).out.strip()
    assert added.startswith("SHA256:")
    revoked = [portal("admin", "revoke-certificates", mine[0], added, asked, *mine[1:]).out for _ in range(2)]
    assert revoked == ["2 new\n", "0 new\n"]
    assert portal("admin", "take-back-authority", mine[0], added, *mine[1:]).out == "taken back\n"
    listed = portal("admin", "list-authorities", *mine).out
    assert listed.startswith(f"{added}  revoked  ")
    assert listed.endswith("never used  office\n")
    assert portal("admin", "take-back-authority", mine[0], "SHA256:none", *mine[1:]).code == 1


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("abcdefghijklmnopqrst", "follows the alphabet"),
        ("jane.roe Jane Roe x", "your name"),
        ("too short", "15 are needed"),
    ],
)
def test_an_account_is_not_made_with_a_password_that_others_guess_first(
    portal: Portal, home: Path, monkeypatch: pytest.MonkeyPatch, password: str, why: str
) -> None:
    new = ("admin", "create-account", "Acme Test", "jane.roe", "employer", "--name", "Jane Roe")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    made = portal(*new, "--password-stdin", "--home", home)
    assert (made.code, made.err.count("\n"), why in made.err) == (1, 1, True)
    assert portal("admin", "issue-token", "jane.roe", "--label", "t", "--home", home).code == 1


def test_what_cannot_be_made_is_one_sentence_and_exit_code_1(portal: Portal, home: Path) -> None:
    again = portal("admin", "create-organization", "employer", "Other", "--fein", "001234567", "--home", home)
    assert (again.code, again.err.count("\n")) == (1, 1)
    nobody = portal("admin", "issue-token", "nobody", "--label", "t", "--home", home)
    assert (nobody.code, nobody.err.count("\n")) == (1, 1)


def test_the_journal_of_a_new_installation_is_whole_and_an_edit_is_found(portal: Portal, home: Path) -> None:
    assert portal("journal", "verify", "--home", home).code == 0
    with sqlite3.connect(home / "portal.db") as database:
        database.execute("UPDATE journal_event SET kind = 'nothing' WHERE position = 2")
    database.close()
    outcome = portal("journal", "verify", "--home", home)
    assert outcome.code == 1
    assert "event 2" in outcome.err


def test_keys_rotate_to_a_new_one_and_keep_the_old_to_open_with(portal: Portal, home: Path) -> None:
    assert portal("keys", "rotate", "--home", home).code == 0
    states = [line.split()[2] for line in portal("keys", "list", "--home", home).out.splitlines()]
    assert states == ["retired", "active"]


def test_host_keys_change_one_set_at_a_time_and_say_when(
    portal: Portal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sftp_gateway.host_keys._RSA_BITS", 1024)  # quick to make
    host = ("keys", "host")
    made = portal(*host, "rotate", "--grace-days", "7", "--home", home)
    assert [line.split()[0] for line in made.out.splitlines()] == ["in", "in", "next", "next"]
    again = portal(*host, "rotate", "--home", home)
    assert (again.code, again.err.count("\n"), "wait already" in again.err) == (1, 1, True)
    assert portal(*host, "withdraw", "--home", home).code == 0
    nothing = portal(*host, "withdraw", "--home", home)
    assert (nothing.code, "No keys are waiting" in nothing.err) == (1, True)
    listed = portal(*host, "list", "--home", home).out.splitlines()
    assert [line.split()[:3] for line in listed] == [["in", "use", "Ed25519"], ["in", "use", "RSA"]]


def test_the_registry_is_seeded_once_and_another_population_is_refused(portal: Portal, home: Path) -> None:
    assert portal("registry", "seed", "--people", "200", "--seed", "5", "--home", home).code == 0
    assert portal("registry", "seed", "--people", "200", "--seed", "5", "--home", home).code == 0
    assert "200 people can be searched for, 0 of" in portal("registry", "index", "--home", home).out
    assert portal("registry", "seed", "--people", "200", "--seed", "6", "--home", home).code == 1
    assert portal("registry", "seed", "--people", "100", "--seed", "5", "--home", home).code == 1


class TestBackup:
    def test_a_restored_backup_is_the_installation(self, portal: Portal, home: Path, tmp_path: Path) -> None:
        assert portal("backup", tmp_path / "copy", "--home", home).code == 0
        assert portal("restore", tmp_path / "copy", "--home", tmp_path / "second").code == 0
        assert portal("journal", "verify", "--home", tmp_path / "second").code == 0
        token = portal("admin", "issue-token", "joe.doe", "--label", "t", "--home", tmp_path / "second")
        assert token.out.startswith("ocss_")

    def test_a_changed_or_missing_file_is_refused(self, portal: Portal, home: Path, tmp_path: Path) -> None:
        portal("backup", tmp_path / "copy", "--home", home)
        (tmp_path / "copy/keys/keyring.json").write_text("{}")
        outcome = portal("restore", tmp_path / "copy", "--home", tmp_path / "second")
        assert outcome.code == 1
        assert "keyring.json" in outcome.err
        assert not (tmp_path / "second").exists()

    def test_nothing_is_restored_over_an_installation_nor_copied_over_a_folder(
        self, portal: Portal, home: Path, tmp_path: Path
    ) -> None:
        portal("backup", tmp_path / "copy", "--home", home)
        assert portal("restore", tmp_path / "copy", "--home", home).code == 1
        assert portal("backup", tmp_path / "copy", "--home", home).code == 1

    def test_the_copy_is_readable_by_its_owner_only(self, portal: Portal, home: Path, tmp_path: Path) -> None:
        portal("backup", tmp_path / "copy", "--home", home)
        assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_the_example_of_production_settings_is_accepted(portal: Portal) -> None:
    example = Path(__file__).parents[2] / "deploy/systemd/portal.toml"
    outcome = portal("settings", "--config", example)
    assert outcome.code == 0, outcome.err


def test_the_units_of_systemd_give_the_parts_longer_than_their_supervisor_does() -> None:
    units = list((Path(__file__).parents[2] / "deploy/systemd").glob("*.service"))
    given = [re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE) for unit in units]
    assert len(given) == 3
    assert all(float(seconds) > supervisor.GRACE for (seconds,) in given)


def test_the_inquiry_file_goes_once_to_whom_it_is_for(portal: Portal, home: Path) -> None:
    bank = ("financial_institution", "Bank of Test", "--fein", "001000001", "--match-method", "2")
    assert portal("admin", "create-organization", *bank, "--home", home).code == 0
    assert portal("registry", "seed", "--people", "50", "--seed", "5", "--home", home).code == 0
    assert "to 1 organizations" in portal("admin", "issue-inquiry", "202610", "--home", home).out
    assert "to 0 organizations" in portal("admin", "issue-inquiry", "202610", "--home", home).out
    assert portal("admin", "issue-inquiry", "never", "--home", home).code == 1
