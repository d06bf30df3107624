"""The three values that annotation reply is switched with, and the two buttons."""

from __future__ import annotations

import time

import streamlit as st

from components import session
from components import words_annotation_work as said
from components.annotations import telling
from components.annotations.desk import Desk
from services.annotations.reply import Switch, UnderWay, Wanted
from services.database import StoreError
from services.dify.annotations import Action
from services.dify.errors import DifyError
from services.dify.models import EmbeddingModel

THRESHOLD, PROVIDER, MODEL, LIST, TROUBLE = "re-threshold", "re-provider", "re-model", "re-list", "re-trouble"
MODELS = "re-models"
USUAL = 0.9
BUILT_IN = ("embedded", "all-MiniLM-L6-v2")
"""Provider and model of the built-in backend, which has no list of them."""
FRESH_FOR = 60.0
"""Seconds for which the list of models is not asked for again, nor a server that did not give it."""


def show(desk: Desk, last: Switch | None) -> None:
    """The buttons are locked while a job runs that may still end."""
    locked = last is not None and last.running and not last.overdue(time.time())
    with st.container(border=True):
        session.begin_with(THRESHOLD, session.kept(THRESHOLD, last.threshold if last else USUAL))
        threshold = st.slider(said.THRESHOLD, 0.0, 1.0, step=0.01, key=THRESHOLD)
        session.keep(THRESHOLD, threshold)
        st.caption(said.THRESHOLD_HELP)
        _listed(desk)
        left, right = st.columns(2)
        earlier = desk.site.annotation_work.replies.earlier(desk.identity, desk.app)
        names = [(switch.provider, switch.model) for switch in earlier]
        if desk.site.backend:
            names.append(BUILT_IN)
        with left:
            _name(said.PROVIDER, PROVIDER, [provider for provider, _ in names], said.PROVIDER_HELP)
        with right:
            _name(said.MODEL, MODEL, [model for _, model in names], said.MODEL_HELP)
        if trouble := session.kept(TROUBLE, ""):
            st.error(trouble, icon=":material/error:")
        is_on = last is not None and last.action == "enable" and last.status == "completed"
        with st.container(horizontal=True, vertical_alignment="center"):
            _button(desk, "enable", said.SET_ANEW if is_on else said.SWITCH_ON, locked=locked)
            _button(desk, "disable", said.SWITCH_OFF, locked=locked)
            st.caption(said.OFF_MEANS)


def _button(desk: Desk, action: Action, label: str, *, locked: bool) -> None:
    st.button(
        label,
        key=f"re-{action}",
        type="primary" if action == "enable" else "secondary",
        icon=":material/toggle_on:" if action == "enable" else ":material/toggle_off:",
        disabled=locked,
        on_click=_switch,
        args=(desk, action),
    )


def _name(label: str, widget: str, earlier: list[str], told: str) -> None:
    """Free text, with what was given before to choose from."""
    options = list(dict.fromkeys(earlier))
    first = session.kept(widget, options[0] if options else None)
    if first and first not in options:
        options.append(first)
    session.begin_with(widget, first)
    given = st.selectbox(
        label,
        options,
        index=None,
        key=widget,
        accept_new_options=True,
        help=told,
        placeholder=said.NAME_PLACEHOLDER,
    )
    session.keep(widget, given)


def _listed(desk: Desk) -> None:
    """The workspace's models, where a key allows to ask for them; choosing one fills in both names."""
    asked_at, found = session.kept(MODELS, (0.0, ()))
    if time.monotonic() - asked_at > FRESH_FOR:
        try:
            found = desk.site.annotation_work.replies.models(desk.identity, desk.app)
        except DifyError:
            found = ()
        session.keep(MODELS, (time.monotonic(), found))
    if found is None:
        if desk.site.backend is None:
            st.caption(said.MODELS_NO_KEY)
        return
    if not found:
        st.caption(said.MODELS_UNREADABLE)
        return
    st.selectbox(
        said.MODEL_LIST,
        found,
        index=None,
        format_func=lambda each: f"{each.provider} · {each.model}",
        key=LIST,
        on_change=_fill,
    )


def _fill() -> None:
    chosen = session.value(LIST)
    if isinstance(chosen, EmbeddingModel):
        session.put(PROVIDER, chosen.provider)
        session.put(MODEL, chosen.model)


def _switch(desk: Desk, action: Action) -> None:
    wanted = Wanted(
        float(session.value(THRESHOLD, USUAL)),
        str(session.value(PROVIDER) or ""),
        str(session.value(MODEL) or ""),
    )
    trouble = ""
    problem = wanted.problem()
    if problem:
        trouble = said.WRONG[problem]
    else:
        try:
            desk.site.annotation_work.replies.switch(desk.identity, desk.app, action, wanted)
        except UnderWay:
            trouble = said.UNDER_WAY
        except StoreError as error:
            trouble = telling.why(error)
    session.keep(TROUBLE, trouble)
