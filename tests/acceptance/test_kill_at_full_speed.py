"""SIGKILL while large files arrive as fast as they can, over several connections at once: nothing is lost."""

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.doors import Api, OpenSsh
from tests.acceptance.kills import MIB, Killings
from tests.acceptance.resuming import of_plans
from tests.acceptance.running import Account, Portal
from tests.acceptance.test_kill import check_books, settle

ROUNDS, AT_ONCE = 8, 4
LEAST, MOST = 64 * MIB, 250 * MIB
ATTEMPTS = 30
VICTIMS = ("connection", "connection", "sftp", "sftp", "worker", "web", "everything", "supervisor")
pytestmark = [pytest.mark.timeout(3600), pytest.mark.xdist_group("acceptance-kill")]


@dataclass
class Sending:
    """One file, sent by OpenSSH's `sftp` without any pause, until it is there."""

    local: Path
    size: int
    sha256: str
    renamed: bool
    """Whether it is sent as `NAME.part` and renamed."""
    figures: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    def commands(self, held: int | None) -> list[str]:
        """Put what is missing of what the portal holds, if it holds any; hand over.

        A draft that has every byte lacks its end only: a rename hands it over, else it is put anew.
        """
        place = f"/inbox/files/{self.local.name}"
        target = f"{place}.part" if self.renamed else place
        put = f'put {"" if held in {None, self.size} else "-a"} "{self.local}" "{target}"'
        is_whole = self.renamed and held == self.size
        return [put] * (not is_whole) + [f'rename "{target}" "{place}"'] * self.renamed


@dataclass(frozen=True)
class Line:
    """Sends files of one account."""

    killings: Killings
    account: Account
    folder: Path

    def send(self, sending: Sending) -> None:
        """Go on until the client says it is done, or the portal shows that it is."""
        held = None
        for attempt in range(ATTEMPTS):
            code, said = self._client(attempt).batch(*sending.commands(held))
            if code == 0:
                sending.figures["acknowledged"] += 1
                return
            sending.figures["broken off"] += 1
            sending.said.append(said)
            found = self.shown().get(sending.local.name, [])
            if handed := [one["sha256"] for one in whole(found)]:
                sending.figures["there although the acknowledgement was lost"] += 1
                assert handed == [sending.sha256], "what nobody acknowledged is whole, or is not there"
                return
            held = max((one["size"] for one in found), default=None)
        raise AssertionError(f"{sending.local.name} did not arrive in {ATTEMPTS} attempts: {sending.said}")

    def _client(self, attempt: int) -> OpenSsh:
        self.killings.wait()
        mine = self.folder / f"{threading.get_ident()}-{attempt}"
        mine.mkdir(exist_ok=True)
        return OpenSsh(self.killings.portal, self.account, mine)

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """What the portal shows under each name."""
        for _ in range(ATTEMPTS):
            self.killings.wait()
            api = Api(self.killings.portal, self.account)
            try:
                return of_plans(api)
            except (OSError, AssertionError, ValueError):
                time.sleep(1)  # the web door was killed
            finally:
                api.close()
        raise AssertionError("the portal does not answer")


def whole(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["status"] != "DRAFT"]


def test_kills_while_large_files_arrive_at_full_speed_lose_nothing(
    own_portal: Callable[..., Portal], dice: random.Random, tmp_path: Path
) -> None:
    portal = own_portal()
    account = portal.account("erin.payne")
    killings, figures = Killings(portal), Counter[str]()
    line, seconds = Line(killings, account, tmp_path), 0.0
    for number in range(ROUNDS):
        sendings = [made(dice, tmp_path, f"kill-{number}-{one}.bin") for one in range(AT_ONCE)]
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(line.send, sending) for sending in sendings]
            for _ in range(dice.randint(1, 4)):
                time.sleep(dice.uniform(0.2, 2.5))
                if not all(one.done() for one in running):
                    killings.kill(dice.choice(VICTIMS))
            for one in running:
                one.result()
        seconds += time.monotonic() - began
        figures.update(judged(line, sendings))
    settle(Api(portal, account))
    check_books(portal, figures)
    print(dict(figures), dict(killings.counted), f"{figures['bytes'] / seconds / 1e6:.0f} MB/s", sep="\n")


def made(dice: random.Random, folder: Path, name: str) -> Sending:
    content = dice.randbytes(dice.randint(LEAST, MOST))
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return Sending(folder / name, len(content), digest, renamed=dice.random() < 0.5)


def judged(line: Line, sendings: list[Sending]) -> Counter[str]:
    """What is there of a round: each file once, whole, and no draft of it left."""
    figures, shown = Counter[str](), line.shown()
    for sending in sendings:
        found = shown[sending.local.name]
        assert [one["sha256"] for one in whole(found)] == [sending.sha256], (sending, found)
        assert found == whole(found), (sending, found)
        figures += sending.figures + Counter(files=1, bytes=sending.size)
        sending.local.unlink()
    return figures
