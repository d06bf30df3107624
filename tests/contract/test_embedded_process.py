"""The embedded backend as a process: it starts, ends, and keeps what it acknowledged."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.processes import PATIENCE, ROOT, Embedded
from tests.contract.recorded import frames

Start = Callable[..., AbstractContextManager[Embedded]]


def open_slow_answers(server: Embedded, count: int, stack: ExitStack) -> list[Iterator[bytes]]:
    """Answers that are being written, each behind its first chunk."""
    client = stack.enter_context(server.client())
    readers = []
    for number in range(count):
        body = {
            "inputs": {},
            "query": "demo: slow 600",
            "user": f"u{number}",
            "response_mode": "streaming",
        }
        response = stack.enter_context(client.stream("POST", "chat-messages", json=body))
        reader = response.iter_raw()
        next(reader)
        readers.append(reader)
    return readers


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_ends_at_once_although_answers_are_running(start: Start, signal_number: int) -> None:
    with start() as server, ExitStack() as stack:
        readers = open_slow_answers(server, 5, stack)
        server.process.send_signal(signal_number)
        assert server.process.wait(PATIENCE) == 0
        for reader in readers:
            with pytest.raises(httpx.RemoteProtocolError):
                list(reader)


def test_ends_with_the_end_of_its_standard_input(start: Start) -> None:
    with start("--end-with-stdin", stdin=subprocess.PIPE) as server, ExitStack() as stack:
        open_slow_answers(server, 1, stack)
        assert server.process.poll() is None
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(PATIENCE) == 0


def test_dies_with_its_parent_even_if_that_is_killed(tmp_path: Path) -> None:
    parent = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-m", "embedded", "--port=0", "--api-key=K", "--data", sys.argv[1], "--end-with-stdin"],
    stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", parent, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert process.stdout.readline().startswith("Serving http://127.0.0.1:")
        process.kill()
        # The child holds the other end of this pipe: the end of it is the end of the child.
        ended, _, _ = select.select([process.stdout], [], [], PATIENCE)
        if not ended:
            os.kill(child, signal.SIGKILL)
        assert ended


def test_what_was_acknowledged_survives_a_kill(start: Start) -> None:
    user = {"user": "durable"}
    with start() as server, server.client() as client:
        asked = client.post("chat-messages", json={"inputs": {}, "query": "hello", **user}).json()
        feedback = client.post(f"messages/{asked['message_id']}/feedbacks", json={"rating": "like", **user})
        assert feedback.status_code == 200
        server.process.kill()
        server.process.wait(PATIENCE)
    with start() as server, server.client() as client:
        params = {"conversation_id": asked["conversation_id"], **user}
        (message,) = client.get("messages", params=params).json()["data"]
        assert message["answer"] == asked["answer"].strip()
        assert message["feedback"] == {"rating": "like"}
        assert server.end() == 0


def test_a_taken_port_is_a_sentence(embedded: Embedded, tmp_path: Path) -> None:
    port = httpx.URL(embedded.base_url).port
    failed = run("--port", str(port), "--data", str(tmp_path))
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"Cannot listen on 127.0.0.1 port {port}: ")
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("content", [b"", b"this is no database" * 1000], ids=["folder-is-a-file", "corrupt"])
def test_an_unusable_data_folder_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    data = tmp_path / "data"
    if content:
        data.mkdir()
        (data / "embedded.sqlite3").write_bytes(content)
    else:
        data.write_bytes(content)
    failed = run("--port", "0", "--data", str(data))
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"Cannot keep conversations in {data}: ")
    assert "Traceback" not in failed.stderr


def test_the_key_may_come_from_the_environment(start: Start, tmp_path: Path) -> None:
    environment = {**os.environ, "EMBEDDED_API_KEY": "app-quiet"}
    command = [sys.executable, "-m", "embedded", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().split()[-1]
        answer = httpx.get(f"{base_url}/info", headers={"Authorization": "Bearer app-quiet"})
        process.terminate()
        assert answer.status_code == 200
        assert process.stdout.read() == "", "the key is not printed"


def test_its_log_holds_neither_key_nor_user_nor_text(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr, start(stderr=stderr) as server, server.client() as client:
        for query in ("canary-text", "demo: cut", "demo: error"):
            body: dict[str, Any] = {"inputs": {}, "query": query, "user": "canary-user"}
            body["response_mode"] = "streaming"
            with client.stream("POST", "chat-messages", json=body) as response:
                try:
                    assert frames(response.read())
                except httpx.RemoteProtocolError:
                    assert query == "demo: cut"
        client.get("conversations", params={"user": "canary-user"})
        assert server.end() == 0
    assert log.read_text() == ""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "embedded", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
