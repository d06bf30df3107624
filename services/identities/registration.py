"""The providers of OIDC that people may sign in at, as secrets.toml describes them under [auth]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.settings_error import SettingsError

SHORTEST_SECRET = 32
NEEDED = ("client_id", "client_secret", "server_metadata_url")
CALLBACK = "/oauth2callback"


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    """That of its section [auth.<name>]; "default" for what stands in [auth] itself."""
    client_id: str
    host: str
    """Where its description is, and its issuer with it …"""
    issuer: str = ""
    """… unless this says which issuer it is."""

    def issued(self, issuer: object) -> bool:
        if not isinstance(issuer, str):
            return False
        return issuer == self.issuer if self.issuer else _host(issuer) == self.host


@dataclass(frozen=True, slots=True)
class Registration:
    origin: str
    """Of this site, as the providers know it: scheme, host and port."""
    providers: Mapping[str, Provider]

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Registration:
        """Raises SettingsError."""
        if not section:
            raise SettingsError("AUTH=oidc needs a section [auth] in .streamlit/secrets.toml; see README.md.")
        address = str(section.get("redirect_uri", ""))
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path != CALLBACK:
            raise SettingsError(
                "redirect_uri in [auth] of secrets.toml must be this site's address and "
                f"{CALLBACK}, such as https://chat.example.com{CALLBACK}."
            )
        if len(str(section.get("cookie_secret", ""))) < SHORTEST_SECRET:
            raise SettingsError(
                f"cookie_secret in [auth] of secrets.toml needs at least {SHORTEST_SECRET} letters and "
                "digits. `openssl rand -hex 32` makes some."
            )
        named = {name: part for name, part in section.items() if _is_provider(part)}
        if "client_id" in section:
            named["default"] = section
        if not named:
            raise SettingsError("[auth] of secrets.toml names no provider: no client_id; see README.md.")
        return cls(f"{parts.scheme}://{parts.netloc}", {n: _provider(n, part) for n, part in named.items()})


def _is_provider(part: object) -> bool:
    return isinstance(part, Mapping) and any(key in part for key in NEEDED)


def _provider(name: str, part: Mapping[str, Any]) -> Provider:
    place = "[auth]" if name == "default" else f"[auth.{name}]"
    if "_" in name:
        raise SettingsError(f"{place} of secrets.toml: Streamlit takes no underscore in a provider's name.")
    for key in NEEDED:
        if not str(part.get(key, "")).strip():
            raise SettingsError(f"{place} of secrets.toml lacks {key}.")
    host = _host(str(part["server_metadata_url"]))
    if not host:
        raise SettingsError(f"server_metadata_url in {place} of secrets.toml is no web address.")
    return Provider(name, str(part["client_id"]), host, str(part.get("issuer", "")))


def _host(address: str) -> str:
    """Google's issuer goes without a scheme at times."""
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
