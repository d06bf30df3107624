"""Who may come in and do what, and what was done with weight."""

from __future__ import annotations

from components import entrance, sidebar
from components.admin import page
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app = entrance.granted(site, Role.ADMIN)
page.show(site, identity)
sidebar.show(site, identity, app, app.known)
