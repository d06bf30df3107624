"""Annotation reply: what is known of it, the switch, and its job, followed to whatever end it has."""

from __future__ import annotations

import time

import streamlit as st

from components import session, words
from components import words_annotation_work as said
from components.annotations import reply_form, telling
from components.annotations.desk import Desk
from services.annotations.reply import PATIENCE, RUNNING, Switch
from services.database import StoreError
from services.dify.errors import DifyError

OFTEN = 1.0
"""Seconds between two looks at a job."""


def show(desk: Desk) -> None:
    st.subheader(said.REPLY_TITLE, anchor=False)
    st.caption(said.REPLY_INTRO)
    try:
        last = desk.site.annotation_work.replies.last(desk.identity, desk.app)
    except StoreError as error:
        st.warning(telling.why(error), icon=":material/error:")
        return
    if last and last.running and not last.overdue(time.time()):
        _following(desk)
    elif last:
        _ended(desk, last)
    _known(desk, last)
    reply_form.show(desk, last)


@st.fragment(run_every=OFTEN)
def _following(desk: Desk) -> None:
    """Looks at the job until it has an end, or nobody need wait for one."""
    replies = desk.site.annotation_work.replies
    try:
        try:
            now = replies.look(desk.identity, desk.app)
        except DifyError:
            now = replies.last(desk.identity, desk.app)
            st.caption(said.LOOK_FAILED)
    except StoreError as error:
        st.warning(telling.why(error), icon=":material/error:")
        return
    if now is None or not now.running or now.overdue(time.time()):
        st.rerun()
    with st.container(border=True, horizontal=True):
        text = said.JOB[now.status].format(state=said.SWITCHED[now.action])
        share = min((time.time() - now.asked_at) / PATIENCE, 1.0)
        st.progress(share, text=f":material/hourglass_empty: {text}")


def _ended(desk: Desk, last: Switch) -> None:
    state = said.SWITCHED[last.action]
    text = said.JOB.get(last.status, said.JOB_OTHER).format(state=state, status=words.plain(last.status))
    text += f" ({telling.when(last.ended_at or last.asked_at)})"
    if last.error:
        text += f"  \n{words.plain(last.error, 500)}"
    if last.status == "completed":
        st.success(text, icon=":material/check_circle:")
    elif last.status in {"error", "refused"}:
        st.error(text, icon=":material/error:")
    else:
        st.warning(text, icon=":material/help:")
    if last.status in RUNNING and last.job_id:
        st.caption(said.OVERDUE.format(seconds=int(PATIENCE)))
        st.button(said.LOOK_AGAIN, key="re-look", icon=":material/refresh:", on_click=_look, args=(desk,))


def _look(desk: Desk) -> None:
    problem = ""
    try:
        desk.site.annotation_work.replies.look(desk.identity, desk.app)
    except (DifyError, StoreError) as error:
        problem = telling.why(error)
    session.keep(reply_form.TROUBLE, problem)


def _known(desk: Desk, last: Switch | None) -> None:
    """What the app says of itself, and what was set from here; neither is the whole truth."""
    with st.container(border=True):
        try:
            says = desk.site.annotation_work.replies.parameters(desk.identity, desk.app)
        except DifyError:
            st.markdown(said.SAYS_NOTHING)
        else:
            if says.annotation_reply:
                st.markdown(f"**{said.SAYS_ON}**")
            elif desk.app.profile().info.mode == "advanced-chat":
                st.markdown(said.SAYS_FLOW)
            else:
                st.markdown(f"**{said.SAYS_OFF}**")
            if says.annotation_reply and says.annotation_threshold is not None:
                model = words.plain(says.embedding_model or "?")
                st.markdown(said.SAYS_WITH.format(threshold=f"{says.annotation_threshold:g}", model=model))
        if last is None:
            st.caption(said.NEVER_SET)
        else:
            st.caption(
                said.SET_HERE.format(
                    action=said.SWITCHED[last.action],
                    threshold=f"{last.threshold:g}",
                    provider=words.plain(last.provider),
                    model=words.plain(last.model),
                    when=telling.when(last.asked_at),
                )
            )
        st.caption(said.NO_READING)
