"""A scripted Dify for measurements: a process of its own that writes an answer at an exact pace.

    python -m benchmarks.upstream PORT

The question says the load: "2000 chunks at 200/s". Chunk i is due at start + i / rate, so a late one is made
good by the next, and the whole takes its time to the millisecond. `GET /records` tells the wall-clock times
(unix seconds) of each answer's first and last chunk; a browser on the same machine reads the same clock.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.frames import Frames
from tests.upstream import row

TEXT = (Path(__file__).parent / "answer.md").read_text(encoding="utf-8")
LAST_WORDS = "That is all."
"""The end of every answer, and nowhere else in it."""
CHUNK = 4
"""Characters."""
LONG = "00000000-0000-4000-8000-000000001000"
"""Id of a conversation with MESSAGES messages, which every user has."""
MESSAGES = 1000
LOAD = re.compile(r"(\d+) chunks at (\d+)/s(, spoken)?(, with parts)?")
STEP_EVERY = 0.25
"""Seconds between two nodes of a workflow, two uses of a tool and two files, where parts come along."""
MP3 = (Path(__file__).parents[1] / "tests" / "transcripts" / "91_tts_text" / "response.body").read_bytes()
SOUND = 2048
"""Bytes of one piece of speech, as a Dify sends them (recording 50_tts_autoplay_chat)."""
SPEAKING = 2.0
"""Times the pace at which it is heard."""
BYTES_A_SECOND = len(MP3) / 3.55
CONVERSATIONS = 10_000
"""In every user's list."""
ANNOTATIONS = 5_000
FEEDBACKS = 100_000
REASONS = ("", "", "wrong", "too long", "that is not what was asked for")
PLAIN: dict[str, Any] = {
    "/info": {"name": "Bench", "description": "", "tags": [], "mode": "chat", "author_name": ""},
    "/site": {"title": "Bench", "icon_type": "emoji", "icon": "B"},
    "/parameters": {
        "opening_statement": "",
        "suggested_questions": [],
        "user_input_form": [],
        "text_to_speech": {"enabled": True, "autoPlay": "enabled"},
    },
    "/meta": {"tool_icons": {}},
}


@dataclass
class Record:
    """When the chunks of one answer were written, and how late the latest of them was, in seconds."""

    query: str
    first: float
    last: float
    latest: float
    spoken: float
    """When the first piece of speech was written, unix seconds; 0 without any."""


def answer(chunks: int) -> list[str]:
    """Real markdown in exactly so many chunks of CHUNK characters; the last words are LAST_WORDS."""
    size = chunks * CHUNK
    body = (TEXT + "\n") * (size // len(TEXT) + 1)
    for end in (f"\n\n{LAST_WORDS}", f"\n```\n\n{LAST_WORDS}"):  # a code block cut in two is closed
        whole = body[: size - len(end)] + end
        if whole.count("```") % 2 == 0:
            break
    return [whole[at : at + CHUNK] for at in range(0, size, CHUNK)]


def question(number: int) -> str:
    return f"Question {number} of {MESSAGES}?"


def page(query: dict[str, list[str]]) -> dict[str, Any]:
    """GET /messages: the newest page, or the one before `first_id`; oldest first inside, as Dify does."""
    if query.get("conversation_id") != [LONG]:
        return {"limit": 20, "has_more": False, "data": []}
    limit = int(query.get("limit", ["20"])[0])
    end = int(query["first_id"][0][-12:]) if "first_id" in query else MESSAGES + 1
    rows = [_message(number) for number in range(max(1, end - limit), end)]
    return {"limit": limit, "has_more": end - limit > 1, "data": rows}


def conversation_id(number: int) -> str:
    return f"00000000-0000-4000-9000-{number:012}"


def conversations(query: dict[str, list[str]]) -> dict[str, Any]:
    """GET /conversations: keyset by last_id; the same order for every `sort_by`."""
    limit = int(query.get("limit", ["20"])[0])
    begin = int(query["last_id"][0][-12:]) + 1 if "last_id" in query else 0
    rows = [
        {
            "id": conversation_id(number),
            "name": f"A conversation about matter {number}",
            "inputs": {},
            "status": "normal",
            "introduction": "",
            "created_at": 1_790_000_000 - number,
            "updated_at": 1_790_000_000 - number,
        }
        for number in range(begin, min(begin + limit, CONVERSATIONS))
    ]
    return {"limit": limit, "has_more": begin + limit < CONVERSATIONS, "data": rows}


def _message(number: int) -> dict[str, Any]:
    size = 400
    start = number * 137 % (len(TEXT) - size)
    return row(
        question(number),
        TEXT[start : start + size].replace("`", "") + f"\n\nAnswer {number}.",
        id=f"00000000-0000-4000-8000-{number:012}",
        conversation_id=LONG,
        created_at=1_790_000_000 + number * 60,
    )


def annotations(query: dict[str, list[str]]) -> dict[str, Any]:
    """GET /apps/annotations without a keyword."""
    number, limit = int(query.get("page", ["1"])[0]), int(query.get("limit", ["20"])[0])
    rows = [_annotation(n) for n in range((number - 1) * limit, min(number * limit, ANNOTATIONS))]
    return {"data": rows, "has_more": True, "limit": limit, "total": ANNOTATIONS, "page": number}


def _annotation(number: int) -> dict[str, Any]:
    words = f"{number * 7919 % 99_991:05} {number * 104_729 % 99_989:05}"
    start = number * 137 % (len(TEXT) - 400)
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "question": f"What about {words}?",
        "answer": TEXT[start : start + 400],
        "hit_count": number % 5,
        "created_at": 1_790_000_000 - number,
    }


def feedbacks(query: dict[str, list[str]]) -> dict[str, Any]:
    """GET /app/feedbacks, newest first."""
    number, limit = int(query.get("page", ["1"])[0]), int(query.get("limit", ["20"])[0])
    return {"data": [_feedback(n) for n in range((number - 1) * limit, min(number * limit, FEEDBACKS))]}


def _feedback(number: int) -> dict[str, Any]:
    at = datetime.fromtimestamp(1_795_000_000 - number * 60, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": f"00000000-0000-4000-a000-{number:012}",
        "app_id": "00000000-0000-4000-8000-000000000001",
        "conversation_id": conversation_id(number % CONVERSATIONS),
        "message_id": f"00000000-0000-4000-b000-{number:012}",
        "rating": "dislike" if number % 3 else "like",
        "content": f"{REASONS[number % 5]} unique{number}",
        "from_source": "user" if number % 50 else "admin",
        "from_end_user_id": f"00000000-0000-4000-c000-{number % 5_000:012}" if number % 50 else None,
        "from_account_id": None,
        "created_at": at,
        "updated_at": f"{at}.000001",
    }


class Upstream:
    def __init__(self) -> None:
        self.records: list[Record] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; kept open between requests, as httpx expects."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                length = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                url = urlsplit(target)
                path = url.path.removeprefix("/v1")
                if (method, path) == ("POST", "/chat-messages"):
                    await self.stream(writer, json.loads(body))
                elif path == "/messages":
                    await self.say(writer, page(parse_qs(url.query)))
                elif path == "/conversations":
                    await self.say(writer, conversations(parse_qs(url.query)))
                elif path == "/apps/annotations":
                    await self.say(writer, annotations(parse_qs(url.query)))
                elif path == "/app/feedbacks":
                    await self.say(writer, feedbacks(parse_qs(url.query)))
                elif path == "/records":
                    await self.say(writer, [asdict(record) for record in self.records])
                else:
                    await self.say(writer, PLAIN.get(path, {"result": "success"}))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the reader has gone
        finally:
            writer.close()

    async def say(self, writer: asyncio.StreamWriter, body: Any) -> None:
        data = json.dumps(body).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        await writer.drain()

    async def stream(self, writer: asyncio.StreamWriter, question: dict[str, Any]) -> None:
        load = LOAD.search(question["query"])
        chunks, rate = (int(load[1]), int(load[2])) if load else (20, 100)
        frames = Frames(question.get("conversation_id") or str(uuid.uuid4()))
        pieces = [_chunk(frames.message(piece)) for piece in answer(chunks)]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        loop = asyncio.get_running_loop()
        start = loop.time() + 0.3  # as a model would: the question is on the screen before its answer
        latest = first = spoken = 0.0
        voice = _voice(frames, chunks / rate) if load and load[3] else []
        parts = _parts(frames, chunks / rate) if load and load[4] else []
        for number, piece in enumerate(pieces):
            due = start + number / rate
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            latest = max(latest, loop.time() - due)
            now = time.time()
            first = first or now
            writer.write(piece)
            while parts and number / rate >= parts[0][0]:
                writer.write(parts.pop(0)[1])
            while voice and number / rate >= voice[0][0]:
                spoken = spoken or time.time()
                writer.write(voice.pop(0)[1])
            await writer.drain()
        self.records.append(Record(question["query"], first, now, latest, spoken))
        writer.write(_chunk(frames.message_end()) + b"0\r\n\r\n")
        await writer.drain()


def _voice(frames: Frames, seconds: float) -> list[tuple[float, bytes]]:
    """Pieces of speech, each with the second at which it is due; the recorded speech over and over."""
    pace = SOUND / BYTES_A_SECOND / SPEAKING
    count = int(seconds / pace)
    sound = MP3 * (count * SOUND // len(MP3) + 1)
    pieces = [sound[at * SOUND : (at + 1) * SOUND] for at in range(count)]
    return [(number * pace, _chunk(frames.speech(piece))) for number, piece in enumerate(pieces)]


def _parts(frames: Frames, seconds: float) -> list[tuple[float, bytes]]:
    """Thoughts, steps and files, each with the second at which it is due."""
    count = int(seconds / STEP_EVERY)
    data = {"inputs": {"text": TEXT[:2000]}, "outputs": {"text": TEXT[:2000]}}
    parts = []
    for number in range(count):
        node, thought = f"node-{number}", f"thought-{number}"
        ended = {"status": "succeeded", "elapsed_time": 0.2, **data}
        used = {"tool": "search", "tool_input": json.dumps({"search": {"query": TEXT[:200]}})}
        found = {**used, "observation": json.dumps({"search": TEXT[:500]})}
        begin, end = number * STEP_EVERY, (number + 0.7) * STEP_EVERY
        parts += [
            (begin, frames.node("node_started", node, title=f"Node {number}")),
            (begin, frames.thought(thought, number + 1, **used)),
            (end, frames.thought(thought, number + 1, **found)),
            (end, frames.node("node_finished", node, title=f"Node {number}", **ended)),
            (end, frames.file(f"file-{number}", type="document", filename=f"{number}.pdf", size=12_345)),
        ]
    return [(due, _chunk(frame)) for due, frame in parts]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def main() -> None:
    server = await asyncio.start_server(Upstream().serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
