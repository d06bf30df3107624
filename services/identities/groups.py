"""Roles from groups: what the company's directory says of a person decides what they may do here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.identity import Role
from services.settings_error import SettingsError


@dataclass(frozen=True, slots=True)
class Groups:
    roles: Mapping[str, Role]
    new: Role | None
    """Of whoever is in none of these groups; None: they are not let in."""

    def role(self, groups: Iterable[str]) -> Role | None:
        """The highest of those that these groups give."""
        return max((self.roles[group] for group in groups if group in self.roles), default=self.new)

    @classmethod
    def read(cls, text: str, new: Role | None) -> Groups:
        """From `support=agent, it=admin`. What follows the last = is the role, so a group may hold one.

        Raises SettingsError.
        """
        roles: dict[str, Role] = {}
        for pair in filter(None, map(str.strip, text.split(","))):
            group, _, name = (part.strip() for part in pair.rpartition("="))
            if not group:
                raise SettingsError(
                    f"AUTH_ROLES holds “{pair}”, which is no group=role. "
                    "It looks like support=agent, it=admin."
                )
            role = role_named(name, "AUTH_ROLES")
            if roles.setdefault(group, role) is not role:
                raise SettingsError(f"AUTH_ROLES gives the group “{group}” two roles. Leave one out.")
        return cls(roles, new)


def role_named(name: str, setting: str) -> Role:
    """Raises SettingsError, which names the setting."""
    try:
        return Role[name.upper()]
    except KeyError:
        known = ", ".join(role.name.lower() for role in Role)
        raise SettingsError(f"{setting} names the role “{name}”, but the roles are {known}.") from None
