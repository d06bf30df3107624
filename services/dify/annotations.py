"""Heading "Annotations": the app's own answers, and the annotation reply that gives them.

Recordings 92_* to 95_*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import mapping, text, whole
from services.dify.records import Page, moment

Action = Literal["enable", "disable"]
DONE = {"completed": "completed", "succeeded": "completed", "error": "error", "failed": "error"}


@dataclass(frozen=True, slots=True)
class Annotation:
    id: str
    question: str = ""
    answer: str = ""
    hit_count: int | None = None
    created_at: float | None = None

    @classmethod
    def from_json(cls, value: Any) -> Annotation:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            question=text(row.get("question")),
            answer=text(row.get("answer")),
            hit_count=whole(row.get("hit_count")),
            created_at=moment(row.get("created_at")),
        )


@dataclass(frozen=True, slots=True)
class AnnotationJob:
    """A switch of the annotation reply that is under way."""

    id: str
    status: str = "waiting"
    """waiting, processing, completed, error; succeeded and failed are read as the last two."""
    error: str = ""

    @classmethod
    def from_json(cls, value: Any) -> AnnotationJob:
        row = mapping(value)
        status = text(row.get("job_status"))
        return cls(text(row.get("job_id")), DONE.get(status, status or "waiting"), text(row.get("error_msg")))


class Annotations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, page: int = 1, limit: int = 20, keyword: str = "") -> Page[Annotation]:
        """Newest first; `keyword` in question or answer.

        Go by `total`: `has_more` is wrong on a full last page.
        """
        params = {"page": page, "limit": limit, "keyword": keyword or None}
        return Page.from_json(
            self._connection.ask("GET", "/apps/annotations", params=params), Annotation.from_json
        )

    def create(self, question: str, answer: str) -> Annotation:
        """Never repeated: the server keeps duplicates (92_ann_create_dup)."""
        body = {"question": question, "answer": answer}
        return Annotation.from_json(self._connection.ask("POST", "/apps/annotations", body=body))

    def update(self, annotation_id: str, question: str, answer: str) -> Annotation:
        path, body = f"/apps/annotations/{segment(annotation_id)}", {"question": question, "answer": answer}
        return Annotation.from_json(self._connection.ask("PUT", path, body=body))

    def delete(self, annotation_id: str) -> None:
        """Raises NotFound where it was gone before; not where only our first attempt had deleted it."""
        self._connection.ask("DELETE", f"/apps/annotations/{segment(annotation_id)}")

    def enable(self, score_threshold: float, provider: str, model: str) -> AnnotationJob:
        """Switches annotation reply on; `provider` and `model` embed the questions, threshold 0 to 1."""
        return self._switch("enable", score_threshold, provider, model)

    def disable(self, score_threshold: float, provider: str, model: str) -> AnnotationJob:
        """The server wants the same three values (93_reply_disable_missing_body)."""
        return self._switch("disable", score_threshold, provider, model)

    def status(self, action: Action, job_id: str) -> AnnotationJob:
        """Some jobs wait for ever (93_reply_disable_never_enabled). Invalid: no such job."""
        path = f"/apps/annotation-reply/{action}/status/{segment(job_id)}"
        return AnnotationJob.from_json(self._connection.ask("GET", path))

    def _switch(self, action: Action, score_threshold: float, provider: str, model: str) -> AnnotationJob:
        body = {
            "score_threshold": score_threshold,
            "embedding_provider_name": provider,
            "embedding_model_name": model,
            # The same two in the spelling of the Markdown documents.
            "embedding_model_provider": provider,
            "embedding_model": model,
        }
        return AnnotationJob.from_json(
            self._connection.ask("POST", f"/apps/annotation-reply/{action}", body=body)
        )
