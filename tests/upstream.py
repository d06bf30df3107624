"""A scripted Dify on loopback: each test says what the next answers are, and looks at what was asked.

    with Upstream() as dify:
        gate = Gate()
        dify.next(Answer("Hello, ", gate, "world"))   # text pieces become `message` frames
        ...                                           # point the site or a Client at dify.url, dify.key
        gate.wait_reached(); gate.open()
        assert dify.asked[0].body["query"] == "hi"

What is not scripted behaves as the recordings say: a question is answered with `Echo: <query>`, its message
and conversation appear in /messages and /conversations, a stop ends the running stream within a moment.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.frames import ABORTED, NO_USAGE, PING, Frames
from tests.quick_server import QuickServer

KEY = "app-CANARY7f3a91c2"
PATIENCE = 20.0
"""Seconds after which a gate that nobody opens gives up, so that a failing test ends."""
HTML_404 = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"


class Gate:
    """A place in a stream where the server waits until the test opens it."""

    def __init__(self) -> None:
        self._open, self._reached = threading.Event(), threading.Event()

    def open(self) -> None:
        self._open.set()

    def wait_reached(self) -> None:
        """Returns once the server stands at the gate: everything before it has been sent."""
        assert self._reached.wait(PATIENCE), "the stream never came to this gate"

    async def passed(self, stopped: threading.Event) -> None:
        self._reached.set()
        until = time.monotonic() + PATIENCE
        while not self._open.is_set() and not stopped.is_set() and time.monotonic() < until:
            await asyncio.sleep(0.003)


class Cut:
    """The connection breaks here: the chunked body ends without its last chunk."""


CUT = Cut()
Piece = str | bytes | float | Gate | Cut | Callable[[Frames], bytes]
"""Text of the answer, raw bytes, a pause in seconds, a gate, a cut, or a frame made with the answer's ids."""


@dataclass
class Answer:
    """A stream. `end` False leaves message_end (and workflow_finished) out: the bytes just end.

    `flow` frames it as a chatflow does. `stoppable` False: a stop says "success" and changes nothing, as for
    a task of another user. `kept` False: the message never appears in history.
    """

    pieces: tuple[Piece, ...]
    flow: bool = False
    end: bool = True
    stoppable: bool = True
    kept: bool = True
    frames: Frames | None = None
    content_type: str = "text/event-stream; charset=utf-8"

    def __init__(self, *pieces: Piece, **rest: Any) -> None:
        self.pieces = pieces
        for name, value in rest.items():
            assert name in Answer.__dataclass_fields__, name
            setattr(self, name, value)


@dataclass(frozen=True)
class Refusal:
    """A plain answer instead: JSON of a dict or list; text as it is, HTML where it begins with "<"."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, code: str, message: str, **headers: str) -> Refusal:
        body = {"code": code, "message": message, "status": status}
        return cls(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def response(self) -> Response:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        kind = "text/html; charset=utf-8" if text.startswith("<") else "application/json"
        return Response("" if self.body is None else text, self.status, self.headers, kind)


class Hang:
    """No answer at all until the test is over (the client's patience ends first)."""


HANG = Hang()
HEARD = ("audio/mp3", "audio/mpga", "audio/m4a", "audio/wav", "audio/amr")
"""Types that POST /audio-to-text takes, to the letter (recordings 90_*)."""
Script = Answer | Refusal | Hang | Callable[["Asked"], Answer | Refusal]


@dataclass(frozen=True)
class Asked:
    """One accepted or refused POST /chat-messages."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float


@dataclass(frozen=True)
class Uploaded:
    """One file that came by POST /files/upload."""

    id: str
    name: str
    content: bytes
    mime_type: str
    user: str


@dataclass
class Dialogue:
    """A conversation of the server. `user` None: anybody's."""

    id: str
    user: str | None
    name: str
    created_at: int
    updated_at: int
    rows: list[dict[str, Any]] = field(default_factory=list)


def row(query: str, answer: str, **known: Any) -> dict[str, Any]:
    """A message of GET /messages with every key of 61_messages_page1; `known` overrides any of them."""
    return {
        "id": str(uuid.uuid4()),
        "conversation_id": "",
        "parent_message_id": "00000000-0000-0000-0000-000000000000",
        "inputs": {},
        "query": query,
        "answer": answer,
        "feedback": None,
        "retriever_resources": [],
        "created_at": int(time.time()),
        "agent_thoughts": [],
        "message_files": [],
        "message_tokens": 7,
        "answer_tokens": 4,
        "provider_response_latency": 0.5,
        "total_price": "0.0000150",
        "currency": "USD",
        "status": "normal",
        "error": None,
        "extra_contents": [],
        "total_tokens": 11,
        **known,
    }


class Upstream:
    """The server, in a thread. Everything public may be read and changed by the test at any time."""

    def __init__(self, *, mode: str = "chat", key: str = KEY) -> None:
        self.key = key
        self.asked: list[Asked] = []
        """Every POST /chat-messages, in the order of arrival, refused ones too."""
        self.uploads: list[Uploaded] = []
        self.recordings: list[Uploaded] = []
        """Every POST /audio-to-text."""
        self.said = "what was said"
        """What is heard in any recording."""
        self.ignores_files = False
        """Files that come with a question are left out of its message, as by an app that takes none."""
        self.title = "A title from Dify"
        """What it names a conversation on request."""
        self.suggested: list[str] = []
        """What GET …/suggested answers."""
        self.variables: dict[str, Any] = {"limit": 100, "has_more": False, "data": []}
        """The first page of GET …/variables of every conversation; the second one is empty."""
        self.end_users: dict[str, str] = {}
        """`user` by the id that GET /end-users/{id} explains; see end_user()."""
        self.feedbacks: list[dict[str, Any]] = []
        """What GET /app/feedbacks tells, newest first."""
        self.ratings: dict[str, list[dict[str, Any]]] = {}
        """Bodies of POST …/feedbacks, by message id."""
        self.speech: tuple[Piece, ...] = (b"",)
        """What POST /text-to-audio answers: bytes, gates and cuts."""
        self.speech_type = "audio/mpeg"
        self.spoken: list[dict[str, Any]] = []
        """Bodies of POST /text-to-audio."""
        self.submitted: list[tuple[str, dict[str, Any]]] = []
        """(token, body) of every form that was taken."""
        self.rest: dict[str, tuple[Piece, ...]] = {}
        """By run id: what GET /workflow/{run}/events tells after a form."""
        self.stops: list[tuple[str, str]] = []
        """(task id, user) of every POST …/stop."""
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        """(method, path below /v1, query) of everything."""
        self.dialogues: dict[str, Dialogue] = {}
        self.info: Any = {
            "name": "Scripted chat",
            "description": "",
            "tags": [],
            "mode": mode,
            "author_name": "",
        }
        self.site: Any = {
            "title": "Scripted chat",
            "icon_type": "emoji",
            "icon": "🤖",
            "chat_color_theme": None,
            "description": None,
            "input_placeholder": None,
            "show_workflow_steps": True,
        }
        self.parameters: Any = {
            "opening_statement": "Hello {{nick}}, how can I help?",
            "suggested_questions": ["What can you do?", "Show me markdown"],
            "user_input_form": [],
            "system_parameters": {},
        }
        self.meta: Any = {"tool_icons": {}}
        self.served: dict[str, tuple[bytes, str]] = {}
        """Bytes and type of what is asked for below /files/ and /console/api/, by path and query; uploads are
        there by themselves, under /v1/files/{id}/preview."""
        self._scripts: list[Script] = []
        self._failing: dict[str, list[Refusal | Hang]] = {}
        self._running: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        # Connections inherit it; else the body of each answer waits 40 ms for its headers to be acknowledged.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        config = uvicorn.Config(self._app(), log_config=None, access_log=False, lifespan="off")
        self._server = QuickServer(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    # What a test says

    def next(self, *scripts: Script) -> None:
        """The answers to the next questions, one each; later questions are echoed."""
        with self._lock:
            self._scripts += scripts

    def fail(self, name: str, *answers: Refusal | Hang) -> None:
        """The next answers to other requests. `name`: messages, conversations, delete, name, stop, info,
        site, meta or parameters. The last one stays; no answers at all: well again."""
        self._failing[name] = list(answers)

    def keep(self, *rows: dict[str, Any], conversation_id: str = "", user: str | None = None) -> Dialogue:
        """Put messages (of `row()`) into the history of a conversation, which is made if need be."""
        dialogue = self._dialogue(
            conversation_id or str(uuid.uuid4()), user, rows[0]["query"] if rows else ""
        )
        dialogue.rows += [{**r, "conversation_id": dialogue.id} for r in rows]
        return dialogue

    def messages(self) -> list[dict[str, Any]]:
        """All rows of all conversations; change one in place to let an answer appear later."""
        return [r for dialogue in self.dialogues.values() for r in dialogue.rows]

    def forget(self) -> None:
        """Between tests on the same server: nothing asked, nothing scripted, and what still runs ends."""
        for stopped in list(self._running.values()):
            stopped.set()
        self._running.clear()
        with self._lock:
            self._scripts.clear()
            self.asked.clear()
        self._failing.clear()
        self.stops.clear()
        self.uploads.clear()
        self.recordings.clear()
        self.said, self.ignores_files = "what was said", False
        self.suggested = []
        self.served.clear()
        self.ratings.clear()
        self.feedbacks.clear()
        self.end_users.clear()
        self.spoken.clear()
        self.submitted.clear()
        self.rest.clear()
        self.requests.clear()
        self.dialogues.clear()

    # The server

    def __enter__(self) -> Upstream:
        logging.getLogger("uvicorn.error").addFilter(_unplanned)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for stopped in self._running.values():
            stopped.set()
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/chat-messages", self._chat, methods=["POST"]),
                Route("/v1/chat-messages/{task}/stop", self._stop, methods=["POST"]),
                Route("/v1/messages", self._messages),
                Route("/v1/conversations", self._conversations),
                Route("/v1/conversations/{id}", self._delete, methods=["DELETE"]),
                Route("/v1/conversations/{id}/name", self._rename, methods=["POST"]),
                Route("/v1/conversations/{id}/variables", self._variables),
                Route("/v1/messages/{message}/suggested", self._suggested),
                Route("/v1/messages/{message}/feedbacks", self._feedbacks, methods=["POST"]),
                Route("/v1/text-to-audio", self._text_to_audio, methods=["POST"]),
                Route("/v1/form/human_input/{token}", self._form, methods=["POST"]),
                Route("/v1/workflow/{run}/events", self._events),
                Route("/v1/workflows/run/{run}", self._run),
                Route("/v1/files/upload", self._upload, methods=["POST"]),
                Route("/v1/end-users/{id:uuid}", self._end_user),
                Route("/v1/app/feedbacks", self._app_feedbacks),
                Route("/v1/audio-to-text", self._hear, methods=["POST"]),
                Route("/v1/files/{file}/preview", self._preview),
                Route("/files/{path:path}", self._signed),
                Route("/console/api/{path:path}", self._signed),
                *(Route(f"/v1/{name}", self._plain) for name in ("info", "site", "meta", "parameters")),
            ],
            exception_handlers={404: lambda *_: Refusal(404, HTML_404).response()},
        )

    async def _refused(self, request: Request, name: str) -> Response | None:
        path = request.url.path.removeprefix("/v1")
        self.requests.append((request.method, path, dict(request.query_params)))
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            words = "Authorization header must be provided and start with 'Bearer'"
            return Refusal.of(401, "unauthorized", words).response()
        if given != f"Bearer {self.key}":
            return Refusal.of(401, "unauthorized", "Access token is invalid").response()
        failing = self._failing.get(name, [])
        answer = failing.pop(0) if len(failing) > 1 else failing[0] if failing else None
        if isinstance(answer, Hang):
            await self._hung()
        return answer.response() if isinstance(answer, Refusal) else None

    async def _hung(self) -> None:
        while not self._over.is_set():
            await asyncio.sleep(0.01)

    async def _body(self, request: Request) -> dict[str, Any] | Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            words = "Did not attempt to load JSON data because of the request Content-Type"
            return Refusal.of(415, "unsupported_media_type", words).response()
        body = json.loads(await request.body())
        if not body.get("user"):
            return _invalid("Arg user must be provided.")
        return dict(body)

    async def _chat(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "chat-messages")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        asked = Asked(body, dict(request.headers), time.time())
        with self._lock:
            self.asked.append(asked)
            script: Script = self._scripts.pop(0) if self._scripts else echo
        if "inputs" not in body:
            return _invalid(
                "1 validation error for ChatRequestPayload\ninputs\n  Field required [type=missing]"
            )
        if not body.get("query"):
            return _invalid("query is required")
        if isinstance(script, Hang):
            await self._hung()
            return Response(status_code=500)
        answer = script if isinstance(script, Answer | Refusal) else script(asked)
        if isinstance(answer, Refusal):
            return answer.response()
        wanted = body.get("conversation_id") or ""
        known = self.dialogues.get(wanted)
        if wanted and (known is None or known.user not in {None, body["user"]}):
            return Refusal.of(404, "not_found", "Conversation Not Exists.").response()
        frames = answer.frames or Frames(wanted)
        stream = self._streamed(answer, frames, asked)
        if body.get("response_mode") != "streaming":
            return await self._blocking(stream, frames)
        return StreamingResponse(stream, headers={"content-type": answer.content_type})

    async def _streamed(self, answer: Answer, frames: Frames, asked: Asked) -> AsyncIterator[bytes]:
        files = [] if self.ignores_files else [self._with_message(f) for f in asked.body.get("files") or []]
        known = {"id": frames.message_id, "inputs": asked.body["inputs"], "message_files": files}
        message = row(asked.body["query"], "", **known)
        if answer.kept:
            self.keep(message, conversation_id=frames.conversation_id, user=asked.body["user"])
            message = self.dialogues[frames.conversation_id].rows[-1]
        stopped = self._running[frames.task_id] = threading.Event()
        if not answer.stoppable:
            stopped = threading.Event()
        said = ""
        if answer.flow:
            yield PING
            yield frames.workflow_started()
        for piece in answer.pieces:
            if stopped.is_set():
                break
            match piece:
                case Gate():
                    await piece.passed(stopped)
                case Cut():
                    raise ConnectionAbortedError
                case float() | int():
                    until = time.monotonic() + piece
                    while time.monotonic() < until and not stopped.is_set():
                        await asyncio.sleep(min(0.005, piece))
                case str():
                    said += piece
                    yield frames.message(piece)
                case bytes():
                    yield piece
                case _:
                    yield piece(frames)
        if stopped.is_set() and not self._over.is_set():
            yield frames.aborted() if answer.flow else frames.message_end(usage=NO_USAGE)
            error = f"Run failed: {ABORTED}"
            message.update({"status": "error", "error": error} if answer.flow else {"answer": said})
            return
        if answer.end:
            yield frames.message_end()
            message["answer"] = said.strip()
            if answer.flow:
                yield frames.workflow_finished()

    def _with_message(self, given: dict[str, Any]) -> dict[str, Any]:
        """A file of a question as 81_messages_with_file tells it."""
        there = next((u for u in self.uploads if u.id == given.get("upload_file_id")), None)
        return {
            "id": str(uuid.uuid4()),
            "filename": there.name if there else "remote",
            "type": given["type"],
            "url": f"{self.url.removesuffix('/v1')}/files/{given.get('upload_file_id')}/file-preview?sign=x",
            "mime_type": there.mime_type if there else "",
            "size": len(there.content) if there else 0,
            "transfer_method": given["transfer_method"],
            "belongs_to": "user",
            "upload_file_id": there.id if there else None,
        }

    async def _blocking(self, stream: AsyncIterator[bytes], frames: Frames) -> Response:
        """The same answer in one piece, as recording 21_chat_blocking has it."""
        said = [
            json.loads(frame.removeprefix(b"data: ")) async for frame in stream if frame.startswith(b"data: ")
        ]
        known = {key: said[0][key] for key in ("task_id", "message_id", "conversation_id", "created_at")}
        answer = "".join(each.get("answer", "") for each in said if each["event"] == "message")
        whole = {"event": "message", "id": frames.message_id, "mode": "chat", "answer": answer, **known}
        return JSONResponse({**whole, "metadata": said[-1].get("metadata", {})})

    async def _stop(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "stop")
        if isinstance(body, Response):
            return refused or body
        running = self._running.get(request.path_params["task"])
        if running:  # or it belongs to what was forgotten: a stop may come late
            self.stops.append((request.path_params["task"], body["user"]))
        if refused:
            return refused
        if running:
            running.set()
        return Refusal(200, {"result": "success"}).response()

    async def _messages(self, request: Request) -> Response:
        refused = await self._refused(request, "messages")
        if refused:
            return refused
        query = request.query_params
        limit = int(query.get("limit", 20))
        if not query.get("conversation_id") or not 1 <= limit <= 100:
            return _invalid("1 validation error for MessageListQuery\nlimit\n  Input should be less than …")
        dialogue = self.dialogues.get(query["conversation_id"])
        if dialogue is None or dialogue.user not in {None, query.get("user")}:
            return Refusal.of(404, "not_found", "Conversation Not Exists.").response()
        rows = sorted(dialogue.rows, key=lambda r: r["created_at"])
        if first := query.get("first_id"):
            index = next((i for i, r in enumerate(rows) if r["id"] == first), None)
            if index is None:
                return Refusal.of(404, "not_found", "First Message Not Exists.").response()
            rows = rows[:index]
        page = {"limit": limit, "has_more": len(rows) > limit, "data": rows[-limit:]}
        return Refusal(200, page).response()

    async def _conversations(self, request: Request) -> Response:
        refused = await self._refused(request, "conversations")
        if refused:
            return refused
        query = request.query_params
        limit = int(query.get("limit", 20))
        if not 1 <= limit <= 100:
            return _invalid("1 validation error for ConversationListQuery\nlimit\n  Input should be …")
        mine = [d for d in self.dialogues.values() if d.user in {None, query.get("user")}]
        sort_by = query.get("sort_by", "-updated_at")
        mine.sort(key=lambda d: getattr(d, sort_by.lstrip("-")), reverse=sort_by.startswith("-"))
        if last := query.get("last_id"):
            mine = mine[next((i + 1 for i, d in enumerate(mine) if d.id == last), len(mine)) :]
        data = [_listed(d) for d in mine[:limit]]
        return Refusal(200, {"limit": limit, "has_more": len(mine) > limit, "data": data}).response()

    async def _variables(self, request: Request) -> Response:
        page = {**self.variables, "data": []} if "last_id" in request.query_params else self.variables
        return await self._refused(request, "variables") or Refusal(200, page).response()

    def _theirs(self, request: Request, user: str) -> Dialogue | Response:
        dialogue = self.dialogues.get(request.path_params["id"])
        if dialogue is None or dialogue.user not in {None, user}:
            return Refusal.of(404, "not_found", "Conversation Not Exists.").response()
        return dialogue

    async def _delete(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "delete")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        dialogue = self._theirs(request, body["user"])
        if isinstance(dialogue, Response):
            return dialogue
        del self.dialogues[dialogue.id]
        return Response(status_code=204)

    async def _rename(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "name")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        dialogue = self._theirs(request, body["user"])
        if isinstance(dialogue, Response):
            return dialogue
        if len(body["name"]) > 255:
            return Refusal.of(500, "unknown", "Internal Server Error").response()
        dialogue.name = self.title if body["auto_generate"] else body["name"]
        return JSONResponse(_listed(dialogue))

    async def _suggested(self, request: Request) -> Response:
        refused = await self._refused(request, "suggested")
        return refused or Refusal(200, {"result": "success", "data": self.suggested}).response()

    async def _feedbacks(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "feedbacks")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        given = self.ratings.setdefault(request.path_params["message"], [])
        if body.get("rating") is None and not (given and given[-1]["rating"]):
            return Refusal.of(
                400, "invalid_param", "rating cannot be None when feedback not exists"
            ).response()
        given.append(body)
        for message in self.messages():
            if message["id"] == request.path_params["message"]:
                message["feedback"] = {"rating": body["rating"]} if body["rating"] else None
        return Refusal(200, {"result": "success"}).response()

    async def _upload(self, request: Request) -> Response:
        refused = await self._refused(request, "files/upload")
        if refused:
            return refused
        async with request.form() as form:
            file, user = form["file"], str(form["user"])
            assert isinstance(file, UploadFile)
            name, kind = file.filename or "", file.content_type or ""
            kept = Uploaded(str(uuid.uuid4()), name, await file.read(), kind, user)
        self.uploads.append(kept)
        body = {"id": kept.id, "name": name, "size": len(kept.content), "mime_type": kind}
        body["created_by"] = self.end_user(user)
        return Refusal(201, {**body, "extension": name.rpartition(".")[2], "created_at": 1}).response()

    def end_user(self, user: str) -> str:
        """The id that this server gives an end user."""
        known = str(uuid.uuid5(uuid.NAMESPACE_URL, user))
        self.end_users[known] = user
        return known

    async def _end_user(self, request: Request) -> Response:
        known = str(request.path_params["id"])
        if refused := await self._refused(request, "end-users"):
            return refused
        if known not in self.end_users:
            return Refusal.of(404, "end_user_not_found", "End user not found.").response()
        user, at = self.end_users[known], "2026-11-21T02:10:11"
        body = {"id": known, "type": "service-api", "external_user_id": user, "name": None}
        body |= {"is_anonymous": False, "session_id": user, "created_at": at, "updated_at": at}
        return Refusal(200, body).response()

    async def _app_feedbacks(self, request: Request) -> Response:
        """Pages count from 1; `feedbacks` holds them as Dify tells them, newest first."""
        if refused := await self._refused(request, "app/feedbacks"):
            return refused
        page, limit = int(request.query_params["page"]), int(request.query_params["limit"])
        return Refusal(200, {"data": self.feedbacks[(page - 1) * limit : page * limit]}).response()

    async def _hear(self, request: Request) -> Response:
        async with request.form() as form:
            file, user = form["file"], str(form["user"])
            assert isinstance(file, UploadFile)
            kind, content = file.content_type or "", await file.read()
        self.recordings.append(Uploaded("", file.filename or "", content, kind, user))
        if refused := await self._refused(request, "audio-to-text"):
            return refused
        if kind not in HEARD:
            return Refusal.of(415, "unsupported_audio_type", "Audio type not allowed.").response()
        return Refusal(200, {"text": self.said}).response()

    async def _text_to_audio(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "text-to-audio")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        self.spoken.append(body)
        return StreamingResponse(_told(self.speech), headers={"content-type": self.speech_type})

    async def _form(self, request: Request) -> Response:
        body = await self._body(request)
        refused = await self._refused(request, "form")
        if isinstance(body, Response) or refused:
            return refused or body  # type: ignore[return-value]
        self.submitted.append((request.path_params["token"], body))
        return Refusal(200, {}).response()

    async def _events(self, request: Request) -> Response:
        refused = await self._refused(request, "events")
        rest = self.rest.get(request.path_params["run"], ())
        return refused or StreamingResponse(_told(rest), headers={"content-type": "text/event-stream"})

    async def _run(self, request: Request) -> Response:
        refused = await self._refused(request, "run")
        known = {"id": request.path_params["run"], "status": "succeeded"}
        return refused or Refusal(200, known).response()

    async def _preview(self, request: Request) -> Response:
        refused = await self._refused(request, "preview")
        found = next((u for u in self.uploads if u.id == request.path_params["file"]), None)
        if refused or found is None:
            missing = "File not found in message context"
            return refused or Refusal.of(404, "file_not_found", missing).response()
        return Response(found.content, media_type=found.mime_type)

    async def _signed(self, request: Request) -> Response:
        """What is not served is forbidden, as when its time is over (52_agent_message_file_get_badsign)."""
        query = request.url.query
        address = f"{request.url.path}?{query}" if query else request.url.path
        self.requests.append((request.method, address, {}))
        content, kind = self.served.get(address, (b"", ""))
        return Response(content, media_type=kind) if kind else Refusal.of(403, "forbidden", "No.").response()

    async def _plain(self, request: Request) -> Response:
        name = request.url.path.removeprefix("/v1/")
        return await self._refused(request, name) or Refusal(200, getattr(self, name)).response()

    def _dialogue(self, identifier: str, user: str | None, name: str) -> Dialogue:
        now = int(time.time())
        title = name if len(name) <= 20 else f"{name[:20]}…"
        dialogue = self.dialogues.setdefault(identifier, Dialogue(identifier, user, title, now, now))
        dialogue.updated_at = now
        return dialogue


async def _told(pieces: tuple[Piece, ...]) -> AsyncIterator[bytes]:
    for piece in pieces:
        match piece:
            case bytes():
                yield piece
            case Gate():
                await piece.passed(threading.Event())
            case Cut():
                raise ConnectionAbortedError
            case _:
                raise TypeError(piece)


def stops_delivered() -> None:
    """Returns once no Run has a stop on its way: its client can then be closed."""
    for thread in threading.enumerate():
        if thread.name.startswith("stop-"):
            thread.join(PATIENCE)


def _unplanned(record: logging.LogRecord) -> bool:
    """A CUT has to reach uvicorn as an exception; it is none to be logged."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionAbortedError))


def echo(asked: Asked) -> Answer:
    """What the recorded server's stub model said."""
    return Answer("Echo", ": ", *(f"{word} " for word in asked.body["query"].split(" ")))


def _listed(dialogue: Dialogue) -> dict[str, Any]:
    """As GET /conversations tells it."""
    return {
        "id": dialogue.id,
        "name": dialogue.name,
        "inputs": dialogue.rows[0]["inputs"] if dialogue.rows else {},
        "status": "normal",
        "introduction": "",
        "created_at": dialogue.created_at,
        "updated_at": dialogue.updated_at,
    }


def _invalid(words: str) -> Response:
    return Refusal.of(400, "invalid_param", words).response()
