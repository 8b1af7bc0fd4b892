"""A gateway in a process of its own, as `portal sftp` runs it. Arguments: HOME SOCKET BOUNDS."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from deploy.lifeline import die_with
from exchange.runtime import open_exchange
from exchange.settings import Settings
from sftp_gateway import server
from sftp_gateway.limits import Limits
from sftp_gateway.rotation import KeyRing


def main(home: str, descriptor: str, bounds: str) -> None:
    die_with(os.getppid())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings(home=Path(home), synthetic_people=True, **json.loads(bounds)["settings"])
    listening = socket.socket(fileno=int(descriptor))
    limits = Limits(**json.loads(bounds)["limits"])
    server.serve(open_exchange(settings), listening, KeyRing(settings.host_keys), stop, limits)


if __name__ == "__main__":
    main(*sys.argv[1:])
