"""Words about the work on conversations, on pages; those of its lists and panels: frontend/work/labels.js."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Work"
BACK: Final = "All work"
OTHERS: Final = "Conversation of {user}"
READ_ONLY: Final = "You read this as staff; that you looked is written down. Nothing can be asked here."
NOT_ALLOWED: Final = (
    "Only people who may look at conversations of others can open this one. An administrator can give you "
    "that right."
)
GONE: Final = "Dify has no such conversation of this end user (any more)."
STORE: Final = (
    "This look cannot be written down, since this site's database cannot be used now. So nothing is shown."
)
