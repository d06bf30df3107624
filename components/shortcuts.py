"""The sheet of keys: a button in the sidebar, and `?` on every page."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from components import words
from components.presses import pressed

SCRIPT = """
export default function ({ parentElement, data: [button] }) {
  const listening = new AbortController();
  const typing = "input, textarea, select, [contenteditable=''], [contenteditable=true]";
  addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest(typing)) return;
    // One that is closed may stay in the page.
    const dialogs = [...document.querySelectorAll("dialog[open], [role=dialog]")];
    if (dialogs.some((dialog) => dialog.checkVisibility())) return;
    event.preventDefault();
    document.querySelector(`.st-key-${button} button`)?.click();
  }, { signal: listening.signal });
  return () => listening.abort();
}
"""
BUTTON = "keyboard"
KEYS = 96
"""Pixels for the names of keys."""


@cache
def _listener() -> Any:
    return st.components.v2.component("shortcuts", js=SCRIPT, isolate_styles=False)


def show() -> None:
    """Draw the button; a key does not ask whether the sidebar is open."""
    # A dialog, drawn when it is asked for: what nobody looks at need not travel with each run. A popover that
    # says when it closes does so late, and then takes a reader back from the page just turned to.
    if pressed(words.KEYBOARD, icon=":material/keyboard:", type="tertiary", key=BUTTON):
        _sheet()
    _listener()(key="shortcuts", data=[BUTTON])


@st.dialog(words.KEYBOARD)
def _sheet() -> None:
    # Imported where it is drawn: it brings a charting library along.
    from streamlit_extras.keyboard_text import key, load_key_css

    load_key_css()
    for keys, meaning in words.SHORTCUTS:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width=KEYS):
                key(keys)
            with st.container(width="stretch"):
                st.markdown(meaning)
