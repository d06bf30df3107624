"""End users. Source: "End users" in the API document, recordings 83_*."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from embedded.caller import Caller, keyed
from embedded.errors import Refused
from embedded.responses import CompactJSON

router = APIRouter(prefix="/end-users")


@router.get("/{end_user_id:uuid}")
def end_user(caller: Annotated[Caller, Depends(keyed)], end_user_id: UUID) -> Response:
    """One end user by the id that uploads name as `created_by`."""
    found = caller.backend.end_users.described(caller.app.id, str(end_user_id))
    if found is None:
        raise Refused(404, "end_user_not_found", "End user not found.")
    return CompactJSON(found)
