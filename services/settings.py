"""What the site was told by its environment: read once, at the edge, into one frozen value."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import sqlalchemy as sa

CLOUD = "https://api.dify.ai/v1"


class SettingsError(ValueError):
    """The configuration cannot work; the message says what to set, to a person."""


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
    postgres: sa.URL | None = None
    """The database in the place of the file; its password shows in no repr and no str."""

    @property
    def database(self) -> Path:
        """The file, where no PostgreSQL is configured."""
        return self.data_dir / "console.sqlite3"

    @classmethod
    def read(cls, environ: Mapping[str, str], root: Path) -> Settings:
        """From DIFY_BASE_URL, DIFY_API_KEY, DIFY_DATASET_API_KEY, DATABASE_URL and DATA_DIR (in `root`).

        Raises SettingsError where only half is set, or where it cannot be an address or a key.
        """
        data_dir = root / (environ.get("DATA_DIR", "").strip() or "data")
        postgres = _postgres(environ.get("DATABASE_URL", "").strip())
        base_url = environ.get("DIFY_BASE_URL", "").strip()
        api_key = environ.get("DIFY_API_KEY", "").strip()
        if not base_url and not api_key:
            return cls(data_dir, postgres=postgres)
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
        return cls(data_dir, AppSettings("app", mended, api_key, dataset_key), remarks, postgres)


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
