"""Somebody else's conversation, to be read: nothing in it can be asked, rated or changed."""

from __future__ import annotations

from components.transcript import transcript
from services import frontend
from services.apps import Profile
from services.looks import Look


def show(profile: Profile, look: Look, find: str | None = None) -> None:
    """`find` is the id of a message to go to."""
    place = look.conversation
    opening = profile.opening(place.inputs)
    transcript.show(place, profile, opening, frontend.path(), _nothing, find=find, ask=False, key=look.key)


def _nothing(_intent: dict[str, object]) -> None:
    """Whoever only reads asks for nothing."""
