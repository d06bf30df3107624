"""The scripted Dify with feedback and end users, as recordings 62_* and 83_* have them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.annotated import Annotated
from tests.upstream import HTML_404, Refusal, row

BEGAN = 1_790_000_000
MOST = 101


class Rated(Annotated):
    """`given` is the feedback, newest first; a test changes it as end users would. `people` are these.

    `fail` knows app/feedbacks and end-users too.
    """

    def __init__(self, **options: Any) -> None:
        self.given: list[dict[str, Any]] = []
        self.people: dict[str, dict[str, Any]] = {}
        super().__init__(**options)

    def person(self, user: str | None, **known: Any) -> str:
        """One end user more; its id at this server."""
        made = {
            "id": str(uuid.uuid4()),
            "type": "service-api",
            "external_user_id": user,
            "name": None,
            "is_anonymous": False,
            "session_id": user,
            "created_at": "2026-11-21T02:10:11",
            "updated_at": "2026-11-21T02:10:11",
            **known,
        }
        self.people[made["id"]] = made
        return str(made["id"])

    def rate(self, rating: str = "dislike", content: str | None = None, **known: Any) -> dict[str, Any]:
        """One more, a second newer than the newest."""
        moment = _iso(BEGAN + len(self.given))
        made = {
            "id": str(uuid.uuid4()),
            "app_id": "a",
            "conversation_id": str(uuid.uuid4()),
            "message_id": str(uuid.uuid4()),
            "rating": rating,
            "content": content,
            "from_source": "user",
            "from_end_user_id": None,
            "from_account_id": None,
            "created_at": moment,
            "updated_at": f"{moment}.527130",
            **known,
        }
        self.given.insert(0, made)
        return made

    def answered(self, question: str, answer: str, user: str = "eve", **known: Any) -> dict[str, Any]:
        """A conversation of one answer that its end user disliked; the rating."""
        kept = self.keep(row(question, answer), user=user)
        person = next((p["id"] for p in self.people.values() if p["external_user_id"] == user), None)
        made = {
            "conversation_id": kept.id,
            "message_id": kept.rows[0]["id"],
            "from_end_user_id": person or self.person(user),
        }
        return self.rate(**{**made, **known})

    def pages_read(self) -> list[int]:
        return [int(query["page"]) for _, path, query in self.requests if path == "/app/feedbacks"]

    def forget(self) -> None:
        super().forget()
        self.given.clear()
        self.people.clear()

    def _app(self) -> Starlette:
        app = super()._app()
        app.router.routes[:0] = [
            Route("/v1/app/feedbacks", self._given),
            Route("/v1/end-users/{id}", self._person),
        ]
        return app

    async def _given(self, request: Request) -> Response:
        if refused := await self._answered(request, "app/feedbacks"):
            return refused
        page, limit = int(request.query_params["page"]), int(request.query_params["limit"])
        if limit > MOST:
            return Refusal.of(400, "invalid_param", "Input should be less than or equal to 101").response()
        return Refusal(200, {"data": self.given[(page - 1) * limit : page * limit]}).response()

    async def _person(self, request: Request) -> Response:
        if refused := await self._answered(request, "end-users"):
            return refused
        wanted = request.path_params["id"]
        try:
            uuid.UUID(wanted)
        except ValueError:
            return Refusal(404, HTML_404).response()
        found = self.people.get(wanted)
        if found is None:
            return Refusal.of(404, "end_user_not_found", "End user not found.").response()
        return Refusal(200, found).response()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
