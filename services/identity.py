"""Who is asking: the one answer for pages and routes, whichever way people sign in, and the role table.

A value that a visitor chose never becomes `user` at Dify: it is made from a subject that was verified.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Literal, Protocol

Mode = Literal["open", "accounts", "oidc", "proxy"]
LONGEST_USER = 255
"""Characters of an end user's id that Dify keeps."""


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
    """The end user at Dify: made from the verified subject by Secret.user."""
    role: Role
    name: str = ""
    """To be shown; empty where nobody has told one."""
    groups: frozenset[str] = frozenset()
    """As whoever signed this person in has vouched for them; some apps are for some groups alone."""

    def require(self, role: Role) -> None:
        """Raise Denied unless this person has that role or a higher one."""
        if self.role < role:
            raise Denied(f"needs the role {role.name.lower()}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody has signed in elsewhere, and is not let in here."""

    code: Literal["no_group", "unaccepted"]
    """`no_group`: in none of the groups that give a role; `unaccepted`: what the other side said of them is
    not what this site goes by."""
    name: str = ""
    """Only where it can be believed."""


class Identities(Protocol):
    """One way to sign in. Safe to use from any thread."""

    mode: Mode

    def of(self, cookies: Mapping[str, str], headers: Mapping[str, str], peer: str | None) -> Identity | None:
        """The person behind a request, None where nobody is signed in. Asked on each request, and by an open
        stream again and again: it must be quick, and true at that moment.

        `cookies` are those of cookies_in, `headers` those of told_once.
        """

    def role(self, user: str) -> Role | None:
        """What the person behind this end user may do now; None where nobody can say while they are away.

        For work that goes on without them. Raises StoreError.
        """

    def refusal(self, cookies: Mapping[str, str], headers: Mapping[str, str]) -> Refusal | None:
        """Why nobody is known by a request that somebody's sign-in stands behind; None where none does."""

    def introduction(self, *, secure: bool) -> str | None:
        """A Set-Cookie header for a browser that nobody is known by; None where people sign in themselves."""


def told_once(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their name in small letters. One that came twice is left out: whichever of the two were
    taken, somebody else who reads the request may take the other.
    """
    jar: dict[str, str] = {}
    twice: set[str] = set()
    for name, value in headers:
        small = name.lower()
        if small in jar:
            twice.add(small)
        jar[small] = value
    return {name: value for name, value in jar.items() if name not in twice}


def cookies_in(headers: Iterable[str]) -> dict[str, str]:
    """What Cookie headers hold. The first cookie of each name wins, so that a later one cannot push it aside.

    Other sites on this host (any port) may leave cookies that http.cookies does not parse; it would then give
    up the rest of the header, and with it the person.
    """
    jar: dict[str, str] = {}
    for header in headers:
        for pair in header.split(";"):
            name, _, value = pair.partition("=")
            jar.setdefault(name.strip(), value.strip())
    return jar


class Departures:
    """Rings when somebody's sign-in has ended, so that open streams look at once who still may read them."""

    def __init__(self) -> None:
        self._wakes: frozenset[Callable[[], None]] = frozenset()

    def watch(self, wake: Callable[[], None]) -> None:
        """`wake` is called in any thread. Call this and `unwatch` in the event loop's."""
        self._wakes |= {wake}

    def unwatch(self, wake: Callable[[], None]) -> None:
        self._wakes -= {wake}

    def ring(self) -> None:
        for wake in self._wakes:
            wake()


class Secret:
    """Signs cookies and makes users of subjects; losing it makes everyone a stranger."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def kept_in(cls, data_dir: Path) -> Secret:
        """The secret of this folder, made at the first start, readable by its owner alone."""
        path = data_dir / "secret"
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists() or len(path.read_bytes()) < 32:
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(32))
            fresh.replace(path)
        return cls(path.read_bytes())

    def digest(self, purpose: str, text: str) -> str:
        """64 hexadecimal digits that nobody makes without the secret; what is made for one purpose says
        nothing for another."""
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def user(self, mode: Mode, subject: str, *, plain: bool = False) -> str:
        """The end user at Dify for a verified subject: always the same, at most LONGEST_USER characters.

        `plain` sends the subject itself where it fits, for those who look people up in Dify's own console.
        """
        if plain and 0 < len(subject) <= LONGEST_USER:
            return subject
        return f"web-{self.digest(mode, subject)[:32]}"
