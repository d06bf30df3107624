"""Questions that got no good answer, and the annotations that would answer them."""

from __future__ import annotations

from components import entrance, sidebar
from components.gaps import board
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app, profile = entrance.passed(site, Role.CURATOR)
board.show(site, identity, app)
sidebar.show(site, identity, app, profile)
