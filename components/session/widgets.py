"""What stands in widgets: what they begin with, what is kept of them, and what they have just sent."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.session.keys import APP, KEPT, UNSHOWN


def value(widget: str, undrawn: Any = None) -> Any:
    """What stands in a widget, None where it was cleared; `undrawn` where it was never drawn."""
    return st.session_state.get(widget, undrawn)


def kept(widget: str, otherwise: Any) -> Any:
    """What a widget begins with: Streamlit forgets one that a run did not draw, as on another page."""
    return _kept().get(widget, otherwise)


def keep(widget: str, value: Any) -> None:
    """Remember what stands in a widget, also while it is not drawn; for each app by itself."""
    here = st.session_state.get(APP, "")
    st.session_state[KEPT] = {**st.session_state.get(KEPT, {}), here: {**_kept(), widget: value}}


def _kept() -> dict[str, Any]:
    known: dict[str, Any] = st.session_state.get(KEPT, {}).get(st.session_state.get(APP, ""), {})
    return known


def begin_with(widget: str, value: Any) -> None:
    """What stands in a widget before anybody touched it; before it is drawn.

    Set again until a run has come to its end: what an interrupted one has set may never reach the browser.
    """
    if value is None:
        return
    unshown = st.session_state.setdefault(UNSHOWN, set())
    if widget not in st.session_state or (widget in unshown and st.session_state[widget] == value):
        st.session_state[widget] = value
        unshown.add(widget)


def put(widget: str, value: Any) -> None:
    """Fill a widget in: before it is drawn, or in the callback of another one."""
    st.session_state[widget] = value


def take(widget: str) -> None:
    """For a widget's callback: what it was called for needs no second handling in this run."""
    st.session_state[f"{widget}-taken"] = True


def taken(widget: str) -> bool:
    """Whether this widget's callback has run in this very run; asking forgets it."""
    return bool(st.session_state.pop(f"{widget}-taken", False))


def intent(component_key: str, trigger: str) -> object:
    """What a component has just sent by a trigger; for its callback."""
    state = st.session_state.get(component_key)
    return getattr(state, trigger, None) if state is not None else None
