"""Every word the site says, in one catalogue; and how foreign text is kept from being markdown."""

from __future__ import annotations

import re
from typing import Final

MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")


ADDRESS = re.compile(r"://|www\.|@")
JOINER = "\u2060"
"""Takes no room; put into an address, it is one no longer."""


def plain(text: str, longest: int = 80) -> str:
    """Foreign text for a label or st.markdown: one line, no image, link, maths or directive comes of it."""
    line = " ".join(text.split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    unlinked = ADDRESS.sub(lambda found: f"{found[0][:-1]}{JOINER}{found[0][-1]}", line)
    return MARKDOWN.sub(r"\\\1", unlinked)


DEMO: Final = "Demo mode"
EMBEDDED: Final = "Demo mode: no Dify is configured, so answers come from the built-in backend."
EMBEDDED_HELP: Final = (
    "Set DIFY_BASE_URL and DIFY_API_KEY to talk to your own Dify app. Conversations of this demo stay on "
    "this machine."
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
KEYBOARD: Final = "Keyboard"
SHORTCUTS: Final = (
    ("Enter", "send the question"),
    ("Shift+Enter", "begin a new line"),
    ("Esc", "stop the running answer"),
)
NO_CONVERSATIONS: Final = "Your conversations will be listed here."
HISTORY_EMPTY: Final = (
    "No conversations yet. Only those made on this site are listed: Dify's own web app keeps its to itself."
)
LIST_UNREADABLE: Final = "The list cannot be read now."

REFUSALS: Final = {
    "busy": "An answer is still arriving, so this was not sent. Your text is kept below: stop the answer or "
    "wait for its end, then send it.",
    "too_long": "This question is over 250,000 characters, so it was not sent. Shorten it, or ask about a "
    "part; your text is kept below.",
}

QUOTE: Final = "It said: {message}"
ERRORS: Final[dict[str, dict[str, str]]] = {
    "connection_refused": {
        "title": "The app's server cannot be reached.",
        "advice": "Nothing was sent. Try again in a moment; if it stays so, tell the administrator.",
    },
    "unknown_host": {
        "title": "The app's server was not found on the network.",
        "advice": "Tell the administrator to check DIFY_BASE_URL.",
    },
    "tls_failed": {
        "title": "The app's server could not prove who it is.",
        "advice": "Nothing was sent. Tell the administrator to check the server's certificate.",
    },
    "proxy_failed": {
        "title": "The network's proxy does not let the request through.",
        "advice": "Nothing was sent. Tell the administrator to check the proxy settings.",
    },
    "timed_out": {
        "title": "The app did not answer in time.",
        "advice": "It may be overloaded. Try again.",
    },
    "connection_lost": {
        "title": "The connection to the app was lost.",
        "advice": "What had arrived is kept. Ask again for a whole answer.",
    },
    "stalled": {
        "title": "The app stopped sending in the middle of the answer.",
        "advice": "What had arrived is kept. Ask again for a whole answer.",
    },
    "generation_timeout": {
        "title": "The answer took longer than 20 minutes and was given up.",
        "advice": "Ask for less at once.",
    },
    "interrupted": {
        "title": "The site was restarted while this answer arrived.",
        "advice": "What had arrived is kept. Ask again for a whole answer.",
    },
    "incomplete": {
        "title": "The answer broke off.",
        "advice": "What had arrived is kept. Ask again for a whole answer.",
    },
    "no_answer": {
        "title": "The app kept no answer to this question.",
        "advice": "It was probably interrupted. Ask again.",
    },
    "unauthorized": {
        "title": "The app's API key is not accepted.",
        "advice": "Tell the administrator: DIFY_API_KEY must be replaced.",
    },
    "forbidden": {
        "title": "The app's API is switched off.",
        "advice": "The app's owner can switch it on in Dify, under API Access.",
    },
    "not_found": {
        "title": "Dify no longer has this conversation.",
        "advice": "Start a new chat and ask there.",
    },
    "conversation_not_exists": {
        "title": "Dify no longer has this conversation.",
        "advice": "Start a new chat and ask there.",
    },
    "too_many_requests": {
        "title": "The app is busy with other questions.",
        "advice": "Wait a little, then try again.",
    },
    "rate_limit_error": {
        "title": "The model's provider is being asked too often.",
        "advice": "Wait a minute, then try again.",
    },
    "provider_not_initialize": {
        "title": "The app has no working model.",
        "advice": "The app's owner must set a valid model key in Dify.",
    },
    "provider_quota_exceeded": {
        "title": "The app's model quota is used up.",
        "advice": "The app's owner must raise it in Dify.",
    },
    "model_currently_not_support": {
        "title": "The app's model is not available.",
        "advice": "The app's owner must choose another model in Dify.",
    },
    "completion_request_error": {
        "title": "The model failed to answer.",
        "advice": "Try again; if it stays so, tell the app's owner.",
    },
    "app_unavailable": {
        "title": "The app is not set up yet.",
        "advice": "The app's owner must publish it in Dify.",
    },
    "not_chat_app": {
        "title": "The key belongs to an app that does not chat.",
        "advice": "Tell the administrator: DIFY_API_KEY must be that of a chat app, an agent or a chatflow.",
    },
    "conversation_completed": {
        "title": "This conversation is closed.",
        "advice": "Start a new chat and ask there.",
    },
    "workflow_failed": {
        "title": "A step of the app failed.",
        "advice": "Try again; if it stays so, tell the app's owner.",
        "quote": QUOTE,
    },
    "answer_failed": {
        "title": "The app failed to answer this question.",
        "advice": "Ask again; if it stays so, tell the app's owner.",
        "quote": QUOTE,
    },
    "store": {
        "title": "This site cannot save conversations now.",
        "advice": "Chatting goes on, but a restart may lose unfinished answers. Tell the administrator.",
    },
}
"""By code of services.dify.errors, of Dify, or of ours: what happened, and what to do now."""

NOTICES: Final[dict[str, str]] = {
    "history_unreadable": "Dify cannot be reached for older messages; what this site has seen is shown.",
    **{
        code: f"{words['title']} {words['advice']}"
        for code, words in ERRORS.items()
        if code in {"not_found", "conversation_not_exists", "unauthorized", "forbidden", "store"}
    },
}
"""By code: banners at the foot of the transcript."""
