"""Conversations: list, rename, delete. Source: "Conversations" in the API document, recordings 63_* to
65_*."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, model_validator

from embedded.caller import Caller, keyed, speaking
from embedded.errors import broken, not_found, read
from embedded.paging import Limit, OptionalId
from embedded.records import Conversation
from embedded.responses import CompactJSON
from embedded.store import SortBy

UNKNOWN = "Conversation Not Exists."
UNKNOWN_LAST = (
    "Last Conversation Not Exists. You have requested this URI [/v1/conversations] but did you mean "
    "/v1/conversations or /v1/conversations/<uuid:c_id>/variables/<uuid:variable_id> or /api/conversations ?"
)
LONGEST_NAME = 255

router = APIRouter(prefix="/conversations")
Reader = Annotated[Caller, Depends(keyed)]
Writer = Annotated[Caller, Depends(speaking)]


class ConversationListQuery(BaseModel):
    """The query of GET /conversations; the name shows in refusals."""

    last_id: OptionalId = None
    limit: Limit = 20
    sort_by: SortBy = "-updated_at"


class ConversationRenamePayload(BaseModel):
    """The body of POST /conversations/{id}/name; `auto_generate` wins over `name`."""

    name: str | None = None
    auto_generate: bool = False

    @model_validator(mode="after")
    def check_name(self) -> ConversationRenamePayload:
        """One of the two is needed."""
        if not self.auto_generate and not (self.name and self.name.strip()):
            raise ValueError("name is required when auto_generate is false")
        return self


@router.get("")
def list_conversations(caller: Reader, request: Request) -> Response:
    """A page of the user's conversations, those behind `last_id` in the wanted order."""
    app = caller.chatting()
    query = read(ConversationListQuery, dict(request.query_params))
    store, user = caller.backend.store, caller.user
    after = None
    if query.last_id:
        after = store.conversation(app.id, user, query.last_id)
        if after is None:
            raise not_found(UNKNOWN_LAST)
    found = store.conversations(app.id, user, query.sort_by, query.limit + 1, after)
    return CompactJSON(
        {
            "limit": query.limit,
            "has_more": len(found) > query.limit,
            "data": [each.described() for each in found[: query.limit]],
        }
    )


@router.post("/{conversation_id:uuid}/name")
def rename(caller: Writer, conversation_id: UUID) -> Response:
    """Name a conversation, or have it named after its first question."""
    payload = read(ConversationRenamePayload, caller.body)
    conversation = _own(caller, conversation_id)
    store = caller.backend.store
    if payload.auto_generate:
        name = caller.backend.guide.title(store.first_query(conversation.id))
    else:
        name = (payload.name or "").strip()
    if len(name) > LONGEST_NAME:
        raise broken()
    store.name(conversation.id, name)
    return CompactJSON(_own(caller, conversation_id).described())


@router.delete("/{conversation_id:uuid}")
def delete(caller: Writer, conversation_id: UUID) -> Response:
    """Delete a conversation; a second time it is unknown."""
    caller.backend.store.delete(_own(caller, conversation_id).id)
    return Response(status_code=204, media_type="application/json")


def _own(caller: Caller, conversation_id: UUID) -> Conversation:
    found = caller.backend.store.conversation(caller.app.id, caller.user, str(conversation_id))
    if found is None:
        raise not_found(UNKNOWN)
    return found
