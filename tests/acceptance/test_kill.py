"""SIGKILL for every part, at any point of uploads: nothing lost, nothing half, nothing twice."""

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.acceptance.bookkeeping import check_rows, check_store
from tests.acceptance.doors import SETTLED, Api, Pages, paramiko_client
from tests.acceptance.files import lump_sum
from tests.acceptance.running import Portal, wait_until
from tests.acceptance.sizes import sized
from tests.acceptance.uploads import Outcome, Sender

UPLOADS, BATCH, AT_ONCE = sized(40, 200), 10, 3
RECORD = 401
VICTIMS = {"web": 3, "sftp": 3, "connection": 2, "worker": 2, None: 8}
DOORS = {"api": 4, "web": 3, "sftp": 4, "draft": 2}
LEASE_SECONDS = 60
pytestmark = [pytest.mark.timeout(3600)]


@dataclass
class Plan:
    """One upload and the kill that goes with it; `point` over 1 lies so many seconds after the last byte.

    `pause` is what the client waits after each piece, so that the portal is as far as the client.
    """

    door: str
    program: str
    filename: str
    content: bytes
    victim: str | None
    point: float
    pause: float
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def plans(dice: random.Random, count: int, fein: str) -> Iterator[Plan]:
    """Mixed doors, programs and sizes: one half up to 1 MiB, which leave no drafts, one half up to 8 MiB."""
    for number in range(count):
        size = int(2 ** dice.choice([dice.uniform(10, 20), dice.uniform(20, 23)]))
        door = dice.choices(list(DOORS), list(DOORS.values()))[0]
        victim = dice.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if victim == "worker" and number > count / 2:
            victim = door_of(door)  # the jobs of a worker killed last are waited for longest
        program = dice.choice(["lump-sum", "files"])
        control = f"KILL{number:05d}"
        if program == "lump-sum":
            content = lump_sum(fein, control, max(1, size // RECORD - 2))
        else:
            content = dice.randbytes(size)
        point = dice.choices([dice.random(), 1 + dice.uniform(0, 0.05), 1 + dice.uniform(0, 0.6)], [5, 3, 2])[
            0
        ]
        pause = dice.choice([0.0, 0.002, 0.01])
        yield Plan(door, program, f"kill-{number:03d}.txt", content, victim, point, pause)


def door_of(door: str) -> str:
    """The part that serves a door."""
    return "web" if door in {"api", "web"} else "sftp"


class Killer:
    """Carries out the kill of a plan when its upload comes to the point."""

    def __init__(self, portal: Portal, plan: Plan) -> None:
        self._portal, self._plan, self._done = portal, plan, plan.victim is None
        self.timer: threading.Timer | None = None

    def passing(self, behind: float) -> None:
        time.sleep(self._plan.pause)
        if self._done:
            return
        if behind >= 1.0:
            self._done = True
            self.timer = threading.Timer(max(0.0, self._plan.point - 1), self._kill)
            self.timer.start()
        elif behind >= self._plan.point:
            self._done = True
            self._kill()

    def _kill(self) -> None:
        assert self._plan.victim is not None
        self._portal.kill(self._plan.victim)


def carry_out(portal: Portal, sender: Sender, plan: Plan, is_up: threading.Event) -> None:
    is_up.wait()
    killer = Killer(portal, plan)
    plan.outcome = sender.send(plan.door, plan.program, plan.filename, plan.content, killer.passing)
    if killer.timer is not None:
        killer.timer.join()


def upload_all(portal: Portal, sender: Sender, all_plans: list[Plan], dice: random.Random) -> None:
    """Batch by batch, some at once; in the middle of every other batch the whole installation is cut off."""
    is_up = threading.Event()
    is_up.set()
    for start in range(0, len(all_plans), BATCH):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            batch = [
                pool.submit(carry_out, portal, sender, plan, is_up)
                for plan in all_plans[start : start + BATCH]
            ]
            if start // BATCH % 2:
                time.sleep(dice.uniform(0.2, 4))
                is_up.clear()
                portal.kill_all()
                portal.start()
                is_up.set()
            for one in batch:
                one.result()


@pytest.fixture
def dice() -> random.Random:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    return random.Random(seed)


def test_killing_any_part_at_any_point_loses_nothing_and_doubles_nothing(
    own_portal: Callable[..., Portal], fein_of: Callable[[Portal, str], str], dice: random.Random
) -> None:
    portal = own_portal()
    account = portal.account("erin.payne")
    sender = Sender(portal, account, Api(portal, account), Pages(portal, account))
    all_plans = list(plans(dice, UPLOADS, fein_of(portal, account.username)))
    began = time.monotonic()
    upload_all(portal, sender, all_plans, dice)
    print(f"uploads: {time.monotonic() - began:.0f} s")
    sender.pages.headers["Origin"] = portal.web
    shown = of_plans(sender.api)
    figures = judge(all_plans, shown)
    figures["drafts finished through other doors"] = finish_drafts(sender, all_plans, shown, dice)
    settle(sender.api)
    print(f"settled: {time.monotonic() - began:.0f} s")
    check_answers(portal, sender.api)
    portal.stop()
    assert (
        portal.run("journal", "verify", "--home", str(portal.home)).stdout.strip() == "the journal is whole"
    )
    check_rows(portal)
    figures["blobs without a row, swept"] = check_store(portal)
    why = Counter(
        f"{plan.door}: {plan.outcome.why_not[:60]}" for plan in all_plans if not plan.outcome.acknowledged
    )
    print(dict(figures), dict(why))


def of_plans(api: Api) -> dict[str, list[dict[str, Any]]]:
    """What the portal shows under each plan's name: handed over, or draft."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for query in ({}, {"status": "DRAFT"}):
        for one in api.all("transfers", direction="inbound", **query):
            if one["filename"].startswith("kill-"):
                shown.setdefault(one["filename"].removesuffix(".part"), []).append(one)
    return {name: list({one["id"]: one for one in found}.values()) for name, found in shown.items()}


def judge(all_plans: list[Plan], shown: dict[str, list[dict[str, Any]]]) -> Counter[str]:
    """Every plan's file is there as its client must expect."""
    figures = Counter[str](uploads=len(all_plans))
    for plan in all_plans:
        found = shown.get(plan.filename, [])
        whole = [one for one in found if one["status"] != "DRAFT"]
        drafts = [one for one in found if one["status"] == "DRAFT"]
        assert all(one["sha256"] == plan.sha256 for one in whole), plan
        told = (plan.filename, plan.door, plan.victim, plan.point, plan.outcome, found)
        if plan.outcome.acknowledged:
            assert (len(whole), len(drafts)) == (1, 0), told
            figures["acknowledged"] += 1
        else:
            assert len(found) <= 1, told
            assert len(whole) <= plan.outcome.all_sent, told
            figures["there although the acknowledgement was lost"] += len(whole)
            figures["drafts"] += len(drafts)
            figures["gone without a trace"] += not found
    return figures


def finish_drafts(
    sender: Sender, all_plans: list[Plan], shown: dict[str, list[dict[str, Any]]], dice: random.Random
) -> int:
    """Each half upload goes on through SFTP, and is finished through the API or the pages."""
    finished = 0
    for plan in all_plans:
        for draft in shown.get(plan.filename, []):
            if draft["status"] == "DRAFT":
                finish_elsewhere(sender, plan, draft, dice)
                finished += 1
    return finished


def finish_elsewhere(sender: Sender, plan: Plan, draft: dict[str, Any], dice: random.Random) -> None:
    place = f"/inbox/{plan.program}/{draft['filename']}"
    held = resume_a_while(sender, place, plan.content, dice)
    rest = plan.content[held:]
    if not rest:
        client = paramiko_client(sender.portal, sender.account)
        client.rename(place, f"{place.removesuffix('.part')}.part")
        client.rename(f"{place.removesuffix('.part')}.part", place.removesuffix(".part"))
        client.get_channel().get_transport().close()  # type: ignore[union-attr]
    else:
        door = dice.choice([sender.api, sender.pages])
        path = (
            f"/api/v1/transfers/{draft['id']}/content"
            if door is sender.api
            else f"/files/{draft['id']}/content"
        )
        span = f"bytes {held}-{len(plan.content) - 1}/{len(plan.content)}"
        answer = door.ask("PUT", path, rest, Content_Range=span, Accept="application/json")
        assert answer.status == 201, (plan.filename, answer)
    assert sender.api.get(f"transfers/{draft['id']}")["sha256"] == plan.sha256


def resume_a_while(sender: Sender, place: str, content: bytes, dice: random.Random) -> int:
    """Send part of what is missing by SFTP, then break off; the bytes that are held afterwards."""
    client = paramiko_client(sender.portal, sender.account)
    held = client.stat(place).st_size or 0
    part = content[held : held + dice.randrange(1, 200_000)]
    if len(part) + held == len(content):
        part = part[:-1]
    if part:
        file = client.open(place, "ab")
        file.write(part)
    client.get_channel().get_transport().close()  # type: ignore[union-attr]
    wanted = held + len(part)

    def is_held() -> bool:
        client = paramiko_client(sender.portal, sender.account)
        try:
            return client.stat(place).st_size == wanted
        finally:
            client.get_channel().get_transport().close()  # type: ignore[union-attr]

    wait_until(is_held, 20, f"{place} does not hold {wanted} bytes")
    return wanted


def settle(api: Api) -> None:
    """Everything is answered; a dead worker's job is taken up when its lease lapses."""

    def is_quiet() -> bool:
        return all(one["status"] in SETTLED for one in api.all("transfers", direction="inbound"))

    wait_until(is_quiet, 2 * LEASE_SECONDS + 60, "not everything is answered")


def check_answers(portal: Portal, api: Api) -> None:
    """Each file has each of its answers once, and each free file stands once in OCSS's outbox."""
    given = Counter(
        (one["answers_to"], one["filename"]) for one in api.all("transfers", direction="outbound")
    )
    staff = Api(portal, portal.account("olive.staffer"))
    at_ocss = Counter(one["sha256"] for one in staff.all("transfers", direction="outbound"))
    endings = {"files": (".ack.json",), "lump-sum": (".res", ".findings.csv", ".ack.json")}
    for one in api.all("transfers", direction="inbound"):
        if one["filename"].startswith("kill-"):
            assert one["status"] == "COMPLETE", one
            for ending in endings[one["program"]]:
                assert given[one["id"], one["filename"] + ending] == 1, (one, ending)
            assert one["program"] != "files" or at_ocss[one["sha256"]] == 1, one
