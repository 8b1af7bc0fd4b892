"""Half uploads go on: through SFTP with the clients that people use, through the API, as the page does."""

import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tests.acceptance.doors import Api, OpenSsh
from tests.acceptance.kills import MIB, SFTP_DOORS, Killer, Killings, Plan
from tests.acceptance.uploads import Outcome, Part, Sender

_SLOW = 4 * MIB
"""Bytes a second that a client sends which is to be met by a kill."""
_ATTEMPTS = 12
_AROUND_A_WRITE = 25
"""Bytes of a WRITE packet that are no data: kind, id, handle of four bytes, offset, lengths."""
_SFTP_CLIENTS = ("openssh", "lftp", "paramiko")
_WEB_CLIENTS = ("api", "script")


@dataclass(frozen=True)
class Move:
    """One try to go on: by which client, to the end or not, and what is killed meanwhile."""

    client: str
    to_the_end: bool
    victim: str | None


@dataclass
class Journey:
    """How one half upload came to its end: the door it began at, and the clients that moved bytes of it."""

    plan: Plan
    identifier: str
    route: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    finished_by: str = ""
    began_anew: bool = False
    closed_short: set[int] = field(default_factory=set)
    cut_short: bool = False


@dataclass
class Resumption:
    """Brings half uploads to their end, however often something is killed."""

    sender: Sender
    killings: Killings
    folder: Path

    def finish(self, plan: Plan, identifier: str, dice: random.Random) -> Journey:
        """First through SFTP, then through another door than it began at, until it is handed over."""
        api = Api(self.sender.portal, self.sender.account)
        journey = Journey(plan, identifier)
        moves = _moves(plan, dice)
        for _ in range(_ATTEMPTS):
            shown = self._look(api, journey)
            if shown is None:
                api.close()
                return journey
            if shown["status"] != "DRAFT":
                journey.cut_short = shown["size"] in journey.closed_short
                assert journey.cut_short or shown["sha256"] == plan.sha256, self._told(journey)
                api.close()
                return journey
            self._go_on(journey, shown, moves.pop(0) if moves else _sure(plan, dice), dice)
            self._check(api, journey, shown["size"])
        raise AssertionError(f"in {_ATTEMPTS} attempts it was not finished: {self._told(journey)}")

    def _check(self, api: Api, journey: Journey, before: int) -> None:
        """Nothing that was held is lost; what a client was told is handed over is handed over."""
        shown = self._look(api, journey)
        if journey.finished_by:
            assert shown, self._told(journey)
            assert shown["status"] != "DRAFT", f"acknowledged, and yet a draft: {self._told(journey)}"
        elif shown and shown["status"] == "DRAFT" and not journey.began_anew:
            assert shown["size"] >= before, (before, shown, self._told(journey))

    def _look(self, api: Api, journey: Journey) -> dict[str, Any] | None:
        """The transfer, from a web door that may be killed while it answers.

        lftp sends a file from its start when it cannot learn what is held. That replaces the draft of its
        name; so what counts is then looked for under the name, and is None when nothing came of it.
        """
        patience = time.monotonic() + 60
        while True:
            self.killings.wait()
            try:
                if "lftp" in journey.route:
                    return self._named(journey, of_plans(api).get(journey.plan.filename, []))
                shown: dict[str, Any] = api.get(f"transfers/{journey.identifier}")
            except (OSError, HTTPException):
                assert time.monotonic() < patience, "the web door does not come back"
                time.sleep(0.1)
            else:
                return shown

    def _named(self, journey: Journey, found: list[dict[str, Any]]) -> dict[str, Any] | None:
        whole = [one for one in found if one["status"] != "DRAFT"]
        assert len(whole) <= 1, (found, self._told(journey))
        first = [one for one in found if one["id"] == journey.identifier]
        standing = [*whole, *first, *found][:1]
        journey.began_anew |= [one["id"] for one in standing] != [journey.identifier]
        for one in standing:
            journey.identifier = one["id"]
            return one
        return None

    def _told(self, journey: Journey) -> str:
        """What its clients and the portal's logs say of it."""
        lines = [
            f"{file.name}: {line}"
            for file in self.sender.portal.log_files()
            for line in file.read_text(errors="replace").splitlines()
            if journey.identifier in line
        ]
        return "\n".join([repr(journey.plan), *journey.told, *lines])

    def _go_on(self, journey: Journey, shown: dict[str, Any], move: Move, dice: random.Random) -> None:
        self.killings.wait()
        clients: dict[str, Callable[..., Outcome]] = {
            "openssh": self._openssh,
            "lftp": self._lftp,
            "paramiko": self._paramiko,
            "api": self._over_http,
            "script": self._over_http,
        }
        point = dice.uniform(0.05, 1.1)
        killer = Killer(self.killings, move.victim, point, 0.004 if move.victim else 0.0)
        outcome = clients[move.client](journey, shown, move, killer, dice)
        killer.end()
        journey.route.append(move.client)
        journey.told.append(f"{move}: {outcome}")
        if outcome.acknowledged:
            journey.finished_by = move.client

    def _paramiko(
        self, journey: Journey, shown: dict[str, Any], move: Move, killer: Killer, dice: random.Random
    ) -> Outcome:
        place, final = _places(journey.plan, shown)
        part = _part(journey.plan, shown["size"], None if move.to_the_end else dice)
        return self.sender.append(place, part, killer.passing, final)

    def _over_http(
        self, journey: Journey, shown: dict[str, Any], move: Move, killer: Killer, dice: random.Random
    ) -> Outcome:
        part = _part(journey.plan, shown["size"], None if move.to_the_end else dice)
        return self.sender.send_on(move.client, journey.identifier, part, killer.passing)

    def _openssh(
        self, journey: Journey, shown: dict[str, Any], move: Move, killer: Killer, dice: random.Random
    ) -> Outcome:
        place, final = _places(journey.plan, shown)
        client = OpenSsh(self.sender.portal, self.sender.account, self._own_folder(journey))
        if move.victim:
            client.command.insert(1, f"-l{_SLOW * 8 // 1024}")
        put = dice.choice(["reput", "put -a"])
        commands = [
            f'{put} "{journey.plan.local}" "{place}"',
            *([f'rename "{place}" "{final}"'] if final else []),
        ]
        self._set(killer, journey.plan, shown, dice)
        code, said = client.batch(*commands, seconds=120)
        return Outcome(acknowledged=code == 0, why_not=said[-300:])

    def _lftp(
        self, journey: Journey, shown: dict[str, Any], move: Move, killer: Killer, dice: random.Random
    ) -> Outcome:
        place, final = _places(journey.plan, shown)
        client = OpenSsh(self.sender.portal, self.sender.account, self._own_folder(journey))
        options = " ".join(one for one in client.command if one.startswith("-o"))
        where = self.sender.portal.facts["sftp"]
        name = self.sender.account.sftp["username"]
        log = client.folder / "lftp.log"
        log.unlink(missing_ok=True)
        commands = [
            f"debug -o {log} 9",
            "set net:max-retries 1; set net:timeout 30; set cmd:fail-exit yes; set sftp:auto-confirm no",
            f'set sftp:connect-program "ssh -a -x {options}"',
            f"set net:limit-rate 0:{_SLOW if move.victim else 0}",
            f"open -u {name}, sftp://{where['host']}:{where['port']}",
            f'put -c "{journey.plan.local}" -o "{place}"',
            *([f'mv "{place}" "{final}"'] if final else []),
        ]
        self._set(killer, journey.plan, shown, dice)
        done = subprocess.run(
            ["lftp", "-c", "; ".join(commands)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
            env={"HOME": str(client.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            journey.closed_short |= closed_short(log.read_text(errors="replace"), journey.plan.size)
        return Outcome(acknowledged=done.returncode == 0, why_not=done.stdout.decode(errors="replace")[-300:])

    def _set(self, killer: Killer, plan: Plan, shown: dict[str, Any], dice: random.Random) -> None:
        """A kill at any moment between the client's start and its end, as far as that can be foreseen."""
        killer.after(dice.uniform(0.2, 0.5 + (plan.size - shown["size"]) / _SLOW))

    def _own_folder(self, journey: Journey) -> Path:
        folder = self.folder / journey.identifier
        folder.mkdir(exist_ok=True)
        return folder


def closed_short(log: str, whole: int) -> set[int]:
    """Sizes below `whole` at which lftp, by its own log, closed a file as if it were all of it.

    After a lost connection it goes back to where the file ends, but may still take its own side for read to
    the end: it sends what its buffer holds, the file's time and CLOSE, and finds only then that bytes are
    missing (lftp 4.9.2). Nothing tells such a CLOSE from one that is meant.
    """
    found, position = set[int](), None
    for line in log.splitlines():
        if back := re.search(r"put rolled back to (\d+)", line):
            position = int(back[1])
        elif position is not None and (written := re.search(r"length=(\d+), type=6\(WRITE\)", line)):
            position += int(written[1]) - _AROUND_A_WRITE
        elif position is not None and "type=4(CLOSE)" in line:
            found.add(position)
            position = None
    return {size for size in found if size < whole}


def _moves(plan: Plan, dice: random.Random) -> list[Move]:
    """Through SFTP but not to the end, perhaps through the web too, then to the end through another door."""
    first = dice.choice([*_SFTP_CLIENTS, "paramiko"])
    victim = None if first == "paramiko" and dice.random() < 0.7 else dice.choice(["sftp", "connection"])
    moves = [Move(first, first != "paramiko", victim)]
    if dice.random() < 0.3:
        moves.append(Move(dice.choice(_WEB_CLIENTS), False, dice.choice(["web", None])))
    others = _WEB_CLIENTS if plan.door in SFTP_DOORS else (*_WEB_CLIENTS, *_SFTP_CLIENTS)
    last = dice.choice([one for one in others if one != plan.door])
    victim = dice.choice(["web" if last in _WEB_CLIENTS else "sftp", "worker", None, None, None])
    return [*moves, Move(last, True, victim), Move(last, True, None)]


def _sure(plan: Plan, dice: random.Random) -> Move:
    """What is left to a user whose client cannot go on: the doors that say what they hold."""
    return Move(dice.choice(_WEB_CLIENTS), True, None)


def _part(plan: Plan, held: int, dice: random.Random | None) -> Part:
    """All that is missing, or some of it."""
    stop = plan.size if dice is None else dice.randrange(held, max(plan.size, held + 1))
    with plan.local.open("rb") as file:
        file.seek(held)
        return Part(held, file.read(stop - held), plan.size)


def _places(plan: Plan, shown: dict[str, Any]) -> tuple[str, str]:
    """Where a draft lies for SFTP, and where it is renamed to at the end; empty where it is not."""
    folder = f"/inbox/{plan.program}"
    final = f"{folder}/{plan.filename}" if shown["filename"].endswith(".part") else ""
    return f"{folder}/{shown['filename']}", final


def of_plans(api: Api) -> dict[str, list[dict[str, Any]]]:
    """What the portal shows under each plan's name: handed over, or draft."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for query in ({}, {"status": "DRAFT"}):
        for one in api.all("transfers", direction="inbound", **query):
            if one["filename"].startswith("kill-"):
                shown.setdefault(one["filename"].removesuffix(".part"), []).append(one)
    return {name: list({one["id"]: one for one in found}.values()) for name, found in shown.items()}


def counted(journeys: list[Journey]) -> dict[str, Counter[str]]:
    """Who moved bytes of half uploads, and through which door those were finished that began at which."""
    return {
        "went on with": Counter(client for one in journeys for client in one.route),
        "sent again from the start": Counter(one.route[-1] for one in journeys if one.began_anew),
        "closed too early by": Counter(one.route[-1] for one in journeys if one.cut_short),
        "begun > finished": Counter(
            f"{one.plan.door} > {one.finished_by or 'answer lost'}" for one in journeys
        ),
    }
