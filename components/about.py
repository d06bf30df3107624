"""What an app says of itself, what it can and cannot do in plain words, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from components import session, visitor, words, words_about, words_apps
from components.presses import pressed
from services.apps import App, NotServed, Profile
from services.dify.errors import DifyError
from services.standing import Standing

LONGEST = 2_000
"""Characters of a maker's text."""
ON, OFF, UNKNOWN = ":material/check:", ":material/block:", ":material/help:"
STANDS = {
    "fine": ":material/check_circle:",
    "old": ":material/history:",
    "unasked": ":material/hourglass_empty:",
}
"""Icon of a standing; of every other one ERROR."""
ERROR = ":material/error:"


def way(app: App) -> None:
    """The button that leads to the page."""
    if pressed(words_about.ABOUT, icon=":material/info:", type="tertiary", key="about"):
        session.open_about(app)


def foot(profile: Profile) -> None:
    """What the app's maker wants to be read before a question is put: it stands below the composer."""
    if profile.site.custom_disclaimer:
        with st.bottom:
            st.caption(words.plain(profile.site.custom_disclaimer, LONGEST), text_alignment="center")


def show(app: App) -> Profile | None:
    """The page; returns what the app says of itself, None where it does not answer."""
    if app.known or app.standing.code == "unasked":
        _ask(app)
    profile = app.known
    icon = f"{words.plain(profile.icon)} " if profile and profile.icon else ""
    st.title(f"{icon}{words.plain(app.name)}", anchor=False)
    if profile and (description := profile.site.description or profile.info.description):
        st.markdown(words.plain(description, LONGEST))
    _standing(app.standing)
    if profile is None:
        # Not with each run: an app that hangs would hold the page up.
        if pressed(words.RETRY, icon=":material/refresh:", key="ask"):
            _ask(app)
            st.rerun()
        return None
    st.subheader(words_about.ABILITIES, anchor=False)
    with st.container(gap="xxsmall"):
        for on, said in abilities(profile):
            mark = UNKNOWN if on is None else ON if on else OFF
            st.markdown(f"{mark} {said}" if on else f":gray[{mark} {said}]")
    _small_print(profile)
    return profile


def _ask(app: App) -> None:
    with suppress(DifyError, NotServed), st.spinner(words_apps.ASKING):
        app.profile()


def abilities(profile: Profile) -> Iterator[tuple[bool | None, str]]:
    """Whether a feature is on (None: nobody knows), and what to say of it."""
    can, mode = profile.parameters, profile.info.mode
    if kind := words_about.KINDS.get(mode):
        yield (True if mode else None), kind
    if names := [field.label for field in can.user_input_form]:
        yield True, words_about.FORM.format(names=words.plain(", ".join(names), 300))
    if tools := list(profile.meta.tool_icons):
        yield True, words_about.TOOLS.format(names=words.plain(", ".join(tools), 300))
    flow = mode == "advanced-chat"
    known = {
        "files": can.file_upload.enabled,
        "voice": can.speech_to_text,
        "speech": can.text_to_speech,
        "citations": can.retriever_resource,
        "follow_ups": can.suggested_questions_after_answer,
        "annotations": can.annotation_reply,
        "variables": flow,
    }
    for feature, on in known.items():
        if feature == "annotations" and not on and flow:
            yield None, words_about.FLOW_ANNOTATIONS  # 95_flow_parameters_after_enable
        elif feature == "variables" and not mode:
            yield None, words_about.UNKNOWN_VARIABLES
        elif feature == "files" and on and (kinds := _kinds(profile)):
            yield True, words_about.TAKES.format(kinds=kinds, most=can.file_upload.number_limit)
        else:
            yield on, words_about.FEATURES[feature][0 if on else 1]


def _kinds(profile: Profile) -> str:
    kinds = words_about.FILE_KINDS
    return ", ".join(kinds[each] for each in profile.parameters.file_upload.types if each in kinds)


def _standing(standing: Standing) -> None:
    said = words_apps.STANDS[standing.code].format(detail=words.plain(standing.detail))
    st.markdown(f"{STANDS.get(standing.code, ERROR)} {said}")
    if standing.code == "old":
        st.markdown("\n".join(f"- {words_apps.LACKS[each]}" for each in standing.detail.split(", ")))
    if standing.asked_at:
        times = words_apps.SINCE.format(since=_moment(standing.since), asked=_moment(standing.asked_at))
        st.caption(times)


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(visitor.zone())
    return moment.strftime("%d %b %Y, %H:%M")


def _small_print(profile: Profile) -> None:
    site = profile.site
    if not (site.custom_disclaimer or site.privacy_policy or site.copyright):
        return
    st.subheader(words_about.MAKER, anchor=False)
    if site.custom_disclaimer:
        st.caption(words.plain(site.custom_disclaimer, LONGEST))
    if address := _web(site.privacy_policy):
        st.link_button(words_about.PRIVACY, address, icon=":material/open_in_new:", type="tertiary")
    elif site.privacy_policy:
        st.caption(words.plain(site.privacy_policy, LONGEST))
    if site.copyright:
        st.caption(f"© {words.plain(site.copyright.removeprefix('©').strip(), 200)}")


def _web(address: str) -> str | None:
    """An address to open in a new tab: http(s), whatever the maker wrote."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return address.strip() if parts.scheme in {"http", "https"} and parts.netloc else None
