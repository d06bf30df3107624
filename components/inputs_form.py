"""The form that an app wants filled before its first question; later, what it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from components import filled_files, pending_files, session, typed, words, words_question
from components.asker import Asker
from services.dify.parameters import InputField
from services.inputs import FILES, JSON, blamed, problem
from services.pending import Pending


def show(asker: Asker) -> Mapping[str, Any]:
    """Draw the form, or its values once Dify has them. Returns the values as they stand."""
    if not asker.form:
        return {}
    place = asker.conversation
    if asker.form_stands:
        return _controls(asker) if asker.may_ask else asker.values
    if place.conversation_id and not asker.unsent.empty:  # until it has an id the app may refuse a value
        if asker.unsent.values():
            typed.over(*(typed.name(asker.widget(field)) for field in asker.form))
        asker.unsent.clear()
    values = place.inputs or asker.listed_inputs()
    if any(field.kind in FILES for field in asker.form):  # Dify's list names the files
        values = {**values, **asker.listed_inputs()}
    if values:
        _readable(asker, values)
    return values


def _controls(asker: Asker) -> dict[str, Any]:
    changed, values = asker.unsent.values(), {}
    refused = session.refusal().get("code") == "inputs"
    complaint = _complaint(asker)
    with st.container(border=True):
        st.caption(words.FORM)
        for field in asker.form:
            value = values[field.variable] = _filled_in(asker, field, changed)
            wrong = problem(field, value)
            if wrong and (refused or wrong.code != "required"):
                _wrong(words.FORM_PROBLEMS[wrong.code].format(limit=wrong.limit))
            elif field.variable in complaint:
                _wrong(words.plain(complaint[field.variable], 200))
    return values


def _filled_in(asker: Asker, field: InputField, changed: Mapping[str, Any]) -> Any:
    """Draw its control and keep what stands in it, which is returned."""
    widget = asker.widget(field)
    if field.kind in FILES:
        files = asker.files(field)
        _control(field, widget, asker)
        for each in filled_files.earlier(asker.unsent, field, widget):
            _earlier(asker, field, each)
        return files
    first = asker.first(field, changed)
    session.begin_with(widget, first)
    _control(field, widget, asker)
    value = session.value(widget)
    if value != first:  # in this tab: what another one has changed stays
        asker.unsent.keep({field.variable: value})
    session.keep(widget, value)
    return value


def _earlier(asker: Asker, field: InputField, pending: Pending) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = words.plain(pending.name, pending_files.NAME)
        st.markdown(f"{name} :small[{pending_files.state(pending)}]", width="content")
        st.button(
            words_question.REMOVE,
            icon=":material/close:",
            key=f"{asker.widget(field)}-remove-{pending.id}",
            on_click=_remove,
            args=(asker, field, pending),
            type="tertiary",
        )


def _remove(asker: Asker, field: InputField, pending: Pending) -> None:
    asker.unsent.remove(field.variable, pending.id)
    session.refused(None)


def _control(field: InputField, widget: str, asker: Asker) -> None:
    label = words.label(field.label) + (" *" if field.required else "")
    match field.kind:
        case "paragraph":
            with typed.kept(typed.name(widget)):
                st.text_area(label, key=widget)
        case "select":
            # Options are the app's own words: shown as they are, sent as they are.
            st.selectbox(label, field.options, index=None, key=widget)
        case "number":
            with typed.kept(typed.name(widget)):
                st.number_input(label, value=None, step=None, format="%g", key=widget)
        case "checkbox":
            st.checkbox(label, key=widget)
        case "file" | "file-list":
            many = field.kind == "file-list"
            picked = partial(session.refused, None)  # what was said of the file before no longer holds
            st.file_uploader(
                label,
                asker.rules(field).all_extensions,
                accept_multiple_files=many,
                key=widget,
                on_change=picked,
            )
        case kind if kind in JSON:
            with typed.kept(typed.name(widget)):
                st.text_area(label, key=widget, help=words.FORM_JSON)
        case _:
            with typed.kept(typed.name(widget)):
                st.text_input(label, key=widget)


def _complaint(asker: Asker) -> dict[str, str]:
    """What Dify said of a value, by variable."""
    last = next(reversed(asker.conversation.turns()), None)
    if last is None or last.error is None:
        return {}
    variable = blamed(asker.form, last.error.message)
    return {variable: last.error.message} if variable else {}


def _wrong(text: str) -> None:
    st.caption(f":red[{text}]")


def _readable(asker: Asker, started_with: Mapping[str, Any]) -> None:
    shown = [(f.label, started_with[f.variable]) for f in asker.form if _filled(started_with.get(f.variable))]
    if not shown:
        return
    brief = " · ".join(_brief(value) for _, value in shown)
    with st.expander(f"{words.FORM_STARTED}: {words.plain(brief, 60)}", icon=":material/assignment:"):
        for label, value in shown:
            st.text(f"{label}: {_brief(value)}")
        st.caption(words.FORM_FIXED)
        # By a callback: a press is lost with a run that another one interrupts before it comes to the button.
        anew = partial(asker.start_anew, started_with)
        if asker.may_ask:
            st.button(words.FORM_ANEW, icon=":material/edit_square:", key="other-values", on_click=anew)
            if any(field.kind in FILES and _filled(started_with.get(field.variable)) for field in asker.form):
                st.caption(words.FORM_FILES_ANEW)


def _filled(value: Any) -> bool:
    return value is not None and value != "" and value != []


def _brief(value: Any) -> str:
    match value:
        case {"filename": str(name)}:
            return name
        case {"upload_file_id": str()} | {
            "url": str()
        }:  # as it was sent; the app's server tells its name later
            return words.FORM_FILE
        case list():
            return ", ".join(map(_brief, value))
        case bool():
            return words.YES if value else words.NO
        case _:
            return str(value)
