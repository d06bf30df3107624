"""What a transport error means, said without that error: it holds the request, and so the key."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

import httpx

from services.dify.errors import DifyError, NotSent, ServerFailed, Unreachable

T = TypeVar("T")


def failure(error: httpx.HTTPError) -> Unreachable:
    """What a transport error means. The error itself holds the request and is left behind."""
    if isinstance(error, httpx.PoolTimeout):
        return NotSent("busy", "Too many answers are running at once; no connection to the server was free.")
    if isinstance(error, httpx.ConnectTimeout):
        return NotSent("connection_refused", "The server could not be reached in time.")
    if isinstance(error, httpx.ProxyError):
        return NotSent("proxy_failed", "The proxy on the way to the server failed.")
    if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol):
        return _not_connected(error)
    if isinstance(error, httpx.TimeoutException):
        return Unreachable("timed_out", "The server did not answer in time.")
    return Unreachable("connection_lost", "The connection to the server was lost.")


def _not_connected(error: BaseException) -> NotSent:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return NotSent("tls_failed", "The server's certificate or its TLS set-up is not acceptable.")
        if isinstance(cause, socket.gaierror):
            return NotSent("unknown_host", f"The server's name could not be found{_named(error)}.")
        cause = cause.__cause__ or cause.__context__
    return NotSent("connection_refused", "The server does not accept connections.")


def _named(error: BaseException) -> str:
    """The host alone: what it was asked for holds the key and the person."""
    try:
        return f": {error.request.url.host}" if isinstance(error, httpx.RequestError) else ""
    except RuntimeError:  # an error that was made without its request
        return ""


def passing(error: DifyError) -> bool:
    """Worth asking again: nothing arrived, or the connection or a gateway failed."""
    if isinstance(error, ServerFailed):
        return error.status in {502, 503, 504}
    return isinstance(error, NotSent) or error.code == "connection_lost"


def without_context(call: Callable[[], T]) -> T:
    """A transport error turned into ours outside of its handler: no traceback leads to the request."""
    try:
        return call()
    except httpx.HTTPError as error:
        failed = failure(error)
    raise failed
