"""Faults of the network and of Dify as a person meets them: plain words, nothing lost or asked twice."""

from __future__ import annotations

import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from components.words import ERRORS
from services.reading import FRESH_FOR
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.relay import Fault, Relay, refusal, response
from tests.site import ROOT, served, until
from tests.upstream import Answer, Gate, Upstream

CHAT = "/v1/chat-messages"
CANNOT_SAVE = ERRORS["store"]["title"]


@pytest.fixture
def own_dify() -> Iterator[Upstream]:
    with Upstream() as dify:
        yield dify


def test_every_refusal_is_told_in_plain_words(person: Person, dify: Upstream, line: Relay) -> None:
    codes = {
        "unauthorized": 401,
        "forbidden": 403,
        "app_unavailable": 400,
        "not_chat_app": 400,
        "conversation_completed": 400,
        "provider_not_initialize": 400,
        "provider_quota_exceeded": 400,
        "model_currently_not_support": 400,
        "completion_request_error": 400,
    }
    for code, status in codes.items():
        line.next(CHAT, Fault(answer=refusal(status, code, f"Raw words with {dify.key} in them.")))
        person.ask(f"My words about {code}")
        person.sees_state("failed")
        expect(person.turn()).to_contain_text(ERRORS[code]["title"])
        expect(person.turn()).to_contain_text(ERRORS[code]["advice"])
        expect(person.question()).to_have_text(f"My words about {code}")
    line.next(CHAT, Fault(answer=refusal(400, "code_of_tomorrow", "nick is <b>required</b> ![](http://x/y)")))
    person.ask("And this?")
    expect(person.turn()).to_contain_text("nick is <b>required</b> ![](http://x/y)")
    expect(person.turn().locator("b, img")).to_have_count(0)
    assert dify.key not in person.page.content()
    assert line.count("POST", CHAT) == len(codes) + 1
    person.ask("And now?")
    person.gets("Echo: And now?")


@pytest.mark.parametrize(
    "said",
    [
        response(500, b'{"code": "internal_server_error", "message": "no"}', "application/json"),
        response(200, b"<html><script>document.title = 'taken'</script><form>Sign in</form></html>"),
    ],
    ids=["500", "sign-in page"],
)
def test_an_answer_that_only_its_gateway_lost(
    said: bytes, person: Person, dify: Upstream, line: Relay
) -> None:
    line.next(CHAT, Fault(answer=said, heard=True))
    person.ask("Did you hear me?")
    person.gets("Echo: Did you hear me?")
    expect(person.turns).to_have_count(1)
    assert "Sign in" not in person.page.content()
    assert (line.count("POST", CHAT), len(dify.asked)) == (1, 1)


def test_what_was_said_stays_readable_while_dify_is_away(person: Person, dify: Upstream, line: Relay) -> None:
    person.ask("Before")
    person.gets("Echo: Before")
    person.sees_named_address()
    person.page.wait_for_timeout(FRESH_FOR * 1000)  # what has just been read is not read again
    with line.closed():
        person.page.reload()
        person.gets("Echo: Before")
        expect(person.page.get_by_text(ERRORS["history_unreadable"]["title"])).to_be_visible()
        person.ask("During")
        person.sees_state("failed")
        expect(person.turn()).to_contain_text("Nothing was sent.")
    person.turn().get_by_role("button", name="Retry").click()
    person.gets("Echo: During")
    assert [asked.body["query"] for asked in dify.asked] == ["Before", "During"]


def test_a_drip_is_seen_word_by_word(person: Person, dify: Upstream, line: Relay) -> None:
    line.next(CHAT, Fault(drip=(1, 0.003)))
    dify.next(Answer("First ", "second ", "third."))
    person.ask("Slowly")
    person.sees("First")
    expect(person.answer()).not_to_contain_text("third")
    person.sees_state("streaming")
    person.gets("First second third.")


@pytest.mark.parametrize("how", ["no such host", "a certificate of its own making"])
def test_a_server_that_cannot_be_trusted_or_found(how: str, tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, Relay(dify.port, ROOT / "tests/certificates/self-signed.pem") as line:
        address, code = f"{line.url}/v1", "tls_failed"
        if how == "no such host":
            address, code = "http://no-such-dify.invalid/v1", "unknown_host"
        with served(tmp_path, (address, dify.key)) as site:
            person = arrive(site.url)
            page = person.open()
            expect(page.get_by_text(ERRORS[code]["title"])).to_be_visible()
            if code == "unknown_host":
                page.get_by_text("Details").click()
                expect(page.get_by_text("no-such-dify.invalid")).to_be_visible()
            assert dify.key not in page.content()
            assert dify.key not in site.log
            assert "Traceback" not in site.log
            assert line.requests == []
            person.leave()


# The database


def kept(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as other:
        return [query for (query,) in other.execute("select query from turns order by asked_at")]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process take another's room on disk")
def test_a_full_disk(tmp_path: Path, arrive: Arrive, own_dify: Upstream) -> None:
    """Every write of the site fails, those to its log too, until there is room again."""
    with served(tmp_path, (own_dify.url, own_dify.key)) as site:
        database = site.data / "console.sqlite3"
        person, other = arrive(site.url), arrive(site.url)
        person.chat()
        person.ask("before")
        person.gets("Echo: before")
        banner = person.page.get_by_text(CANNOT_SAVE)
        expect(banner).to_have_count(0)
        gate = Gate()
        own_dify.next(Answer("It begins, ", gate, "and goes on."))
        person.ask("during")
        person.sees("It begins,")
        _, most = resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, (0, most))
        gate.open()
        person.gets("It begins, and goes on.")
        expect(banner).to_be_visible()
        person.ask("still")
        person.gets("Echo: still")
        other.chat()
        expect(other.page.get_by_text(CANNOT_SAVE)).to_be_visible()
        other.ask("me too")
        other.gets("Echo: me too")
        assert site.health().json()["store"] == "failing"
        assert "still" not in kept(database)
        resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, (most, most))
        expect(banner).to_have_count(0)
        until(lambda: kept(database) == ["before", "during", "still", "me too"], "all of it in the database")
        assert "Traceback" not in site.log
        person.page.reload()
        person.gets("Echo: still")
        expect(person.turns).to_have_count(3)
        person.leave()
        other.leave()


def test_a_corrupt_database(tmp_path: Path, arrive: Arrive, own_dify: Upstream) -> None:
    database, garbage = tmp_path / "data" / "console.sqlite3", b"this was a database once " * 400
    database.parent.mkdir()
    database.write_bytes(garbage)
    with served(tmp_path, (own_dify.url, own_dify.key)) as site:
        person = arrive(site.url)
        person.chat()
        banner = person.page.get_by_text(CANNOT_SAVE)
        expect(banner).to_be_visible()
        person.ask("Anybody there?")
        person.gets("Echo: Anybody there?")
        address = person.sees_named_address()
        person.page.reload()
        person.gets("Echo: Anybody there?")
        assert database.read_bytes() == garbage
        database.rename(tmp_path / "looked-at-later")
        expect(banner).to_have_count(0)
        until(lambda: kept(database) == ["Anybody there?"], "the question in a new database")
        assert "Traceback" not in site.log
        person.expects_trouble()
    assert (tmp_path / "looked-at-later").read_bytes() == garbage
    own_dify.dialogues[address].rows[0]["answer"] = ""  # what the site has kept is all there is
    with served(tmp_path, (own_dify.url, own_dify.key), port=site.port):
        person.open(f"/?c={address}")
        person.gets("Echo: Anybody there?")
        person.leave()
