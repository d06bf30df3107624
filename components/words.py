"""Every word the site says, in one catalogue; and how foreign text is kept from being markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
ADDRESS = re.compile(r"://|www\.|@")
JOINER = "\u2060"
"""Takes no room; put into an address, it is one no longer."""
EMPHASIS = re.compile(r"[*~]+|(?<![^\W_])_+|_+(?![^\W_])")
SPACE = "\ufeff"
"""Takes no room either, and is a space to markdown: what stands before it begins no emphasis, no name."""
MEANING = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|:(?=\w)|\w(?=[\[{])|&(?=[\w#])|<(?=\S)|\](?=[(:\[])|[-<>~](?=[-=>])|^[#>+-]|^\d+(?=[.)])"
)
"""After one of these more has to follow at once to be a directive, an entity, a link, an arrow, a list …"""
PAIRED = {"$": "\uff04", "`": "\u02cb"}
"""Two of them enclose maths or code, whatever is between: others of the same look do not."""


def line(text: str, longest: int = 80) -> str:
    """Foreign text on one line, for what knows no markdown: the options of a select box."""
    joined = " ".join(text.split())
    return joined if len(joined) <= longest else joined[: longest - 1] + "…"


def plain(text: str, longest: int = 80) -> str:
    """Foreign text for st.markdown: one line, no image, link, maths or directive comes of it."""
    return MARKDOWN.sub(r"\\\1", _unlinked(line(text, longest)))


def label(text: str, longest: int = 80) -> str:
    """The same for the label of a widget, which a screen reader gets as it is: with no backslash in it."""
    shown = _unlinked(line(text, longest))
    for sign, lookalike in PAIRED.items():
        if shown.count(sign) > 1:
            shown = shown.replace(sign, lookalike)
    shown = MEANING.sub(lambda found: found[0] + SPACE, shown)
    return EMPHASIS.sub(lambda found: found[0] + SPACE, shown)


def _unlinked(text: str) -> str:
    return ADDRESS.sub(lambda found: f"{found[0][:-1]}{JOINER}{found[0][-1]}", text)


DEMO: Final = "Demo mode"
EMBEDDED: Final = "Demo mode: no Dify is configured."
EMBEDDED_HELP: Final = (
    "Answers come from the built-in backend, and conversations stay on this machine. Set DIFY_BASE_URL and "
    "DIFY_API_KEY to talk to your own Dify app."
)
STARTING: Final = "The built-in backend is starting. This page goes on by itself in a moment."
NO_COOKIES: Final = (
    "This browser sends no cookies, so the site cannot tell your conversations from those of others. "
    "Allow cookies for this site, then load the page again."
)
NOT_THEIRS: Final = "This conversation does not exist, or it belongs to somebody else."
NOT_SERVED: Final = (
    "This Dify app is a {kind} app. The console serves chat apps, agents and chatflows; use the key of one "
    "of those."
)
NEW_CHAT: Final = "New chat"
ASK: Final = "Ask a question"
RETRY: Final = "Try again"
SETTINGS: Final = "Settings"
WHOLE_ANSWERS: Final = "Whole answer at once"
WHOLE_MEANS: Final = (
    "Answers appear when they are complete, not word by word. Stop then only ends the waiting here: the app "
    "cannot be told to stop, and goes on. Answers that take longer than about 100 seconds may be cut off on "
    "the way; they are then looked for in the app's history."
)
WHOLE_NOT_AGENTS: Final = (
    "This app is an agent, and Dify sends an agent's answers only word by word, so they cannot be had whole."
)
KEYBOARD: Final = "Keyboard"
SHORTCUTS: Final = (
    ("Enter", "send the question"),
    ("Shift+Enter", "begin a new line"),
    ("↑", "bring back an earlier question, where nothing is typed"),
    ("Esc", "stop the running answer, close a box"),
    ("Shift+Tab", "go back from the field to the buttons of an answer"),
    ("← →", "other attempts, where you are at ‹ 2/3 ›"),
    ("Ctrl+Enter", "save the reason for a rating"),
    ("j k", "go down and up: in Annotations, in Feedback, and from an opened rating to the next"),
    ("a e h", "in Feedback: make an annotation, go to its answer, mark as handled"),
    ("/", "choose a ready prompt, where nothing is typed"),
    ("j k", "on the page Work: next and previous conversation"),
    ("x", "there: select it; Enter opens it"),
    ("1 2 3", "there: new, triaged, done"),
    ("?", "show these keys, unless you type"),
)

REFUSALS: Final = {
    "denied": "This was not done: your role may read here, but not ask. An administrator can change that.",
    "inputs": "This was not sent: the form above still needs something. Your text is kept below.",
    "file": "This was not sent: {problem} Your text is kept below.",
    "limit_sends": "You have asked more than this site lets one person ask in a minute. Try again in {wait} "
    "seconds; your text is kept below.",
    "limit_runs": "As many of your answers are on their way as this site lets one person have. Wait for one, "
    "or stop one; your text is kept below.",
    "path": "The earlier questions could not be read, so nothing was asked. {problem}",
    "too_long": "This question is over 250,000 characters, so it was not sent. Shorten it, or ask about a "
    "part; your text is kept below.",
}


def refusal(told: Mapping[str, str]) -> str:
    """`code` and the details that its words name; these are foreign text."""
    details = {name: plain(text, 200) for name, text in told.items()}
    return REFUSALS[told["code"]].format(**details)


FORM: Final = "Before you start"
FORM_STARTED: Final = "Started with"
FORM_FIXED: Final = "The app keeps these for the whole conversation. Other values need a new chat."
FORM_ANEW: Final = "New chat with other values"
FORM_FILES_ANEW: Final = "The new chat takes over what was filled in; files have to be picked again."
FORM_FILE: Final = "a file"
FORM_PROBLEMS: Final = {
    "required": "This is needed.",
    "too_long": "At most {limit} characters.",
    "number": "A number, please.",
    "option": "Choose one of the list.",
    "json": 'A JSON object, please, such as {{"city": "Berlin"}}.',
}
YES: Final = "yes"
NO: Final = "no"
FORM_JSON: Final = "A JSON object"
UNFIT: Final = {
    "empty": "{name} is empty.",
    "type": "the app does not take files like {name}.",
    "size": "{name} is too large: {limit} MB at most.",
    "content": "{name} is not what its name says.",
    "many": "{limit} files at most.",
}
ERRORS: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "transcript" / "frontend" / "errors.json").read_text(encoding="utf-8")
)
"""By code of services.dify.errors, of Dify, or of ours: what happened (title), who can mend it and what to do
now (advice), and the action that does it: retry, wait (some `seconds`), renew (in a new conversation), none.
The transcript's scripts read the same file, so that it does not travel with each run of a page."""
