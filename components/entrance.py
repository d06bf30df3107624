"""What stands before every page that needs an app: who is asking, which app, and whether it answers."""

from __future__ import annotations

import streamlit as st

from components import account, notices, session, sign_in, visitor, words
from services.apps import App, NotServed, Profile
from services.dify.errors import DifyError, Unreachable
from services.identity import Identity
from services.site import Site


def passed(site: Site) -> tuple[Identity, App, Profile]:
    """Who, which app and what it says of itself; where one is missing the page ends here, with the reason."""
    identity = visitor.identity(site.identities)
    if identity is None:
        if site.identities.mode == "accounts":
            account.signed_out()
        else:
            sign_in.show(site)
        st.stop()
    site.tabs.drawn(visitor.tab(), identity)
    app = session.app(site)
    try:
        profile = app.profile()
    except NotServed as kind:
        st.error(words.NOT_SERVED.format(kind=words.plain(str(kind))), icon=":material/block:")
    except Unreachable as error:
        if site.backend and not site.backend.ready:
            notices.starting(site)
        else:
            notices.failed(error)
    except DifyError as error:
        notices.failed(error)
    else:
        return identity, app, profile
    st.stop()
