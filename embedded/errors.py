"""Refusals in Dify's words. Source: the API document's "Errors" and recordings 12_*, 30_* to 36_*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from embedded.responses import CompactJSON, without_cors

PAGE_NOT_FOUND = """<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your \
spelling and try again.</p>
"""

Payload = TypeVar("Payload", bound=BaseModel)


class Refused(Exception):
    """A request that is answered with `{code, message, status}`, or with a gateway's HTML `page` instead."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        page: str = "",
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        self.page = page
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """The refusal as Dify writes it."""
        if self.page:
            return Response(self.page, self.status, media_type="text/html", headers=self.headers)
        headers = {"WWW-Authenticate": 'Bearer realm="api"'} if self.status == 401 else {}
        body = {"code": self.code, "message": self.message, "status": self.status}
        if self.status == 500 and self.code == "unknown":
            body = {"message": self.message, "code": self.code, "status": self.status}
        return CompactJSON(body, status_code=self.status, headers={**headers, **self.headers})


def invalid(message: str) -> Refused:
    """400 invalid_param."""
    return Refused(400, "invalid_param", message)


def not_found(message: str) -> Refused:
    """404 not_found, as JSON: the path exists, what it names does not."""
    return Refused(404, "not_found", message)


def broken() -> Refused:
    """500, where a real server breaks too (a user or a name beyond 255 characters)."""
    return Refused(500, "unknown", "Internal Server Error")


def read(payload: type[Payload], values: Any) -> Payload:
    """`values` as a payload, or 400 with pydantic's own words, several lines long, as Dify sends them."""
    try:
        return payload.model_validate(values)
    except ValidationError as error:
        raise invalid(str(error)) from None


def install(app: FastAPI) -> None:
    """Answer every failure in one of the forms above."""

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return error.response()

    async def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            message = "The method is not allowed for the requested URL."
            return without_cors(Refused(405, "method_not_allowed", message).response())
        return without_cors(Response(PAGE_NOT_FOUND, error.status_code, media_type="text/html"))

    async def path(_request: Request, _error: Exception) -> Response:
        return without_cors(Response(PAGE_NOT_FOUND, 404, media_type="text/html"))

    async def unforeseen(_request: Request, _error: Exception) -> Response:
        return broken().response()

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, path)
    app.add_exception_handler(Exception, unforeseen)
