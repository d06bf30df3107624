"""The only one to ask Streamlit about the visitor: who looks at this page, from where; signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.user_info import generate_login_redirect_url

from services.identity import Identities, Identity, Refusal, cookies_in, told_once


def identity(identities: Identities) -> Identity | None:
    """The same answer as routes get, from the same headers: those with which this tab's websocket was opened.

    None where nobody is signed in, and for a browser that keeps no cookies.
    """
    # Streamlit names no address where it is one of this machine.
    return identities.of(cookies(), _headers(), st.context.ip_address or "127.0.0.1")


def refusal(identities: Identities) -> Refusal | None:
    """Why they are not let in who have signed in elsewhere."""
    return identities.refusal(cookies(), _headers())


def cookies() -> dict[str, str]:
    """Those of this tab."""
    return cookies_in(st.context.headers.get_all("cookie"))


def _headers() -> dict[str, str]:
    told = st.context.headers
    return told_once((name, value) for name in told for value in told.get_all(name))


def sign_in(provider: str, onward: Mapping[str, str]) -> None:
    """Send the browser to one of the providers in secrets.toml, and from there back to this page with the
    query `onward`.

    As st.login does, which knows no way back to a page: routes/sign_in.py keeps what is told here.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    query = urlencode(onward)
    page = urlsplit(st.context.url or "").path or "/"
    told = ForwardMsg()
    there = quote(f"{page}?{query}" if query else page, safe="")
    told.auth_redirect.url = f"{generate_login_redirect_url(provider)}&next={there}"
    context.enqueue(told)


def sign_out() -> None:
    """Send the browser to Streamlit's sign-out, which takes its cookie away."""
    st.logout()


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
    except (ZoneInfoNotFoundError, ValueError, OSError):  # it is looked for as a file
        return UTC


def in_the_dark() -> bool:
    """Whether this tab had a dark theme when the page was asked for."""
    return st.context.theme.type == "dark"
