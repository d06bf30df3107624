"""Beside a conversation: its state, its tags and the staff's private notes."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from components.mounted import component
from services import frontend
from services.apps import App
from services.conversations import Conversation
from services.database import StoreError
from services.identity import Identity, Role
from services.site import Site
from services.variable_log import Place

KEY = "work-panel"


def show(
    site: Site,
    identity: Identity,
    app: App,
    user: str,
    conversation_id: str,
    message_id: str | None = None,
    *,
    is_open: bool = True,
) -> None:
    """Draw the panel at the edge of the page, and the button that opens it.

    `user` is whose conversation it is; a new note is on `message_id`, if there is one. What it shows comes by
    routes/work.py, which asks who may see it.
    """
    _draw(site, identity, Place(app.slug, user, conversation_id), message=message_id or "", is_open=is_open)


def offer(line: DeltaGenerator, site: Site, identity: Identity, app: App, conversation: Conversation) -> None:
    """The same in the heading's `line` of one's own conversation: closed at first, and without a button until
    Dify has named the conversation, of which the panel hears from the transcript.
    """
    place = Place(app.slug, conversation.user, conversation.conversation_id or "")
    with line:
        _draw(site, identity, place, key=conversation.key)


def _draw(
    site: Site, identity: Identity, place: Place, *, key: str = "", message: str = "", is_open: bool = False
) -> None:
    if identity.role < Role.AGENT or not _allowed(site, identity, place.user):
        return
    component("work_panel", "work/panel.js")(
        key=KEY,
        data=[
            {
                "assets": frontend.path(),
                "app": place.app,
                # Nobody's own id at Dify goes to a browser.
                "user": "" if place.user == identity.user else place.user,
                "id": place.conversation_id,
                "key": key,
                "message": message,
                "open": is_open,
                "notes": _notes(site, identity, place),
            }
        ],
        width="content",
    )


def _allowed(site: Site, identity: Identity, user: str) -> bool:
    """Only not to draw what would be refused."""
    try:
        return user == identity.user or site.work.reach.everybody(identity)
    except StoreError:
        return False


def _notes(site: Site, identity: Identity, place: Place) -> int:
    """How many there are, told before anybody opens the panel."""
    try:
        return site.work.notes.count(identity, place)
    except StoreError:
        return 0
