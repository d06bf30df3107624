"""Conversation variables: list, change. Source: "Conversations" in the API document, recordings 70_*,
71_*."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, field_validator

from embedded.caller import Caller, keyed, speaking
from embedded.errors import Refused, invalid, not_found, read
from embedded.paging import Limit, OptionalId
from embedded.records import Conversation
from embedded.responses import CompactJSON
from embedded.tables.variables import Variable, fits, type_of

router = APIRouter(prefix="/conversations")
Reader = Annotated[Caller, Depends(keyed)]
Writer = Annotated[Caller, Depends(speaking)]


class ConversationVariablesQuery(BaseModel):
    """The query of GET …/variables; the name shows in refusals."""

    last_id: OptionalId = None
    limit: Limit = 20
    variable_name: str | None = None

    @field_validator("variable_name")
    @classmethod
    def check_variable_name(cls, value: str | None) -> str | None:
        """Only what a name may be made of."""
        if value is not None and not re.fullmatch(r"[\w.-]+", value, re.ASCII):
            raise ValueError(
                "Variable name can only contain letters, numbers, hyphens (-), underscores (_), "
                "and periods (.)"
            )
        return value


class ConversationVariableUpdatePayload(BaseModel):
    """The body of PUT …/variables/{id}: the whole new value, typed."""

    value: Any


@router.get("/{conversation_id:uuid}/variables")
def list_variables(caller: Reader, conversation_id: UUID, request: Request) -> Response:
    """The variables of a conversation; of a basic chat, none. A name is found by any part of it, in any
    case."""
    query = read(ConversationVariablesQuery, dict(request.query_params))
    path = f"/v1/conversations/{conversation_id}/variables"
    hint = f" You have requested this URI [{path}] but did you mean /v1/conversations/<uuid:c_id>/variables ?"
    found = _of(caller, _own(caller, conversation_id, hint))
    if query.variable_name:
        sought = query.variable_name.lower()
        found = [each for each in found if sought in each.spec.name.lower()]
    if query.last_id:
        if not any(each.id == query.last_id for each in found):
            raise invalid("")
        # A real server goes by the second of creation, which all of them share: there is no second page
        # (recording 70_variables_last_id).
        found = []
    return CompactJSON(
        {
            "limit": query.limit,
            "has_more": len(found) > query.limit,
            "data": [each.described() for each in found[: query.limit]],
        }
    )


@router.put("/{conversation_id:uuid}/variables/{variable_id:uuid}")
def update(caller: Writer, conversation_id: UUID, variable_id: UUID) -> Response:
    """Change a variable; its type stays what it is."""
    payload = read(ConversationVariableUpdatePayload, caller.body)
    conversation = _own(caller, conversation_id)
    variable = _one(_of(caller, conversation), variable_id)
    name, wanted, value = variable.spec.name, variable.spec.value_type, payload.value
    if not fits(value, wanted):
        message = f"Type mismatch: variable '{name}' expects {wanted}, but got {type_of(value)} type"
        raise Refused(400, "bad_request", message)
    if isinstance(value, float) and type_of(variable.value) == "integer":
        raise Refused(400, "bad_request", "not supported value type integer")
    caller.backend.variables.set(conversation.id, {name: value})
    return CompactJSON(_one(_of(caller, conversation), variable_id).described())


def _of(caller: Caller, conversation: Conversation) -> list[Variable]:
    return caller.backend.variables.of(conversation.id, caller.app.variables)


def _own(caller: Caller, conversation_id: UUID, hint: str = "") -> Conversation:
    app = caller.chatting()
    found = caller.backend.store.conversation(app.id, caller.user, str(conversation_id))
    if found is None:
        raise not_found(f"Conversation Not Exists.{hint}")
    return found


def _one(variables: list[Variable], variable_id: UUID) -> Variable:
    for each in variables:
        if each.id == str(variable_id):
            return each
    raise not_found("Conversation Variable Not Exists.")
