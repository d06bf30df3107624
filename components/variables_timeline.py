"""How variables became what they are: each change, any two times compared, and all of it to keep."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import variable_values, words
from components import words_variables as our
from components.variables_editing import Desk
from services import variable_export as export
from services.database import StoreError
from services.variable_states import Difference, Point, State, between
from services.variables import Listing

SHOWN = 20


def show(desk: Desk, listing: Listing) -> None:
    """Draw the timeline, newest first, and what goes with it."""
    st.header(our.TIMELINE, anchor=False)
    points: Sequence[Point] = ()
    try:
        points = desk.site.variable_log.points(desk.place)
    except StoreError:
        st.warning(our.TIMELINE_UNREADABLE, icon=":material/database_off:")
    else:
        if len(points) > 1:
            _compare(points)
        _list(points)
    _export(desk, listing, points)


def _list(points: Sequence[Point]) -> None:
    if not points:
        st.caption(our.NO_TIMELINE)
        return
    st.caption(our.TIMELINE_MEANS)
    for point in reversed(points[-SHOWN:]):
        with st.expander(f"{label(point)} · {_names(point)}"):
            _differences(point.differences)
    if len(points) > SHOWN:
        st.caption(our.EARLIER.format(n=len(points) - SHOWN))


def label(point: Point) -> str:
    """When and why, for a label."""
    cause = our.CAUSES[point.cause].format(query=words.plain(point.query, 60))
    return f"{variable_values.moment(point.at)} · {cause}"


def _names(point: Point) -> str:
    return words.plain(", ".join(each.either.name for each in point.differences), 100)


def _compare(points: Sequence[Point]) -> None:
    with st.expander(our.COMPARE, icon=":material/compare_arrows:"):
        states: dict[int, State] = {0: {}} | {point.id: point.after for point in points}
        names = {0: our.THE_BEGINNING} | {
            point.id: f"{variable_values.moment(point.at)} · "
            + our.CAUSES[point.cause].format(query=" ".join(point.query.split())[:60])
            for point in points
        }
        ids = list(states)
        earlier, later = (
            st.selectbox(
                name, ids, index=index, format_func=lambda each: names[each], key=f"compare-{name}-{ids[-1]}"
            )
            for name, index in ((our.FROM, len(ids) - 2), (our.TO, len(ids) - 1))
        )
        differences = between(states[earlier], states[later])
        if not differences:
            st.caption(our.NO_DIFFERENCE)
        _differences(differences)


def _differences(differences: Sequence[Difference]) -> None:
    for each in differences:
        kept = each.either
        with st.container(gap="xxsmall"):
            st.markdown(f"**{words.plain(kept.name)}** :small[{words.plain(kept.value_type)}]")
            if each.lines:
                tall = len(each.lines) > variable_values.LONG
                text = "\n".join(each.lines)
                st.code(text, language=None, wrap_lines=True, height=260 if tall else "content")
            else:
                st.caption(our.CHANGED_UNSEEN if each.secret else our.STAYED_EMPTY)


def _export(desk: Desk, listing: Listing, points: Sequence[Point]) -> None:
    place, name = desk.place, f"variables-{desk.place.conversation_id[:8]}"
    with st.container(horizontal=True):
        for label, ending, mime, made in (
            (our.EXPORT_JSON, ".json", "application/json", lambda: export.as_json(place, listing, points)),
            (our.EXPORT_VALUES, ".csv", "text/csv", lambda: export.values_csv(listing)),
            (our.EXPORT_CHANGES, "-changes.csv", "text/csv", lambda: export.changes_csv(points)),
        ):
            st.download_button(
                label,
                made,
                f"{name}{ending}",
                mime,
                key=f"export{ending}",
                on_click="ignore",
                icon=":material/download:",
            )
    st.caption(our.EXPORT_MEANS)
