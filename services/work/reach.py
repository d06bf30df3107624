"""Whose conversations a member of the staff may work on."""

from __future__ import annotations

from services.audit import Audit
from services.identity import Denied, Identity, Role
from services.looks import Looks


class Reach:
    def __init__(self, looks: Looks, audit: Audit) -> None:
        self._looks, self.audit = looks, audit

    def everybody(self, identity: Identity) -> bool:
        """Whether this person works on the conversations of all end users, and not only on their own.

        Raises StoreError.
        """
        return self._looks.allowed(identity)

    def require(self, identity: Identity, user: str) -> None:
        """Raises Denied unless this person may work on conversations of the end user `user`; StoreError."""
        identity.require(Role.AGENT)
        if user != identity.user and not self.everybody(identity):
            raise Denied("needs the right to look at conversations of others")
