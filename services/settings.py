"""What the environment and the secrets say: read once, at the edge, into one frozen value."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.app_settings import AppSettings, read_apps
from services.base_url import SettingsError

__all__ = ["AppSettings", "Settings", "SettingsError", "refuse_exposure"]


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    apps: tuple[AppSettings, ...] = ()
    """None where nothing is configured: the embedded backend is used then."""
    remarks: tuple[str, ...] = ()
    """What was mended in the configuration, or left out of it, for the log and the page."""

    @property
    def database(self) -> Path:
        return self.data_dir / "console.sqlite3"

    @classmethod
    def read(
        cls, environ: Mapping[str, str], root: Path, secrets: Mapping[str, Any] | None = None
    ) -> Settings:
        """From the apps (services.app_settings) and DATA_DIR, relative to `root`; `secrets` is what
        secrets.toml holds. Raises SettingsError where no app can work as it is configured.
        """
        data_dir = root / (environ.get("DATA_DIR", "").strip() or "data")
        apps, remarks = read_apps(environ, secrets or {})
        return cls(data_dir, apps, remarks)


def refuse_exposure(address: str | None) -> None:
    """Raise SettingsError where the site would listen beyond this machine while nobody has to sign in."""
    if address == "localhost":
        return
    try:
        inside = bool(address) and ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise SettingsError(
            f"server.address is {address or 'not set (every network)'}, but nobody has to sign in to this "
            "site, so it may listen on this machine alone. Set server.address to 127.0.0.1."
        )
