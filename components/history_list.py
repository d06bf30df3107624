"""All conversations of a person, to look through, search, select, export and delete."""

from __future__ import annotations

from components import conversation_list, lists
from services import frontend
from services.apps import App
from services.identity import Identity
from services.site import Site


def show(site: Site, identity: Identity, app: App) -> None:
    """Rows come by routes/conversations.py, as many as are looked at."""
    data = {"assets": frontend.path(), "app": app.slug, **conversation_list.reading(identity)}
    if intent := lists.show("history", data):
        conversation_list.do(site, app, intent)
