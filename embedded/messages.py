"""Messages: history, ratings, questions to go on with. Source: "Messages" and "Feedback" in the API document,
recordings 60_*, 61_*, 62_*."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from embedded.caller import Caller, keyed, speaking
from embedded.errors import invalid, not_found, read
from embedded.paging import Id, Limit, OptionalId
from embedded.records import Message
from embedded.responses import CompactJSON

UNKNOWN = "Message Not Exists."
HINT = (
    " You have requested this URI [/v1/messages] but did you mean "
    "/v1/messages or /v1/chat-messages or /api/messages ?"
)

router = APIRouter(prefix="/messages")
Reader = Annotated[Caller, Depends(keyed)]
Writer = Annotated[Caller, Depends(speaking)]


class MessageListQuery(BaseModel):
    """The query of GET /messages; the name shows in refusals."""

    conversation_id: Id
    first_id: OptionalId = None
    limit: Limit = 20


class MessageFeedbackPayload(BaseModel):
    """The body of POST /messages/{id}/feedbacks; no rating takes an earlier one back."""

    rating: Literal["like", "dislike"] | None = None
    content: str | None = None


@router.get("")
def list_messages(caller: Reader, request: Request) -> Response:
    """A page of history: the newest messages, or those before `first_id`, oldest first inside the page."""
    query = read(MessageListQuery, dict(request.query_params))
    store, app, user = caller.backend.store, caller.app, caller.user
    if store.conversation(app.id, user, query.conversation_id) is None:
        raise not_found("Conversation Not Exists." + HINT)
    before = None
    if query.first_id:
        before = store.message(app.id, user, query.first_id)
        if before is None or before.conversation_id != query.conversation_id:
            raise not_found("First Message Not Exists." + HINT)
    found = store.messages(query.conversation_id, query.limit + 1, before)
    return CompactJSON(
        {
            "limit": query.limit,
            "has_more": len(found) > query.limit,
            "data": [each.described() for each in reversed(found[: query.limit])],
        }
    )


@router.post("/{message_id:uuid}/feedbacks")
def rate(caller: Writer, message_id: UUID) -> Response:
    """Rate an answer, change the rating, or take it back. What is left out is erased."""
    caller.named()
    payload = read(MessageFeedbackPayload, caller.body)
    message = _own(caller, message_id)
    if payload.rating:
        caller.backend.store.rate(message.id, payload.rating, payload.content)
    elif message.rating:
        caller.backend.store.unrate(message.id)
    else:
        raise invalid("rating cannot be None when feedback not exists")
    return CompactJSON({"result": "success"})


@router.get("/{message_id:uuid}/suggested")
def suggested(caller: Reader, message_id: UUID) -> Response:
    """Three questions that go on from this one."""
    caller.named()
    questions = caller.backend.guide.suggest(_own(caller, message_id).query)
    return CompactJSON({"result": "success", "data": questions})


def _own(caller: Caller, message_id: UUID) -> Message:
    found = caller.backend.store.message(caller.app.id, caller.user, str(message_id))
    if found is None:
        raise not_found(UNKNOWN)
    return found
