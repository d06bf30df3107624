"""One person's data, erased everywhere this site keeps it: database, files, memory, and open streams end.

What it was is counted first, and written into the audit trail with a hash in the name's place. Dify's own
records are another matter: conversations there are deleted on request (services/privacy/deletion.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.apps import App
from services.audit import Audit
from services.identity import Identity, Role
from services.pending import PendingFiles
from services.privacy import subject as rows
from services.privacy.at_dify import AtDify
from services.privacy.deletion import Deletion, Unfinished
from services.privacy.quoted import unquote
from services.privacy.subject import Subject
from services.store import Store


class OwnAccount(ValueError):
    """Nobody takes away the account by which they are signed in."""


@dataclass(frozen=True, slots=True)
class Erased:
    tag: str
    """What stands where the person was named."""
    counts: Mapping[str, int]
    at_dify: AtDify | None = None


class Erasure:
    """Every method raises Denied below admin, and StoreError."""

    def __init__(
        self,
        store: Store,
        audit: Audit,
        apps: Sequence[App],
        pending: PendingFiles,
        forget: Callable[[str], None],
        digest: Callable[[str], str] | None = None,
    ) -> None:
        """`forget` takes the `user` whom nothing in memory may know; `digest` makes 64 hexadecimal digits of
        a name, the same each time.
        """
        self._store, self._audit, self._pending = store, audit, pending
        self._out_of_memory, self._digest = forget, digest or _digest
        self._deletion = Deletion(store.database, audit, apps)

    def start(self) -> None:
        """Go on with what is still to be deleted at Dify."""
        self._deletion.start()

    def stop(self) -> None:
        self._deletion.stop()

    def unfinished(self, identity: Identity) -> list[Unfinished]:
        """What is still to be deleted at Dify."""
        identity.require(Role.ADMIN)
        return self._deletion.unfinished()

    def found(self, identity: Identity, subject: Subject) -> dict[str, int]:
        """What there is, by kind (services/privacy/holdings.py, `files` besides); empty for nothing."""
        identity.require(Role.ADMIN)
        with self._store.database.begin() as connection:
            counts = rows.counted(connection, rows.known(connection, subject))
        files = sum(map(self._pending.count, subject.users))
        return counts | ({"files": files} if files else {})

    def erase(self, identity: Identity, subject: Subject, *, at_dify: bool = False) -> Erased:
        """All of it goes now; `at_dify` begins to delete the person's conversations at all apps as well.

        Raises OwnAccount.
        """
        identity.require(Role.ADMIN)
        if subject.account and identity.user == subject.user:
            raise OwnAccount
        counts, tag = self.found(identity, subject), f"erased-{self._digest(subject.user)[:12]}"
        told: dict[str, Any] = dict(counts)
        self._audit.record(identity, "person.erasing", about=tag, at_dify=at_dify, **told)
        self._forget(subject)
        who = None if identity.user in subject.users else identity
        with self._store.database.begin() as connection:
            # Whoever wanted that before wants it still.
            at_dify = at_dify or self._deletion.wanted(connection, subject.users)
            unquote(connection, subject)
            rows.erase(connection, rows.known(connection, subject), tag)
            if at_dify:
                self._deletion.want(connection, who, subject.users, tag)
        self._forget(subject)  # what was read into memory meanwhile
        self._store.database.forget()
        self._audit.note(who, "person.erased", about=tag, **told)
        if not at_dify:
            return Erased(tag, counts)
        watched = self._deletion.watch(tag)
        self._deletion.start()
        return Erased(tag, counts, watched)

    def _forget(self, subject: Subject) -> None:
        for user in subject.users:
            self._pending.forget(user)
            self._out_of_memory(user)


def _digest(user: str) -> str:
    return hashlib.sha256(user.encode()).hexdigest()
