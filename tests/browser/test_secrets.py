"""The API key, the end user's name at Dify and what people write stay where they belong."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import httpx
from playwright.sync_api import Response, WebSocket, expect

from services.exports.jobs import FORMATS
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.relay import Fault, Relay, response
from tests.site import Site, served
from tests.upstream import Answer, Upstream


class Wiretap:
    """Everything that reaches a person's browser: bodies, headers, websocket frames, the page itself."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._frames: list[bytes] = []
        self._answers: list[Response] = []
        self._pages: list[bytes] = []
        person.page.on("websocket", self._tap)
        person.page.on("response", lambda answer: self._answers.append(answer))

    def _tap(self, socket: WebSocket) -> None:
        for direction in ("framesent", "framereceived"):
            socket.on(
                direction,
                lambda data: self._frames.append(data if isinstance(data, bytes) else data.encode()),
            )

    def look(self) -> None:
        """The page as it is now."""
        self._pages.append(self._person.page.content().encode())

    def heard(self) -> bytes:
        bodies = [
            answer.body()
            for answer in self._answers
            if answer.status == 200 and "event-stream" not in answer.headers.get("content-type", "")
        ]
        headers = [
            json.dumps([answer.request.all_headers(), answer.all_headers()]).encode()
            for answer in self._answers
        ]
        return b"\n".join([*self._frames, *self._pages, *bodies, *headers])


def snapshot_of(site: Site, key: str, person: Person) -> bytes:
    """The first frame of the event stream, which the browser's tools do not show."""
    frames = b""
    with httpx.stream("GET", f"{site.url}/live/{key}", cookies=person.cookie, trust_env=False) as stream:
        for piece in stream.iter_bytes():
            frames += piece
            if b"event:snapshot" in frames and frames.endswith(b"\n\n"):
                return frames
    raise AssertionError("no snapshot")


def taken_along(site: Site, person: Person) -> bytes:
    """All conversations in each format of an export."""
    files = b""
    with httpx.Client(base_url=site.url, cookies=person.cookie, trust_env=False) as client:
        for kind in FORMATS:
            asked = client.post("/export", json={"query": {}, "format": kind})
            file = client.get(f"/export/{asked.json()['token']}")
            assert b"the-question-itself" in file.content, kind
            files += file.content
    return files


def dumped(database: Path) -> bytes:
    rows = sqlite3.connect(database)
    try:
        return "\n".join(rows.iterdump()).encode()
    finally:
        rows.close()


def test_the_key_is_nowhere_but_on_the_way_to_dify(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, Relay(dify.port) as line, served(tmp_path, (f"{line.url}/v1", dify.key)) as site:
        secret = f"Bearer {dify.key}"
        har = tmp_path / "everything.har"
        person = arrive(site.url, record_har_path=har, record_har_content="embed")
        tap = Wiretap(person)
        dify.next(
            Answer("fine"),
            Answer(
                "begins ", lambda frames: frames.error("internal_error", 500, f"broken: {secret}"), end=False
            ),
        )
        person.chat()
        mine = person.key
        person.ask("the-question-itself")
        person.sees_state("complete")
        person.ask("and a failing one")
        person.sees_state("failed")
        # A proxy that shows the request it would not pass on is the likeliest way for a key to come back.
        line.next(
            "/v1/chat-messages", Fault(answer=response(400, f"<pre>Authorization: {secret}</pre>".encode()))
        )
        person.ask("a leaking one")
        person.sees_state("failed")
        for turn in range(3):
            person.turn(turn).get_by_role("button", name="Details").click()
            tap.look()
            person.page.keyboard.press("Escape")
        stream = snapshot_of(site, mine, person)
        assert b"the-question-itself" in stream
        person.page.get_by_role("link", name="History").click()
        expect(person.page.get_by_role("heading", name="History")).to_be_visible()
        tap.look()
        browser = tap.heard() + stream + taken_along(site, person)
        person.leave()
        assert b"/_stcore/" in har.read_bytes()
        assert dify.asked[0].headers["authorization"] == secret
        user = dify.asked[0].body["user"].encode()
    (database,) = site.data.glob("*.sqlite3")
    told = {"browser": browser, "log": site.log.encode(), "database": dumped(database)}
    told |= {str(path): path.read_bytes() for path in site.data.rglob("*") if path.is_file()}
    told["HAR"] = har.read_bytes()
    assert [name for name, content in told.items() if dify.key.encode() in content] == []
    assert user not in told["log"]
    assert b"the-question-itself" not in told["log"]
    assert user not in browser
    assert user not in told["HAR"]
    assert b"the-question-itself" in browser  # it was listened to at the right place
