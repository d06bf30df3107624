"""Keep the app's annotations: the answers it gives by itself."""

from __future__ import annotations

from components import entrance, sidebar
from components.annotations import book_page
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app, profile = entrance.passed(site, Role.CURATOR)
book_page.show(site, identity, app)
sidebar.show(site, identity, app, profile)
