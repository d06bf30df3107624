"""Dialogs about read-only links: making one of chosen messages, and taking back what was shared."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import session, visitor, words
from components import words_history as said
from components.presses import pressed
from services.apps import App
from services.dify.errors import DifyError
from services.identity import Denied, Identity
from services.shares import LIFETIMES, MOST, Share
from services.site import Site
from services.store import StoreError
from services.turn import Turn

SHARE, SHARES = "share", "shares"
LINK = "share-link"
"""Where the newest link is kept while its dialog is open."""
FEW, HEIGHT = 6, 260
"""More messages than that are chosen from in a box of so many pixels: what is below it stays in sight."""


def show(site: Site, identity: Identity, app: App) -> None:
    """The dialog that is open, if one of these is."""
    match session.dialog():
        case (str(name), conversation_id) if name == SHARE:
            make(site, identity, app, conversation_id)
        case (str(name), _) if name == SHARES:
            made(site, identity, app)


def _close() -> None:
    session.keep(LINK, None)
    session.close_dialog()


@st.dialog(said.SHARE, width="medium", on_dismiss=_close)
def make(site: Site, identity: Identity, app: App, conversation_id: str) -> None:
    """Choose messages and a time; then the link to copy."""
    try:
        turns = _latest(site, identity, app, conversation_id)
    except DifyError as error:
        st.warning(
            said.SHARE_UNREAD.format(message=words.plain(error.message, 200)), icon=":material/cloud_off:"
        )
        return
    if not turns:
        st.info(said.SHARE_NOTHING, icon=":material/info:")
        return
    st.markdown(said.SHARE_MEANS)
    if len(turns) == MOST:
        st.caption(said.SHARE_LATEST.format(n=MOST))
    picked = _picked(turns, conversation_id)
    lifetime = st.segmented_control(
        said.SHARE_ENDS,
        list(LIFETIMES),
        default="week",
        format_func=said.LIFETIMES.__getitem__,
        required=True,
        key=f"share-ends-{conversation_id}",
    )
    if pressed(said.SHARE_MAKE, type="primary", disabled=not picked, key="share-make"):
        row = site.archive.history.rows(app, identity.user, [conversation_id])
        title = site.archive.naming.shown(app, identity.user, row)[0].name
        try:
            seconds = LIFETIMES[lifetime or "week"]
            share = site.archive.shares.make(identity, app, conversation_id, title, picked, seconds)
        except Denied:
            st.error(said.FORBIDDEN, icon=":material/block:")
        except StoreError:
            st.error(said.STORE, icon=":material/build:")
        else:
            # Kept: whatever draws the page again a moment later would take the link away.
            session.keep(LINK, (conversation_id, share))
    match session.kept(LINK, None):
        case (str(of), Share() as share) if of == conversation_id:
            st.code(visitor.address_of(f"share/{share.token}"), language=None, wrap_lines=True)
            st.caption(said.SHARE_MADE.format(end=_day(share.expires_at)))


def _picked(turns: list[Turn], conversation_id: str) -> list[Turn]:
    """All of them, or those that are ticked."""
    if len(turns) == 1:
        return turns
    how = st.segmented_control(
        said.SHARE_WHICH,
        list(said.SHARE_CHOICE),
        default="all",
        format_func=lambda name: said.SHARE_CHOICE[name].format(n=len(turns)),
        required=True,
        key=f"share-which-{conversation_id}",
    )
    if how != "some":
        return turns
    with st.container(height=HEIGHT if len(turns) > FEW else "content", key="share-turns"):
        ticked = [st.checkbox(_line(turn), key=f"share-turn-{turn.id}") for turn in turns]
    return [turn for turn, tick in zip(turns, ticked, strict=True) if tick]


@st.dialog(said.SHARES, width="medium", on_dismiss=session.close_dialog)
def made(site: Site, identity: Identity, app: App) -> None:
    """The person's links that still work."""
    try:
        shares = site.archive.shares.of(identity, app)
    except StoreError:
        st.error(said.STORE, icon=":material/build:")
        return
    if not shares:
        st.markdown(said.SHARES_NONE)
    for share in shares:
        _row(site, identity, share)


def _row(site: Site, identity: Identity, share: Share) -> None:
    gone = session.value(f"revoke-{share.token}")
    if gone:
        site.archive.shares.revoke(identity, share.token)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{words.plain(share.title, 60)}**")
            st.caption(
                said.REVOKED
                if gone
                else said.SHARES_ROW.format(made=_day(share.created_at), end=_day(share.expires_at))
            )
        if not gone:
            st.link_button(said.OPEN, f"share/{share.token}", icon=":material/open_in_new:")
        st.button(said.REVOKE, key=f"revoke-{share.token}", icon=":material/link_off:", disabled=bool(gone))


def _latest(site: Site, identity: Identity, app: App, conversation_id: str) -> list[Turn]:
    """The newest MOST turns that are final, oldest first. Raises DifyError."""
    found: list[Turn] = []
    place = site.directory.glimpse(app, identity.user, conversation_id)
    for page in site.directory.whole(place, app):
        found = [turn for turn in page if turn.final] + found
        if len(found) >= MOST:
            break
    return found[-MOST:]


def _line(turn: Turn) -> str:
    return words.label(turn.query, 80) or said.SHARE_NO_WORDS


def _day(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(visitor.zone())
    return moment.strftime("%d %b %Y, %H:%M")
