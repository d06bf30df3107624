"""Replaying: everything a real server was recorded to answer is asked of ours, in the same order, with the
ids that ours gives instead of the recorded ones."""

from __future__ import annotations

import io
import json
import re
import shlex
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.contract.recorded import TRANSCRIPTS, Exchange

ORDER = Path(__file__).with_name("recorded_order.txt")
RECORDED_AT = "http://127.0.0.1:15001"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# What stands behind the first app's key, for each app that was recorded.
APPS = {
    "chat": "-form",
    "chat_off": "-off",
    "chat_mod": "-moderated",
    "chat_tts": "-speaking",
    "chat_ann": "",
    "chat_kb": "",
    "chat_lim": "-limited",
    "chat_disabled": "-disabled",
    "agent": "-agent",
    "flow": "-flow",
    "flow_simple": "-flow",
    "flow_err": "-flow",
    "hitl": "-flow",
    "flow_unpub": "-unpublished",
    "completion": "-completion",
}
# The words that drove the recorded server's model, and what drives ours the same way.
SHORT = "demo: bench 12 300 4"
QUERIES = (
    (r"use-tool:time slow:\d+", "what time is it"),
    (r"use-tool:time.*", "what time is it"),
    (r"slow:(\d+).*", "demo: slow 4"),
    (r"silent:.*", "demo: silent 12"),
    (r"err:rate", "demo: error rate_limit_error now"),
    (r"err:\w+", "demo: error completion_request_error now"),
    (r"give badword", "demo: moderation"),
    (r"longtts please", "What are annotations?"),
    (r"hugechunk", "demo: flood"),
    (r"go", "fail"),
    (r"another message|please approve.*", "please approve this"),
    (r"battery lasts how long", "What are annotations?"),
    (r"hello agent", "hello"),
    # Whatever was merely echoed: a short answer of a few chunks.
    (r"hello there|unisep|please markdown.*|blocking hello|(empty|null) conv|mode omitted|hi|x", SHORT),
    (r"img|what is in the image|and now|read it|listen|.*auto name.*|completely different words", SHORT),
)
# Asked while another answer is running: the outer case, and after how many pieces of it.
DURING = {
    "41_stop_chat_call": ("41_stop_chat_stream", 2),
    "41_stop_agent_call": ("41_stop_agent_stream", 3),
    "41_stop_wrong_user_call": ("41_stop_wrong_user_stream", 2),
    "41_stop_flow_simple_call": ("41_stop_flow_simple_stream", 3),
    "41_stop_flow_wrong_user_call": ("41_stop_flow_wrong_user_stream", 3),
    "57_rate_limit_second_blocking": ("57_rate_limit_first", 2),
}
# Asked beside all others: nothing depends on it, and what it proves is a silence of many seconds.
ASIDE = "40_ping_chat_silent25s"
# Streams that the client left early.
LEFT = (
    "b0_disconnect_chat_stream",
    "b0_disconnect_flow_stream",
    "b0_disconnect_flow_reattach",  # the recorded server fell silent: ours ends
    "b1_disconnect_flow_stream",
    "b2_agent_disconnect",
)


@dataclass
class Answer:
    """What ours said."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Replay:
    """Asks case after case and learns what ours calls the things that the recorded ids named."""

    client: httpx.Client
    root: str
    key: str
    names: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer | Exception] = field(default_factory=dict)

    def run(self, skipped: frozenset[str]) -> None:
        """Every case in the recorded order."""
        aside = replace(self, names={})
        with ThreadPoolExecutor(1) as beside:
            beside.submit(aside._note, ASIDE)
            for case in ORDER.read_text().split():
                if case not in skipped and case not in DURING and case != ASIDE:
                    self._note(case)

    def _note(self, case: str) -> None:
        inner = {outer: (case, pieces) for case, (outer, pieces) in DURING.items()}
        try:
            if case in PRELUDES:
                PRELUDES[case](self)
            self.answers[case] = self._ask(case, *inner.get(case, ("", 0)))
        except Exception as error:  # noqa: BLE001 - reported by the test of the case
            self.answers[case] = error

    def sent(self, method: str, path: str, app: str, **options: Any) -> httpx.Response:
        """A request of our own."""
        headers = {"Authorization": f"Bearer {self.key}{APPS[app]}"}
        return self.client.request(method, f"{self.root}{path}", headers=headers, **options)

    def _ask(self, case: str, inner: str, pieces: int) -> Answer:
        request = self.request(case)
        body = b""
        with self.client.stream(**request) as response:
            for number, piece in enumerate(response.iter_raw(), 1):
                body += piece
                if number == pieces:
                    self._learn_from(Exchange.read(case).body, body)
                    self.answers[inner] = self._ask(inner, "", 0)
                if case in LEFT and number == 6:
                    break
        self._learn_from(Exchange.read(case).body, body)
        return Answer(response.status_code, response.headers, body)

    def request(self, case: str) -> dict[str, Any]:
        """A case's request as ours is asked it."""
        lines = (TRANSCRIPTS / case / "request.txt").read_text().splitlines()
        words = shlex.split("".join(line for line in lines if not line.startswith("#")))
        request: dict[str, Any] = {"method": "GET", "headers": {}}
        fields: list[tuple[str, Any]] = []
        for option, value in zip(words, [*words[1:], ""], strict=True):
            if option == "-X":
                request["method"] = value
            elif option == "-H":
                name, _, text = value.partition(": ")
                request["headers"][name] = re.sub(r"app-LOCALKEY-(\w+)", self._key, text)
            elif option == "--data-binary":
                request["content"] = self._body(value).encode()
            elif option == "-F":
                fields.append(_field(value))
            elif option.startswith("http"):
                request["url"] = self.root + self._translated(option.removeprefix(RECORDED_AT))
        if fields:
            request["files"] = fields
        return request

    def _key(self, match: re.Match[str]) -> str:
        return self.key + APPS[match[1]]

    def _body(self, text: str) -> str:
        try:
            body = json.loads(text)
        except ValueError:
            return text
        whole = isinstance(body, dict) and "inputs" in body
        if whole and isinstance(body.get("query"), str) and len(body["query"]) < 100:
            for pattern, ours in QUERIES:
                if re.fullmatch(pattern, body["query"]):
                    body["query"] = ours
                    break
        if isinstance(body, dict) and body.get("embedding_provider_name") == "h1/stub/stub":
            body["embedding_provider_name"] = "embedded"
        return self._translated(json.dumps(body))

    def _translated(self, text: str) -> str:
        text = self.names.get(text, text)
        for theirs in sorted(self.names, key=len, reverse=True):
            text = text.replace(theirs, self.names[theirs])
        return text

    def _learn_from(self, theirs: bytes, ours: bytes) -> None:
        for their_value, our_value in zip(_values(theirs), _values(ours), strict=False):
            self.learn(their_value, our_value)

    def learn(self, theirs: Any, ours: Any) -> None:
        """Note what ours says where they said an id, a token or the address of a file."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for name in theirs.keys() & ours.keys():
                self.learn(theirs[name], ours[name])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for their_item, our_item in zip(theirs, ours, strict=False):
                self.learn(their_item, our_item)
        elif isinstance(theirs, str) and isinstance(ours, str):
            if ID.fullmatch(theirs) and ID.fullmatch(ours):
                self.names.setdefault(theirs, ours)
            elif theirs.startswith(f"{RECORDED_AT}/files/"):
                self.names[theirs.removeprefix(RECORDED_AT)] = ours.removeprefix(self.root)


def _values(body: bytes) -> Iterator[Any]:
    """The JSON of a body; of a stream, the first event of each kind of node, file or text."""
    if not body.startswith((b"data: ", b"event: ")):
        try:
            yield json.loads(body)
        except ValueError:
            return
        return
    firsts: dict[str, Any] = {}
    for event in parsed(body):
        firsts.setdefault(event["event"], event)
    for name in sorted(firsts):
        if name in ("message", "workflow_started", "agent_thought", "message_file"):
            yield firsts[name]


def parsed(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream; what a cut left of the last one is dropped."""
    events = []
    for part in stream.split(b"\n\n")[:-1]:
        if part.startswith(b"data: "):
            events.append(json.loads(part.removeprefix(b"data: ")))
        elif part:
            events.append({"event": part.decode().removeprefix("event: ")})
    return events


def _field(value: str) -> tuple[str, Any]:
    name, _, rest = value.partition("=")
    if not rest.startswith("@"):
        return name, (None, rest)
    path, *options = rest.removeprefix("@").split(";", 2)
    named = dict(option.split("=", 1) for option in options)
    filename = named.get("filename", Path(path).name)
    kind = named.get("type", "").strip('"') or "application/octet-stream"
    return name, (filename, content_of(Path(path).name), kind)


@cache
def content_of(name: str) -> bytes:
    """A file such as was uploaded for the recordings."""
    match name:
        case "pic.png":
            return png(64, 48)
        case "pic.jpg":
            return b"\xff\xd8\xff\xe0" + bytes(1241)
        case "note.txt":
            return b"just some note\n"
        case "page.html":
            return b"<b>page</b>"
        case "noext":
            return b"abc"
        case "empty.txt":
            return b""
        case "big.txt":
            return bytes(15 * 1024 * 1024 + 1)
        case "bigaudio.mp3":
            return bytes(30 * 1024 * 1024 + 1)
        case _:
            return wav()


def png(width: int, height: int) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def wav(seconds: float = 0.5, rate: int = 16_000) -> bytes:
    """Silence."""
    samples = bytes(int(seconds * rate) * 2)
    out = io.BytesIO()
    out.write(struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE"))
    out.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16))
    out.write(struct.pack("<4sI", b"data", len(samples)) + samples)
    return out.getvalue()


def _drawn(replay: Replay) -> None:
    # The recorded drawing's own stream is missing: another one stands in for it.
    body = {"inputs": {}, "query": "draw a circle", "user": "u1", "response_mode": "streaming"}
    events = parsed(replay.sent("POST", "/v1/chat-messages", "agent", json=body).content)
    url = next(each["url"] for each in events if each["event"] == "message_file")
    theirs = Exchange.read("52_agent_message_file_get").path
    replay.names[theirs] = url.removeprefix(replay.root)
    bad = Exchange.read("52_agent_message_file_get_badsign").path
    replay.names[bad] = re.sub(r"sign=.*", "sign=AAAA", url.removeprefix(replay.root))


def _paused(replay: Replay) -> None:
    # The stream that paused first was not recorded; history after it was.
    body = {"inputs": {}, "query": "please approve this", "user": "u1", "response_mode": "streaming"}
    events = parsed(replay.sent("POST", "/v1/chat-messages", "hitl", json=body).content)
    form = next(each["data"] for each in events if each["event"] == "human_input_required")
    replay.names |= {
        "90c37b1a-17c6-41da-a29c-75f4cd706dbd": events[1]["conversation_id"],
        "3cfa3ad7-931f-44a1-8eb7-ddcb344c67ab": events[1]["workflow_run_id"],
        "BFWusGSfaGUkprNjbfEzsj": form["form_token"],
    }


def _hit(replay: Replay) -> None:
    # The streamed annotation hit was not recorded; its history was.
    body = {"inputs": {}, "query": "How do I reset my password?", "user": "u1"}
    answer = replay.sent("POST", "/v1/chat-messages", "chat_ann", json=body).json()
    replay.names["c320d7ad-f72b-4f26-bf5d-1d5b6327aae6"] = answer["conversation_id"]


def _polled(replay: Replay, case: str, patience: float = 20.0) -> None:
    # A job takes a moment, on a real server too; one of them waits for ever.
    request = replay.request(case)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if replay.client.request(**request).json()["job_status"] != "waiting":
            return
        time.sleep(0.05)


PRELUDES: dict[str, Callable[[Replay], None]] = {
    "52_agent_message_file_get": _drawn,
    "a0_hitl_messages_while_paused": _paused,
    "94_messages_annotation_hit": _hit,
    "93_reply_enable_status_poll": lambda replay: _polled(replay, "93_reply_enable_status_poll"),
    "93_reply_disable_status_poll": lambda replay: _polled(replay, "93_reply_disable_status_poll"),
    "93_reply_disable_when_off_status": lambda replay: _polled(replay, "93_reply_disable_when_off_status", 1),
    "93_reply_bad_model_status": lambda replay: _polled(replay, "93_reply_bad_model_status"),
    "93_reply_enable_unknown_provider_status": lambda replay: _polled(
        replay, "93_reply_enable_unknown_provider_status"
    ),
    "95_flow_reply_enable_poll": lambda replay: _polled(replay, "95_flow_reply_enable_poll"),
}
