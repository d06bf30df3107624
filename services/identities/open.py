"""No sign-in: one person per browser, known by an id in an HttpOnly cookie that the site made and signed.

Everybody is an admin of their own machine, so the site then listens on loopback alone.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from services.identity import Identity, Mode, Role, Secret

COOKIE = "console_id"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer."""


class Open:
    mode: Mode = "open"

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def new_cookie(self) -> str:
        """A value for a browser that has none: `<id>.<signature>`."""
        name = secrets.token_urlsafe(18)
        return f"{name}.{self._signature(name)}"

    def role(self, user: str) -> Role | None:  # noqa: ARG002 - everybody is
        return Role.ADMIN

    def refusal(self, _cookies: Mapping[str, str], _headers: Mapping[str, str]) -> None:
        """Nobody has signed in elsewhere."""

    def introduction(self, *, secure: bool) -> str | None:
        ending = "; Secure" if secure else ""
        return f"{COOKIE}={self.new_cookie()}; Path=/; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Lax{ending}"

    def of(
        self, cookies: Mapping[str, str], _headers: Mapping[str, str], _peer: str | None
    ) -> Identity | None:
        """Headers and the peer's address decide nothing here."""
        name, _, signature = cookies.get(COOKIE, "").partition(".")
        if not name or not hmac.compare_digest(signature.encode(), self._signature(name).encode()):
            return None
        return Identity(self._secret.user(self.mode, name), Role.ADMIN)

    def _signature(self, name: str) -> str:
        return self._secret.digest("cookie", name)[:32]
