"""Who may use an app."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity import Identity, Role


@dataclass(frozen=True, slots=True)
class Access:
    """A least role; and where groups or users are named, being in one of them or one of these."""

    role: Role = Role.VIEWER
    groups: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    """End users as Dify knows them (Identity.user): what else a person is called may be their own choice."""

    def allows(self, identity: Identity) -> bool:
        """Admins may use every app: they would else have to write themselves into each list."""
        if identity.role is Role.ADMIN:
            return True
        named = identity.user in self.users or bool(self.groups & identity.groups)
        return identity.role >= self.role and (named or not (self.groups or self.users))


EVERYBODY = Access()
