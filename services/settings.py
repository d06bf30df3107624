"""What the site was told by its environment: read once, at the edge, into one frozen value."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from services.auth_settings import AuthSettings
from services.auth_settings import SettingsError as SettingsError  # of all settings
from services.identity import Mode

CLOUD = "https://api.dify.ai/v1"


@dataclass(frozen=True, slots=True)
class AppSettings:
    """One Dify app: where its Service API is (ends in /v1) and the key that names it."""

    slug: str
    base_url: str
    api_key: str = field(repr=False)
    dataset_key: str = field(default="", repr=False)
    """Of the Knowledge API; with it the embedding models of the workspace can be listed."""


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    app: AppSettings | None = None
    """None: nothing is configured, so the embedded backend is used."""
    remarks: tuple[str, ...] = ()
    """What was mended in the configuration, for the log and the page."""
    auth: AuthSettings = field(default_factory=AuthSettings)

    @property
    def database(self) -> Path:
        return self.data_dir / "console.sqlite3"

    @classmethod
    def read(cls, environ: Mapping[str, str], root: Path) -> Settings:
        """From DIFY_BASE_URL, DIFY_API_KEY, DIFY_DATASET_API_KEY, DATA_DIR (relative to `root`), and what
        AuthSettings reads.

        Raises SettingsError where only half is set, or where it cannot be an address or a key.
        """
        data_dir = root / (environ.get("DATA_DIR", "").strip() or "data")
        auth = AuthSettings.read(environ)
        base_url = environ.get("DIFY_BASE_URL", "").strip()
        api_key = environ.get("DIFY_API_KEY", "").strip()
        if not base_url and not api_key:
            return cls(data_dir, auth=auth)
        if not base_url:
            raise SettingsError(
                f"DIFY_API_KEY is set, but DIFY_BASE_URL is not. Set DIFY_BASE_URL to {CLOUD} for Dify "
                "Cloud, or to the address of your own server, ending in /v1."
            )
        if not api_key:
            raise SettingsError(
                "DIFY_BASE_URL is set, but DIFY_API_KEY is not. Set DIFY_API_KEY to the key of your app "
                "(in Dify: the app, then API Access, then API Key; it begins with app-)."
            )
        dataset_key = environ.get("DIFY_DATASET_API_KEY", "").strip()
        for name, key in (("DIFY_API_KEY", api_key), ("DIFY_DATASET_API_KEY", dataset_key)):
            if not _sendable(key):
                raise SettingsError(
                    f"{name} holds a space or a sign that no key has. Copy it again from Dify."
                )
        mended, remarks = _mended(base_url)
        return cls(data_dir, AppSettings("app", mended, api_key, dataset_key), remarks, auth)


def _sendable(key: str) -> bool:
    return key.isascii() and key.isprintable() and " " not in key


def _mended(base_url: str) -> tuple[str, tuple[str, ...]]:
    """The address as the client needs it, and what had to be changed for that."""
    remarks: list[str] = []
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in {"http", "https"} and bool(httpx.URL(base_url).host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise SettingsError(
            f"DIFY_BASE_URL is not a web address. It looks like {CLOUD}: http:// or https://, a host, /v1."
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError("DIFY_BASE_URL must hold no user, password, ? or #. It looks like " + CLOUD)
    path = parts.path.rstrip("/")
    if path != parts.path:
        remarks.append("DIFY_BASE_URL ended in a slash; it was left out.")
    if not path.endswith("/v1"):
        path += "/v1"
        remarks.append("DIFY_BASE_URL did not end in /v1; it was added.")
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), tuple(remarks)


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
