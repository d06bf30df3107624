"""One variable, edited by its type. What is typed stays until it is saved or cancelled."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import streamlit as st

from components import session, typed, variable_values, words
from components import words_variables as our
from components.presses import pressed
from components.variables_editing import Desk, Editing
from services import variables
from services.dify.errors import DifyError, Invalid
from services.dify.variables import Variable
from services.variable_types import Unfit, kind_of, read, written


def show(desk: Desk, now: Variable, editing: Editing) -> None:
    """Draw the editor of a variable, which `now` is as the app's server has it."""
    before = editing
    with (
        st.container()
    ):  # of however many parts: the buttons below must not stand there twice while it changes
        editing = _control(desk, editing)
        if editing != before:
            desk.edit(now.id, editing)
        if editing.problem:
            st.error(editing.problem, icon=":material/error:")
    if now.raw != editing.shown.raw:
        _decide(desk, now, editing)
        return
    with st.container(horizontal=True):
        key = desk.key(now.id, "save")
        if pressed(our.SAVE, icon=":material/check:", key=key):
            save(desk, now.id, editing)
        _cancel(desk, now)


def save(desk: Desk, variable_id: str, editing: Editing) -> None:
    """Send the draft; what stands in the way is told, and the draft kept. Draws the page anew."""
    shown = editing.shown
    try:
        value = read(editing.draft, shown.value_type)
        after = variables.change(
            desk.identity, desk.app.client, desk.site.variable_log, desk.place, shown, value
        )
    except variables.Meanwhile:
        problem = ""  # the page reads the value anew, and lets the person decide
    except variables.Gone:
        problem = our.GONE
    except Unfit as unfit:
        problem = said(unfit)
    except DifyError as error:
        problem = _refusal(error)
    else:
        _close(desk, variable_id)
        session.keep(desk.key(variable_id, "saved"), after)
        st.rerun()
    desk.edit(variable_id, replace(editing, problem=problem))
    st.rerun()


def said(unfit: Unfit) -> str:
    """Why typed text is no value, and where."""
    detail = our.ITEMS.get(unfit.detail, words.plain(unfit.detail))
    told = our.UNFIT[unfit.code]
    for name, value in (
        ("line", unfit.line),
        ("column", unfit.column),
        ("item", unfit.item),
        ("detail", detail),
    ):
        told = told.replace(f"{{{name}}}", str(value))
    return told


def _refusal(error: DifyError) -> str:
    if isinstance(error, Invalid):
        return our.REFUSED.format(message=words.plain(error.message, 400))
    known = words.ERRORS.get(error.code)
    if known:
        return our.FAILED.format(title=known["title"], advice=known["advice"])
    return our.FAILED_PLAINLY.format(message=words.plain(error.message, 400))


def _control(desk: Desk, editing: Editing) -> Editing:
    """Draw the widget of the type; returns what stands in it."""
    shown = editing.shown
    label = our.NEW_VALUE.format(name=words.label(shown.name, 40))
    key = desk.key(shown.id, f"draft-{editing.round}")
    field = _field(desk, shown.id)
    match kind_of(shown.value_type):
        case "boolean":
            on = st.toggle(label, value=editing.draft == "true", key=key)
            draft = "true" if on else "false"
        case "number":
            with typed.kept(field):
                draft = st.text_input(label, value=editing.draft, key=key)
        case "secret":
            draft = st.text_input(label, value=editing.draft, key=key, type="password")
        case "json":
            return _json(desk, editing, label, key)
        case _:
            with typed.kept(field):
                draft = st.text_area(label, value=editing.draft, key=key, height="content")
    return replace(editing, draft=draft, problem=editing.problem if draft == editing.draft else "")


def _json(desk: Desk, editing: Editing, label: str, key: str) -> Editing:
    tree = editing.tree is not None
    ways = (our.AS_TREE, our.AS_TEXT)
    chosen = st.segmented_control(
        our.EDIT_AS,
        ways,
        default=ways[0 if tree else 1],
        required=True,
        key=f"{key}-way",
        help=our.WAYS_HELP,
    )
    field = _field(desk, editing.shown.id)
    if tree:
        draft = _tree(editing, key)
    else:
        with typed.kept(field):
            draft = st.text_area(label, value=editing.draft, key=key, height=200)
    editing = replace(editing, draft=draft, problem=editing.problem if draft == editing.draft else "")
    if chosen == our.AS_TREE and not tree:
        editing = _turned(desk, editing)
    elif chosen == our.AS_TEXT and tree:
        typed.over(field)  # the tree may have changed it
        desk.edit(editing.shown.id, editing.as_text())
        st.rerun()
    return editing


def _turned(desk: Desk, editing: Editing) -> Editing:
    """To the tree, which takes only what is JSON: else the error is told, at its place."""
    try:
        read(editing.draft, "json")
    except Unfit as unfit:
        editing = replace(editing.as_text(), problem=said(unfit))
    else:
        turned = editing.as_tree()
        editing = turned if turned is not editing else replace(editing.as_text(), problem=our.UNFIT["object"])
    desk.edit(editing.shown.id, editing)
    st.rerun()


def _tree(editing: Editing, key: str) -> str:
    # Imported where it is drawn: 400 kB of scripts that few need.
    from streamlit_extras.json_editor import json_editor

    st.caption(our.TREE_HELP)
    edited: Any = json_editor(
        editing.tree, name=None, display_data_types=False, display_object_size=False, key=f"{key}-tree"
    )["data"]
    # Compared as text: to Python true is 1.
    same = json.dumps(edited) == json.dumps(read(editing.draft, "json"))
    return editing.draft if same else written(edited)


def _decide(desk: Desk, now: Variable, editing: Editing) -> None:
    """Somebody else was faster: both values, and the choice."""
    st.warning(our.MEANWHILE, icon=":material/group:")
    secret = kind_of(now.value_type) == "secret"
    if not secret:
        for name, variable in ((our.WHEN_OPENED, editing.shown), (our.NOW, now)):
            st.caption(f"{name} · {variable_values.moment(variable.updated_at)}")
            variable_values.draw(variable.value)
    with st.container(horizontal=True):
        key = desk.key(now.id, "mine")
        if pressed(our.SAVE_MINE, icon=":material/check:", key=key):
            save(desk, now.id, replace(editing, shown=now))
        if pressed(our.KEEP_THEIRS, icon=":material/undo:", key=desk.key(now.id, "theirs")):
            _close(desk, now.id)
            st.rerun()


def _cancel(desk: Desk, variable: Variable) -> None:
    if pressed(our.CANCEL, key=desk.key(variable.id, "cancel")):
        _close(desk, variable.id)
        st.rerun()


def _close(desk: Desk, variable_id: str) -> None:
    typed.over(_field(desk, variable_id))
    desk.edit(variable_id, None)


def _field(desk: Desk, variable_id: str) -> str:
    return typed.name(desk.identity.user, desk.app.slug, desk.key(variable_id, "typed"))
