"""Passwords: what makes one good enough, and how it is kept (argon2id, with the library's own parameters)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
"""Characters. Beyond the upper bound hashing would be work for whoever asks for it."""
DIFFERENT = 5
"""Characters that differ from each other, at the least."""
Weakness = Literal["short", "long", "name", "monotonous", "same"]
"""`same`: it is the one that is to be replaced."""


class Passwords:
    """`hasher` is another one in tests, where hashing must not take a tenth of a second."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        # Checked in place of an account that is not there, so that nobody can tell by the time.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hashed(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Takes as long for None, which is never right."""
        try:
            self._hasher.verify(kept or self._nobody, _normal(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def weakness(password: str, name: str) -> Weakness | None:
    """Why this cannot be the password of `name`; None if it can."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        return "short"
    if len(normal) > LONGEST:
        return "long"
    if not re.search(r"[^\W\d_]", normal.casefold().replace(name.casefold(), "")) and name.casefold() in (
        normal.casefold()
    ):
        return "name"
    return "monotonous" if len(set(normal)) < DIFFERENT else None


def one_time() -> str:
    """A password to be told over the telephone: 100 bits, without letters that are taken for others."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(5)) for _ in range(4))


def _normal(password: str) -> str:
    """However a keyboard composes a letter, it is the same one. Half a surrogate pair is no text."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())
