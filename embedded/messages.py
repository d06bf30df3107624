"""Messages: history, and questions to go on with. Source: "Messages" in the API document, recordings 60_*,
61_*, 81_messages_with_file, a0_hitl_messages_*."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from embedded.approval import in_history
from embedded.caller import Caller, keyed
from embedded.errors import Refused, not_found, read
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


class MessageListQuery(BaseModel):
    """The query of GET /messages; the name shows in refusals."""

    conversation_id: Id
    first_id: OptionalId = None
    limit: Limit = 20


@router.get("")
def list_messages(caller: Reader, request: Request) -> Response:
    """A page of history: the newest messages, or those before `first_id`, oldest first inside the page."""
    app = caller.chatting()
    query = read(MessageListQuery, dict(request.query_params))
    store, user = caller.backend.store, caller.user
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
            "data": [_described(caller, each) for each in reversed(found[: query.limit])],
        }
    )


@router.get("/{message_id:uuid}/suggested")
def suggested(caller: Reader, message_id: UUID) -> Response:
    """Three questions that go on from this one."""
    app = caller.chatting()
    caller.named()
    message = own(caller, message_id)
    if not app.features.follow_ups:
        raise Refused(400, "bad_request", "Suggested Questions Is Disabled.")
    return CompactJSON({"result": "success", "data": caller.backend.guide.suggest(message.query)})


def own(caller: Caller, message_id: UUID) -> Message:
    """A message of the caller's end user. Raises Refused 404."""
    found = caller.backend.store.message(caller.app.id, caller.user, str(message_id))
    if found is None:
        raise not_found(UNKNOWN)
    return found


def _described(caller: Caller, message: Message) -> dict[str, Any]:
    backend = caller.backend
    attachments = backend.attachments.of_message(message.id)
    files = [each.in_history(backend.links.of(each, caller.base)) for each in attachments]
    if not caller.app.is_chatflow:
        return message.described(files)
    run_id = backend.runs.run_of(message.id)
    form = backend.runs.form_of(run_id) if run_id else None
    return message.described(files, [in_history(form)] if form else [])
