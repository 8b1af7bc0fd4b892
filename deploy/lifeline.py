"""Ties a child process to the life of its parent, so that no orphan keeps a port or a lease."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def die_with(parent: int) -> None:
    """Let the kernel kill this process when process `parent` dies, and die now when it already has.

    SIGKILL is right: the parent has vanished without stopping its parts, and every part survives that at
    any instruction. The kernel forgets the wish at a fork, so forked workers state it again for themselves.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
