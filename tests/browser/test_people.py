"""A curator looks at somebody's conversation, and an administrator erases the person."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_accounts import GOOD, given, sign_in
from tests.site import ROOT, Site, served, until
from tests.upstream import Upstream, row

ZOE = "zoe-kanarienvogel"
POSTED = re.compile(r'Route\("([^"]*\{key\}[^"]*)", [\w.]+, methods=\["POST"\]\)')


@pytest.fixture(scope="module")
def guarded(scripted: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("people")
    with served(folder, (scripted.url, scripted.key), AUTH="accounts", RETENTION_DAYS="90") as running:
        yield running


def enter(person: Person, site: Site, role: str, name: str, path: str) -> None:
    """Sign in with a one-time password, and on the way choose another one."""
    first = given(site, role, name)
    person.open(path)
    sign_in(person, name, first)
    page = person.page
    page.get_by_label("One-time password").fill(first)
    page.get_by_label("New password", exact=True).fill(GOOD)
    page.get_by_label("New password, again").fill(GOOD)
    page.get_by_role("button", name="Save password").click()


def rows(site: Site, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(site.data / "console.sqlite3")) as database:
        return database.execute(query).fetchall()


def test_a_person_is_looked_at_and_erased(arrive: Arrive, guarded: Site, dify: Upstream) -> None:
    kept = dify.keep(row("Where is my parcel?", "It is **under way**."), user=ZOE)
    kept.name = "The parcel"
    dify.feedbacks = [{"id": "f", "rating": "dislike", "from_end_user_id": dify.end_user(ZOE)}]
    cat, dan = arrive(guarded.url), arrive(guarded.url)

    # The curator finds the person, who has only rated an answer, and reads.
    enter(cat, guarded, "curator", "cat", "/people")
    page = cat.page
    expect(page.get_by_text("Dify's API lists no end users")).to_be_visible()
    expect(page.get_by_role("radio", name="Privacy")).to_have_count(0)
    known = f"SELECT 1 FROM people WHERE user = '{ZOE}'"
    until(lambda: rows(guarded, known), "the person in the directory")
    page.get_by_role("searchbox").last.fill(ZOE)
    page.get_by_role("button", name=f"Open {ZOE}").click()
    expect(page.get_by_role("heading", name=ZOE)).to_be_visible()
    expect(page.get_by_text(dify.end_user(ZOE))).to_be_visible()
    page.get_by_role("button", name="The parcel").click()
    expect(page.get_by_text("That you look at it was written down")).to_be_visible()
    cat.sees("under way")
    expect(cat.composer).to_have_count(0)
    with page.expect_request(lambda request: "/live/" in request.url) as asked:
        page.reload()
    key = asked.value.url.rpartition("/live/")[2].partition("?")[0]
    cat.sees("under way")
    turn = cat.turn().get_attribute("data-turn-id")
    posted = POSTED.findall((ROOT / "app.py").read_text())
    assert posted
    for path in posted:
        address = f"{guarded.url}{path.format(key=key, turn=turn)}"
        assert cat.context.request.post(address, headers={"Origin": guarded.url}).status == 404, path

    # The administrator sees the look in the trail, and erases the person.
    enter(dan, guarded, "admin", "dan", page.url.removeprefix(guarded.url).partition("&look=")[0])
    page = dan.page
    expect(page.get_by_role("heading", name=ZOE)).to_be_visible()
    assert ("cat", "look.conversation") in rows(guarded, "SELECT name, action FROM audit")
    page.get_by_text("Erase one person's data").click()
    expect(page.get_by_text("entries in the directory of people")).to_be_visible()
    cat.expects_trouble()  # its stream ends, and nobody answers to its key any more
    page.get_by_text("Also delete this person's conversations at Dify").click()
    page.get_by_role("button", name="Erase now").click()
    expect(page.get_by_text("Erased:")).to_be_visible()
    expect(page.get_by_text("Deleted at Dify: 1 conversations.")).to_be_visible()
    expect(page.get_by_text("This person is not in the directory")).to_be_visible()
    assert not dify.dialogues
    assert cat.context.request.get(f"{guarded.url}/live/{key}").status == 404
    files = [path for path in guarded.data.rglob("*") if path.is_file()]
    assert [path for path in files if ZOE.encode() in path.read_bytes()] == []
    (last,) = rows(guarded, "SELECT action FROM audit ORDER BY id DESC LIMIT 1")
    assert last == ("person.erased_at_dify",)
