"""The list of annotations and the preview of an answer, as components: they draw markdown as the chat does.

A page of rows is the list's data; what is asked for there comes back as an intent, to a plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import streamlit as st

from components import session, words_annotations
from components.mounted import component
from services import frontend
from services.annotations.row import Row
from services.annotations.view import FILTERS, PAGE, View

KEY = "annotation-list"


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
    sent = component("annotations_list", "annotations/list.js")(
        key=KEY,
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
    component("annotations_preview", "annotations/preview.js")(
        key=key, data=[{"assets": frontend.path(), "text": answer}]
    )
