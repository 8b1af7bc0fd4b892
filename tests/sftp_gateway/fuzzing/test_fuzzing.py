"""Whatever is sent at whichever layer: no process fails, grows, or tells of anybody else's files.

`SEED=N` repeats a run; a failure names its case. `make soak` runs many more cases with seeds of its own.
"""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from exchange.models.transfers import Direction
from exchange.runtime import Exchange
from exchange.transfers import delivery
from sftp_gateway import limits, wire
from tests.acceptance.sizes import SEEDS, SOAK, seed_of, sized
from tests.sftp_gateway.conftest import Gateway, User
from tests.sftp_gateway.fuzzing import messages, requests
from tests.sftp_gateway.fuzzing.books import Books, Secrets
from tests.sftp_gateway.fuzzing.peers import (
    Peer,
    RawTransport,
    Sftp,
    burden,
    plain_packets,
    said_in_plain,
)
from tests.sftp_gateway.fuzzing.pieces import NUMBERS, TYPED, Dice
from tests.sftp_gateway.tools import wait_until

OPENINGS, BEFORE_LOGIN, AFTER_LOGIN = sized(200, 5000), sized(256, 5000), sized(300, 20_000)
REQUESTS, FRAMINGS = sized(8000, 60_000), sized(30, 2000)
MOST_GROWTH = sized(1024 * 1024, 3 * 1024 * 1024)
"""Bytes. A long run hands so much over that SQLite's cache of pages, 2 MB at most, fills as well."""
USUAL = 20261122
"""The seed of every ordinary run: what was found once is found again."""
CASES_AT_ONCE = 8
pytestmark = [pytest.mark.timeout(sized(120, 3600))]


@pytest.fixture(params=SEEDS, ids=str)
def seed(request: pytest.FixtureRequest) -> int:
    return seed_of(request.param if request.param is not None or SOAK else USUAL)


@contextmanager
def case(seed: int, layer: str, number: int, sent: object) -> Iterator[None]:
    """Tell which case failed."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"SEED={seed}: case {number} of {layer}: {sent!r}"[:3000])
        raise


@pytest.fixture
def unharmed(gateway: Gateway, user: User) -> Iterator[None]:
    """Afterwards the gateway serves as before, logged no fault, and nothing that was typed."""
    log = Path(gateway.folder / "gateway.log")
    start = log.stat().st_size
    yield
    assert serves(gateway.client(user))
    said = log.read_bytes()[start:].decode(errors="replace")
    for word in ("connection_failed", "request_failed", "login_failed", "Traceback", TYPED + "-"):
        assert word not in said, said[max(0, said.find(word) - 1000) :][:4000]
    names = re.sub(r"client='?" + TYPED, "", said)
    assert TYPED not in names
    assert gateway.process.poll() is None


def serves(client: paramiko.SFTPClient) -> bool:
    """Whether a file can be put, and comes back."""
    content, back = b"well" * 20_000, io.BytesIO()
    client.putfo(io.BytesIO(content), "/inbox/files/well.bin")
    client.getfo("/inbox/files/well.bin", back)
    return back.getvalue() == content


@pytest.mark.usefixtures("unharmed")
def test_openings_of_every_kind_come_to_nothing(gateway: Gateway, seed: int) -> None:
    def open_one(number: int) -> None:
        dice = Dice(seed, "openings", number)
        sent = messages.opening(dice, number)
        with case(seed, "openings", number, sent):
            heard = plain_packets(said_in_plain(gateway, dice.cut(sent)))
            assert {packet[0] for packet in heard} <= {1, 3, 20, 21, 31, 33}

    with ThreadPoolExecutor(CASES_AT_ONCE) as pool:
        list(pool.map(open_one, range(OPENINGS)))


@pytest.mark.usefixtures("unharmed")
def test_messages_of_every_number_before_the_login_open_nothing(
    gateway: Gateway, user: User, seed: int
) -> None:
    """Each connection takes as many as it stands; what it says meanwhile tells of no login."""
    peer, transport, said = Peer(gateway, user), None, 0
    for number in range(BEFORE_LOGIN):
        dice = Dice(seed, "before login", number)
        sent = messages.before_login(dice, (number * 101) % 256 if number % 3 else dice.choice((5, 50, 61)))
        with case(seed, "before login", number, sent):
            if transport is None or not transport.is_active():
                transport, said = peer.keyed(), 0
                transport.listen()
                transport.say(b"\x05" + wire.string("ssh-userauth"))
            transport.say(sent)
            said += 1
            if said == CASES_AT_ONCE or sent[0] in {20, 21}:
                assert answers_of(transport) <= {1, 3, 6, 7, 51, 53, 60, 82, 92}
                transport = None


def answers_of(transport: RawTransport) -> set[int]:
    """The numbers of all that came until all was dealt with; ends the connection."""
    found = {message[0] for message in transport.settled() or []}
    transport.close()
    while not transport.heard.empty():
        found.add(transport.heard.get()[0])
    return found


@pytest.mark.usefixtures("unharmed")
def test_messages_of_every_number_after_the_login_harm_nobody(
    gateway: Gateway, user: User, seed: int
) -> None:
    peer, transport = Peer(gateway, user), None
    channel = 0
    for number in range(AFTER_LOGIN):
        dice = Dice(seed, "after login", number)
        sent = messages.after_login(dice, dice.choice((number % 256, 80, 90, 93, 94, 95, 98)), channel)
        if sent[0] in {1, 20, 21}:
            continue  # these begin another state: see below
        with case(seed, "after login", number, sent):
            if transport is None or not transport.is_active():
                transport = peer.signed_in()
                transport.listen()
                channel = 0
            transport.say(sent)
            if number % CASES_AT_ONCE == 0 and (heard := transport.settled()) is not None:
                opened = [int.from_bytes(one[5:9], "big") for one in heard if one[0] == 91]
                channel = opened[-1] if opened else channel
                assert {one[0] for one in heard} <= {3, 81, 82, *range(91, 101)}
    print(f"{AFTER_LOGIN} messages in {peer.logins} connections")


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("number", [1, 20, 21])
def test_a_key_exchange_that_begins_wrongly_ends_the_connection_or_nothing(
    gateway: Gateway, user: User, seed: int, number: int
) -> None:
    peer = Peer(gateway, user)
    for one in range(sized(3, 100)):
        dice = Dice(seed, f"keys {number}", one)
        sent = messages.kexinit(dice) if number == 20 else bytes([number]) + dice.rubbish()
        with case(seed, f"keys {number}", one, sent):
            transport = peer.signed_in()
            transport.listen()
            transport.say(sent[:1] + dice.mutated(sent[1:]))
            transport.say(bytes([dice.randrange(256)]) + dice.rubbish())
            transport.close()


MANY = sized(3000, 50_000)
HARMLESS = (
    b"\x02" + wire.string(bytes(100)),  # ignore
    b"\x03" + wire.uint32(7),  # unimplemented
    b"\x04\1" + wire.string("debug") + wire.string("en"),
    b"\xc8" + bytes(50),  # no message of anybody's
    b"\x50" + wire.string("tcpip-forward") + b"\1" + wire.string("::") + wire.uint32(22),
    b"\x5a" + wire.string("direct-tcpip") + wire.uint32(9) + bytes(8),
)
OF_A_CHANNEL = (
    b"\x5d" + bytes(4) + wire.uint32(1),
    b"\x5e" + bytes(4) + wire.string(bytes(200)),
    b"\x5f" + bytes(4) + wire.uint32(1) + wire.string(bytes(200)),
    b"\x62" + bytes(4) + wire.string("exec") + b"\1" + wire.string("id"),
    b"\x63" + bytes(4),
)


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("inside", [False, True], ids=["before-login", "after-login"])
def test_thousands_of_refused_messages_leave_nothing_on_a_connection(
    gateway: Gateway, user: User, inside: bool
) -> None:
    peer = Peer(gateway, user)
    transport = peer.signed_in() if inside else peer.keyed()
    transport.listen()
    if inside:
        transport.say(b"\x5a" + wire.string("session") + wire.uint32(0) + wire.uint32(2**20) * 2)
    sizes = []
    said = (*HARMLESS, *OF_A_CHANNEL) if inside else HARMLESS
    for number in range(MANY):
        assert transport.say(said[number % len(said)])
        if number % 100 == 99:
            assert transport.settled() is not None
            sizes.append(burden(peer.pid))
    print(f"warm {sizes[len(sizes) // 3]}, at the end {sizes[-1]}")
    assert sizes[-1].memory - sizes[len(sizes) // 3].memory < MOST_GROWTH


class Fuzzed:
    """One SFTP session under fuzz; keeps what is open, and what the client was told."""

    def __init__(self, session: Sftp, books: Books) -> None:
        self.session, self.books = session, books
        self.open: list[bytes] = []
        self.opened = 0
        session.greet()

    def ask(self, asked: list[tuple[int, int, bytes]], pieces: list[bytes]) -> None:
        """Send requests (id, kind, body) in these pieces; each must be answered once, and rightly."""
        self.session.send(pieces)
        for name, kind, body in asked:
            answer = self.session.packet()
            assert answer is not None, "the session ended"
            assert answer[1:5] == wire.uint32(name), "another request's answer"
            requests.check(kind, answer)
            self.books.note(kind, body, answer)
            if answer[0] == requests.HANDLE:
                self.open.append(bytes(wire.Reader(answer[5:]).string()))
                self.opened += 1

    def handles(self) -> list[bytes]:
        """What is open, and what will be open next: the gateway counts."""
        return [*self.open, wire.uint32(self.opened + 1), wire.uint32(self.opened + 2)]

    def close_all(self) -> None:
        """Close whatever is open: what was opened long ago is closed already, or refused."""
        asked = [(number, requests.CLOSE, wire.string(handle)) for number, handle in enumerate(self.open)]
        self.ask(asked, [packed(asked)] if asked else [])
        self.open.clear()


def packed(asked: list[tuple[int, int, bytes]]) -> bytes:
    return b"".join(wire.string(bytes([kind]) + wire.uint32(name) + body) for name, kind, body in asked)


KINDS = (3, 3, 4, 4, 5, 6, 6, 8, 9, 10, 11, 12, 12, 13, 16, 17, 18, 18, 200)


def some(seed: int, start: int, handles: list[bytes]) -> tuple[list[tuple[int, int, bytes]], list[bytes]]:
    """A few requests, and how they are cut into messages."""
    asked = []
    for number in range(start, start + CASES_AT_ONCE):
        dice = Dice(seed, "requests", number)
        kind = dice.choice(KINDS) if number % 4 else number // 4 % 256
        name = int.from_bytes(dice.uint32(), "big")
        asked.append((name, kind, requests.Maker(dice, handles).made(kind)))
    return asked, Dice(seed, "cuts", start).cut(packed(asked))


@pytest.mark.usefixtures("unharmed")
def test_requests_of_every_kind_are_answered_once_and_leave_nothing_behind(
    gateway: Gateway, exchange: Exchange, user: User, secrets: Secrets, seed: int
) -> None:
    """One connection, thousands of requests: its memory and descriptors stay, and so do all files."""
    peer, books = Peer(gateway, user), Books()
    transport = peer.signed_in()
    fuzzed = Fuzzed(peer.session(transport), books)
    sizes = []
    for start in range(0, REQUESTS, CASES_AT_ONCE):
        asked, pieces = some(seed, start, fuzzed.handles())
        with case(seed, "requests", start, asked):
            fuzzed.ask(asked, pieces)
        if len(fuzzed.open) > limits.HANDLES // 2 or start % 400 == 0:
            fuzzed.close_all()
            sizes.append(burden(peer.pid))
    fuzzed.close_all()
    last, warm = burden(peer.pid), sizes[len(sizes) // 2]
    print(f"warm {warm}, at the end {last}, at most {max(one.memory for one in sizes)} bytes")
    assert last.memory - warm.memory < MOST_GROWTH
    wait_until(lambda: burden(peer.pid).descriptors <= warm.descriptors)  # closed after an answer
    print(books.reach())
    secrets.check(bytes(fuzzed.session.heard))
    fuzzed.session.channel.close()
    opened = paramiko.SFTPClient.from_transport(transport)
    assert opened is not None
    assert serves(opened)
    books.most += 1
    books.agree(exchange, user)


@pytest.mark.usefixtures("unharmed")
def test_lengths_that_lie_end_the_connection_or_are_waited_for(
    gateway: Gateway, user: User, secrets: Secrets, seed: int
) -> None:
    peer, transport = Peer(gateway, user), None
    for number in range(FRAMINGS):
        dice = Dice(seed, "framing", number)
        body = bytes([dice.choice(KINDS)]) + dice.uint32() + dice.anything()
        size = dice.choice((len(body) - 1, len(body) + 1, 0, 1, 4, 5, dice.choice(NUMBERS)))
        stream = wire.uint32(max(0, size)) + body + wire.string(b"\x10" + dice.uint32() + wire.string("/"))
        greeting = wire.string(b"\x01" + wire.uint32(3)) if dice.random() < 0.7 else b""
        with case(seed, "framing", number, stream):
            if transport is None or not transport.is_active():
                transport = peer.signed_in()
            try:
                session = peer.session(transport)
            except (paramiko.SSHException, EOFError):
                transport = None
                continue
            session.send(dice.cut(greeting + stream))
            with_end(session)
            secrets.check(bytes(session.heard))


def with_end(session: Sftp) -> None:
    """Say that no more will come, and read all that is still answered."""
    try:
        session.channel.shutdown_write()
    except (OSError, EOFError):
        return
    while session.packet() is not None:
        pass
    session.channel.close()


@pytest.fixture
def others(gateway: Gateway, stranger: User) -> list[str]:
    """Names of files, drafts and receipts that another organization has."""
    client = gateway.client(stranger)
    for name in ("quarterly-report-7F3A.bin", "quarterly-report-9C1E.bin.part", "harmless-name-52D0.txt"):
        client.putfo(io.BytesIO(b"another-organizations-content" * 14_000), f"/inbox/files/{name}")
    handed, draft = "quarterly-report-7F3A.bin", "quarterly-report-9C1E.bin.part"
    return [handed, draft, f"{handed}.receipt.json"]


@pytest.fixture
def secrets(exchange: Exchange, stranger: User, others: list[str]) -> Secrets:
    """What of these the other one has never heard of."""
    del others
    entries = delivery.folder(exchange, stranger.actor, Direction.INBOUND, "files")
    ids = [str(entry.view.id) for entry in entries] + [str(stranger.partner.organization.id), stranger.name]
    sizes = [wire.uint64(entry.view.size) for entry in entries]
    words = ["another-organizations-content", "quarterly-report", "harmless-name-52D0", *ids]
    return Secrets((*(word.encode() for word in words), *sizes))


@pytest.mark.usefixtures("unharmed")
def test_files_of_others_are_answered_like_files_that_do_not_exist(
    gateway: Gateway, user: User, others: list[str], seed: int
) -> None:
    """To the byte, whatever is asked of a path: of two names as long as one another only one is there."""
    peer = Peer(gateway, user)
    one, two = (peer.session(peer.signed_in()) for _ in range(2))
    for session in (one, two):
        session.greet()
    for number in range(sized(150, 5000)):
        dice = Dice(seed, "others", number)
        name = dice.choice(others)
        theirs = f"{dice.choice(PLACES)}{name}".encode()
        nobodys = theirs.replace(b"quarterly", b"nocturnal")
        kind, rest = dice.choice(ABOUT_PATHS)
        with case(seed, "others", number, (kind, theirs)):
            answers = [
                asked_of(session, kind, path, rest) for session, path in ((one, theirs), (two, nobodys))
            ]
            assert answers[0] == answers[1].replace(nobodys, theirs)


PLACES = ("/inbox/files/", "/outbox/files/", "/receipts/", "/inbox/lump-sum/", "/inbox/files/../files//", "/")
ABOUT_PATHS: tuple[tuple[int, bytes], ...] = (
    (3, wire.uint32(1) + wire.uint32(0)),  # to read
    (3, wire.uint32(2) + wire.uint32(0)),  # to go on with
    (7, b""),
    (9, wire.uint32(8) + wire.uint32(5) * 2),
    (11, b""),
    (13, b""),
    (14, wire.uint32(0)),
    (15, b""),
    (17, b""),
    (18, wire.string("/inbox/files/mine.bin")),
    (19, b""),
)


def asked_of(session: Sftp, kind: int, path: bytes, rest: bytes) -> bytes:
    session.send([wire.string(bytes([kind]) + wire.uint32(7) + wire.string(path) + rest)])
    answer = session.packet()
    assert answer is not None
    return answer


def test_a_handle_means_nothing_to_another_session(gateway: Gateway, user: User, stranger: User) -> None:
    """Of the same connection, of another one, and of another organization."""
    mine = Peer(gateway, user)
    transport = mine.signed_in()
    holder, beside, elsewhere = mine.session(transport), mine.session(transport), None
    other = Peer(gateway, stranger)
    elsewhere = other.session(other.signed_in())
    for session in (holder, beside, elsewhere):
        session.greet()
    opening = wire.uint32(0x1A) + wire.uint32(0)
    opened = asked_of(holder, requests.OPEN, b"/inbox/files/held.bin", opening)
    assert opened[0] == requests.HANDLE
    handle = bytes(wire.Reader(opened[5:]).string())
    uses: dict[int, bytes] = {
        4: b"",
        5: bytes(12),
        6: bytes(8) + wire.string("x"),
        8: b"",
        10: bytes(4),
        12: b"",
    }
    for session in (beside, elsewhere):
        for kind, rest in uses.items():
            answer = asked_of(session, kind, handle, rest)
            assert (answer[0], answer[5:9]) == (requests.STATUS, wire.uint32(4)), kind
    written = asked_of(holder, requests.WRITE, handle, bytes(8) + wire.string("whole"))
    closed = asked_of(holder, requests.CLOSE, handle, b"")
    assert written[5:9] == closed[5:9] == bytes(4)
