"""Components whose script is one of the frontend's modules: it mounts itself into an element of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from components import session

Act = Callable[[dict[str, object]], None]

STUB = """
export default function ({ parentElement, data: [data], setTriggerValue }) {
  let host = parentElement.querySelector(":scope > .mounted");
  if (!host) {
    host = document.createElement("div");
    host.className = "mounted";
    parentElement.appendChild(host);
  }
  const mine = (host.latest = {});
  let unmount = () => {};
  let gone = false;
  import(new URL(data.assets + "MODULE", document.baseURI).href).then((module) => {
    if (!gone && host.latest === mine) unmount = module.mount(host, data, setTriggerValue);
  });
  return () => { gone = true; unmount(); };
}
"""
"""Streamlit imports a component's script from a blob, from where nothing relative can be: hence a stub.

It is called anew with each change of the data. While the module is fetched for the first time there may be
several calls, which end in any order: only the latest may draw.
"""


@cache
def component(name: str, module: str) -> Any:
    """The component; its data is a list with one mapping, in which `assets` is the path of the modules.

    In a list: in an object Streamlit would look for data frames, and load 66 MB of libraries for it.
    """
    return st.components.v2.component(name, js=STUB.replace("MODULE", module), isolate_styles=False)


def draw(name: str, module: str, key: str, data: dict[str, object], on_act: Act, **triggers: Any) -> None:
    """Draw a component and hand what its reader asks for, by the trigger `act`, to `on_act`, once.

    `triggers` are the callbacks of its other ones, as on_<name>_change.
    """

    def do(intent: object) -> None:
        if isinstance(intent, dict):
            on_act(dict(intent))

    def act() -> None:
        session.take(key)
        do(session.intent(key, "act"))

    sent = component(name, module)(key=key, data=[data], on_act_change=act, **triggers)
    if not session.taken(key) and sent.act:
        # After a restart of the site the first run knows no callback yet: the intent is only returned.
        do(sent.act)
        st.rerun()
