"""The work on conversations: which are new, whose they are, what is still to be done."""

from __future__ import annotations

from components import entrance, sidebar
from components.work import work_list
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app, profile = entrance.passed(site, Role.AGENT)
work_list.show(site, identity, app, profile)
sidebar.show(site, identity, app, profile)
