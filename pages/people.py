"""The people of an app, as far as they were seen here, and their conversations, for reading alone."""

from __future__ import annotations

from components import entrance, sidebar
from components.people import page
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app, profile = entrance.passed(site, Role.CURATOR, site.looks.allowed)
page.show(site, identity, app, profile)
sidebar.show(site, identity, app, profile)
