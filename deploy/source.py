"""Where the settings of an installation come from; apart, so that the supervisor need not load the rest."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange.settings import Settings, load


@dataclass(frozen=True)
class Source:
    """Where an installation's settings come from: a TOML file, and what the command line says over it.

    Holds no secret, so that it can be handed to child processes; the environment they inherit.
    """

    config: Path | None = None
    overrides: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The settings; raises `pydantic.ValidationError` naming every wrong one."""
        return load(self.config, **self.overrides)

    def as_json(self) -> bytes:
        """The source, for a child process."""
        return json.dumps({"config": str(self.config or ""), "overrides": self.overrides}).encode()

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Source":
        """The source that a parent handed down."""
        return cls(Path(told["config"]).absolute() if told["config"] else None, told["overrides"])

    def but(self, **overrides: object) -> "Source":
        """The same source with more said over it."""
        return Source(self.config, {**self.overrides, **overrides})


def source(config: Path | None, home: Path | None) -> Source:
    """The settings' source for a command that was given these options."""
    return Source(config, {"home": str(home.absolute())} if home else {})
