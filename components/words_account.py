"""Words about accounts and roles, on pages; those of the forms stand in routes/signing_page.py."""

from __future__ import annotations

from typing import Final

from services.identity import Role

READ_ONLY: Final = (
    "Your role is viewer: you can read your conversations here. An administrator can make you an agent, who "
    "can ask."
)
NEEDS: Final = (
    "This page needs the role {role}. An administrator of this site can give it to you; nothing was asked of "
    "the app."
)
NAMES: Final = {
    Role.VIEWER: "viewer",
    Role.AGENT: "agent",
    Role.CURATOR: "curator",
    Role.ADMIN: "administrator",
}
ROLES: Final = {
    Role.VIEWER: "Viewer: reads own conversations",
    Role.AGENT: "Agent: chats and keeps own conversations",
    Role.CURATOR: "Curator: also keeps annotations",
    Role.ADMIN: "Administrator",
}
