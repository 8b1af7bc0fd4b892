"""SIGKILL for every part, at any point of uploads: nothing lost, nothing half, nothing twice."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from exchange.transfers.intake import DRAFT_AFTER
from tests.acceptance.bookkeeping import check_rows, check_store
from tests.acceptance.doors import SETTLED, Api, Pages
from tests.acceptance.files import lump_sum
from tests.acceptance.kills import MIB, Killer, Killings, Plan, Planner
from tests.acceptance.resuming import Journey, Resumption, counted, of_plans
from tests.acceptance.running import Portal, wait_until
from tests.acceptance.sizes import sized
from tests.acceptance.uploads import Sender

UPLOADS, GROUPS, BATCH, AT_ONCE = sized(20, 200), sized(4, 8), sized(10, 20), sized(4, 6)
MOST = sized(4, 10) * MIB
LEASE_SECONDS = 60
pytestmark = [pytest.mark.timeout(sized(600, 3600)), pytest.mark.xdist_group("acceptance-kill")]


@pytest.fixture
def portal(own_portal: Callable[..., Portal]) -> Portal:
    """An installation that may be killed."""
    return own_portal()


@pytest.fixture
def sender(portal: Portal) -> Sender:
    account = portal.account("erin.payne")
    return Sender(portal, account, Api(portal, account), Pages(portal, account))


def test_killing_any_part_at_any_point_loses_nothing_and_doubles_nothing(
    portal: Portal, sender: Sender, fein_of: Callable[[Portal, str], str], dice: random.Random, tmp_path: Path
) -> None:
    planner = Planner(dice, fein_of(portal, sender.account.username), tmp_path)
    groups = list(planner.groups(GROUPS, AT_ONCE, MOST))
    moving = planner.moving(UPLOADS - sum(len(group) for _, group in groups), MOST)
    killings, clock = Killings(portal), Clock()
    for victim, group in groups:
        halt_together(killings, sender, group, victim)
    clock.tell("halted")
    upload_all(killings, sender, moving, dice)
    clock.tell("uploaded")
    all_plans = [plan for _, group in groups for plan in group] + moving
    shown = of_plans(sender.api)
    figures = judge(all_plans, shown)
    journeys = finish_drafts(Resumption(sender, killings, tmp_path), all_plans, shown, dice)
    clock.tell("resumed")
    settle(sender.api)
    clock.tell("answered")
    check_answers(portal, sender.api)
    check_books(portal, figures)
    print(dict(figures), dict(killings.counted), counted(journeys), sep="\n")
    why = Counter(f"{plan.door}: {plan.outcome.why_not[:50]}" for plan in all_plans if plan.outcome.why_not)
    print(dict(why))


def test_the_file_in_a_killed_workers_hands_goes_on_without_waiting_for_its_lease(
    portal: Portal, sender: Sender, fein_of: Callable[[Portal, str], str]
) -> None:
    content = lump_sum(fein_of(portal, sender.account.username), "WORKER001", 40_000)
    handed = sender.api.sent("lump-sum", "worker.txt", content)

    def is_in_hand() -> bool:
        return sender.api.get(f"transfers/{handed['id']}")["status"] in {"VALIDATING", "PROCESSING"}

    wait_until(is_in_hand, 60, "no worker takes the file in hand")
    portal.kill("worker")
    assert sender.api.settled(handed["id"], 2 * LEASE_SECONDS)["status"] == "COMPLETE"
    said = (portal.home / "logs" / "worker.log").read_text()
    assert ('"attempt": 2' in said) == ("jobs of killed workers taken back" in said), said


class Clock:
    """Tells how long the parts of a test took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, what: str) -> None:
        print(f"{what}: {time.monotonic() - self._began:.0f} s")


def halt_together(killings: Killings, sender: Sender, group: list[Plan], victim: str) -> None:
    """All are half-way, and their drafts seen, when their door is killed: each draft stays, or ends well."""
    api = Api(sender.portal, sender.account)

    def are_drafts() -> bool:
        return {plan.filename for plan in group} <= set(of_plans(api))

    def all_halted() -> None:
        wait_until(are_drafts, 120, f"no drafts yet: {[plan.door for plan in group]}")
        killings.kill(victim)
        time.sleep(0.5)  # so that most connections of a killed gateway have ended when the clients go on

    halted = threading.Barrier(len(group), all_halted, timeout=300)

    def upload(plan: Plan) -> None:
        has_halted = False

        def passing(behind: float) -> None:
            nonlocal has_halted
            if behind >= plan.point and not has_halted:
                has_halted = True
                halted.wait()

        plan.outcome = sender.send(plan.door, plan.program, plan.filename, plan.local.read_bytes(), passing)

    with ThreadPoolExecutor(len(group)) as pool:
        list(pool.map(upload, group))
    shown = of_plans(api)
    for plan in group:
        (draft,) = shown[plan.filename]
        # Connections outlive a killed parent by a moment, in which a client can send all that is left.
        assert draft["status"] == "DRAFT" or plan.outcome.all_sent, (plan, draft)
        assert 0 < draft["size"] <= plan.size, (plan, draft)
    api.close()


def upload_all(killings: Killings, sender: Sender, plans: list[Plan], dice: random.Random) -> None:
    """Batch by batch, some at once; in the middle of every other batch the whole installation is cut off."""

    def upload(plan: Plan) -> None:
        killings.wait()
        killer = Killer(killings, plan.victim, plan.point, plan.pause)
        content = plan.local.read_bytes()
        plan.outcome = sender.send(plan.door, plan.program, plan.filename, content, killer.passing)
        killer.end()

    for start in range(0, len(plans), BATCH):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            batch = [pool.submit(upload, plan) for plan in plans[start : start + BATCH]]
            if start // BATCH % 2:
                time.sleep(dice.uniform(0.2, 4))
                killings.kill(dice.choice(["everything", "supervisor"]))
            for one in batch:
                one.result()


def judge(all_plans: list[Plan], shown: dict[str, list[dict[str, Any]]]) -> Counter[str]:
    """Every plan's file is there as its client must expect."""
    figures = Counter[str](uploads=len(all_plans))
    for plan in all_plans:
        found = shown.get(plan.filename, [])
        whole = [one for one in found if one["status"] != "DRAFT"]
        drafts = [one for one in found if one["status"] == "DRAFT"]
        assert all(one["sha256"] == plan.sha256 for one in whole), plan
        if plan.outcome.acknowledged:
            assert (len(whole), len(drafts)) == (1, 0), (plan, found)
            figures["acknowledged"] += 1
        else:
            assert len(found) <= 1, (plan, found)
            assert len(whole) <= plan.outcome.all_sent, (plan, found)
            figures["there although the acknowledgement was lost"] += len(whole)
            figures["drafts"] += len(drafts)
            figures["gone without a trace"] += not found
    return figures


def finish_drafts(
    resumption: Resumption, plans: list[Plan], shown: dict[str, list[dict[str, Any]]], dice: random.Random
) -> list[Journey]:
    """Each half upload goes on through SFTP, and is finished through another door."""
    halves = [
        (plan, draft["id"], random.Random(dice.random()))
        for plan in plans
        for draft in shown.get(plan.filename, [])
        if draft["status"] == "DRAFT"
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        journeys = list(pool.map(lambda half: resumption.finish(*half), halves))
    found = of_plans(resumption.sender.api)
    for one in journeys:
        whole = [each for each in found.get(one.plan.filename, []) if each["status"] != "DRAFT"]
        drafts = [each for each in found.get(one.plan.filename, []) if each["status"] == "DRAFT"]
        assert len(whole) == 1 or (one.began_anew and not whole), (one, whole)
        # What a dying connection holds without a row cannot be known by the one that begins anew.
        assert not drafts or ("lftp" in one.route and drafts[0]["size"] < DRAFT_AFTER), (one, drafts)
    return journeys


def settle(api: Api) -> None:
    """Everything is answered."""

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


def check_books(portal: Portal, figures: Counter[str]) -> None:
    """Journal, rows and store of the stopped installation agree."""
    portal.stop()
    said = portal.run("journal", "verify", "--home", str(portal.home)).stdout.strip()
    assert said == "the journal is whole"
    check_rows(portal)
    figures["blobs without a row, swept"] = check_store(portal)
