"""A client's hook that holds every answer it gets against the API document."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from tests.contract.document import document


def hold_to_the_document(response: httpx.Response) -> None:
    """For `event_hooks`: fails the test whose answer breaks the document; of a stream, once it ends."""
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Overheard(response.stream, response)
    else:
        _check(response, response.read())


def _check(response: httpx.Response, body: bytes) -> None:
    request = response.request
    path = request.url.path.removeprefix("/v1")
    kind = response.headers.get("content-type", "")
    problems = list(document().problems(request.method, path, response.status_code, kind, body))
    assert not problems, f"{request.method} {path}: {problems[0]}\n{body[:1000]!r}"


class _Overheard(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, response: httpx.Response) -> None:
        self._stream, self._response = stream, response

    def __iter__(self) -> Iterator[bytes]:
        heard = []
        try:
            for part in self._stream:
                heard.append(part)
                yield part
        finally:
            # Whole frames count even where the connection broke or the reader left.
            _check(self._response, b"".join(heard))

    def close(self) -> None:
        self._stream.close()
