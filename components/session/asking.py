"""What goes before a question: the opening statement, and what was typed, spoken, picked or refused."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.session.keys import NOTICES, OPENINGS, OUTGOING, REFUSAL, UNSENT
from services.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the composer was given and is still being worked on: files to upload, speech to write down."""

    text: str
    send_id: str
    speech: bytes | None = None
    """A recording: its words come into the composer, and nothing is sent yet."""


def composer(place: Conversation) -> str:
    """The key of a conversation's composer: what stands in one is not for another."""
    return f"composer-{place.key}"


def keep_text(place: Conversation, text: str) -> None:
    """Put text back into the composer, at its next drawing."""
    st.session_state[UNSENT] = {**st.session_state.get(UNSENT, {}), composer(place): text}
    st.session_state[NOTICES] = notices() + 1


def fill_composer(place: Conversation) -> None:
    """For the composer, before it is drawn: what was kept for it comes back, until a run has ended."""
    widget = composer(place)
    if widget in st.session_state.get(UNSENT, {}):
        st.session_state[widget] = st.session_state[UNSENT][widget]


def send_later(place: Conversation, outgoing: Outgoing | None) -> None:
    """Have something worked on in the next run, and the one after should that be interrupted; None: done."""
    st.session_state[OUTGOING] = {**st.session_state.get(OUTGOING, {}), place.key: outgoing}


def outgoing(place: Conversation) -> Outgoing | None:
    found: Outgoing | None = st.session_state.get(OUTGOING, {}).get(place.key)
    return found


def refused(code: str | None, **details: str) -> None:
    """Remember why the last question was not sent, until the next one."""
    before = refusal()
    st.session_state[REFUSAL] = {"code": code, **details} if code else None
    if refusal() != before:
        st.session_state[NOTICES] = notices() + 1


def refusal() -> dict[str, str]:
    """Its `code` and details; empty where nothing was refused."""
    return dict(st.session_state.get(REFUSAL) or {})


def notices() -> int:
    """How often a refusal changed or text was kept: what is drawn with another number is out of date."""
    count: int = st.session_state.get(NOTICES, 0)
    return count


def opening(conversation: Conversation, statement: str) -> str:
    """The opening statement to draw: it follows the form until the first question, and then stays."""
    known: dict[str, str] = st.session_state.setdefault(OPENINGS, {})
    if conversation.key not in known or not (conversation.conversation_id or conversation.turns()):
        known[conversation.key] = statement
    return known[conversation.key]
