"""The site ends when it is told to, leaves nothing behind, and takes up again what an end has interrupted."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

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


def test_it_ends_while_dify_hangs(tmp_path: Path, arrive: Arrive, own_dify: Upstream) -> None:
    gate = Gate()
    own_dify.next(Answer(gate, "late"))
    with served(tmp_path, (own_dify.url, own_dify.key)) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Wait")
        gate.wait_reached()
        person.expects_trouble()
        site.end()


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


def test_kill_9_leaves_no_child_behind(tmp_path: Path, arrive: Arrive) -> None:
    with served(tmp_path) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("demo: slow 60")
        person.sees_state("streaming")
        person.expects_trouble()
        (backend,) = site.children
        site.end(signal.SIGKILL)
        assert not alive(backend)


def test_an_embedded_backend_that_dies_is_started_again(tmp_path: Path, arrive: Arrive) -> None:
    with served(tmp_path) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("How do I stop an answer?")
        person.sees_state("complete")
        (backend,) = site.children
        signal_child(site, backend)
        until(lambda: site.children - {backend} and site.health().json()["embedded_backend"] == "ready", "it")
        person.ask("How do I connect a real Dify?")
        person.sees_state("complete")
        assert len(site.children) == 1
        person.leave()


def signal_child(site: Site, pid: int) -> None:
    """Kill a child of a site of ours, and no other process."""
    assert pid in children(site.process.pid)
    os.kill(pid, signal.SIGKILL)


def test_what_kill_9_interrupted_is_shown_and_reconciled(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    gate, port = Gate(), free_port()
    own_dify.next(Answer("What was there before the crash, ", gate, "and the rest."))
    dify = (own_dify.url, own_dify.key)
    with served(tmp_path, dify, port=port) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Survive")
        person.sees("What was there before the crash,")
        address = person.page.url
        time.sleep(1)  # all it may lose
        person.expects_trouble()
        site.end(signal.SIGKILL)
    with served(tmp_path, dify, port=port) as site:
        with person.another_tab():
            person.page.goto(address)
            person.sees_state("recovering")
            expect(person.answer()).to_have_text("What was there before the crash,")
        person.sees("What was there before the crash,")  # the page that was open all the time
        own_dify.messages()[0]["answer"] = "What was there before the crash, and the rest."
        person.gets("What was there before the crash, and the rest.")
        person.ask("And now?")
        person.gets("Echo: And now?")
        expect(person.turns).to_have_count(2)
        assert "Traceback" not in site.log
        person.leave()
    assert [asked.body["query"] for asked in own_dify.asked] == ["Survive", "And now?"]
    assert own_dify.asked[1].body["conversation_id"] == own_dify.messages()[0]["conversation_id"]


def test_a_crash_before_the_first_word_is_reconciled_too(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    gate = Gate()
    own_dify.next(Answer(gate, "never seen"))
    dify, port = (own_dify.url, own_dify.key), free_port()
    with served(tmp_path, dify, port=port) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Survive")
        gate.wait_reached()
        address = person.page.url
        person.expects_trouble()
        site.end(signal.SIGKILL)
    with served(tmp_path, dify, port=port):
        person.page.goto(address)
        person.sees_state("recovering")
        own_dify.messages()[0]["answer"] = "Written while the site was away."
        person.gets("Written while the site was away.")
        expect(person.turns).to_have_count(1)
        person.leave()
    assert len(own_dify.asked) == 1


def test_an_end_in_the_middle_of_an_answer_loses_nothing_of_it(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    gate = Gate()
    own_dify.next(Answer("All of this ", gate, "is kept."))
    dify, port = (own_dify.url, own_dify.key), free_port()
    with served(tmp_path, dify, port=port) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Keep it")
        person.sees("All of this")
        address = person.page.url
        person.expects_trouble()
        site.end()
    with served(tmp_path, dify, port=port):
        person.page.goto(address)
        person.sees("All of this")
        person.sees_state("recovering")
        person.stop.click()
        person.sees_state("stopped")
        person.leave()


def test_pages_that_were_open_go_on_after_a_restart(
    tmp_path: Path, arrive: Arrive, own_dify: Upstream
) -> None:
    """One with a conversation, one where nothing has been asked yet; nobody reloads."""
    port = free_port()
    dify = (own_dify.url, own_dify.key)
    with served(tmp_path, dify, port=port) as site:
        asked, fresh = arrive(site.url), arrive(site.url)
        asked.chat()
        asked.ask("before")
        asked.gets("Echo: before")
        fresh.chat()
        asked.expects_trouble()
        fresh.expects_trouble()
        site.end()
    with served(tmp_path, dify, port=port):
        for person in (asked, fresh):
            expect(person.composer).to_be_enabled()
            person.ask("after")
            person.gets("Echo: after")
        expect(asked.turns).to_have_count(2)
        expect(fresh.turns).to_have_count(1)
        asked.leave()
        fresh.leave()


def test_stopped_stays_stopped_after_a_restart(tmp_path: Path, arrive: Arrive, own_dify: Upstream) -> None:
    gate = Gate()
    own_dify.next(Answer("Enough", gate, " and more", stoppable=False))
    dify, port = (own_dify.url, own_dify.key), free_port()
    with served(tmp_path, dify, port=port) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Talk")
        person.sees("Enough")
        person.stop.click()
        person.sees_state("stopped")
        address = person.sees_named_address()
        person.expects_trouble()
        site.end(signal.SIGKILL)
    gate.open()
    with served(tmp_path, dify, port=port):
        person.open(f"/?c={address}")
        person.sees_state("stopped")
        person.leave()
