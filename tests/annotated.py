"""The scripted Dify with annotations, as recordings 92_* have them: newest first, 100 a page, all taken."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.upstream import Refusal, Upstream

MOST_A_PAGE = 100


class Annotated(Upstream):
    """`kept` is what the server has, newest first; a test changes it as another curator would.

    `fail` knows annotations/list, annotations/create, annotations/update and annotations/delete too.
    """

    def __init__(self, **options: Any) -> None:
        self.kept: list[dict[str, Any]] = []
        self.deaf = False
        """What is asked for is done, and the answer is a 500."""
        super().__init__(**options)

    def has(self, question: str | None, answer: str | None = "an answer", hits: int | None = 0) -> str:
        """One annotation more; its id."""
        made = {
            "id": str(uuid.uuid4()),
            "question": question,
            "answer": answer,
            "hit_count": hits,
            "created_at": int(time.time()),
        }
        self.kept.insert(0, made)
        return str(made["id"])

    def named(self, row_id: str) -> dict[str, Any]:
        return next(row for row in self.kept if row["id"] == row_id)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Question and answer of all, newest first."""
        return [(row["question"], row["answer"]) for row in self.kept]

    def asked_for(self, method: str) -> int:
        """How many requests of this method came for annotations."""
        return sum(asked == method and "/apps/annotations" in path for asked, path, _ in self.requests)

    def _app(self) -> Starlette:
        app = super()._app()
        one = "/v1/apps/annotations/{row}"
        app.router.routes[:0] = [
            Route("/v1/apps/annotations", self._list, methods=["GET"]),
            Route("/v1/apps/annotations", self._create, methods=["POST"]),
            Route(one, self._update, methods=["PUT"]),
            Route(one, self._remove, methods=["DELETE"]),
        ]
        return app

    async def _answered(self, request: Request, name: str) -> Response | None:
        """Also where it hung until its client had gone: what was asked for is then not done."""
        refused = await self._refused(request, name)
        return refused or (Response(status_code=503) if self._over.is_set() else None)

    async def _list(self, request: Request) -> Response:
        if refused := await self._answered(request, "annotations/list"):
            return refused
        query = request.query_params
        page, limit = int(query.get("page", 1)), int(query.get("limit", 20))
        word, size = query.get("keyword", "").lower(), min(limit, MOST_A_PAGE)
        found = [r for r in self.kept if word in (r["question"] or "").lower() + (r["answer"] or "").lower()]
        data = found[(page - 1) * size : page * size]
        body = {
            "data": data,
            "has_more": len(data) == limit,
            "limit": limit,
            "total": len(found),
            "page": page,
        }
        return Refusal(200, body).response()

    async def _create(self, request: Request) -> Response:
        if refused := await self._answered(request, "annotations/create"):
            return refused
        body = json.loads(await request.body())
        made = self.named(self.has(body["question"], body["answer"]))
        return self._said(201, made)

    async def _update(self, request: Request) -> Response:
        if refused := await self._answered(request, "annotations/update"):
            return refused
        body = json.loads(await request.body())
        for row in self.kept:
            if row["id"] == request.path_params["row"]:
                row |= {"question": body["question"], "answer": body["answer"]}
                return self._said(200, row)
        return Refusal.of(404, "not_found", "Annotation not found").response()

    async def _remove(self, request: Request) -> Response:
        if refused := await self._answered(request, "annotations/delete"):
            return refused
        left = [row for row in self.kept if row["id"] != request.path_params["row"]]
        if len(left) == len(self.kept):
            return Refusal.of(404, "not_found", "Annotation not found").response()
        self.kept[:] = left
        return self._said(204, None)

    def _said(self, status: int, body: Any) -> Response:
        if self.deaf:
            return Refusal.of(500, "internal_server_error", "Internal Server Error").response()
        return Refusal(status, body).response()
