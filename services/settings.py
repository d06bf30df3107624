"""What the environment and the secrets say: read once, at the edge, into one frozen value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.app_settings import AppSettings, read_apps
from services.auth_settings import AuthSettings
from services.identity import Mode
from services.limits import Limits
from services.settings_error import SettingsError

__all__ = ["AppSettings", "Settings", "SettingsError", "refuse_exposure"]


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    apps: tuple[AppSettings, ...] = ()
    """None where nothing is configured: the embedded backend is used then."""
    remarks: tuple[str, ...] = ()
    """What was mended in the configuration, or left out of it, for the log and the page."""
    postgres: sa.URL | None = None
    """The database in the place of the file; its password shows in no repr and no str."""
    auth: AuthSettings = field(default_factory=AuthSettings)
    limits: Limits = field(default_factory=Limits)
    retention_days: int | None = None
    """After so many days the site lets go of what it has stored; None: never."""

    gaps_by_meaning: bool = True
    """Whether questions without a good answer are also compared by meaning, where that is installed."""

    @property
    def database(self) -> Path:
        """The file, where no PostgreSQL is configured."""
        return self.data_dir / "console.sqlite3"

    @classmethod
    def read(
        cls, environ: Mapping[str, str], root: Path, secrets: Mapping[str, Any] | None = None
    ) -> Settings:
        """From the apps (services.app_settings), AuthSettings, DATABASE_URL, RETENTION_DAYS,
        GAPS_BY_MEANING and DATA_DIR (in `root`);
        `secrets` is what secrets.toml holds. Raises SettingsError where no app can work as it is configured.
        """
        data_dir = root / (environ.get("DATA_DIR", "").strip() or "data")
        apps, remarks = read_apps(environ, secrets or {})
        postgres = _postgres(environ.get("DATABASE_URL", "").strip())
        auth, limits = AuthSettings.read(environ), Limits.read(environ)
        by_meaning = environ.get("GAPS_BY_MEANING", "").strip().lower() not in {"off", "0", "no", "false"}
        return cls(data_dir, apps, remarks, postgres, auth, limits, _days(environ), by_meaning)


def _days(environ: Mapping[str, str]) -> int | None:
    told = environ.get("RETENTION_DAYS", "").strip()
    if not told:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,4}", told):
        raise SettingsError(
            "RETENTION_DAYS is not a number of days. It is 1 or more; without it nothing goes by its age."
        )
    return int(told)


def _postgres(address: str) -> sa.URL | None:
    if not address:
        return None
    try:
        url = sa.make_url(address)
        usable = url.drivername in {"postgresql", "postgres", "postgresql+psycopg"} and bool(url.database)
    except (sa.exc.ArgumentError, ValueError):
        usable = False
    if not usable:  # its words would quote the password
        raise SettingsError(
            "DATABASE_URL is not the address of a PostgreSQL database. It looks like postgresql://user:password"
            "@host:5432/database. Without it everything is kept in a file in DATA_DIR."
        ) from None
    if find_spec("psycopg") is None:
        raise SettingsError(
            "DATABASE_URL is set, but psycopg is not installed. "
            "Run .venv/bin/pip install -r requirements-postgres.txt."
        )
    return url


def refuse_exposure(address: str | None, mode: Mode) -> None:
    """Raise SettingsError where the site would listen beyond this machine while nobody has to sign in."""
    if mode != "open" or address == "localhost":
        return
    try:
        inside = bool(address) and ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise SettingsError(
            f"server.address is {address or 'not set (every network)'}, but nobody has to sign in to this "
            "site, so it may listen on this machine alone. Set server.address to 127.0.0.1, or AUTH to "
            "accounts."
        )
