"""An error or a state of the site -> words on the page."""

from __future__ import annotations

import streamlit as st

from components import words
from services.dify.errors import DifyError
from services.site import Site


def failed(error: DifyError) -> None:
    """What went wrong, what to do, and a button that tries again; the server's own words under Details."""
    known = words.ERRORS.get(error.code)
    title = known["title"] if known else "The app's server answered with an error."
    advice = known["advice"] if known else "Try again; if it stays so, tell the administrator."
    st.error(f"**{title}** {advice}", icon=":material/error:")
    st.button(words.RETRY, icon=":material/refresh:", key="try-again")
    with st.expander("Details"):
        st.code(f"{error.code}\n{error.message}", language=None, wrap_lines=True)


@st.fragment(run_every=0.5)
def starting(site: Site) -> None:
    """Until the embedded backend answers; then the page is drawn anew."""
    if site.backend is None or site.backend.ready:
        st.rerun()
    st.info(words.STARTING, icon=":material/hourglass_empty:")
