"""Fields whose text the browser keeps from its first letter: Streamlit hears of it only once a field is left.

What is typed is there again after a reload, a lost connection or a restart, in the field of the same name,
until `over` says that it was saved or given up. See typed.js.
"""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import session
from components.mounted import component
from services import frontend

OVER, TOLD = "typed-over", "typed-told"
MOST = 50
"""Names of which the browser is told with each run: one may have been interrupted before it told."""


def name(*parts: str) -> str:
    """Of a field: whose it is and what it is about, as a name that tells neither."""
    return sha256("\0".join(parts).encode()).hexdigest()[:20]


def kept(field: str) -> DeltaGenerator:
    """A box for one widget for text, by the name of the field. It also tells when that was over last: what
    the browser is told elsewhere may come a moment after the field.
    """
    last = next((time for each, time in session.kept(OVER, []) if each == field), "0")
    return st.container(key=f"typed-{field}-{last}")


def over(*fields: str) -> None:
    """What was typed there was saved or given up."""
    before = [each for each in session.kept(OVER, []) if each[0] not in fields]
    session.keep(OVER, [*before, *([field, token_hex(4)] for field in fields)][-MOST:])


def listen() -> None:
    """For every page, before it is drawn."""
    session.keep(TOLD, session.kept(OVER, []))
    _tell("typed")


def run_ended() -> None:
    """The page was drawn: what was over while it was is told, too."""
    if session.kept(OVER, []) != session.kept(TOLD, []):
        _tell("typed-too")


def _tell(key: str) -> None:
    component("typed", "typed.js")(
        key=key, data=[{"assets": frontend.path(), "over": session.kept(OVER, [])}]
    )
