"""Who is signed in now, as admins see and end it, whichever way people sign in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.audit import Audit
from services.identity import Identity, Role


@dataclass(frozen=True, slots=True)
class OpenSession:
    id: str
    """Opens nothing: what a browser shows for it is known to that browser alone."""
    person: str
    """By which all of somebody's sessions are found: an account's name, or the end user at Dify."""
    name: str
    since: float | None
    """Unix seconds; None for one that began before that was written down."""
    seen_at: float | None = None
    """None where that is not known."""


class Keeper(Protocol):
    """What holds the sessions of one way to sign in. Everything may raise StoreError."""

    def open(self) -> list[OpenSession]: ...

    def end(self, digest: str) -> None: ...

    def end_all(self, person: str) -> None: ...


class OpenSessions:
    """Every method needs the role admin, and raises StoreError."""

    def __init__(
        self,
        audit: Audit,
        keeper: Keeper | None = None,
        mine: Callable[[Mapping[str, str]], str | None] = lambda _: None,
    ) -> None:
        """`keeper` is None where this site does not know who is signed in; `mine` finds the session that
        cookies stand for.
        """
        self._audit, self._keeper, self.mine = audit, keeper, mine

    @property
    def known(self) -> bool:
        return self._keeper is not None

    def all(self, identity: Identity) -> list[OpenSession]:
        """Newest first."""
        identity.require(Role.ADMIN)
        return self._keeper.open() if self._keeper else []

    def end(self, identity: Identity, session: OpenSession) -> None:
        identity.require(Role.ADMIN)
        if self._keeper:
            self._audit.record(identity, "session.ended", about=session.name or session.person)
            self._keeper.end(session.id)

    def end_all(self, identity: Identity, session: OpenSession) -> None:
        """Of the person whose session this is."""
        identity.require(Role.ADMIN)
        if self._keeper:
            self._audit.record(identity, "session.ended", about=session.name or session.person, all=True)
            self._keeper.end_all(session.person)
