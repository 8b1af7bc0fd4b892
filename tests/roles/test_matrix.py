"""Who gets where: every role walks every page, API call and SFTP folder, held against a file people review.

`matrix.txt` has one line a place: `METHOD PATH: who`. Who is refused there gets 403; whoever passes may still
find nothing (404) or be told what is missing (400, 422).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.errors import SignInRefusedError
from exchange.runtime import Exchange
from roles.permissions import Role
from roles.policy import Channel
from roles.programs import PROGRAMS, of_files
from sftp_gateway.filesystem import Filesystem
from sftp_gateway.paths import Place, canonical
from tests.support.partners import Partner, make_partner
from web.app import create_app
from web.door import cookie_name
from web.routes import API, PAGES

REVIEWED = Path(__file__).with_name("matrix.txt")
ADMINISTRATOR = "administrator"
"""Of an employer; the others walk as people who look after nobody."""
WHO = [*(role.value for role in Role), ADMINISTRATOR]
EVERYBODY = "everybody"
HERE = "http://127.0.0.1"
SOMEWHERE = "6f0e0d6e-0000-4000-8000-000000000000"
PARTS = {"id": SOMEWHERE, "ending": "csv"}
SENDING = frozenset({("POST", "/files/raw"), ("POST", "/api/v1/transfers")})
"""Where the query says which program a file is for."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def partner_of(exchange: Exchange, who: str, number: int) -> Partner:
    if who == ADMINISTRATOR:
        return make_partner(exchange, Role.EMPLOYER, number, administrator=True)
    return make_partner(exchange, Role(who), number)


def guarded(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of every place behind a sign-in; one for each program where there is one."""
    for route in routes:
        if isinstance(route, Route) and hasattr(route, "proof"):
            for method in sorted(route.methods - {"HEAD"}):
                yield from ((method, path) for path in for_each_program(method, route.path))


def for_each_program(method: str, path: str) -> list[str]:
    if (method, path) in SENDING:
        return [f"{path}?program={slug}&filename=a.txt" for slug in PROGRAMS]
    paged = (program.slug for program in of_files(PROGRAMS.values()))
    return list(dict.fromkeys(path.replace("{program}", slug) for slug in paged))


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: PARTS.get(name[1], "x"), path)


class Walker:
    """Somebody who tries everything, each time in a session of their own, for some acts end all others."""

    def __init__(self, exchange: Exchange, who: str) -> None:
        self.exchange, self.who, self.number = exchange, who, 1
        self.client = TestClient(create_app(exchange), HERE, follow_redirects=False)
        self.partner = partner_of(exchange, who, self.number)

    def passes(self, method: str, path: str) -> bool:
        answer = self.client.request(method, filled(path), headers=self._proof(path) | _FORM)
        assert not answer.headers.get("location", "").startswith("/sign-in"), (method, path)
        assert answer.status_code != 405, (method, path)
        assert answer.status_code != 401 or not path.startswith("/api/"), (method, path)
        self._be_somebody()
        return answer.status_code != 403

    def _proof(self, path: str) -> dict[str, str]:
        if path.startswith("/api/"):
            return {"Authorization": f"Bearer {self.partner.token()}"}
        token = sessions.open_session(self.exchange, self.partner.actor, "")
        return {"Cookie": f"{cookie_name(self.exchange.settings)}={token}"}

    def _be_somebody(self) -> None:
        """Some acts close the account that does them."""
        try:
            assert self.partner.actor
        except SignInRefusedError:
            self.number += 1
            self.partner = partner_of(self.exchange, self.who, self.number)

    def folders(self) -> Iterator[str]:
        try:
            actor = self.partner.through(Channel.SFTP)
        except SignInRefusedError:
            return
        files = Filesystem(self.exchange, actor)

        def below(path: str) -> Iterator[str]:
            place: Place = canonical(path.encode())
            yield f"SFTP {path or '/'}"
            for name, _ in files.names(place):
                yield from below(f"{path}/{name}")

        yield from below("")


def reviewed() -> dict[str, frozenset[str]]:
    lines = [line for line in REVIEWED.read_text().splitlines() if line and line[0] != "#"]
    pairs = (line.rsplit(":", 1) for line in lines)
    return {place: frozenset(WHO if who.strip() == EVERYBODY else who.split()) for place, who in pairs}


def places(exchange: Exchange, who: str) -> set[str]:
    """Everywhere `who` gets."""
    walker = Walker(exchange, who)
    folders = set(walker.folders())  # while there is no file yet
    calls = [*guarded(PAGES), *guarded(API)]
    with walker.client:  # one event loop for all requests
        return folders | {f"{method} {path}" for method, path in calls if walker.passes(method, path)}


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_exactly_where_people_said_they_may(exchange: Exchange, who: str) -> None:
    meant = {place for place, them in reviewed().items() if who in them}
    found = places(exchange, who)
    assert {"more than meant": found - meant, "less than meant": meant - found} == {
        "more than meant": set(),
        "less than meant": set(),
    }


def test_every_place_there_is_was_reviewed() -> None:
    there = {f"{method} {path}" for method, path in (*guarded(PAGES), *guarded(API))}
    assert there == {place for place in reviewed() if not place.startswith("SFTP ")}
