"""The entry of a child process of `deploy.parts`: `python -m deploy.child PART PARENT [SOCKET ...]`."""

import sys
from typing import Any

from deploy.loading import loading


def main() -> None:
    """Be one part of the portal, without what only a terminal needs."""
    # structlog loads rich where it can, for coloured lines: 10 MB of every process, for logs that are JSON.
    not_to_be_had: Any = None
    sys.modules["rich"] = not_to_be_had
    with loading():
        from deploy.parts import run_child

    run_child()


if __name__ == "__main__":
    main()
