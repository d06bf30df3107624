"""Whatever the embedded backend acknowledged is there after kill -9 at any moment; and it stays small."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.overhearing import HELD
from tests.contract.processes import Embedded

Start = Callable[..., AbstractContextManager[Embedded]]
MEGABYTE = 1024 * 1024


@dataclass
class Acknowledged:
    """What one worker was told is done."""

    user: str
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Conversation and text by message id."""
    annotations: set[str] = field(default_factory=set)
    conversation: str = ""
    visits: int = 0
    """The last value of its variable that was acknowledged; the next may have been written too."""


def keyed(server: Embedded, ending: str = "") -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.api_key}{ending}"}
    return httpx.Client(base_url=server.base_url, headers=headers, timeout=30, event_hooks=HELD)


def work(server: Embedded, done: Acknowledged, stop: threading.Event) -> None:
    """Ask, annotate and set a variable, over and over, until the server is gone."""
    with keyed(server) as guide, keyed(server, "-flow") as flow:
        try:
            while not stop.is_set():
                ask(guide, done)
                note = guide.post("apps/annotations", json={"question": done.user, "answer": "a"})
                if note.status_code == 201:
                    done.annotations.add(note.json()["id"])
                count(flow, done)
        except httpx.HTTPError:
            return


def ask(guide: httpx.Client, done: Acknowledged) -> None:
    """One streamed answer, acknowledged by its message_end."""
    body = {"inputs": {}, "query": "demo: bench 20 400 5", "user": done.user, "response_mode": "streaming"}
    said = ""
    with guide.stream("POST", "chat-messages", json=body) as response:
        for line in response.iter_lines():
            event = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            said += event.get("answer", "")
            if event.get("event") == "message_end":
                done.answers[event["message_id"]] = (event["conversation_id"], said)


def count(flow: httpx.Client, done: Acknowledged) -> None:
    """One step of the worker's variable."""
    if not done.conversation:
        body = {"inputs": {}, "query": "my name is Ada", "user": done.user, "response_mode": "blocking"}
        answer = flow.post("chat-messages", json=body).json()
        done.conversation, done.visits = answer["conversation_id"], 1
    path, user = f"conversations/{done.conversation}/variables", {"user": done.user}
    (found,) = flow.get(path, params={**user, "variable_name": "visits"}).json()["data"]
    value = done.visits + 1
    if flow.put(f"{path}/{found['id']}", json={"value": value, **user}).status_code == 200:
        done.visits = value


def check(server: Embedded, workers: list[Acknowledged]) -> None:
    """Everything acknowledged is there."""
    with keyed(server) as guide, keyed(server, "-flow") as flow:
        noted: set[str] = set()
        page, total = 1, 1
        while len(noted) < total:
            listed = guide.get("apps/annotations", params={"page": page, "limit": 100}).json()
            if not listed["data"]:
                break
            noted |= {each["id"] for each in listed["data"]}
            page, total = page + 1, listed["total"]
        for done in workers:
            assert done.annotations <= noted
            for message, (conversation, said) in done.answers.items():
                params = {"user": done.user, "conversation_id": conversation}
                (kept,) = guide.get("messages", params=params).json()["data"]
                assert (kept["id"], kept["answer"]) == (message, said.strip())
            if done.conversation:
                path = f"conversations/{done.conversation}/variables"
                params = {"user": done.user, "variable_name": "visits"}
                (found,) = flow.get(path, params=params).json()["data"]
                assert int(found["value"]) in (done.visits, done.visits + 1)
                done.visits = int(found["value"])


def wait_for_some(workers: list[Acknowledged]) -> None:
    """Until every worker has got something done."""
    deadline = time.monotonic() + 60
    while not all(done.visits and done.annotations and done.answers for done in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill_under_load(start: Start, data: Path, kills: int, seed: int) -> list[Acknowledged]:
    chance = random.Random(seed)
    workers = [Acknowledged(f"worker-{number}") for number in range(4)]
    for _ in range(kills):
        with start() as server:
            check(server, workers)
            stop = threading.Event()
            with ThreadPoolExecutor(len(workers)) as pool:
                running = [pool.submit(work, server, done, stop) for done in workers]
                wait_for_some(workers)
                time.sleep(chance.uniform(0, 2))
                server.process.kill()
                server.process.wait()
                stop.set()
            for each in running:
                each.result()
        with sqlite3.connect(data / "embedded.sqlite3") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()
    with start() as server:
        check(server, workers)
    return workers


def test_two_kills_under_load(start: Start, tmp_path: Path) -> None:
    workers = kill_under_load(start, tmp_path / "data", kills=2, seed=7)
    assert all(done.annotations for done in workers)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_twenty_kills_under_load(start: Start, tmp_path: Path) -> None:
    workers = kill_under_load(start, tmp_path / "data", kills=20, seed=random.randrange(1 << 30))
    assert all(done.answers and done.annotations and done.visits for done in workers)


def test_a_form_that_was_answered_is_acted_on_after_a_kill(start: Start, tmp_path: Path) -> None:
    user = {"user": "approver"}
    with start() as server, keyed(server, "-flow") as flow:
        body = {"inputs": {}, "query": "approve this", "response_mode": "blocking", **user}
        paused = flow.post("chat-messages", json=body).json()
        server.process.kill()
        server.process.wait()
    # The moment between keeping the answer and acting on it is too short to hit: the row says it all.
    form = paused["data"]["reasons"][0]["form_token"]
    submission = json.dumps({"inputs": {"comment": "yes"}, "action": "approve"})
    with sqlite3.connect(tmp_path / "data" / "embedded.sqlite3") as database:
        database.execute("UPDATE forms SET submission = ? WHERE token = ?", (submission, form))
    database.close()
    with start() as server, keyed(server, "-flow") as flow:
        params = {"conversation_id": paused["conversation_id"], **user}
        deadline = time.monotonic() + 10
        while (kept := flow.get("messages", params=params).json()["data"][0])["status"] == "paused":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert kept["answer"] == "Before the form. Approved with comment yes"


@pytest.mark.soak
def test_fifty_streams_of_every_kind_fit_into_100_megabytes(start: Start) -> None:
    asked: list[tuple[str, str, Any]] = [
        ("", "demo: bench 200 100 4", {}),
        ("-agent", "What time is it?", {}),
        ("-flow", "What are annotations?", {}),
        ("-moderated", "demo: moderation", {"name": "Bob", "lang": "en"}),
        ("-off", "demo: flood", {}),
    ]

    def one(number: int) -> bytes:
        ending, query, inputs = asked[number % len(asked)]
        body = {"inputs": inputs, "query": query, "user": f"u{number}", "response_mode": "streaming"}
        with keyed(server, ending) as client:
            return client.post("chat-messages", json=body).content

    with start() as server, ThreadPoolExecutor(50) as crowd:
        bodies = list(crowd.map(one, range(50)))
        status = Path(f"/proc/{server.process.pid}/status").read_text()
    assert all(b'"event":"message_end"' in body for body in bodies)
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak * 1024 < 100 * MEGABYTE
