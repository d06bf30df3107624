"""Engines in processes of their own: started when needed, gone when not, and no trouble when they die."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.worker import ROOT, Broken, Ended, Missing, Unusable, Worker

PATIENCE = 20.0
ENGINE = "tests.unit.engine"


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(ENGINE, patience=PATIENCE)
    yield worker
    worker.close()


def gone(pid: int) -> bool:
    """Whether a process ends, and is collected, before patience does."""
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_starts_with_the_first_request_and_stays(worker: Worker) -> None:
    assert worker.pid is None
    first = worker.ask({"do": "pid"})
    assert first == worker.ask({"do": "pid"}) == str(worker.pid).encode()


def test_bytes_come_back_whole(worker: Worker) -> None:
    body = os.urandom(3_000_000)
    assert worker.ask({"do": "echo"}, body) == body


def test_what_a_library_prints_is_no_answer(worker: Worker) -> None:
    assert worker.ask({"do": "print"}) == b"done"


def test_refusals_have_their_kinds(worker: Worker) -> None:
    for do, kind in (("unusable", Unusable), ("missing", Missing), ("fail", Broken)):
        with pytest.raises(kind, match="because"):
            worker.ask({"do": do})
    assert worker.ask({"do": "echo"}, b"still here") == b"still here"


def test_a_killed_engine_is_started_again(worker: Worker) -> None:
    pid = int(worker.ask({"do": "pid"}))
    os.kill(pid, signal.SIGKILL)
    assert int(worker.ask({"do": "pid"})) != pid


def test_a_request_that_an_engine_dies_over_is_asked_twice(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(Broken, match="died twice"):
        worker.ask({"do": "die", "log": str(tmp_path / "log")})
    assert (tmp_path / "log").read_text() == "xx"
    assert worker.ask({"do": "echo"}, b"again") == b"again"


def test_one_that_takes_too_long_is_ended() -> None:
    worker = Worker(ENGINE, patience=2)
    pid = int(worker.ask({"do": "pid"}))
    with pytest.raises(Broken, match="longer than 2 s"):
        worker.ask({"do": "hang"})
    assert gone(pid)
    worker.close()


def test_an_idle_one_ends_of_itself() -> None:
    worker = Worker(ENGINE, idle=0.1)
    pid = int(worker.ask({"do": "pid"}))
    assert gone(pid)
    assert worker.pid is None
    assert int(worker.ask({"do": "pid"})) != pid
    worker.close()


def test_an_end_does_not_wait_for_what_is_being_done(worker: Worker) -> None:
    pid = int(worker.ask({"do": "pid"}))
    failed: list[Exception] = []

    def hang() -> None:
        try:
            worker.ask({"do": "hang"})
        except Ended as error:
            failed.append(error)

    asking = threading.Thread(target=hang)
    asking.start()
    while not worker._lock.locked():
        time.sleep(0.001)
    worker.close()
    asking.join(PATIENCE)
    assert [str(each) for each in failed] == ["the engine was ended"]
    assert gone(pid)
    with pytest.raises(Ended):
        worker.ask({"do": "pid"})
    assert worker.pid is None


def test_it_does_not_learn_our_keys(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_API_KEY", "app-canary")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    assert b"canary" not in worker.ask({"do": "environment"})


@pytest.mark.parametrize("do", ["echo", "hang"])
def test_dies_with_its_parent_even_if_that_is_killed(do: str) -> None:
    parent = """
import sys, threading
from embedded.worker import Worker
worker = Worker("tests.unit.engine")
print(int(worker.ask({"do": "pid"})), flush=True)
worker.ask({"do": sys.argv[1]})
threading.Event().wait()
"""
    command = [sys.executable, "-c", parent, do]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        # A file descriptor of the engine itself: readable once it has ended, whoever collects it.
        ended = os.pidfd_open(pid)
        process.kill()
        assert select.select([ended], [], [], PATIENCE)[0]
        os.close(ended)
