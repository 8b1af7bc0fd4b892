"""Somebody who reads all that there is for them: every page, API answer, file and folder."""

import re
import stat
from collections.abc import Iterable, Iterator
from io import BytesIO

from pypdf import PdfReader
from sqlalchemy import inspect, text
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from exchange.accounts import sessions
from exchange.errors import PortalError, SignInRefusedError
from exchange.models.registry import SupportCase
from exchange.runtime import Exchange
from roles.policy import Channel
from sftp_gateway.attributes import Changes
from sftp_gateway.filesystem import READ, Filesystem
from sftp_gateway.paths import canonical
from tests.support.partners import Partner
from web.door import cookie_name
from web.routes import API, HEALTH, PAGES

HERE = "http://localhost"
NOBODY = "6f0e0d6e-0000-4000-8000-000000000000"
PARTS = {"ending": "csv", "program": "lump-sum", "role": "tribe"}
_MOST = 1_000_000
Read = tuple[str, str]
"""Where something was read, and all of it."""


def entered(app: Starlette, partner: Partner) -> TestClient:
    """A browser with a session, without the way through the sign-in."""
    token = sessions.open_session(partner.exchange, partner.actor, "")
    cookies = {cookie_name(partner.exchange.settings): token}
    return TestClient(app, HERE, cookies=cookies, follow_redirects=False)


def program_of(app: Starlette, partner: Partner) -> TestClient:
    """A program with a token."""
    return TestClient(app, HERE, headers={"Authorization": f"Bearer {partner.token()}"})


def routes(part: str = "") -> list[str]:
    """The paths that can be read, or those with something in them."""
    every = [
        one for one in (*PAGES, *API, *HEALTH) if isinstance(one, Route) and "GET" in (one.methods or ())
    ]
    return [one.path for one in every if re.search(part, one.path)]


def pages(app: Starlette, partner: Partner, paths: Iterable[str], ids: Iterable[str]) -> Iterator[Read]:
    """Each of these paths, with each id where one is wanted: for a page by session, for a call by token."""
    browser, program = entered(app, partner), program_of(app, partner)
    for path in paths:
        client = program if path.startswith("/api/") else browser
        wanted = (*ids, NOBODY) if "{id}" in path and "locate" in path else (NOBODY,)
        for one in wanted if "{id}" in path else wanted[:1]:
            address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda name, one=one: _part(name[1], one), path)
            yield f"GET {address} as {partner.account.username}", told(client, "GET", address)


def told(client: TestClient, method: str, path: str, **given: object) -> str:
    """Status, headers and body of an answer; of paper what stands on it."""
    answer = client.request(method, path, **given)
    body = answer.text
    if answer.headers.get("content-type", "").startswith("application/pdf"):
        body += "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    return f"{answer.status_code} {dict(answer.headers)}\n{body}"


def folders(exchange: Exchange, partner: Partner) -> Iterator[Read]:
    """Names and contents of all that the SFTP door shows; nothing to whom it does not let in."""
    try:
        files = Filesystem(exchange, partner.through(Channel.SFTP))
    except SignInRefusedError:
        return

    def below(path: str) -> Iterator[Read]:
        for name, kind in files.names(canonical(path.encode())):
            yield f"SFTP {path}", name
            if stat.S_ISDIR(kind.mode):
                yield from below(f"{path}/{name}")
            else:
                yield f"SFTP {path}/{name}", _content(files, f"{path}/{name}")

    yield from below("")


def _content(files: Filesystem, path: str) -> str:
    """What stands in a file, or why it is not for the reader."""
    try:
        opened = files.open(canonical(path.encode()), READ, Changes())
    except PortalError as refusal:
        return str(refusal)
    content = bytes(opened.read(0, _MOST)).decode("latin-1")
    opened.close()
    return content


def at_rest(exchange: Exchange) -> Iterator[Read]:
    """Every cell of every table but the case registry's own cases, and every file but the database's."""
    with exchange.engine.connect() as connection:
        for table in set(inspect(exchange.engine).get_table_names()) - {SupportCase.__tablename__}:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # our own names
                for one in row:
                    binary = isinstance(one, bytes | memoryview)
                    yield f"table {table}", bytes(one).decode("latin-1") if binary else str(one)
    for file in exchange.settings.home.rglob("*"):
        if file.is_file() and not file.name.startswith("portal.db"):
            yield f"file {file.name}", file.read_bytes().decode("latin-1")


def _part(name: str, one: str) -> str:
    return one if name == "id" else PARTS.get(name, "x")
