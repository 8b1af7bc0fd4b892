"""Every setting of an installation, from `PORTAL_*` variables and a TOML file; nobody else reads either."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """An installation's settings. Sizes are in bytes, times in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="forbid")
    config_file: ClassVar[Path | None] = None

    home: Path = Field(Path("home"), description="Folder that holds whatever has no place of its own")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite under home")
    store: Path = Field(Path(), description="Folder of the sealed blobs; empty means home/store")
    keyring: Path = Field(Path(), description="Keyring file; empty means home/keys/keyring.json")
    receipt_key: Path = Field(Path(), description="Receipt signing key; empty means home/keys/receipt.pem")
    host_keys: Path = Field(Path(), description="Folder of SSH host keys; empty means home/keys")
    breached_passwords: Path = Field(
        Path(), description="List made by `portal passwords load`; empty means home/breached-passwords"
    )
    demonstration: bool = Field(default=False, description="Show demonstration accounts on the sign-in page")
    shared_accounts: tuple[str, ...] = Field(
        (), description="Demonstration: accounts of all visitors, which none of them may close or take over"
    )
    synthetic_people: bool = Field(
        default=False,
        description="Accept only never-issued SSNs (tests and demonstrations) instead of real ones",
    )

    web_host: str = "127.0.0.1"
    web_port: int = 8080
    public_url: str = Field("", description="Address users see; empty means http://web_host:web_port")
    sftp_host: str = "127.0.0.1"
    sftp_port: int = 2022
    sftp_connections_of_account: int = Field(
        20, ge=1, description="SFTP connections that one account may have at once with one gateway"
    )
    certificate_days: int = Field(
        90,
        ge=1,
        description="Longest validity of a user certificate, in days; a longer one is refused at SFTP",
    )
    sftp_bandwidth: int = Field(
        0, ge=0, description="Bytes a second of all SFTP connections of one organization; 0 for no limit"
    )
    sftp_nist_curves: bool = Field(
        default=False,
        description="Offer SFTP key exchange over NIST's curves, too: for clients in FIPS mode and old Java",
    )
    drain_seconds: int = Field(
        3600, ge=0, description="After a reload: seconds that transfers under way may take to finish"
    )
    operations_host: str = "127.0.0.1"
    operations_port: int = Field(0, description="Listener for /metrics; 0 leaves it off")
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses whose X-Forwarded-For is believed")

    max_file_size: int = 4096 * MEBIBYTE
    quota: int = Field(50 * 1024 * MEBIBYTE, description="Space of one organization")
    pool_size: int = Field(8, description="Database connections, and worker threads, of one process")
    workers: int = Field(1, description="Worker processes that `serve` starts")

    idle_minutes: int = 15
    absolute_hours: int = 8
    attempts: int = Field(3, description="Wrong sign-ins before a pause")
    attempt_window_minutes: int = 15
    lock_minutes: int = 30
    reset_wait_minutes: int = Field(
        24 * 60, ge=1, description="Minutes between the agreement of two people to a reset and the reset"
    )
    draft_days: int = Field(7, description="Days an unfinished upload is kept")

    locate_sources: dict[str, str] = Field(
        default_factory=dict,
        description="Locate: address of each source by its code, https://... or unix:/path",
    )
    guide_requests: int = Field(
        300,
        ge=0,
        description="Requests a minute for the guide from one address without a sign-in; 0 for no limit",
    )
    link_check: bool = Field(
        default=False, description="Ask once a week whether the web addresses in the reference guide answer"
    )
    link_check_seconds: float = Field(8.0, gt=0, description="Seconds that one of them may take to answer")
    link_check_loopback: bool = Field(
        default=False, description="Let that question go to this machine itself, too (tests only)"
    )

    clamav: str = Field("", description="clamd: unix:/path or host:port; empty means files are not scanned")
    allow_unscanned: bool = Field(
        default=False, description="Production: accept files although no scanner is set"
    )
    smtp: str = Field(
        "", description="smtp://user:password@host:port for notices; empty writes them to mail_folder"
    )
    mail_folder: Path = Field(Path(), description="Folder for notices; empty means home/mail")
    mail_from: str = "no-reply@portal.example.org"

    @model_validator(mode="before")
    @classmethod
    def _fill_places(cls, values: dict[str, Any]) -> dict[str, Any]:
        home = Path(values.get("home") or "home").absolute()
        places = {
            "store": home / "store",
            "keyring": home / "keys" / "keyring.json",
            "receipt_key": home / "keys" / "receipt.pem",
            "host_keys": home / "keys",
            "breached_passwords": home / "breached-passwords",
            "mail_folder": home / "mail",
        }
        filled = {name: values.get(name) or place for name, place in places.items()}
        url = values.get("database_url") or f"sqlite:///{home / 'portal.db'}"
        return {**values, **filled, "home": home, "database_url": url}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base class names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then variables, then the TOML file."""
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        assert isinstance(env_settings, EnvSettingsSource)
        sources += (_Mistyped(settings_cls, env_settings),)
        if cls.config_file is not None:
            sources += (TomlConfigSettingsSource(settings_cls, cls.config_file),)
        return sources


class _Mistyped(InitSettingsSource):
    """Variables that look like ours and name no setting: given on as they are, to be refused by name."""

    def __init__(self, settings_cls: type[BaseSettings], variables: EnvSettingsSource) -> None:
        ours = {f"portal_{name}" for name in settings_cls.model_fields}
        unknown = {name for name in variables.env_vars if name.startswith("portal_")} - ours
        super().__init__(settings_cls, {name.upper(): "(not shown)" for name in unknown})


def load(config: Path | None = None, **overrides: object) -> Settings:
    """Settings from `config` (TOML), the environment and `overrides`, the last winning.

    Raises `pydantic.ValidationError` naming every wrong or unknown setting.
    """
    chosen = type("Settings", (Settings,), {"config_file": config, "__module__": __name__})
    return chosen(**overrides)  # type: ignore[no-any-return]  # the subclass only carries the file's path
