"""Words about accounts and roles, on pages; those of the forms stand in routes/signing_page.py."""

from __future__ import annotations

from typing import Final

from components import words
from services.identity import Role

READ_ONLY: Final = (
    "Your role is viewer: you can read your conversations here. An administrator can make you an agent, who "
    "can ask."
)
NEEDS: Final = "This page needs the role {role}; yours is {mine}. To get it, ask {contact}."
ADMINISTRATOR: Final = "an administrator of this site"
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


def contact(told: str) -> str:
    """Whom to ask, as the operator has set it."""
    return words.plain(told, 200) or ADMINISTRATOR
