"""What a person can set for themselves."""

from __future__ import annotations

import streamlit as st

from components import session, words, words_history, words_question
from services.apps import Profile
from services.identity import Identity
from services.preferences import ALWAYS_STREAMING, Preferences

WHOLE = "whole-answers"
TITLES = "titles"
NEWLINE = "enter-newline"


def show(preferences: Preferences, identity: Identity, profile: Profile) -> None:
    def change() -> None:
        preferences.want_whole_answers(identity.user, bool(session.value(WHOLE)))

    def name() -> None:
        preferences.want_titles(identity.user, session.value(TITLES))

    def change_enter() -> None:
        preferences.want_enter_to_begin_line(identity.user, bool(session.value(NEWLINE)))

    with st.popover(words.SETTINGS, icon=":material/tune:", type="tertiary"):
        mode = profile.info.mode
        streaming = mode in ALWAYS_STREAMING
        # Set each time: another tab may have changed it.
        session.put(WHOLE, preferences.whole_answers(identity.user, mode))
        st.toggle(words.WHOLE_ANSWERS, key=WHOLE, on_change=change, disabled=streaming)
        st.caption(words.WHOLE_NOT_AGENTS if streaming else words.WHOLE_MEANS)
        titling = preferences.titles(identity.user)
        session.put(TITLES, titling)
        kinds = list(words_history.TITLINGS)
        named = words_history.TITLINGS.__getitem__
        st.selectbox(words_history.TITLES, kinds, key=TITLES, format_func=named, on_change=name)
        st.caption(words_history.TITLES_MEAN[titling])
        session.put(NEWLINE, preferences.enter_begins_line(identity.user))
        st.toggle(words_question.ENTER_NEWLINE, key=NEWLINE, on_change=change_enter)
        st.caption(words_question.ENTER_MEANS)
