"""The list of annotations and the preview of an answer, as components: they draw markdown as the chat does.

A page of rows is the list's data; what is asked for there comes back as an intent, to a plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st

from components import session, words_annotations
from services import frontend
from services.annotations.row import Row
from services.annotations.view import FILTERS, PAGE, View

STUB = """
export default function (component) {
  const { parentElement, data: [data], setTriggerValue } = component;
  let host = parentElement.querySelector(":scope > .annotations-host");
  if (!host) {
    host = document.createElement("div");
    host.className = "annotations-host";
    parentElement.appendChild(host);
  }
  let unmount = () => {};
  let gone = false;
  const call = (host.call = {});
  import(new URL(data.assets + "annotations/MODULE.js", document.baseURI).href).then((module) => {
    // Two imports of one module may end in either order: older data must not be drawn last.
    if (!gone && host.call === call) unmount = module.mount(host, data, setTriggerValue);
  });
  return () => { gone = true; unmount(); };
}
"""
KEY = "annotation-list"


@cache
def _component(module: str) -> Any:
    stub = STUB.replace("MODULE", module)
    return st.components.v2.component(f"annotations_{module}", js=stub, isolate_styles=False)


def show(
    rows: Sequence[Row],
    view: View,
    *,
    total: int,
    whole: bool,
    alike: Collection[str],
    links: Callable[[Sequence[Row]], Mapping[str, str]],
    selected: Sequence[str],
    chosen: int,
    on_act: Callable[[dict[str, object]], None],
) -> None:
    """Draw the page of `rows` (all that the view found) that the view is at.

    `alike` are ids of rows with a near duplicate, `links` tells in which conversations rows were made. The
    list begins with `selected`, and takes it anew whenever `chosen` is another number. `on_act` gets
    {"act": "view" | "select" | "select_found" | "edit" | …}.
    """

    def act() -> None:
        session.take(KEY)
        do(session.intent(KEY, "act"))

    def do(intent: object) -> None:
        if isinstance(intent, dict):
            on_act(dict(intent))

    last = max(0, (len(rows) - 1) // PAGE)
    start = min(view.page, last) * PAGE
    drawn = rows[start : start + PAGE]
    linked = links(drawn)
    sent = _component("list")(
        key=KEY,
        # In a list: in an object Streamlit would look for data frames, and load 66 MB of libraries for it.
        data=[
            {
                "assets": frontend.path(),
                "labels": words_annotations.LIST,
                "kinds": list(FILTERS),
                "rows": [
                    {
                        "id": row.id,
                        "question": row.question,
                        "answer": row.answer,
                        "hits": row.hit_count,
                        "created": row.created_at,
                        "alike": row.id in alike,
                        "link": linked.get(row.id),
                    }
                    for row in drawn
                ],
                "view": {
                    "query": view.query,
                    "kind": view.kind,
                    "sort": view.sort,
                    "descending": view.descending,
                    "page": start // PAGE,
                },
                "found": len(rows),
                "total": total,
                "size": PAGE,
                "whole": whole,
                "selected": list(selected),
                "chosen": chosen,
            }
        ],
        on_act_change=act,
    )
    if not session.taken(KEY) and sent.act:
        # After a restart of the site the first run knows no callback yet: the intent is only returned.
        do(sent.act)
        st.rerun()


def preview(answer: str, key: str) -> None:
    """The answer as a visitor will see it."""
    _component("preview")(key=key, data=[{"assets": frontend.path(), "text": answer}])
