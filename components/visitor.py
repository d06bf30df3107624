"""The only reader of st.user and st.context: who looks at this page."""

from __future__ import annotations

from datetime import UTC, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from services.identity import Identities, Identity


def identity(identities: Identities) -> Identity | None:
    """None for a browser that keeps no cookies."""
    context = st.context
    return identities.of(context.cookies.to_dict(), context.headers.to_dict(), context.ip_address)


def tab() -> str:
    """The id of this tab's session; the browser names it when it connects anew."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def address_of(path: str) -> str:
    """The whole address of a path of this site, as the browser knows it."""
    page = urlsplit(st.context.url or "")
    return f"{page.scheme}://{page.netloc}/{path}" if page.netloc else path


def zone() -> tzinfo:
    """The time zone of the browser; UTC where it names none that is known here."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def in_the_dark() -> bool:
    """Whether this tab had a dark theme when the page was asked for."""
    return st.context.theme.type == "dark"
