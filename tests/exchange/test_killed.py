"""A process that takes a file in is killed anywhere: what it acknowledged is there, the rest resumes."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange import journal
from exchange.runtime import Exchange, open_exchange
from exchange.settings import Settings
from exchange.transfers import intake, retention
from exchange.transfers.intake import DRAFT_AFTER
from roles.permissions import Role
from roles.policy import Actor
from tests.support import children
from tests.support.files import bytes_of, listed
from tests.support.partners import make_partner

CONTENT = os.urandom(256) * 4096 * 3  # 3 MiB
PIECE = 300_000
PARTS = 10

POINTS = [  # event, function, how often before
    ("call", "create", 0),  # the container is about to be made
    ("call", "seal", 0),
    ("return", "seal", 1),
    ("call", "add", 0),  # the draft's row is about to be written
    ("return", "add", 0),
    ("call", "seal", 2),
    ("call", "finish", 0),
    ("call", "close", 0),
    ("call", "publish", 0),  # every byte is durable, the name is not
    ("return", "publish", 0),
    ("call", "record", 0),  # durable by name, and no row tells of it
    ("call", "append", 0),  # the journal's event is about to be written
    ("call", "sign", 0),
    ("return", "sign", 0),
    ("call", "do_commit", 1),  # the commit of the hand-over is about to happen
    ("return", "record", 0),  # committed, and nobody was told
]


@dataclass
class Upload:
    """One upload in a child process, which writes the transfer's id into `told` once it has the receipt."""

    settings: Settings
    actor: Actor
    told: Path
    name: str = "report.txt"

    def killed_at(self, event: str, function: str, before: int) -> int:
        """Kill it when `function` is called or returns and has done so `before` times."""
        seen = -1

        def moment(happening: str, name: str) -> bool:
            nonlocal seen
            seen += (happening, name) == (event, function)
            return seen == before

        return self.run(moment)

    def killed_after(self, calls: int) -> int:
        """Kill it after so many calls and returns of functions, wherever that is."""
        left = iter(range(calls))
        return self.run(lambda _event, _name: next(left, None) is None)

    def calls(self) -> int:
        """How many calls and returns a whole upload has."""
        count = 0

        def moment(_event: str, _name: str) -> bool:
            nonlocal count
            count += 1
            return False

        def note() -> None:
            sys.setprofile(None)
            self.told.write_text(str(count))

        assert self.run(moment, note) == 0
        return int(self.told.read_text())

    def run(self, moment: Callable[[str, str], bool], after: Callable[[], None] = lambda: None) -> int:
        def work() -> None:
            exchange = open_exchange(self.settings)
            children.die_at(moment)
            self.send(exchange)
            after()

        return children.outcome(children.fork(work))

    def send(self, exchange: Exchange) -> None:
        arriving = intake.begin(exchange, self.actor, "files", self.name)
        for start in range(0, len(CONTENT), PIECE):
            arriving.write(CONTENT[start : start + PIECE])
        self.told.write_text(str(arriving.finish().transfer.id))


@pytest.fixture
def upload(each_exchange: Exchange, tmp_path: Path) -> Upload:
    actor = make_partner(each_exchange, Role.EMPLOYER).actor
    return Upload(each_exchange.settings, actor, tmp_path / "told")


def check(exchange: Exchange, upload: Upload) -> str:
    """What was acknowledged is there; else a draft goes on after what it holds, or the file is sent anew."""
    found = [view for view in listed(exchange, upload.actor) if view.filename == upload.name]
    drafts = [view for view in intake.drafts(exchange, upload.actor) if view.filename == upload.name]
    if upload.told.exists():
        assert [str(view.id) for view in found] == [upload.told.read_text()]
    assert len(found) + len(drafts) <= 1
    if found:
        outcome = "there"
    elif drafts:
        outcome = "draft"
        arriving = intake.resume(exchange, upload.actor, drafts[0].id)
        assert arriving.size == drafts[0].size
        arriving.write(CONTENT[arriving.size :])
        found = [arriving.finish().transfer]
    else:
        outcome = "nothing"
    assert all(bytes_of(exchange, upload.actor, view) == CONTENT for view in found)
    assert journal.verify(exchange) is None
    return outcome


def only_the_files_of_rows_stay(exchange: Exchange, upload: Upload) -> bool:
    """After a day, retention has swept what nobody was told of."""
    stored = [path for path in exchange.settings.store.rglob("*") if path.is_file()]
    old = time.time() - 25 * 3600
    [os.utime(path, (old, old)) for path in stored]
    retention.sweep(exchange)
    left = [path for path in exchange.settings.store.rglob("*") if path.is_file()]
    return len(left) == len(listed(exchange, upload.actor))


@pytest.mark.parametrize("point", POINTS, ids=lambda point: " ".join(map(str, point)))
def test_an_upload_killed_at_each_step_is_whole_resumable_or_not_there(
    exchange: Exchange, tmp_path: Path, point: tuple[str, str, int]
) -> None:
    actor = make_partner(exchange, Role.EMPLOYER).actor
    upload = Upload(exchange.settings, actor, tmp_path / "told")
    assert upload.killed_at(*point) == -signal.SIGKILL
    check(exchange, upload)
    assert only_the_files_of_rows_stay(exchange, upload)


def test_an_upload_killed_between_its_bytes_and_its_row_is_finished_without_sending_again(
    each_exchange: Exchange, upload: Upload
) -> None:
    assert upload.killed_at("call", "record", 0) == -signal.SIGKILL
    (draft,) = intake.drafts(each_exchange, upload.actor)
    assert draft.size == len(CONTENT)
    handed = intake.hand_over(each_exchange, upload.actor, draft.id, "whole.txt")
    assert bytes_of(each_exchange, upload.actor, handed.transfer) == CONTENT


def test_an_upload_killed_after_its_commit_is_there_although_nobody_was_told(
    each_exchange: Exchange, upload: Upload
) -> None:
    assert upload.killed_at("return", "record", 0) == -signal.SIGKILL
    assert not upload.told.exists()
    assert check(each_exchange, upload) == "there"


def test_a_killed_upload_holds_what_it_had_sealed(each_exchange: Exchange, upload: Upload) -> None:
    assert upload.killed_at("call", "finish", 0) == -signal.SIGKILL
    (draft,) = intake.drafts(each_exchange, upload.actor)
    assert len(CONTENT) - PIECE - DRAFT_AFTER < draft.size <= len(CONTENT)
    assert check(each_exchange, upload) == "draft"


def test_an_upload_killed_wherever_it_is_harms_nothing(exchange: Exchange, tmp_path: Path) -> None:
    actor = make_partner(exchange, Role.EMPLOYER).actor
    calls = Upload(exchange.settings, actor, tmp_path / "calls", "counted").calls()
    outcomes = []
    for part in range(1, PARTS):
        upload = Upload(exchange.settings, actor, tmp_path / f"{part}", f"report-{part}")
        assert upload.killed_after(calls * part // PARTS) == -signal.SIGKILL
        outcomes.append(check(exchange, upload))
    assert set(outcomes) >= {"nothing", "draft"}
    assert only_the_files_of_rows_stay(exchange, upload)
