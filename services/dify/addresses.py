"""Addresses at the server: the one that is configured, and the parts of a path that come from elsewhere."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote

import httpx

from services.dify.errors import NotFound


def segment(identifier: str) -> str:
    """One part of a path. Ids are opaque and some come from an address bar; none may leave its place."""
    if identifier in {"", ".", ".."}:
        raise NotFound("not_found", "There is nothing with this id.", 404)
    return quote(identifier, safe="", errors="replace")


def usable(base_url: str) -> httpx.URL:
    """Raises ValueError, without quoting it."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise ValueError("base_url must be http(s)://host[:port]/v1, without a user name or password")
    return url


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
