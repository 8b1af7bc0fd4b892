"""A gateway in a process of its own, as `portal sftp` runs it. Arguments: HOME SOCKET BOUNDS."""

import json
import os
import socket
import sys
from pathlib import Path

from deploy.lifeline import die_with
from deploy.loading import loading

with loading():
    from exchange.runtime import open_exchange
    from exchange.settings import Settings
    from sftp_gateway import server
    from sftp_gateway.limits import Limits
    from sftp_gateway.rotation import KeyRing
    from sftp_gateway.shift import Shift


def main(home: str, descriptor: str, bounds: str) -> None:
    die_with(os.getppid())
    shift = Shift().told_by_signals()
    settings = Settings(home=Path(home), synthetic_people=True, **json.loads(bounds)["settings"])
    listening = socket.socket(fileno=int(descriptor))
    limits = Limits(**json.loads(bounds)["limits"])
    server.serve(open_exchange(settings), listening, KeyRing(settings.host_keys), shift, limits)


if __name__ == "__main__":
    main(*sys.argv[1:])
