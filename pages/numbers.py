"""What was asked of this site, counted."""

from __future__ import annotations

from components import entrance, sidebar
from components.numbers import board
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app = entrance.granted(site, Role.CURATOR)
board.show(site, identity, app)
sidebar.show(site, identity, app, app.known)
