"""What this app can and cannot do, and whether it answers."""

from __future__ import annotations

from components import about, entrance, sidebar
from services import site as sites

site = sites.current()
identity, app = entrance.entered(site)
profile = about.show(app)
sidebar.show(site, identity, app, profile)
