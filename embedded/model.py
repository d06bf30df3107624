"""Model: a language model behind an OpenAI-compatible API (Ollama, vLLM, llama.cpp's server, …), where there
is one.

OPENAI_BASE_URL (ends in /v1) says where, OPENAI_API_KEY is sent along if it is set, OPENAI_MODEL names the
model; without a name the first one that the server offers is asked. Without OPENAI_BASE_URL nothing is sent
anywhere.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

CONNECT, SILENCE = 10, 120  # seconds until the server has to be there; between two signs of life
LONGEST_LINE = 4_000_000  # bytes; a server that sends more without a line end is not understood
LONGEST_REASON = 500  # characters of a refusal that are passed on
ENDED: dict[str, Any] = {"choices": [{"finish_reason": "stop"}]}  # what [DONE] says
UNREADABLE = "The model's server sent something that cannot be read."
THINKING, THOUGHT = "<think>\n", "\n</think>\n\n"


class ModelFailed(Exception):
    """No answer, or no more of it, in Dify's terms (recordings 35_*): every failure of a provider is
    completion_request_error with status 400, but for its rate limit: rate_limit_error, 429."""

    def __init__(self, message: str, code: str = "completion_request_error", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Model:
    """The server and the `name` of its model, "" until the server was asked for one."""

    def __init__(self, base_url: str, api_key: str = "", name: str = "") -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._client: httpx.AsyncClient | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Model | None:
        """The model that is configured, None if none is. Raises ValueError with a sentence."""
        names = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL")
        base_url, key, name = (environ.get(each, "").strip() for each in names)
        if not base_url:
            return None
        if not re.match(r"https?://[^/\s]+", base_url):
            raise ValueError(f"OPENAI_BASE_URL must begin with http:// or https://, but it is {base_url!r}.")
        return cls(base_url.rstrip("/"), key, name)

    async def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncGenerator[str, None]:
        """The answer to `messages` (role and content each) as it comes. Raises ModelFailed.

        What the model thinks before it answers stands between <think> and </think>, as in Dify.
        """
        import httpx  # here, because only who has a model should pay its 8 MB

        if self._client is None:
            headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
            timeout = httpx.Timeout(SILENCE, connect=CONNECT)
            self._client = httpx.AsyncClient(headers=headers, timeout=timeout)
        try:
            self.name = self.name or await self._offered(self._client)
            async with aclosing(_spoken(self._events(self._client, messages))) as parts:
                async for part in parts:
                    yield part
        except httpx.TimeoutException:
            raise ModelFailed("The model did not answer in time.") from None
        except httpx.ConnectError:
            raise ModelFailed("The model's server cannot be reached.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ModelFailed("The connection to the model broke.") from None

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def _offered(self, client: httpx.AsyncClient) -> str:
        response = await client.get(f"{self._base_url}/models")
        if response.status_code != 200:
            raise self._refused(response.status_code, response.content)
        try:
            return str(response.json()["data"][0]["id"])
        except (ValueError, LookupError, TypeError):
            raise ModelFailed("OPENAI_MODEL is not set, and the server names no model.") from None

    async def _events(
        self, client: httpx.AsyncClient, messages: Sequence[Mapping[str, str]]
    ) -> AsyncGenerator[dict[str, Any], None]:
        body = {"model": self.name, "messages": list(map(dict, messages)), "stream": True}
        async with client.stream("POST", f"{self._base_url}/chat/completions", json=body) as response:
            if response.status_code != 200:
                raise self._refused(response.status_code, await response.aread())
            if "json" in response.headers.get("Content-Type", ""):
                yield _object(await response.aread())  # a server that does not stream
                return
            async for line in _lines(response):
                event = _event(line)
                if "error" in event:
                    raise self._refused(0, line.partition(b":")[2])
                yield event

    def _refused(self, status: int, body: bytes) -> ModelFailed:
        """A refusal in the provider's own words, which may name the key: that is taken out."""
        try:
            said = json.loads(body)["error"]
            code = said.get("code") if isinstance(said, dict) else None
            reason = str(said["message"] if isinstance(said, dict) else said)
        except (ValueError, LookupError, TypeError):
            code, reason = None, f"The model's server answered with status {status}."
        if self._api_key:
            reason = reason.replace(self._api_key, "…")
        reason = reason[:LONGEST_REASON]
        if status == 429 or code in (429, "rate_limit_exceeded"):
            return ModelFailed(reason, "rate_limit_error", 429)
        return ModelFailed(reason)


async def _spoken(events: AsyncGenerator[dict[str, Any], None]) -> AsyncGenerator[str, None]:
    """The text of an answer. Raises ModelFailed if it ends without saying so."""
    thinking = finished = False
    async with aclosing(events):
        async for event in events:
            thought, text, end = _part(event)
            if thought:
                yield thought if thinking else THINKING + thought
                thinking = True
            if text:
                yield THOUGHT + text if thinking else text
                thinking = False
            finished = finished or end
    if thinking:
        yield THOUGHT
    if not finished:
        raise ModelFailed("The model's answer broke off.")


def _part(event: dict[str, Any]) -> tuple[str, str, bool]:
    """Thought, text, and whether that is all, in one event of a stream or a whole answer."""
    try:
        for choice in event.get("choices") or []:
            said = choice.get("delta") or choice.get("message") or {}
            text = said.get("content") or ""
            thought = said.get("reasoning_content") or said.get("reasoning") or ""
            if isinstance(thought, str) and isinstance(text, str):
                return thought, text, bool(choice.get("finish_reason"))
            raise ModelFailed(UNREADABLE)
    except (TypeError, AttributeError):
        raise ModelFailed(UNREADABLE) from None
    return "", "", False


async def _lines(response: httpx.Response) -> AsyncIterator[bytes]:
    # By hand: httpx's own lines also end at U+2028 and its like, which JSON may hold.
    rest = b""
    async for content in response.aiter_bytes():
        *lines, rest = (rest + content).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_LINE:
            raise ModelFailed("The model's server sends no event stream.")
    yield rest


def _event(line: bytes) -> dict[str, Any]:
    """The event on a line, an empty one for a line without."""
    field, _, value = line.strip().partition(b":")
    if field != b"data" or not value.strip():
        return {}
    if value.strip() == b"[DONE]":
        return ENDED
    return _object(value)


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ModelFailed(UNREADABLE)
    return value
