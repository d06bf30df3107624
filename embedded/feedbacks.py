"""Feedback: end users rate answers, the app's owner too, and the app reads it all. Source: "Feedback" in
the API document, recordings 62_*."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from embedded.caller import Caller, keyed, speaking
from embedded.errors import invalid, not_found, read
from embedded.messages import own
from embedded.paging import Id
from embedded.responses import CompactJSON
from embedded.tables.feedbacks import Source

router = APIRouter()
console = APIRouter(prefix="/console/api/apps")
Reader = Annotated[Caller, Depends(keyed)]
Writer = Annotated[Caller, Depends(speaking)]


class MessageFeedbackPayload(BaseModel):
    """The body of POST /messages/{id}/feedbacks; no rating takes an earlier one back."""

    rating: Literal["like", "dislike"] | None = None
    content: str | None = None


class AdminFeedbackPayload(MessageFeedbackPayload):
    """The body of the owner's feedback."""

    message_id: Id


class FeedbackListQuery(BaseModel):
    """The query of GET /app/feedbacks; the name shows in refusals."""

    page: int = Field(1, ge=1)
    limit: int = Field(20, ge=1, le=101)


@router.post("/messages/{message_id:uuid}/feedbacks")
def rate(caller: Writer, message_id: UUID) -> Response:
    """Rate an answer, change the rating, or take it back. What is left out is erased."""
    user = caller.named()
    payload = read(MessageFeedbackPayload, caller.body)
    message = own(caller, message_id)
    caller.backend.end_users.id_of(caller.app.id, user)
    return _rated(caller, message.id, "user", payload)


@console.post("/{app_id:uuid}/feedbacks")
def rate_as_owner(caller: Writer, app_id: UUID) -> Response:
    """The owner's own rating, as Dify's console sends it; here the app's key is all it takes."""
    payload = read(AdminFeedbackPayload, caller.body)
    if str(app_id) != caller.app.id or not caller.backend.store.has_message(
        caller.app.id, payload.message_id
    ):
        raise not_found("Message Not Exists.")
    return _rated(caller, payload.message_id, "admin", payload)


@router.get("/app/feedbacks")
def list_feedbacks(caller: Reader, request: Request) -> Response:
    """A page of every feedback of the app, newest first."""
    query = read(FeedbackListQuery, dict(request.query_params))
    return CompactJSON({"data": caller.backend.feedbacks.of_app(caller.app.id, query.page, query.limit)})


def _rated(caller: Caller, message_id: str, source: Source, payload: MessageFeedbackPayload) -> Response:
    feedbacks = caller.backend.feedbacks
    if payload.rating:
        feedbacks.rate(caller.app.id, message_id, source, payload.rating, payload.content)
    elif not feedbacks.unrate(message_id, source):
        raise invalid("rating cannot be None when feedback not exists")
    return CompactJSON({"result": "success"})
