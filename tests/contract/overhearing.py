"""A client's hook that holds every answer it gets against the API document."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from tests.contract.document import document


def hold_to_the_document(response: httpx.Response) -> None:
    """Fails the test whose answer breaks the document, when the answer has been read."""
    assert isinstance(response.stream, httpx.SyncByteStream)
    response.stream = _Overheard(response.stream, response)


HELD: dict[str, list[Callable[[httpx.Response], None]]] = {"response": [hold_to_the_document]}
"""For a client's `event_hooks`."""


class _Overheard(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, response: httpx.Response) -> None:
        self._stream, self._response = stream, response

    def __iter__(self) -> Iterator[bytes]:
        heard = []
        # Whole frames count even where the connection broke or the reader left.
        whole = self._response.headers.get("content-type", "").startswith("text/event-stream")
        try:
            for part in self._stream:
                heard.append(part)
                yield part
            whole = True
        finally:
            if whole:
                self._check(b"".join(heard))

    def close(self) -> None:
        self._stream.close()

    def _check(self, body: bytes) -> None:
        request, response = self._response.request, self._response
        path = request.url.path.removeprefix("/v1")
        kind = response.headers.get("content-type", "")
        problems = list(document().problems(request.method, path, response.status_code, kind, body))
        assert not problems, f"{request.method} {path}: {problems[0]}\n{body[:1000]!r}"
