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


def test_a_client_that_waits_for_acknowledgements_gets_them_at_once() -> None:
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
    assert time.monotonic() - began < ROUNDS * DELAYED_ACKNOWLEDGEMENT / 2
