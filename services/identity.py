"""Who is asking: the one answer for pages and routes, and the role table.

Open mode, the only one so far: no sign-in, one person per browser, known by an id in an HttpOnly cookie that
the site made and signed; everybody is an admin of their own machine. A value that a visitor chose never
becomes `user` at Dify: without the signature it is no identity.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

COOKIE = "console_id"
COOKIE_AGE = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer."""


class Role(IntEnum):
    """viewer < agent < curator < admin: each may do what the ones below may."""

    VIEWER = 1
    """Reads the own history."""
    AGENT = 2
    """Chats, uploads, rates, sets variables of own conversations."""
    CURATOR = 3
    """Keeps annotations."""
    ADMIN = 4
    """Everything, also other people's conversations (audited)."""


class Denied(PermissionError):
    """This person's role does not reach as far as what was asked."""


@dataclass(frozen=True, slots=True)
class Identity:
    user: str
    """The end user at Dify: made from the verified id, never the id itself."""
    role: Role

    def require(self, role: Role) -> None:
        """Raise Denied unless this person has that role or a higher one."""
        if self.role < role:
            raise Denied(f"needs the role {role.name.lower()}")


class Identities:
    """Makes and reads the cookie. `secret` signs it and salts `user`; losing it makes everyone a stranger."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def kept_in(cls, data_dir: Path) -> Identities:
        """With the secret of this folder, made at the first start, readable by its owner alone."""
        path = data_dir / "secret"
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists() or len(path.read_bytes()) < 32:
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(32))
            fresh.replace(path)
        return cls(path.read_bytes())

    def new_cookie(self) -> str:
        """A value for a browser that has none: `<id>.<signature>`."""
        name = secrets.token_urlsafe(18)
        return f"{name}.{self._signature(name)}"

    def of(
        self, cookies: Mapping[str, str], _headers: Mapping[str, str], _peer: str | None
    ) -> Identity | None:
        """The person behind a request, or None for a browser without a valid cookie.

        Headers and the peer's address decide nothing in open mode; sign-in by a proxy will need them.
        """
        name, _, signature = cookies.get(COOKIE, "").partition(".")
        if not name or not hmac.compare_digest(signature.encode(), self._signature(name).encode()):
            return None
        digest = hmac.new(self._secret, f"open:{name}".encode(), hashlib.sha256).hexdigest()
        return Identity(user=f"web-{digest[:32]}", role=Role.ADMIN)

    def _signature(self, name: str) -> str:
        return hmac.new(self._secret, f"cookie:{name}".encode(), hashlib.sha256).hexdigest()[:32]
