"""Which app this is, and the way to the others: on top of the sidebar, before anything waits for an app."""

from __future__ import annotations

import streamlit as st

from components import session, words, words_apps
from services.apps import App
from services.identity import Identity
from services.site import Site

KEY = "apps"
FACE = ":material/smart_toy:"
"""Of an app whose icon is a picture, or not known yet."""


def show(site: Site, identity: Identity, current: App | None) -> None:
    """Nothing where there is nothing to choose from."""
    mine = {app.slug: app for app in site.apps_of(identity)}
    if set(mine) <= ({current.slug} if current else set()):
        return

    def choose() -> None:
        """Kept, for a run that is interrupted before it comes here would lose it."""
        session.keep(KEY, session.value(KEY))

    with st.sidebar:
        st.menu_button(
            _name(current) if current else words_apps.CHOOSE,
            list(mine),
            key=KEY,
            help=words_apps.SWITCH,
            on_click=choose,
            format_func=lambda slug: _option(mine[slug]),
            width="stretch",
        )
    wanted = session.kept(KEY, None)
    session.keep(KEY, None)
    if wanted in mine and mine[wanted] is not current:
        session.open_app(wanted, site.directory.new_address())


def _name(app: App) -> str:
    icon = app.known.icon if app.known else None
    return f"{words.plain(icon) if icon else FACE} {words.plain(app.name, 40)}"


def _option(app: App) -> str:
    if not app.standing.broken:
        return _name(app)
    return f"{_name(app)} :gray[:material/error: {words_apps.MARKS[app.standing.code]}]"
