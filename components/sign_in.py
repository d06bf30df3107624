"""What somebody sees whom the site does not know, and the way out for somebody whom it does."""

from __future__ import annotations

import streamlit as st

from components import account, session, visitor, words, words_account, words_sign_in
from services.identities.oidc import Oidc
from services.identity import Identities, Identity, Refusal
from services.site import Site

WIDTH = 380


def show(site: Site) -> None:
    """In place of a page."""
    identities, app = site.identities, site.apps[0].known
    refusal = visitor.refusal(identities)
    if refusal:
        _refused(site, refusal)
    elif isinstance(identities, Oidc):
        with (
            st.container(horizontal_alignment="center"),
            st.container(width=WIDTH, border=True, key="sign-in"),
        ):
            st.title(words.plain(app.name) if app else words_sign_in.SITE, anchor=False)
            st.markdown(words_sign_in.WELCOME)
            for name in identities.registration.providers:
                _button(name)
    elif identities.mode == "accounts":
        account.signed_out()
    elif identities.mode == "proxy":
        st.warning(
            words_sign_in.UNKNOWN_TO_PROXY.format(contact=words_account.contact(site.auth.contact)),
            icon=":material/lock:",
        )
    else:
        st.warning(words.NO_COOKIES, icon=":material/cookie:")


def foot(identities: Identities, identity: Identity) -> None:
    """At the foot of the sidebar: who is signed in."""
    if identities.mode == "accounts":
        account.show(identity)
    if identities.mode not in {"oidc", "proxy"}:
        return
    role = words_account.NAMES[identity.role]
    st.caption(f":material/person: {words.plain(identity.name, 60)} · {role}" if identity.name else role)
    if identities.mode == "oidc":
        out = words_sign_in.SIGN_OUT
        st.button(out, icon=":material/logout:", type="tertiary", key="sign-out", on_click=visitor.sign_out)


def _refused(site: Site, refusal: Refusal) -> None:
    """Somebody whom the other side knows, and this site does not let in."""
    name = words.plain(refusal.name, 60)
    contact = words_account.contact(site.auth.contact)
    with st.container(width=2 * WIDTH):
        st.title(words_sign_in.NOT_LET_IN, anchor=False)
        st.markdown(words_sign_in.SIGNED_IN_AS.format(name=name) if name else words_sign_in.SIGNED_IN)
        st.warning(words_sign_in.REFUSALS[refusal.code].format(contact=contact), icon=":material/lock:")
        if isinstance(site.identities, Oidc):
            other = words_sign_in.AS_ANOTHER
            st.button(other, icon=":material/logout:", key="sign-out", on_click=visitor.sign_out)


def _button(provider: str) -> None:
    said = words_sign_in.SIGN_IN
    if provider != "default":
        named = words.plain(provider.replace("-", " ").title())
        said = words_sign_in.SIGN_IN_WITH.format(provider=named)
    st.button(
        said,
        icon=":material/login:",
        key=f"sign-in-{provider}",
        width="stretch",
        on_click=visitor.sign_in,
        args=(provider, session.address()),
    )
