"""What stands before every page that needs an app: who is asking, which app, and whether it answers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import notices, session, sidebar, sign_in, switcher, visitor, words, words_account, words_apps
from services.apps import App, NoSuchApp, NotServed, Profile
from services.dify.errors import DifyError, Unreachable
from services.identity import Identity, Role
from services.site import Site


def entered(site: Site) -> tuple[Identity, App]:
    """Who, and which app; where one is missing the page ends here, with the reason."""
    identity = visitor.identity(site.identities)
    if identity is None:
        sign_in.show(site)
        st.stop()
    site.tabs.drawn(visitor.tab(), identity)
    try:
        app = session.app(site, identity)
    except NoSuchApp:
        switcher.show(site, identity, None)
        mine = site.apps_of(identity)
        st.info(words_apps.NO_SUCH_APP if mine else words_apps.NO_APP, icon=":material/search_off:")
        with st.sidebar:
            sign_in.foot(site.identities, identity)
        st.stop()
    switcher.show(site, identity, app)
    return identity, app


def granted(
    site: Site, needs: Role, allowed: Callable[[Identity], bool] | None = None
) -> tuple[Identity, App]:
    """Who, and which app; for a role below `needs`, unless they are `allowed`, the page ends here, before
    anything is asked of the app.
    """
    identity, app = entered(site)
    if identity.role < needs and not (allowed and allowed(identity)):
        whom = words_account.contact(site.auth.contact)
        told = words_account.NEEDS.format(
            role=words_account.NAMES[needs], mine=words_account.NAMES[identity.role], contact=whom
        )
        st.info(told, icon=":material/lock:")
        sidebar.show(site, identity, app, None)
        st.stop()
    return identity, app


def passed(
    site: Site, needs: Role = Role.VIEWER, allowed: Callable[[Identity], bool] | None = None
) -> tuple[Identity, App, Profile]:
    """Who, which app and what it says of itself; where one is missing the page ends here, with the reason.

    As `granted` for those who may not see it.
    """
    identity, app = granted(site, needs, allowed)
    try:
        profile = _profile(app)
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
    sidebar.show(site, identity, app, None)
    st.stop()


def _profile(app: App) -> Profile:
    """Raises DifyError, NotServed."""
    if app.known:
        return app.profile()
    with st.spinner(words_apps.ASKING):
        return app.profile()
