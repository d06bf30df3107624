"""The address of a Service API, as a person gave it, made the one that the client needs."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import httpx

from services.settings_error import SettingsError

CLOUD = "https://api.dify.ai/v1"


def mended(base_url: str, called: str) -> tuple[str, list[str]]:
    """The address, ending in /v1, and what had to be changed for that. Raises SettingsError.

    `called` is how sentences name it.
    """
    remarks: list[str] = []
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in {"http", "https"} and bool(httpx.URL(base_url).host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise SettingsError(
            f"{called} is not a web address. It looks like {CLOUD}: http:// or https://, a host, /v1."
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"{called} must hold no user, password, ? or #. It looks like {CLOUD}")
    path = parts.path.rstrip("/")
    if path != parts.path:
        remarks.append(f"{called} ended in a slash; it was left out.")
    if not path.endswith("/v1"):
        path += "/v1"
        remarks.append(f"{called} did not end in /v1; it was added.")
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), remarks
