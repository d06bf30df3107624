"""Backend: everything behind the API put together, once per process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from embedded.answer import Guide
from embedded.app import App
from embedded.database import Database
from embedded.feeds import Feeds
from embedded.knowledge import Knowledge
from embedded.likeness import Likeness
from embedded.links import Links
from embedded.matching import Matcher
from embedded.model import Model
from embedded.personas import CONSOLE_GUIDE, MANUAL
from embedded.records import Asked
from embedded.reply import Reply, preset
from embedded.store import Store
from embedded.tables.annotations import Annotations
from embedded.tables.attachments import Attachments
from embedded.tables.end_users import EndUsers
from embedded.tables.feedbacks import ACCOUNT, Feedbacks
from embedded.tables.jobs import Jobs
from embedded.tables.runs import Runs
from embedded.tables.variables import Variables
from embedded.tables.vectors import Vectors
from embedded.tasks import Tasks
from embedded.uploads import Files
from embedded.voices import Speech

TITLE_AFTER = 1.0  # seconds from the question to its conversation's better name, as on a real server
REMEMBERED = 6  # earlier turns that a model is told
DATABASE = "embedded.sqlite3"
FILES = "files"
PAGES = Path(__file__).with_name("knowledge")


class Backend:
    """What an endpoint needs: what is kept, who answers, what is running. `api_key` opens the first app, the
    others' keys begin with it (see `personas`)."""

    def __init__(
        self,
        folder: Path,
        api_key: str,
        files_url: str | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Everything is kept in `folder`. Raises OSError or sqlite3.Error."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.api_key = api_key
        self._database = database = Database(folder / DATABASE)
        self.store = Store(database)
        self.end_users = EndUsers(database)
        self.feedbacks = Feedbacks(database)
        self.annotations = Annotations(database)
        self.jobs = Jobs(database)
        self.variables = Variables(database)
        self.runs = Runs(database)
        self.attachments = Attachments(database)
        self.files = Files(folder / FILES)
        self.links = Links(self.files, files_url)
        self.likeness = Likeness()
        self.matcher = Matcher(self.annotations, Vectors(database), self.likeness)
        self.speech = Speech()
        self.model = Model.from_environment(environ)
        self.knowledge = Knowledge(PAGES, MANUAL)
        self.guide = Guide(self.knowledge, CONSOLE_GUIDE.suggested_questions, self.model)
        self.tasks = Tasks()
        self.clerk = ThreadPoolExecutor(1, "jobs")  # one job after the other, in nobody else's thread
        self.feeds = Feeds()

    @property
    def model_name(self) -> str:
        """Who writes the answers, as a workflow's node names it."""
        return self.model.name if self.model else "extractive"

    def reply_to(self, asked: Asked, query: str, given: str = "") -> Reply:
        """What the guide says to a question; `given` describes the files that came with it."""
        turns = self.store.last_turns(asked.conversation_id, REMEMBERED) if self.model else ()
        return self.guide.reply(query, asked.previous, asked.inputs, turns, given)

    def before_answering(self, app: App, query: str) -> Reply | None:
        """What is said without asking anybody: a refused word's text, or an annotation's answer."""
        if app.moderation and app.moderation.objects_to(query):
            return preset(app.moderation.instead_of_question)
        annotation = self.matcher.match(app.id, query)
        if annotation is None:
            return None
        self.annotations.hit(annotation.id)
        return preset(annotation.answer, {"id": annotation.id, "account": ACCOUNT})

    def title_later(self, conversation_id: str, query: str) -> None:
        """Give a new conversation a better name in a while, unless somebody names it before."""

        async def name() -> None:
            title = self.guide.title(query)
            await asyncio.to_thread(self.store.name_automatically, conversation_id, title)

        self.tasks.later(TITLE_AFTER, name)

    async def close(self) -> None:
        """End what runs on its own, then close the database."""
        self.speech.close()
        self.likeness.close()
        if self.model is not None:
            await self.model.aclose()
        self._database.close()
