"""The pages where passwords are typed, and their words: HTML in this site's look, which runs no script."""

from __future__ import annotations

import math
from html import escape
from typing import Final

from services import frontend
from services.accounts.passwords import SHORTEST, Weakness
from services.accounts.sessions import SignedIn

TITLE: Final = "Dify console"
SIGN_IN: Final = "Sign in"
NAME: Final = "Name"
TYPED: Final = "Password"
CHOOSE: Final = "Choose a new password"
FIRST: Final = "The password you have signed in with works once. Choose one that only you know."
CURRENT: Final = "Current password"
ONE_TIME: Final = "One-time password"
NEW: Final = "New password"
AGAIN: Final = "New password, again"
RULE: Final = f"At least {SHORTEST} characters. A few words that belong together only for you are a good one."
ENDS: Final = "You are then signed out on all other devices."
SAVE: Final = "Save password"
BACK: Final = "Back"
FORGOTTEN: Final = "Forgotten your password? An administrator can give you a new one."

NOT_SIGNED_IN: Final = "You are not signed in"
ADMINISTRATOR: Final = "an administrator of this site"
AGAIN_FROM_HERE: Final = "Sign in again"
PROVIDER_AWAY: Final = (
    "The sign-in service cannot be reached now. Try again in a moment; if it stays so, tell {contact}."
)
PROVIDER_REFUSED: Final = (
    "The sign-in service did not let you in, or you have turned back there. Try again; if it does not let "
    "you, ask {contact} whether you may use this site."
)
PROVIDER_FAILED: Final = (
    "The sign-in service sent you back, but this site could not verify who you are. This happens when a "
    "sign-in took long, or was begun in another tab. Try again; if it stays so, tell {contact}."
)

WRONG: Final = (
    "Name and password do not match an account that may sign in. Check both; one-time passwords work for "
    "three days."
)
WRONG_CURRENT: Final = "That is not your current password. Type it again."
DIFFERENT: Final = "The two new passwords differ. Type the same one twice."
UNREADABLE: Final = (
    "The site cannot read or write its database now, so nothing was done. Try again in a moment."
)
NO_ACCOUNTS: Final = (
    "There are no accounts yet. On the server run: .venv/bin/python -m services.accounts admin <name>. "
    "It prints a one-time password to sign in with."
)
WEAK: Final[dict[Weakness, str]] = {
    "short": f"That password is too short: at least {SHORTEST} characters, please.",
    "long": "That password is too long: at most 256 characters, please.",
    "name": "That password is little more than your name. Choose another one.",
    "monotonous": "That password repeats the same few characters. Choose another one.",
    "same": "That is the password you have already. Choose another one.",
}


def wait(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    time = "a minute" if minutes < 2 else f"{minutes} minutes"
    return (
        f"Too many attempts have failed. Wait {time}, then try again; an administrator can give you a new "
        "password."
    )


def signing_in(wanted: str, problem: str = "", name: str = "") -> str:
    """`wanted` is the path to go on to."""
    fields = (
        _field("name", NAME, kind="text", complete="username", value=name, focus=not name),
        _field("password", TYPED, complete="current-password", focus=bool(name)),
    )
    foot = f'<p class="note">{escape(FORGOTTEN)}</p>'
    return _page(SIGN_IN, problem, _form("/signin", wanted, fields, SIGN_IN) + foot)


def new_password(who: SignedIn, wanted: str, problem: str = "") -> str:
    intro = FIRST if who.must_change else ENDS
    fields = (
        f'<input type="text" name="name" value="{escape(who.name)}" autocomplete="username" hidden>',
        _field("current", ONE_TIME if who.must_change else CURRENT, complete="current-password", focus=True),
        _field("new", NEW, complete="new-password", note=RULE),
        _field("again", AGAIN, complete="new-password"),
    )
    back = "" if who.must_change else f'<p class="note"><a href="{escape(wanted)}">{escape(BACK)}</a></p>'
    body = f"<p>{escape(intro)}</p>{_form('/password', wanted, fields, SAVE)}{back}"
    return _page(CHOOSE, problem, body)


def not_signed_in(told: str) -> str:
    """Where somebody ends whose sign-in elsewhere has come to nothing."""
    return _page(NOT_SIGNED_IN, told, f'<p><a href="/">{escape(AGAIN_FROM_HERE)}</a></p>')


def _field(
    name: str,
    label: str,
    *,
    kind: str = "password",
    complete: str,
    value: str = "",
    note: str = "",
    focus: bool = False,
) -> str:
    told = f'<span class="note" id="{name}-note">{escape(note)}</span>' if note else ""
    described = f' aria-describedby="{name}-note"' if note else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" required maxlength="256" '
        f'autocomplete="{complete}" autocapitalize="none" spellcheck="false"{described}'
        f"{' autofocus' if focus else ''}>{told}"
    )


def _form(action: str, wanted: str, fields: tuple[str, ...], button: str) -> str:
    onward = f'<input type="hidden" name="next" value="{escape(wanted)}">'
    return (
        f'<form method="post" action="{action}">{onward}{"".join(fields)}'
        f"<button>{escape(button)}</button></form>"
    )


def _page(heading: str, problem: str, body: str) -> str:
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    style = f"/{frontend.path()}signing.css"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{escape(heading)} – {TITLE}</title><link rel="stylesheet" href="{style}"></head>'
        f'<body><main><p class="brand">{TITLE}</p><h1>{escape(heading)}</h1>{told}{body}</main></body></html>'
    )
