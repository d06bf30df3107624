"""Backend: everything behind the API put together, once per process."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.answer import Guide
from embedded.application import CONSOLE_GUIDE, App
from embedded.knowledge import Knowledge
from embedded.store import Store
from embedded.tasks import Tasks

TITLE_AFTER = 1.0  # seconds from the question to its conversation's better name, as on a real server
DATABASE = "embedded.sqlite3"
MANUAL = Path(__file__).with_name("knowledge")


@dataclass(frozen=True, slots=True)
class Backend:
    """What an endpoint needs: apps by API key, conversations, who answers, what is running."""

    apps: Mapping[str, App]
    store: Store
    guide: Guide
    tasks: Tasks

    @classmethod
    def at(cls, folder: Path, api_key: str) -> Backend:
        """A backend that keeps its conversations in `folder`. Raises OSError or sqlite3.Error."""
        folder.mkdir(parents=True, exist_ok=True)
        knowledge = Knowledge(MANUAL, CONSOLE_GUIDE.dataset)
        return cls(
            apps={api_key: CONSOLE_GUIDE},
            store=Store(folder / DATABASE),
            guide=Guide(knowledge, CONSOLE_GUIDE.suggested_questions),
            tasks=Tasks(),
        )

    def app_of(self, api_key: str) -> App | None:
        """The app that this key opens, compared in constant time."""
        found = None
        for key, app in self.apps.items():
            if hmac.compare_digest(key.encode(), api_key.encode()):
                found = app
        return found

    def title_later(self, conversation_id: str, query: str) -> None:
        """Give a new conversation a better name in a while, unless somebody names it before."""

        async def name() -> None:
            title = self.guide.title(query)
            await asyncio.to_thread(self.store.name_automatically, conversation_id, title)

        self.tasks.later(TITLE_AFTER, name)

    def close(self) -> None:
        """Close the database."""
        self.store.close()
