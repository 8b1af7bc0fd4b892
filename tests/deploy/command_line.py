"""The command line as a function: arguments in, exit code and words out."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Portal = Callable[..., Outcome]
