"""Answers that somebody disliked, as annotations to write."""

from __future__ import annotations

import streamlit as st

from components import session, words
from components import words_annotations as said
from components.annotations import editor, telling
from components.annotations.desk import Desk
from services.annotations.suggestions import Suggestion, disliked
from services.database import StoreError

DISMISSED = "an-suggestion-dismissed"


def show(desk: Desk) -> None:
    """Answers that somebody disliked: where an annotation would help first."""
    try:
        found = disliked(desk.site.store.database, desk.identity, desk.app.slug)
    except StoreError:
        return  # the page has said so already
    _undo_dismissal(desk)
    if not found:
        return
    with st.expander(said.DISLIKED.format(n=len(found)), icon=":material/thumb_down:"):
        st.caption(said.DISLIKED_MEANS)
        for each in found:
            with st.container(border=True, key=f"an-disliked-{each.message_id}"):
                st.text(each.question)
                if each.reason:
                    st.caption(said.DISLIKED_FOR.format(reason=words.plain(each.reason, 300)))
                with st.container(horizontal=True):
                    st.button(
                        said.WRITE_ONE,
                        key=f"an-suggest-{each.message_id}",
                        icon=":material/edit_note:",
                        on_click=desk.edit,
                        args=(editor.new(each.question, each.answer, each.message_id),),
                    )
                    st.button(
                        said.NOT_THIS,
                        key=f"an-not-this-{each.message_id}",
                        type="tertiary",
                        on_click=_dismiss,
                        args=(desk, each),
                    )


def _undo_dismissal(desk: Desk) -> None:
    last = session.kept(DISMISSED, None)
    if not isinstance(last, Suggestion):
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(said.SUGGESTION_DISMISSED.format(question=words.plain(last.question)), width="stretch")
        st.button(
            said.UNDO, key="an-not-this-undo", icon=":material/undo:", on_click=_restore, args=(desk, last)
        )


def _dismiss(desk: Desk, suggestion: Suggestion) -> None:
    try:
        desk.curation.dismissals.add(desk.identity, suggestion.message_id)
    except StoreError as error:
        desk.say(telling.why(error))
    else:
        session.keep(DISMISSED, suggestion)


def _restore(desk: Desk, suggestion: Suggestion) -> None:
    try:
        desk.curation.dismissals.remove(desk.identity, suggestion.message_id)
    except StoreError as error:
        desk.say(telling.why(error))
    else:
        session.keep(DISMISSED, None)
