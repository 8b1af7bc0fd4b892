"""`portal settings`: what is set, to what, and where that comes from; secrets masked."""

import re
from pathlib import Path

import typer

from deploy.console import Config, Home, say

_PASSWORD_IN_URL = re.compile(r"(?<=://)([^:/@]*):[^@]*@")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settings")(settings)


def settings(config: Config = None, home: Home = None) -> None:
    """Print every setting with its value and its source; passwords in addresses are masked."""
    from deploy.installation import source

    where = source(config, home)
    values = where.settings()
    origins = _origins(config, set(where.overrides))
    width = max(len(name) for name in type(values).model_fields)
    for name in type(values).model_fields:
        origin = origins.get(name, "default")
        say(f"{name:<{width}}  {_shown(getattr(values, name))}  ({origin})")


def _shown(value: object) -> str:
    return _PASSWORD_IN_URL.sub(r"\1:***@", str(value)) or "-"


def _origins(config: Path | None, overridden: set[str]) -> dict[str, str]:
    """The source of each setting that has one: command line before variables before the file."""
    from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

    from exchange.settings import Settings

    file = TomlConfigSettingsSource(Settings, config)() if config else {}
    variables = EnvSettingsSource(Settings)()
    return {
        **dict.fromkeys(file, str(config)),
        **{name: f"PORTAL_{name.upper()}" for name in variables},
        **dict.fromkeys(overridden, "command line"),
    }
