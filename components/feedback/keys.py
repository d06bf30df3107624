"""The keys of an opened rating: each presses a button of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

SCRIPT = """
export default function ({ parentElement, data: [{ presses, field, goes }] }) {
  const listening = new AbortController();
  const typing = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox]";
  const go = () => {
    const found = document.querySelector(field);
    found?.focus();
    return found;
  };
  // The field comes with the answer to the press, which may take a moment.
  const wait = () => {
    if (go()) return;
    const looking = new MutationObserver(() => go() && looking.disconnect());
    looking.observe(document.body, { subtree: true, childList: true });
    listening.signal.addEventListener("abort", () => looking.disconnect());
    setTimeout(() => looking.disconnect(), 10000);
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(typing)) return;
    if (document.querySelector("[role=dialog]")) return;
    const name = presses[event.key];
    if (!name) return;
    event.preventDefault();
    document.querySelector(`.st-key-${name} button:enabled`)?.click();
    if (goes.includes(event.key)) wait();
  }, { signal: listening.signal });
  return () => listening.abort();
}
"""


@cache
def _listener() -> Any:
    return st.components.v2.component("feedback_keys", js=SCRIPT, isolate_styles=False)


def listen(presses: Mapping[str, str], field: str, goes: str) -> None:
    """`presses`: by key, the button's key. Those in `goes` then lead to `field`, a selector."""
    _listener()(key="fb-keys", data=[{"presses": dict(presses), "field": field, "goes": goes}])
