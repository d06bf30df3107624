"""The whole way of what an answer brings besides words: from Dify's frames and files to the page, and again
after a reload. One site of its own, whose app has a face, a colour and words of its maker."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.frames import Frames
from tests.site import Site, served, until
from tests.unit.test_step_details import log
from tests.upstream import Answer, Gate, Upstream

INSIDE = "http://files.inside.example"
"""A FILES_URL that no browser can reach, and that nobody may ask."""
UNSPEAKABLE = "an unspeakable secret"
APP = {
    "title": "Travel desk",
    "description": "Answers questions about journeys.",
    "icon_type": "image",
    "icon_url": f"{INSIDE}/files/icon?sign=1",
    "use_icon_as_answer_icon": True,
    "chat_color_theme": "#ffee00",
    "input_placeholder": "Where to?",
    "custom_disclaimer": "Check prices before you book. ![x](https://evil.example/x.png)",
    "privacy_policy": "https://example.com/privacy",
    "copyright": "Example Travel",
    "show_workflow_steps": True,
}
CITATION = {
    "position": 1,
    "document_name": "manual.md",
    "dataset_name": "Manual",
    "data_source_type": "upload_file",
    "content": "Pin it from its menu.",
    "score": 0.83,
    "segment_id": "segment-1",
}


def png(color: str) -> tuple[bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "PNG")
    return out.getvalue(), "image/png"


@pytest.fixture(scope="module")
def travel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    with Upstream(mode="agent-chat") as dify:
        dify.site = APP
        dify.parameters = {"opening_statement": "Welcome.", "speech_to_text": {"enabled": True}}
        dify.meta = {
            "tool_icons": {
                "calculator": {"content": "+", "background": "#E8F5E4"},
                "search": f"{INSIDE}/console/api/search/icon",
            }
        }
        with served(tmp_path_factory.mktemp("travel"), (dify.url, dify.key)) as site:
            yield site, dify


@pytest.fixture
def traveller(arrive: Arrive, travel: tuple[Site, Upstream]) -> tuple[Person, Upstream, Site]:
    site, dify = travel
    dify.forget()
    dify.served = {
        "/files/icon?sign=1": png("green"),
        "/console/api/search/icon": png("navy"),
        "/files/tools/pic.png?sign=2": png("red"),
    }
    person = arrive(site.url)
    person.chat()
    return person, dify, site


def searched(frames: Frames, **more: Any) -> bytes:
    """One thought with two tools."""
    asked = {"calculator": {"expression": "12*34"}, "search": {"query": "pin"}}
    found = {"calculator": "408", "search": "Two passages"}
    return frames.thought(
        "t1",
        tool="calculator;search",
        tool_labels={"calculator": {"en_US": "Calculator"}, "search": {"en_US": "Search"}},
        tool_input=json.dumps(asked),
        **({"observation": json.dumps(found), "message_files": ["pic"]} if more.get("done") else {}),
    )


def test_an_agents_answer_with_all_its_parts(traveller: tuple[Person, Upstream, Site]) -> None:
    person, dify, _ = traveller
    working, writing = Gate(), Gate()
    dify.next(
        Answer(
            lambda f: f.thought("t1"),
            searched,
            working,
            lambda f: f.file("pic", url=f"{INSIDE}/files/tools/pic.png?sign=2"),
            lambda f: searched(f, done=True),
            "<think>\nIt is a sum.\n",
            writing,
            "</think>\n\nIt is 408.",
            lambda f: f.message_end(citations=[CITATION]),
            end=False,
        )
    )
    person.ask("What is 12 * 34?")
    turn = person.turn()
    lines = turn.locator("details:not([hidden]) > summary")
    expect(lines).to_have_text(["Using Calculator, Search…"])
    working.open()
    expect(lines.first).to_have_text("Thinking…")
    expect(person.answer()).not_to_contain_text("sum")
    writing.open()
    person.gets("It is 408.")
    expect(lines).to_have_text([re.compile("^Thought for "), re.compile("^Used Calculator, Search · ")])
    # The same after a reload: from the store and from history.
    for _ in range(2):
        lines.last.click()
        faces = turn.locator(".tr-tool-face")
        expect(faces.first).to_have_text("+")
        expect(faces.last.locator("img")).to_have_js_property("naturalWidth", 64)
        expect(turn.locator("pre")).to_have_count(4)
        picture = turn.get_by_role("list", name="Files", exact=True).last.get_by_role("button")
        expect(picture.locator("img")).to_have_js_property("naturalWidth", 64)
        picture.click()
        expect(person.page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()
        person.page.keyboard.press("Escape")
        expect(picture).to_be_focused()
        turn.get_by_role("button", name="1 manual.md").click()
        expect(turn.locator(".tr-panel")).to_contain_text("Pin it from its menu.")
        turn.get_by_role("button", name="Details").click()
        details = person.page.get_by_role("dialog", name="Details")
        expect(details).to_contain_text("7 · 0.000007 USD · 0.001 USD per 1,000")
        expect(details).to_contain_text("Off for this app")
        person.page.keyboard.press("Escape")
        person.sees_named_address()
        person.page.reload()
        person.sees("It is 408.")


def test_what_moderation_replaced_is_nowhere(traveller: tuple[Person, Upstream, Site]) -> None:
    person, dify, site = traveller
    said, replaced = Gate(), Gate()
    thought = {"thought": UNSPEAKABLE}

    def on_disk() -> bool:
        return any(UNSPEAKABLE.encode() in path.read_bytes() for path in site.data.glob("console.sqlite3*"))

    dify.next(
        Answer(
            lambda f: f.agent_message(f"This is {UNSPEAKABLE}. "),
            lambda f: f.thought("a", **thought),
            said,
            lambda f: f.replaced("Sorry, I cannot say that.", "output_moderation"),
            lambda f: f.thought("a", **thought),
            replaced,
        )
    )
    person.ask("Tell me")
    person.sees(UNSPEAKABLE)
    with person.another_tab():
        person.sees(UNSPEAKABLE)
        until(on_disk, "the part that has come is saved")
        said.open()
        for page in person.context.pages:
            expect(page.get_by_text("Sorry, I cannot say that.")).to_be_visible()
            expect(page.get_by_text("Replaced by moderation.")).to_be_visible()
            expect(page.get_by_text(UNSPEAKABLE)).to_have_count(0)
        until(lambda: not on_disk(), "no trace of it in the files")
        replaced.open()
        person.sees_state("complete")
    dify.messages()[-1]["agent_thoughts"] = [{"id": "a", "position": 1, **thought}]
    person.page.reload()
    person.sees("Sorry, I cannot say that.")
    assert UNSPEAKABLE not in person.page.content()
    assert not on_disk()


def test_a_workflow_that_fails_at_a_node(traveller: tuple[Person, Upstream, Site]) -> None:
    person, dify, _ = traveller
    dify.next(
        Answer(
            lambda f: f.node("iteration_started", "each", id="each", title="For each"),
            lambda f: f.node("iteration_next", "each", id="each", index=0),
            lambda f: f.node("node_started", "look", title="Look up", iteration_id="each"),
            lambda f: f.node(
                "node_finished",
                "look",
                title="Look up",
                iteration_id="each",
                status="succeeded",
                inputs={"city": "**Oslo** <b>"},
                outputs={"text": "x" * 30_000},
            ),
            lambda f: f.node("iteration_completed", "each", id="each", title="For each", status="succeeded"),
            lambda f: f.node("node_started", "agent", title="Agent"),
            lambda f: log(f, "r1", "ROUND 1", "start"),
            lambda f: log(f, "c1", "CALL search", "success", parent_id="r1", data={"output": "found it"}),
            lambda f: log(f, "r1", "ROUND 1", "success"),
            lambda f: f.node("node_finished", "agent", title="Agent", status="succeeded"),
            lambda f: f.node("node_retry", "http", title="Fetch", status="retry", retry_index=1),
            lambda f: f.node("node_finished", "http", title="Fetch", status="failed", error="[Errno 111] no"),
            lambda f: f.workflow_finished("failed", "[Errno 111] no"),
            flow=True,
            end=False,
        )
    )
    person.ask("Compare")
    person.sees_state("failed")
    turn = person.turn()
    turn.locator("summary", has_text="Failed at Fetch").click()
    expect(turn.locator(".tr-rounds").get_by_text("Look up")).to_be_visible()
    # What a node took and gave is fetched when its row is opened, and is text.
    look = turn.get_by_role("button", name="Look up")
    look.focus()
    look.press("Enter")
    expect(look).to_have_attribute("aria-expanded", "true")
    data = turn.locator(".tr-step-data:visible")
    expect(data.locator("pre").first).to_have_text('{\n  "city": "**Oslo** <b>"\n}')
    expect(data).to_contain_text("The first 20,000 of 30,016 characters.")
    turn.get_by_role("button", name="CALL search").click()
    expect(turn.get_by_text('"output": "found it"')).to_be_visible()
    expect(turn.locator(".tr-rounds .tr-rounds").get_by_text("CALL search")).to_be_visible()
    expect(turn.locator("[data-step=failed]")).to_contain_text("1 retry")
    expect(turn.locator("[data-step=failed]")).to_contain_text("[Errno 111] no")
    expect(turn.get_by_text("A step of the app failed.")).to_be_visible()
    expect(turn.get_by_role("button", name="Retry")).to_be_enabled()


def test_what_the_apps_maker_says_and_what_it_can_do(traveller: tuple[Person, Upstream, Site]) -> None:
    person, _, _ = traveller
    page = person.page
    expect(person.composer).to_have_attribute("placeholder", "Where to?")
    expect(page.get_by_text("Check prices before you book. ![x]")).to_be_visible()
    expect(person.log.locator(".tr-opening .tr-face img")).to_have_js_property("naturalWidth", 64)
    # The maker's yellow is made dark enough to be read on white.
    accent = "getComputedStyle(document.querySelector('.tr-root')).getPropertyValue('--tr-app-color')"
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate(accent)))
    assert red < 140 > green > blue
    page.get_by_role("button", name="About this app").click()
    expect(page.get_by_role("heading", name="Travel desk", level=1)).to_be_visible()
    about = page.get_by_test_id("stMain")
    for words in (
        "It answers.",
        "An agent: it calls tools",
        "Answers questions about journeys.",
        "Turns speech into text",
        "Speech is off for this app",
        "Citations are off for this app",
        "Files are off for this app",
        "© Example Travel",
    ):
        expect(about.get_by_text(words)).to_be_visible()
    expect(about.get_by_role("link", name="Privacy policy")).to_have_attribute("href", APP["privacy_policy"])
