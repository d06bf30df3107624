"""The lists of conversations as components: one each, since Streamlit sends every element with every run.

What they show comes as data (the sidebar) or from routes/conversations.py (the history page), which also
takes their changes; Python hears of what turns to another page, or opens a dialog.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

from components import session

STUB = """
export default function (component) {
  const { parentElement, data: [data], setTriggerValue } = component;
  let host = parentElement.querySelector(":scope > .list-host");
  if (!host) {
    host = document.createElement("div");
    host.className = "list-host";
    parentElement.appendChild(host);
  }
  let unmount = () => {};
  let gone = false;
  const call = (host.call = {});
  import(new URL(data.assets + "lists/MODULE.js", document.baseURI).href).then((list) => {
    // Two imports of one module may end in either order: older data must not be drawn last.
    if (!gone && host.call === call) unmount = list.mount(host, data, setTriggerValue);
  });
  return () => { gone = true; unmount(); };
}
"""
"""Streamlit imports a component's script from a blob, from where nothing relative can be: hence a stub."""


@cache
def _component(module: str) -> Any:
    return st.components.v2.component(
        f"list_{module}", js=STUB.replace("MODULE", module), isolate_styles=False
    )


def show(module: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Draw it; what its reader has just asked for: `{"act": "open" | "share" | …}`."""
    key = f"list-{module}"

    def act() -> None:
        """Kept, for a run that is interrupted before it comes here would lose it; and a page cannot be
        turned inside a callback."""
        session.keep(key, session.intent(key, "act"))

    # In a list: in an object Streamlit would look for data frames, and load 66 MB of libraries for it.
    sent = _component(module)(key=key, data=[dict(data)], on_act_change=act)
    wanted = session.kept(key, None) or sent.act
    session.keep(key, None)
    return wanted if isinstance(wanted, Mapping) else None
