"""The variables of a conversation: found by words and type, looked at, and edited in place."""

from __future__ import annotations

import streamlit as st

from components import notices, session, variable_values, variables_editor, words
from components import words_variables as our
from components.presses import pressed
from components.variables_editing import Desk, Editing
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.dify.variables import Variable
from services.variable_types import EDITABLE, kind_of
from services.variable_watch import CHATFLOW, settled
from services.variables import Listing, found, listed


def show(desk: Desk) -> Listing | None:
    """Read and draw them; None where there are none or they cannot be read, with the reason on the page."""
    try:
        listing = listed(desk.app.client, desk.place)
    except EndpointMissing:
        st.info(our.NOT_TOLD, icon=":material/search_off:")
        return None
    except NotFound:
        st.info(our.GONE_CONVERSATION, icon=":material/search_off:")
        return None
    except DifyError as error:
        notices.failed(error)
        return None
    if not listing.variables:
        _none(desk)
        return None
    if desk.conversation.busy:
        st.info(our.RUNNING, icon=":material/hourglass_top:")
    elif settled(desk.conversation):
        desk.site.variable_log.note(desk.place, listing.variables, "seen", whole=not listing.cut)
    if listing.cut:
        st.warning(our.CUT.format(n=len(listing.variables)), icon=":material/format_list_numbered:")
    if not desk.may_edit:
        st.caption(our.NOT_ALLOWED)
    shown = _sought(listing)
    if not shown:
        st.info(our.NO_MATCH.format(n=len(listing.variables)), icon=":material/search_off:")
    for variable in shown:
        _row(desk, variable)
    return listing


def _none(desk: Desk) -> None:
    st.markdown(our.NONE)
    kind = desk.app.known.info.mode if desk.app.known else ""
    if kind and kind != CHATFLOW:
        st.caption(our.NONE_OF_KIND.format(kind=words.plain(kind)))


def _sought(listing: Listing) -> tuple[Variable, ...]:
    types = sorted({each.value_type for each in listing.variables})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(our.SEARCH, placeholder=our.SEARCH_IN, key="variables-search")
        picked = st.selectbox(
            our.TYPE, ["", *types], format_func=lambda t: t or our.ANY_TYPE, key="variables-type", width=180
        )
        st.button(our.REFRESH, icon=":material/refresh:", key="variables-refresh")
    return found(listing.variables, text or "", picked or "")


def _row(desk: Desk, variable: Variable) -> None:
    editing = desk.editing(variable.id)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.plain(variable.name)}**", width="content")
            st.caption(words.plain(variable.value_type), width="content")
            st.space("stretch")
            if desk.may_edit and editing is None:
                _offer(desk, variable)
        if about := _about(variable):
            st.caption(about)
        saved: Variable | None = session.kept(desk.key(variable.id, "saved"), None)
        if editing:
            variables_editor.show(desk, variable, editing)
        else:
            if saved and saved.raw == variable.raw and saved.updated_at == variable.updated_at:
                secret = kind_of(variable.value_type) == "secret"
                st.success(our.KEPT_SECRETLY if secret else our.SAVED, icon=":material/check_circle:")
            variable_values.show(variable, desk.key(variable.id, "revealed"))


def _about(variable: Variable) -> str:
    when = variable_values.moment(variable.updated_at)
    changed = our.CHANGED.format(when=when) if when else ""
    return " · ".join(filter(None, (words.plain(variable.description, 500), changed)))


def _offer(desk: Desk, variable: Variable) -> None:
    kind = kind_of(variable.value_type)
    if kind not in EDITABLE:
        told = our.READ_ONLY["file" if kind == "file" else "unknown"]
        st.caption(
            ":material/lock:", help=told.format(type=words.plain(variable.value_type)), width="content"
        )
    elif pressed(
        our.EDIT.format(name=words.label(variable.name, 40)),
        icon=":material/edit:",
        type="tertiary",
        key=desk.key(variable.id, "edit"),
    ):
        session.keep(desk.key(variable.id, "saved"), None)
        desk.edit(variable.id, Editing.begun(variable))
        st.rerun()
