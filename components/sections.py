"""The sections of a page, of which one is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import session


def chosen(key: str, label: str, names: Sequence[str], titles: Mapping[str, str]) -> tuple[str, str]:
    """The one that is looked at now, and the one before; kept while a reader is on another page."""
    before: str = session.kept(key, names[0])
    picked = st.segmented_control(
        label,
        names,
        default=before,
        format_func=titles.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        wrap=False,
    )
    now = picked or before
    session.keep(key, now)
    return now, before
