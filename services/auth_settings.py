"""How people sign in, as the environment says: AUTH and what belongs to it, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar, get_args

from services.identities.groups import Groups
from services.identities.oidc_settings import OidcSettings
from services.identities.proxy import ProxySettings
from services.identity import Mode, Role
from services.settings_error import SettingsError

T = TypeVar("T")
LONGEST_CONTACT = 200


@dataclass(frozen=True, slots=True)
class AuthSettings:
    mode: Mode = "open"
    plain_user: bool = False
    """Whether Dify gets a person's own subject as end user, not a keyed hash of it."""
    new_role: Role | None = Role.VIEWER
    """Of people in no group that gives one; None: they are not let in."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By group."""
    oidc: OidcSettings | None = None
    proxy: ProxySettings | None = None
    contact: str = ""
    """Whom people ask who are refused; empty: an administrator."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> AuthSettings:
        """From AUTH (open, accounts, oidc, proxy), AUTH_DIFY_USER (hash, plain), AUTH_NEW_ROLE (viewer,
        agent, curator, admin, none), AUTH_ROLES (group=role, …), ADMIN_CONTACT and those of the way itself.
        Raises SettingsError.
        """
        modes: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
        mode = _chosen(environ, "AUTH", modes)
        known = {role.name.lower(): role for role in Role}
        new = _chosen(environ, "AUTH_NEW_ROLE", {**known, "none": None})
        return cls(
            mode,
            _chosen(environ, "AUTH_DIFY_USER", {"hash": False, "plain": True}),
            new,
            Groups.read(environ.get("AUTH_ROLES", ""), new).roles,
            OidcSettings.read(environ) if mode == "oidc" else None,
            ProxySettings.read(environ) if mode == "proxy" else None,
            " ".join(environ.get("ADMIN_CONTACT", "").split())[:LONGEST_CONTACT],
        )

    @property
    def groups(self) -> Groups:
        return Groups(self.roles, self.new_role)


def _chosen(environ: Mapping[str, str], name: str, known: Mapping[str, T]) -> T:
    """What a setting's word stands for; the first one where nothing is set."""
    word = environ.get(name, "").strip().lower()
    if not word:
        return next(iter(known.values()))
    if word not in known:
        raise SettingsError(f"{name} is one of {', '.join(known)}, not {word[:40]!r}.")
    return known[word]
