"""How this page puts questions: for whom, to which app, into which conversation. Nothing typed is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from components import session
from services.apps import App, Profile
from services.conversations import Conversation
from services.draft import Draft
from services.identity import Identity
from services.preferences import ALWAYS_STREAMING
from services.runs import Busy, TooLong
from services.site import Site


@dataclass(frozen=True, slots=True)
class Asker:
    site: Site
    identity: Identity
    app: App
    profile: Profile
    conversation: Conversation

    def ask(self, draft: Draft, send_id: str) -> None:
        """Put a question; where that is refused, its text goes back into the composer with the reason."""
        session.refused(None)
        preferences = self.site.preferences
        if self.profile.info.mode not in ALWAYS_STREAMING:
            draft = replace(draft, whole=preferences.whole_answers(self.identity.user))
        try:
            self.site.runs.start(self.identity, self.app.client, self.conversation, draft, send_id)
        except Busy:
            session.keep_text(draft.query)
            session.refused("busy")
        except TooLong:
            session.keep_text(draft.query)
            session.refused("too_long")

    def ask_anew(self, draft: Draft, send_id: str) -> None:
        """Put a question into a new conversation, and turn to that."""
        directory = self.site.directory
        address = f"~{directory.new_key()}"
        place = directory.open(self.identity, self.app, address)
        replace(self, conversation=place).ask(draft, send_id)
        session.go_to(self.app, address)
