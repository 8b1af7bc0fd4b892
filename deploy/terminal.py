"""Tells the hang-up of a terminal, which stops what runs in it, from a SIGHUP that asks for a reload."""

import os
import signal
from typing import Self


class Terminal:
    """The terminal that the program was started from, if there is one that may stop it."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Keep it in view; under nohup(1), which lets SIGHUP be ignored, it has no say."""
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            try:
                self._descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            except OSError:  # a service has none
                self._descriptor = None
        return self

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)

    def is_gone(self) -> bool:
        """Whether it was closed since; the kernel then answers no question about it."""
        return self._descriptor is not None and not os.isatty(self._descriptor)
