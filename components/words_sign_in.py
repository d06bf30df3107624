"""Words of signing in and out."""

from __future__ import annotations

from typing import Final

SITE: Final = "Dify console"
WELCOME: Final = "Sign in to chat, and to find your conversations again."
SIGN_IN: Final = "Sign in"
SIGN_IN_WITH: Final = "Sign in with {provider}"
SIGN_OUT: Final = "Sign out"
UNKNOWN_TO_PROXY: Final = (
    "You are not signed in. This site is reached through your organisation's sign-in: open it at the address "
    "you were given. If you came from there, tell the administrator that the site does not know the proxy."
)
