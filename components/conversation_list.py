"""The person's conversations in the sidebar: pinned ones first, then by date, newest first."""

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
from services.store import StoreError

SHOWN = 30
"""Of the newest; pinned ones are shown besides, however old."""
LONGEST_NAME = 120
"""Characters that a row may need; more would only travel."""


def show(site: Site, identity: Identity, app: App, current: Conversation | None) -> None:
    """ "New chat", then the list; the conversation on screen is marked."""
    reads = reading(identity)
    if not reads and pressed(words.NEW_CHAT, icon=":material/edit_square:", key="new-chat", width="stretch"):
        session.open_conversation(app, f"~{site.directory.new_key()}")
    here = current.conversation_id if current else None
    data = {
        "assets": frontend.path(),
        "app": app.slug,
        **reads,
        "current": here,
        "rows": _rows(site, identity, app),
        "waiting": _waiting(site, identity, app),
    }
    if intent := lists.show("sidebar", data):
        do(site, app, intent, here)
    sharing.show(site, identity, app)


def reading(identity: Identity) -> dict[str, bool]:
    """What a list is told for whom it may offer no change to."""
    return {"reads": True} if identity.role < Role.AGENT else {}


def do(site: Site, app: App, intent: Mapping[str, Any], here: str | None = None) -> None:
    """What a list was asked for; what changes the list itself needs nothing but this run."""
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
                session.open_conversation(app, f"~{site.directory.new_key()}")


def _rows(site: Site, identity: Identity, app: App) -> list[dict[str, Any]] | None:
    """None where the list cannot be read."""
    user, archive = identity.user, site.archive
    newest = site.titles.of(app, user, SHOWN)
    if newest is None:
        return None
    try:
        pinned = {
            key: mark.pinned_at for key, mark in archive.marks.of(app.slug, user).items() if mark.pinned_at
        }
        trying = {
            one.conversation_id for one in archive.deletions.of(app, user) if one.tries and not one.refusal
        }
    except StoreError:
        pinned, trying = {}, set()
    listed = {row.id for row in newest}
    older = archive.history.rows(app, user, [key for key in pinned if key not in listed])
    running = site.directory.running(app, user)
    return [
        {
            "id": row.id,
            "name": row.name[:LONGEST_NAME],
            "at": row.updated_at or row.created_at,
            **({"pinned": True} if row.id in pinned else {}),
            **({"running": True} if row.id in running else {}),
        }
        for row in archive.naming.shown(app, user, (*newest, *older))
        if row.created_at and row.id not in trying
    ]


def _waiting(site: Site, identity: Identity, app: App) -> dict[str, Any] | None:
    try:
        return site.archive.deletions.waiting(app, identity.user)
    except StoreError:
        return None
