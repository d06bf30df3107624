"""The site ends when it is told to, leaves nothing behind, and takes up again what an end has interrupted."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.site import Site, alive, children, free_port, served, until
from tests.upstream import Answer, Gate, Upstream


@pytest.fixture
def own_dify() -> Iterator[Upstream]:
    with Upstream() as dify:
        yield dify


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.soak)])
def test_it_ends_with_pages_open_and_answers_running(
    number: signal.Signals, tmp_path: Path, arrive: Arrive
) -> None:
    with served(tmp_path) as site:
        people = [arrive(site.url) for _ in range(2)]
        for person in people:
            person.chat()
            person.ask("demo: slow 60")
            person.sees_state("streaming")
        people[0].open("/history")
        people[0].expects_trouble()
        people[1].expects_trouble()
        (backend,) = site.children
        site.end(number)
        assert not alive(backend)
        assert refuses(site.port)
        assert "Traceback" not in site.log
        assert "never retrieved" not in site.log


def test_it_ends_with_a_request_that_never_does(tmp_path: Path, arrive: Arrive, own_dify: Upstream) -> None:
    """uvicorn waits for it; the text of an answer is in the store all the same."""
    own_dify.next(Answer("What has arrived", Gate()))
    with served(tmp_path, (own_dify.url, own_dify.key)) as site:
        person = arrive(site.url)
        person.chat()
        key = person.key
        person.ask("Wait")
        person.sees("What has arrived")
        ((name, value),) = person.cookie.items()
        head = f"POST /turns/{key}/any/rating HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
        head += f"Cookie: {name}={value}\r\nContent-Length: 10\r\n\r\n"
        with socket.create_connection(("127.0.0.1", site.port)) as slow:
            slow.sendall(head.encode())
            person.expects_trouble()
            time.sleep(0.5)  # until it waits for the body
            site.end()
        assert "a request would not end" in site.log
    with served(tmp_path, (own_dify.url, own_dify.key)) as site:
        again = arrive(site.url)
        again.context.add_cookies([{"name": name, "value": value, "url": site.url}])
        again.chat(f"/?c=~{key}")
        again.sees("What has arrived")
        again.leave()


def test_a_second_ctrl_c_changes_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        (backend,) = site.children
        site.process.send_signal(signal.SIGINT)
        site.end(signal.SIGINT)
        assert not alive(backend)


def test_an_embedded_backend_that_dies_is_started_again_and_a_killed_site_leaves_none(
    tmp_path: Path, arrive: Arrive
) -> None:
    with served(tmp_path) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("How do I stop an answer?")
        person.sees_state("complete")
        (first,) = site.children
        signal_child(site, first)
        until(lambda: site.children - {first} and site.health().json()["embedded_backend"] == "ready", "it")
        person.ask("How do I connect a real Dify?")
        person.sees_state("complete")
        (second,) = site.children
        person.ask("demo: slow 60")
        person.sees_state("streaming")
        person.expects_trouble()
        site.end(signal.SIGKILL)
        assert not alive(second)


def signal_child(site: Site, pid: int) -> None:
    """Kill a child of a site of ours, and no other process."""
    assert pid in children(site.process.pid)
    os.kill(pid, signal.SIGKILL)


def asked_of(dify: Upstream, query: str) -> dict[str, Any]:
    """The one message with this question; it may be changed in place."""
    (found,) = [message for message in dify.messages() if message["query"] == query]
    return found


def test_what_kill_9_interrupted_is_shown_and_reconciled(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    """One person is in the middle of an answer, one before its first word, and one has stopped hers."""
    silent, talking, port = Gate(), Gate(), free_port()
    begun, whole = "What was there before the crash,", "What was there before the crash, and the rest."
    own_dify.next(
        Answer("Enough", talking, " and more", stoppable=False),
        Answer(f"{begun} ", Gate(), "and the rest."),
        Answer(silent, "never seen"),
    )
    dify = (own_dify.url, own_dify.key)
    with served(tmp_path, dify, port=port) as site:
        people = stopper, reader, waiting = [arrive(site.url) for _ in range(3)]
        for person in people:
            person.chat()
        stopper.ask("Talk")
        stopper.sees("Enough")
        stopper.stop.click()
        stopper.sees_state("stopped")
        stopped = stopper.sees_named_address()
        reader.ask("Survive")
        reader.sees(begun)
        waiting.ask("Wait")
        silent.wait_reached()
        addresses = [person.page.url for person in people]
        time.sleep(1)  # all it may lose
        for person in people:
            person.expects_trouble()
        site.end(signal.SIGKILL)
    talking.open()
    with served(tmp_path, dify, port=port) as site:
        with reader.another_tab():
            reader.page.goto(addresses[1])
            reader.sees_state("recovering")
            expect(reader.answer()).to_have_text(begun)
        waiting.page.goto(addresses[2])
        waiting.sees_state("recovering")
        reader.sees(begun)  # the page that was open all the time
        asked_of(own_dify, "Survive")["answer"] = whole
        asked_of(own_dify, "Wait")["answer"] = "Written while the site was away."
        waiting.gets("Written while the site was away.")
        expect(waiting.turns).to_have_count(1)
        reader.gets(whole)
        reader.ask("And now?")
        reader.gets("Echo: And now?")
        expect(reader.turns).to_have_count(2)
        stopper.open(f"/?c={stopped}")
        stopper.sees_state("stopped")
        assert "Traceback" not in site.log
        for person in people:
            person.leave()
    assert [asked.body["query"] for asked in own_dify.asked] == ["Talk", "Survive", "Wait", "And now?"]
    survived = asked_of(own_dify, "Survive")["conversation_id"]
    assert own_dify.asked[-1].body["conversation_id"] == survived


def test_a_restart_loses_nothing_and_pages_that_were_open_go_on(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    """It ends amid an answer and while Dify hangs; two who asked nothing then go on without a reload."""
    silent, port = Gate(), free_port()
    dify = (own_dify.url, own_dify.key)
    with served(tmp_path, dify, port=port) as site:
        people = asked, fresh, reader, waiting = [arrive(site.url) for _ in range(4)]
        for person in people:
            person.chat()
        asked.ask("before")
        asked.gets("Echo: before")
        own_dify.next(Answer("All of this ", Gate(), "is kept."), Answer(silent, "late"))
        reader.ask("Keep it")
        reader.sees("All of this")
        waiting.ask("Wait")
        silent.wait_reached()
        address = reader.page.url
        for person in people:
            person.expects_trouble()
        site.end()
    with served(tmp_path, dify, port=port):
        reader.page.goto(address)
        reader.sees("All of this")
        reader.sees_state("recovering")
        reader.stop.click()
        reader.sees_state("stopped")
        for person in (asked, fresh):
            expect(person.composer).to_be_enabled()
            person.ask("after")
            person.gets("Echo: after")
        expect(asked.turns).to_have_count(2)
        expect(fresh.turns).to_have_count(1)
        for person in people:
            person.leave()
