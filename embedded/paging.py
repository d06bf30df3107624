"""Paging: the query parameters that lists share, checked as Dify checks them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field


def _uuid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise ValueError("must be a valid UUID") from None


def _absent(value: Any) -> Any:
    return value or None


def _optional_uuid(value: str | None) -> str | None:
    return None if value is None else _uuid(value)


Id = Annotated[str, AfterValidator(_uuid)]
OptionalId = Annotated[str | None, BeforeValidator(_absent), AfterValidator(_optional_uuid)]
Limit = Annotated[int, Field(ge=1, le=100)]
