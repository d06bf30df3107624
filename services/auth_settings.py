"""How people sign in, as the environment says: AUTH and what belongs to it, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args

from services.base_url import SettingsError
from services.identity import Mode, Role

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    mode: Mode = "open"
    plain_user: bool = False
    """Whether Dify gets a person's own name as end user, not a keyed hash of it."""
    new_role: Role = Role.VIEWER
    """Of people who come for the first time, where no account of ours says more."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> AuthSettings:
        """From AUTH (open, accounts, oidc, proxy), AUTH_DIFY_USER (hash, plain) and AUTH_NEW_ROLE (viewer,
        agent, curator, admin). Raises SettingsError.
        """
        roles = {role.name.lower(): role for role in Role}
        modes: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
        return cls(
            _chosen(environ, "AUTH", modes),
            _chosen(environ, "AUTH_DIFY_USER", {"hash": False, "plain": True}),
            _chosen(environ, "AUTH_NEW_ROLE", roles),
        )


def _chosen(environ: Mapping[str, str], name: str, known: Mapping[str, T]) -> T:
    """What a setting's word stands for; the first one where nothing is set."""
    word = environ.get(name, "").strip().lower()
    if not word:
        return next(iter(known.values()))
    if word not in known:
        raise SettingsError(f"{name} is one of {', '.join(known)}, not {word[:40]!r}.")
    return known[word]
