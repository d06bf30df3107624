"""What can go wrong between this console and Dify.

    DifyError
    ├── Unreachable           no answer came; whether the request was carried out is not known
    │   └── NotSent           nothing reached the server (refused, DNS, TLS, none free): safe to repeat
    ├── Refused               the server answered with a status of 400 or more
    │   ├── Unauthorized      401
    │   ├── Forbidden         403
    │   ├── NotFound          404
    │   │   └── EndpointMissing  404 as HTML: this server lacks the endpoint, or the id in the path is no UUID
    │   ├── TooLarge          413
    │   ├── RateLimited       429, and Dify's 400 "Too many requests"; `retry_after` in seconds
    │   ├── Invalid           every other 4xx
    │   └── ServerFailed      5xx
    ├── BrokenStream          an answer had begun, then its bytes stopped: reset, cut, stalled, over a limit
    └── Unintelligible        an answer came that is not what was asked for: HTML, broken JSON, a redirect

An error never holds a request, and so never the API key. What fails inside a stream after HTTP 200 is no
exception but an event (events.StreamFailed), because the half answer stays.
"""

from __future__ import annotations

from typing import ClassVar


class DifyError(Exception):
    """`code` is the server's own word, or a name of ours where it sent none; `message` is one plain line.

    `detail` is the server's text as it came (shortened only in length): for "Details" on screen, not for
    logs, because a validation dump quotes what the person typed.
    """

    refused: ClassVar[bool] = False
    """The server has looked at it and said no."""
    undone: ClassVar[bool] = False
    """Nothing of it was carried out, for certain."""
    gone: ClassVar[bool] = False
    """What it was about is not there, or not any more."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int | None = None,
        *,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class Unreachable(DifyError):
    """No answer came. Codes: timed_out, connection_lost, and those of NotSent."""


class NotSent(Unreachable):
    """Nothing reached the server. Codes: connection_refused, unknown_host, tls_failed, proxy_failed, busy."""

    undone = True


class Refused(DifyError):
    """The server said no; `status` is the HTTP status."""

    refused = undone = True


class Unauthorized(Refused):
    """The API key is not accepted."""


class Forbidden(Refused):
    """The app's API is switched off, or this app may not see the object."""


class NotFound(Refused):
    """No such object, or not this user's: Dify never says which."""

    gone = True


class EndpointMissing(NotFound):
    """A 404 page instead of a 404 answer."""

    gone = False


class TooLarge(Refused):
    """The body is over the server's limit."""


class RateLimited(Refused):
    """`retry_after`: seconds to wait, or None where the server did not say."""


class Invalid(Refused):
    """The request is not acceptable as it is."""


class ServerFailed(Refused):
    """The server, or a gateway before it, failed."""

    refused = undone = False


class BrokenStream(DifyError):
    """The bytes stopped. Codes: connection_lost, stalled, generation_timeout, frame_too_large."""


class Unintelligible(DifyError):
    """Codes: redirected, html_answer, not_json, not_a_stream, not_audio, too_long."""
