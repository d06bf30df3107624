"""Text from outside is text: nothing in it runs, and nothing in it makes a browser ask another server.

Every person of every test asserts besides that no policy was broken and no other server asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import ROOT, Site, served
from tests.upstream import Answer, Upstream, row

EVIL = "https://evil.example"
HOSTILE = (ROOT / "tests" / "markdown" / "hostile.md").read_text(encoding="utf-8")
LINE = (
    f"![x]({EVIL}/1.png) <img src={EVIL}/2 onerror=window.hit=14> [run](javascript:window.hit=15) :smile: $x$"
)
"""For places that hold a line: titles, names, suggested questions."""
LOADING = """all => all.filter(e => /^(https?:)?\\/\\//.test(
    e.getAttribute("src") ?? e.getAttribute("srcset") ?? e.getAttribute("poster"))).map(e => e.outerHTML)"""
HANDLERS = "all => all.flatMap(e => e.getAttributeNames()).filter(name => name.startsWith('on'))"


def inert(page: Page) -> None:
    """Nothing of HOSTILE or LINE came alive."""
    assert page.evaluate("window.hit") is None
    assert page.locator("iframe, object, embed, base, form[action^=http]").count() == 0
    assert page.locator("[src], [srcset], [poster]").evaluate_all(LOADING) == []
    schemes = page.locator("a[href]").evaluate_all("all => all.map(a => a.protocol)")
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    assert page.locator("*").evaluate_all(HANDLERS) == []


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Upstream, Site]]:
    """A Dify in which every text that an app's owner or another person may set is an attack."""
    with Upstream() as dify:
        dify.info |= {"name": LINE, "description": LINE, "tags": [LINE], "author_name": LINE}
        dify.site |= {"title": LINE, "icon": LINE, "chat_color_theme": "red;background:url(//evil.example/o)"}
        dify.site |= {"description": HOSTILE, "input_placeholder": LINE, "icon_url": f"{EVIL}/p.png"}
        dify.parameters |= {"opening_statement": HOSTILE, "suggested_questions": [LINE, HOSTILE]}
        with served(tmp_path_factory.mktemp("hostile"), (dify.url, dify.key)) as site:
            yield dify, site


def test_a_hostile_app_does_nothing(hostile: tuple[Upstream, Site], arrive: Arrive) -> None:
    dify, site = hostile
    person = arrive(site.url)
    person.chat()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("evil.example/1.png")
    inert(person.page)
    person.log.get_by_role("button", name=LINE).click()
    person.sees_state("complete")
    assert dify.asked[-1].body["query"] == LINE
    inert(person.page)
    (dialogue,) = [d for d in dify.dialogues.values() if d.user == dify.asked[-1].body["user"]]
    dialogue.name = LINE
    expect(person.page.get_by_test_id("stSidebar").get_by_text("![x](https:").first).to_be_visible()
    inert(person.page)
    person.page.get_by_role("link", name="History").click()
    expect(person.page.get_by_role("main").get_by_text("![x](https:").first).to_be_visible()
    inert(person.page)


def test_a_hostile_answer_does_nothing(hostile: tuple[Upstream, Site], arrive: Arrive) -> None:
    dify, site = hostile
    person = arrive(site.url)
    person.chat()
    citation = {"position": 1, "document_name": LINE, "dataset_name": LINE, "content": HOSTILE, "score": 0.5}
    dify.next(
        Answer(
            *(HOSTILE[at : at + 40] for at in range(0, len(HOSTILE), 40)),
            lambda frames: frames.thought(
                "1", thought=HOSTILE, observation=HOSTILE, tool=LINE, tool_input=LINE
            ),
            lambda frames: frames.file("1", url=f"{EVIL}/q.png"),
            lambda frames: frames.file("2", url="javascript:window.hit=16", type="document"),
            lambda frames: frames.message_end(citations=[citation]),
            end=False,
        )
    )
    person.ask(HOSTILE)
    person.sees_state("complete")
    person.turn().locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    person.turn().get_by_role("button", name=re.compile("^1 ")).first.click()
    person.page.wait_for_timeout(1_000)  # for whatever might yet be drawn or fetched
    inert(person.page)
    person.page.reload()
    person.sees_state("complete")
    person.page.wait_for_timeout(1_000)
    inert(person.page)


def test_a_hostile_history_and_error_do_nothing(hostile: tuple[Upstream, Site], arrive: Arrive) -> None:
    dify, site = hostile
    broken = dify.keep(row(HOSTILE, HOSTILE), row(LINE, "", status="error", error=HOSTILE))
    person = arrive(site.url)
    person.chat(f"/?c={broken.id}")
    person.sees_state("failed")
    dify.next(Answer("x", lambda frames: frames.error(LINE, 400, HOSTILE), end=False))
    person.ask("fail")
    person.sees_state("failed")
    person.turn().get_by_role("button", name="Details").click()
    inert(person.page)


def test_a_remote_image_is_fetched_for_nobody_who_did_not_ask(person: Person, dify: Upstream) -> None:
    dify.next(Answer("Look: ![a chart](https://images.example.com/chart.png) here."))
    person.ask("Show me")
    person.sees_state("complete")
    person.sees("Look:")
    expect(person.answer()).to_contain_text("images.example.com")
    assert person.answer().locator("img").count() == 0


def test_the_address_says_nothing_to_other_sites(person: Person, dify: Upstream) -> None:
    dify.next(Answer("[away](https://example.com/page)"))
    person.ask("Where to?")
    person.sees_state("complete")
    link = person.answer().get_by_role("link", name="away")
    assert set((link.get_attribute("rel") or "").split()) >= {"noopener", "noreferrer"}
    assert urlsplit(link.get_attribute("href") or "").netloc == "example.com"
    expect(link).to_have_attribute("target", "_blank")
