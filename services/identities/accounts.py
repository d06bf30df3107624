"""Local accounts: people sign in by name and password, and a session in the database says who they are."""

from __future__ import annotations

from collections.abc import Mapping

from services.accounts.book import Accounts, folded
from services.identity import Identity, Mode, Role


class LocalAccounts:
    mode: Mode = "accounts"

    def __init__(self, book: Accounts) -> None:
        self.book = book

    def of(
        self, cookies: Mapping[str, str], _headers: Mapping[str, str], _peer: str | None
    ) -> Identity | None:
        """Nobody either while a one-time password waits to be changed."""
        found = self.book.sessions.of(cookies)
        if found is None or found.must_change:
            return None
        return self.book.person(found.name, found.role)

    def user_of(self, name: str) -> str:
        """The end user at Dify of an account."""
        return self.book.person(folded(name), Role.VIEWER).user

    def role(self, user: str) -> Role | None:
        """Of a disabled account, as of none, the lowest."""
        users = {self.user_of(name): role for name, role in self.book.roles()}
        return users.get(user, Role.VIEWER)

    def session_of(self, cookies: Mapping[str, str]) -> str | None:
        """Which of the sessions a browser shows."""
        found = self.book.sessions.of(cookies)
        return found.digest if found else None

    def refusal(self, _cookies: Mapping[str, str], _headers: Mapping[str, str]) -> None:
        """Nobody has signed in elsewhere."""

    def introduction(self, *, secure: bool) -> str | None:  # noqa: ARG002 - as the protocol has it
        """People sign in themselves."""
        return None
