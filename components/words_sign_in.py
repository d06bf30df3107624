"""Words of signing in and out."""

from __future__ import annotations

from typing import Final

START_AGAIN: Final = "Once that is mended, start the site again."
SITE: Final = "Dify console"
WELCOME: Final = "Sign in to chat, and to find your conversations again."
SIGN_IN: Final = "Sign in"
SIGN_IN_WITH: Final = "Sign in with {provider}"
SIGN_OUT: Final = "Sign out"
UNKNOWN_TO_PROXY: Final = (
    "You are not signed in. This site is reached through your organisation's sign-in: open it at the address "
    "you were given. If you came from there, tell {contact} that the site does not know the proxy."
)
NOT_LET_IN: Final = "You are not let in here"
SIGNED_IN: Final = "You have signed in, but this site does not let you in."
SIGNED_IN_AS: Final = "You have signed in as **{name}**, but this site does not let you in."
REFUSALS: Final = {
    "no_group": "None of your groups may use it. If you should be able to, ask {contact} for a group that "
    "may, then sign in anew.",
    "unaccepted": "What it was told of you is not what it goes by. You cannot mend that: tell {contact}, who "
    "finds the reason in the site's log.",
}
AS_ANOTHER: Final = "Sign in as somebody else"
