"""The one way to the server: a pooled httpx.Client, its few repeats, and answers made plain.

The API key lives in this client's Authorization header and nowhere else: errors are made without the request,
and text from the server that quotes the key is blanked. Redirects are not followed (they would carry the key
to an address nobody configured). Proxies and certificates from the environment are honoured, as they are the
operator's own, except towards a loopback address: a backend beside us must not be sought through a proxy.
"""

from __future__ import annotations

import logging
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx

from services.dify import body as bodies
from services.dify.addresses import is_loopback, usable
from services.dify.errors import DifyError, Unintelligible
from services.dify.failures import passing, without_context
from services.dify.patience import Patience
from services.dify.refusals import refusal

JITTER = random.SystemRandom()
SHORTEST_KEY = 12
"""Characters. Dify's have 28; a shorter one, of a test server, may be a word of an honest answer."""
JsonObject = Mapping[str, Any]
Part = tuple[str, bytes, str]
"""A file of a multipart form: name, content, media type."""


class Connection:
    """`base_url` as configured, ending in /v1. `transport` replaces the network in tests.

    Threads may share it. Raises ValueError for a URL or a key that cannot work, without quoting the key.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
    ) -> None:
        url = usable(base_url)
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("the API key is empty or holds characters that no HTTP header can carry")
        self.patience = patience or Patience()
        self._api_key = api_key
        self.server_version = ""
        """What the server says it is (X-Version), such as 1.16.0; empty where it says nothing."""
        quiet_logs()
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": "dify-console"},
            transport=transport,
            # Idle ones go before gunicorn closes them (2 s): a question must not meet a closing connection.
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=1.5),
            follow_redirects=False,
            trust_env=not is_loopback(url.host),
            verify=_nobody() if url.scheme == "http" and is_loopback(url.host) else _trusted(),
        )

    def __repr__(self) -> str:
        return f"Connection({str(self._http.base_url)!r})"

    def close(self) -> None:
        self._http.close()

    @property
    def root(self) -> str:
        """The server's own address, without the /v1 of its Service API and without a slash at its end."""
        return str(self._http.base_url).rstrip("/").removesuffix("/v1")

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: JsonObject | None = None,
        body: JsonObject | None = None,
        form: Mapping[str, str] | None = None,
        file: Part | None = None,
        read: float | None = None,
        repeat: bool | None = None,
    ) -> Any:
        """The answer's JSON, None for an empty one; params that are None are left out.

        `repeat` (GET, PUT and DELETE unless said otherwise) asks again, `patience.repeats` times, after
        NotSent, a lost connection, 502, 503 and 504; never after a time-out. A 404 for a repeated DELETE
        means that the first one arrived. Raises DifyError, never BrokenStream.
        """
        most = self.patience.repeats if (method != "POST" if repeat is None else repeat) else 0
        tried = 0
        while True:
            request = self._http.build_request(
                method,
                path,
                params=bodies.query(params),
                content=bodies.encoded(body),
                data=bodies.query(form),
                files={"file": (bodies.clean(file[0]), *file[1:])} if file else None,
                headers=_headers("application/json", body),
                timeout=self.patience.timeout(read=read, write=self.patience.upload if file else None),
            )
            try:
                with self._answer(request) as response:
                    received = without_context(lambda: bodies.read(response, self.patience.answer))
                    return bodies.decoded(response, self._blanked(received))
            except DifyError as error:
                if method == "DELETE" and tried and error.gone:
                    return None
                if tried == most or not passing(error):
                    raise
            time.sleep(self.patience.pause_before(tried) * JITTER.uniform(0.75, 1))
            tried += 1

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        accept: str,
        params: JsonObject | None = None,
        body: JsonObject | None = None,
    ) -> Iterator[httpx.Response]:
        """An answer whose bytes are still to come; never repeated. Leaving the block closes it.

        From the headers on, `patience.stall` bounds the wait for each byte.
        """
        request = self._http.build_request(
            method,
            path,
            params=bodies.query(params),
            content=bodies.encoded(body),
            # Compression makes gateways hold a stream back.
            headers={**_headers(accept, body), "Accept-Encoding": "identity"},
            timeout=self.patience.timeout(read=self.patience.headers),
        )
        with self._answer(request) as response:
            # The pool looks into this very dict again before it reads the body.
            request.extensions["timeout"]["read"] = self.patience.stall
            yield response

    @contextmanager
    def _answer(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """The response to a request that was not refused."""
        response = without_context(lambda: self._http.send(request, stream=True))
        self.server_version = response.headers.get("x-version", self.server_version)
        try:
            if "," in response.headers.get("content-encoding", ""):
                # Each time it is unpacked a piece grows a thousandfold; once can be held, twice cannot.
                raise Unintelligible("not_json", "The server's answer could not be read.")
            if response.status_code >= 400:
                said = self._blanked(bodies.read_refusal(response))
                raise refusal(response.status_code, response.headers, said)
            if response.status_code >= 300:
                raise Unintelligible(
                    "redirected",
                    "The server points elsewhere; the base URL may be wrong.",
                    response.status_code,
                )
            yield response
        finally:
            response.close()

    def blank(self, said: str) -> str:
        """What the server said, without our key: some gateways quote the request in their errors."""
        return said.replace(self._api_key, "***") if len(self._api_key) >= SHORTEST_KEY else said

    def _blanked(self, said: bytes) -> bytes:
        return self.blank(said.decode("latin-1")).encode("latin-1")


def quiet_logs() -> None:
    """httpx logs whole URLs at INFO, and Dify's hold the end user's id."""
    for name in ("httpx", "httpcore", "sseclient"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _headers(accept: str, body: JsonObject | None) -> dict[str, str]:
    """Dify wants the type on every JSON body, DELETE's too (415 otherwise: 65_delete_query_user)."""
    return {"Accept": accept} if body is None else {"Accept": accept, "Content-Type": "application/json"}


@cache
def _trusted() -> ssl.SSLContext:
    """Whom TLS trusts, for all apps: to read it takes 20 ms and a megabyte."""
    return httpx.create_ssl_context()


@cache
def _nobody() -> ssl.SSLContext:
    """Where no TLS is spoken nothing need be read for it."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
