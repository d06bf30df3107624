"""What an app says of itself, and what it can and cannot do, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import streamlit as st

from components import words, words_about
from components.presses import pressed
from services.apps import Profile

LONGEST = 2_000
"""Characters of a maker's text."""
ON, OFF = ":material/check:", ":material/block:"


def show(profile: Profile) -> None:
    """A button; what it opens is drawn when it is asked for."""
    if pressed(words_about.ABOUT, icon=":material/info:", type="tertiary", key="about"):
        _about(profile)


def foot(profile: Profile) -> None:
    """What the app's maker wants to be read before a question is put: it stands below the composer."""
    if profile.site.custom_disclaimer:
        with st.bottom:
            st.caption(words.plain(profile.site.custom_disclaimer, LONGEST), text_alignment="center")


def abilities(profile: Profile) -> Iterator[tuple[bool | None, str]]:
    """Whether a feature is on (None: nobody knows), and what to say of it."""
    can = profile.parameters
    known = {
        "files": can.file_upload.enabled,
        "voice": can.speech_to_text,
        "speech": can.text_to_speech,
        "citations": can.retriever_resource,
        "follow_ups": can.suggested_questions_after_answer,
        "annotations": can.annotation_reply,
    }
    for feature, on in known.items():
        if feature == "annotations" and not on and profile.info.mode == "advanced-chat":
            yield None, words_about.FLOW_ANNOTATIONS  # 95_flow_parameters_after_enable
        else:
            yield on, words_about.FEATURES[feature][0 if on else 1]


@st.dialog(words_about.ABOUT)
def _about(profile: Profile) -> None:
    site = profile.site
    st.markdown(f"**{words.plain(profile.name)}**")
    if description := site.description or profile.info.description:
        st.markdown(words.plain(description, LONGEST))
    st.caption(words_about.ABILITIES)
    for on, said in abilities(profile):
        icon = ":material/help:" if on is None else ON if on else OFF
        st.markdown(f"{icon} {said}" if on else f":gray[{icon} {said}]")
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
