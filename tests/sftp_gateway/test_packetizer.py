"""The packet reader and the kernel: who sends a little, and a little more, is not kept waiting."""

import socket
import threading
import time

from sftp_gateway.packetizer import BoundedPacketizer

ROUNDS = 60
DELAYED_ACKNOWLEDGEMENT = 0.04


def ask(connection: socket.socket) -> None:
    """Send each request in two parts, as clients do that do not set TCP_NODELAY."""
    for _ in range(ROUNDS):
        connection.sendall(b"a")
        connection.sendall(b"b")
        connection.recv(1)


def seconds_of_rounds() -> float:
    """How long it takes to answer a client that sends each request in two parts."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
        listening.accept()[0] as served,
    ):
        packetizer = BoundedPacketizer(served)
        asking = threading.Thread(target=ask, args=[client])
        began = time.monotonic()
        asking.start()
        for _ in range(ROUNDS):
            assert (packetizer.read_all(1), packetizer.read_all(1)) == (b"a", b"b")
            packetizer.write_all(b"c")
        asking.join()
    return time.monotonic() - began


def test_a_client_that_waits_for_acknowledgements_gets_them_at_once() -> None:
    """In one of a few tries, for others may keep this machine busy; a kernel that waits does so in each."""
    quick = ROUNDS * DELAYED_ACKNOWLEDGEMENT / 2
    assert any(seconds_of_rounds() < quick for _ in range(5))
