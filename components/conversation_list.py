"""The person's conversations in the sidebar: pinned ones first, then by date, newest first.

The list reads itself (routes/conversations.py), and again when the transcript beside it tells of an answer:
to send it with every run of a page would cost each of them 4 KB and a tenth of its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import lists, session, sharing, words
from components.presses import pressed
from services import frontend
from services.apps import App
from services.conversations import Conversation
from services.identity import Identity, Role
from services.site import Site


def show(site: Site, identity: Identity, app: App, current: Conversation | None) -> None:
    """ "New chat", then the list; the conversation on screen is marked."""
    reads = reading(identity)
    if not reads and pressed(words.NEW_CHAT, icon=":material/edit_square:", key="new-chat", width="stretch"):
        session.open_conversation(app, site.directory.new_address())
    here = current.conversation_id if current else None
    data = {
        "assets": frontend.path(),
        "app": app.slug,
        **reads,
        "current": here,
        "key": current.key if current else None,
    }
    if intent := lists.show("sidebar", data):
        do(site, app, intent, here)
    sharing.show(site, identity, app)


def reading(identity: Identity) -> dict[str, bool]:
    """What a list is told for whom it may offer no change to."""
    return {"reads": True} if identity.role < Role.AGENT else {}


def do(site: Site, app: App, intent: Mapping[str, Any], here: str | None = None) -> None:
    """What a list was asked for and cannot do by itself."""
    match intent:
        case {"act": "open", "id": str(conversation_id)}:
            message = intent.get("message")
            session.open_conversation(app, conversation_id, message if isinstance(message, str) else None)
        case {"act": "share", "id": str(conversation_id)}:
            session.open_dialog(sharing.SHARE, conversation_id)
        case {"act": "shares"}:
            session.open_dialog(sharing.SHARES)
        case {"act": "removed", "ids": [*ids]}:
            session.leave(app, [str(each) for each in ids])
            if here in ids:
                session.open_conversation(app, site.directory.new_address())
