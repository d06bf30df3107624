"""Ask, and watch the answer arrive."""

from __future__ import annotations

import streamlit as st

from components import (
    about,
    composer,
    entrance,
    heading,
    inputs_form,
    intents,
    session,
    sidebar,
    variables_panel,
    words,
)
from components.annotations import annotating
from components.asker import Asker
from components.transcript import transcript
from components.work import panel
from services import frontend
from services import site as sites
from services.directory import NotTheirs

site = sites.current()
identity, app, profile = entrance.passed(site)
line = heading.show(profile, demo=site.backend is not None)
conversation = None
try:
    conversation = session.conversation(site.directory, identity, app)
    site.directory.expect(conversation, app)
except NotTheirs:
    st.info(words.NOT_THEIRS, icon=":material/search_off:")
else:
    asker = Asker(site, identity, app, profile, conversation)
    values = inputs_form.show(asker)
    statement = session.opening(conversation, profile.opening(values))
    transcript.show(
        conversation,
        profile,
        statement,
        frontend.path(),
        intents.doer(asker),
        find=session.message(),
        newline=site.preferences.enter_begins_line(identity.user),
        annotate=annotating.allowed(identity),
        ask=asker.may_ask,
        note=asker.may_ask,
        hears=site.variable_watch.may_have(app),
    )
    annotating.show(site, identity, app)
    composer.show(asker)
    variables_panel.offer(line, site, identity, app, conversation)
    panel.offer(line, site, identity, app, conversation)
    about.foot(profile)
sidebar.show(site, identity, app, profile, conversation)
