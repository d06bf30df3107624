"""The list of annotations and the preview of an answer, as components: they draw markdown as the chat does.

A page of rows is the list's data; what is asked for there comes back as an intent, to a plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from components import mounted, words_annotations
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
    on_act: mounted.Act,
) -> None:
    """Draw the page of `rows` (all that the view found) that the view is at.

    `alike` are ids of rows with a near duplicate, `links` tells in which conversations rows were made. The
    list begins with `selected`, and takes it anew whenever `chosen` is another number. `on_act` gets
    {"act": "view" | "select" | "select_found" | "edit" | …}.
    """

    last = max(0, (len(rows) - 1) // PAGE)
    start = min(view.page, last) * PAGE
    drawn = rows[start : start + PAGE]
    linked = links(drawn)
    data: dict[str, object] = {
        "assets": frontend.path(),
        "labels": words_annotations.LIST,
        "kinds": list(FILTERS),
        "rows": [_told(row, alike=row.id in alike, link=linked.get(row.id)) for row in drawn],
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
    mounted.draw("annotations_list", "annotations/list.js", KEY, data, on_act)


def _told(row: Row, *, alike: bool, link: str | None) -> dict[str, object]:
    return {
        "id": row.id,
        "question": row.question,
        "answer": row.answer,
        "hits": row.hit_count,
        "created": row.created_at,
        "alike": alike,
        "link": link,
    }


def preview(answer: str, key: str) -> None:
    """The answer as a visitor will see it."""
    mounted.component("annotations_preview", "annotations/preview.js")(
        key=key, data=[{"assets": frontend.path(), "text": answer}]
    )
