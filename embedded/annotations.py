"""Annotations: list, create, change, delete. Source: "Annotations" in the API document, recordings 92_*."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from embedded.caller import Caller, keyed, speaking
from embedded.errors import not_found, read
from embedded.responses import CompactJSON
from embedded.tables.annotations import Annotation

router = APIRouter(prefix="/apps/annotations")
Reader = Annotated[Caller, Depends(keyed)]
Writer = Annotated[Caller, Depends(speaking)]


class AnnotationListQuery(BaseModel):
    """The query of GET /apps/annotations; a limit above 100 is echoed, and means 100."""

    page: int = Field(1, ge=1)
    limit: int = Field(20, ge=1)
    keyword: str = ""


class AnnotationCreatePayload(BaseModel):
    """The body of POST and PUT; empty texts are texts."""

    question: str
    answer: str


@router.get("")
def list_annotations(caller: Reader, request: Request) -> Response:
    """A page of annotations, newest first. `has_more` says only that the page is full."""
    query = read(AnnotationListQuery, dict(request.query_params))
    found, total = caller.backend.annotations.page(caller.app.id, query.keyword, query.page, query.limit)
    return CompactJSON(
        {
            "data": [each.described() for each in found],
            "has_more": len(found) == query.limit,
            "limit": query.limit,
            "total": total,
            "page": query.page,
        }
    )


@router.post("")
def create(caller: Writer) -> Response:
    """A new annotation."""
    payload = read(AnnotationCreatePayload, caller.body)
    made = caller.backend.annotations.create(caller.app.id, payload.question, payload.answer)
    return CompactJSON(made.described(), status_code=201)


@router.put("/{annotation_id:uuid}")
def update(caller: Writer, annotation_id: UUID) -> Response:
    """Change both texts of an annotation."""
    payload = read(AnnotationCreatePayload, caller.body)
    annotation = _own(caller, annotation_id)
    caller.backend.annotations.update(annotation.id, payload.question, payload.answer)
    return CompactJSON(_own(caller, annotation_id).described())


@router.delete("/{annotation_id:uuid}")
def delete(caller: Reader, annotation_id: UUID) -> Response:
    """Delete an annotation; a second time it is unknown."""
    caller.backend.annotations.delete(_own(caller, annotation_id).id)
    return Response(status_code=204, media_type="application/json")


def _own(caller: Caller, annotation_id: UUID) -> Annotation:
    found = caller.backend.annotations.one(caller.app.id, str(annotation_id))
    if found is None:
        raise not_found("Annotation not found")
    return found
