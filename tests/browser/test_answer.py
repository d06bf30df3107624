"""What an answer is made of besides its words, scripted: thoughts, steps, passages, files, costs."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.harness.script import Script, turn
from tests.browser.test_transcript import Open, harness, script, turn_of, visit, wait_until

__all__ = ["harness", "script", "visit"]
pytestmark = pytest.mark.browser


def png(color: str, size: tuple[int, int] = (64, 48)) -> tuple[bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue(), "image/png"


def call(tool: str, given: str = "", observation: str = "", **labels: str) -> dict[str, Any]:
    return {"tool": tool, "input": given, "observation": observation, "labels": labels}


def folds(one: Locator) -> Locator:
    """The lines that unfold."""
    return one.locator("details:not([hidden]) > summary")


# Thoughts, steps, reasoning -------------------------------------------------------------------------------


def test_thoughts_live_and_folded(script: Script, visit: Open) -> None:
    """Upserted by id while the answer runs: what is open and focused stays so."""
    script.data = {
        "app": {
            "name": "Agent",
            "icons": "icons/app",
            "tools": {"draw": {"content": "✏", "background": "#E8F5E4"}, "search": "image"},
        }
    }
    thoughts = [{"id": "a", "calls": [call("calculator", "12*34", en_US="Calculator", de_DE="Rechner")]}]
    script.ask(0)
    page = visit(locale="de-DE")
    one = turn_of(page, 0)
    script.send("turn", {"index": 0, "state": "streaming", "thoughts": thoughts})
    one.locator("summary", has_text="Using Calculator…").press("Enter")
    expect(one.locator("pre", has_text="12*34")).to_be_visible()
    thoughts[0]["calls"][0]["observation"] = "408"
    script.send("turn", {"index": 0, "thoughts": thoughts})
    expect(one.locator("pre", has_text="408")).to_be_visible()
    one.locator("pre").first.focus()
    thoughts.append({"id": "b", "calls": [call("draw", "circle"), call("search", "{}", zh_Hans="搜索")]})
    script.send("turn", {"index": 0, "thoughts": thoughts})
    expect(one.locator("summary", has_text="Using draw, 搜索…")).to_be_visible()
    expect(one.locator("pre").first).to_be_focused()
    expect(one.locator(".tr-thoughts")).to_have_attribute("open", "")
    for made in thoughts[1]["calls"]:
        made["observation"] = "found"
    expect(one.locator(".tr-tool-face")).to_have_text(["C", "✏", "搜"])
    script.text(0, "408.")
    script.send("turn", {"index": 0, "thoughts": thoughts, "timings": {"first_text": 3.04, "total": 3.2}})
    script.end(0)
    expect(folds(one)).to_have_text(["Used Calculator, draw, 搜索 · 3.2 s"])
    expect(one.locator(".tr-row-title")).to_have_text(["Calculator", "draw", "搜索"])


def test_steps_nest_with_their_rounds_and_fail_at_their_node(script: Script, visit: Open) -> None:
    def node(name: str, state: str = "succeeded", **more: Any) -> dict[str, Any]:
        return {"id": name, "kind": "node", "node_id": name, "title": name, "state": state, **more}

    loop = {"id": "each", "node_id": "each", "kind": "iteration", "title": "For each"}
    steps = [
        node("Start", elapsed=0.5),
        {**loop, "state": "running", "round": 1},
        node("Look up", "succeeded", parent="each", round=0, elapsed=0.2),
        {**node("Look up", "running", parent="each", round=1), "id": "second"},
    ]
    script.ask(0)
    page = visit()
    one = turn_of(page, 0)
    script.send("turn", {"index": 0, "state": "streaming", "steps": steps})
    one.locator("summary", has_text="Look up…").click()
    expect(one.locator(".tr-round > .tr-label")).to_have_text(["Round 1", "Round 2"])
    steps[1] |= {"state": "succeeded", "elapsed": 1.5, "tokens": 1200}
    steps[3] |= {"state": "succeeded", "elapsed": 0.3}
    steps.append(node("HTTP", "failed", error="[Errno 111] refused", retries=2, elapsed=1))
    script.send("turn", {"index": 0, "steps": steps, "error": {"code": "workflow_failed", "message": "x"}})
    script.end(0, "failed")
    expect(folds(one)).to_have_text(["Failed at HTTP · 3 s"])
    failed = one.locator("[data-step=failed]")
    expect(failed).to_contain_text("[Errno 111] refused")
    expect(failed).to_contain_text("2 retries · 1 s")
    expect(one.locator(".tr-steps > .tr-fold-body > ol > li")).to_have_count(3)
    expect(one.locator(".tr-steps > .tr-fold-body > ol > li").nth(1)).to_contain_text(
        "2 rounds · 1,200 tokens"
    )


def test_the_rest_of_a_list_goes_on_from_what_is_there(script: Script, visit: Open) -> None:
    """And where it cannot, for a frame that was never seen, everything is asked for anew."""

    def step(number: int, state: str = "succeeded") -> dict[str, Any]:
        return {"id": f"s{number}", "kind": "node", "title": f"Node {number}", "state": state}

    script.ask(0)
    page = visit()
    one = turn_of(page, 0)
    script.send("turn", {"index": 0, "state": "streaming", "steps": [step(0), step(1, "running")]})
    one.locator("summary", has_text="Node 1…").click()
    rows = one.locator("[data-step]")
    script.send("turn", {"index": 0, "steps": {"from": 1, "items": [step(1), step(2, "running")]}})
    expect(rows).to_have_text(["Node 0", "Node 1", "Node 2"])
    expect(one.locator("[data-step=running]")).to_have_text(["Node 2"])
    before = len(script.opened)
    script.send("turn", {"index": 0, "steps": {"from": 9, "items": [step(3, "running")]}})
    expect(rows).to_have_text(["Node 0", "Node 1", "Node 2", "Node 3"])
    assert [opened.last for opened in script.opened[before:]] == [""]


def test_steps_that_the_app_wants_out_of_sight(script: Script, visit: Open) -> None:
    script.data = {"allow": {"steps": False}}
    script.ask(0)
    page = visit()
    steps = [{"id": "1", "kind": "node", "title": "Secret prompt", "state": "running"}]
    script.send("turn", {"index": 0, "state": "streaming", "steps": steps})
    expect(folds(turn_of(page, 0))).to_have_text(["Working…"])
    expect(turn_of(page, 0).get_by_text("Secret prompt")).to_be_hidden()


@pytest.mark.parametrize(
    ("chunks", "thought", "answer"),
    [
        (["<thi", "nk>\nLet me ", "see\n</th", "ink>\n\nIt is **4", "2**."], "Let me see", "It is 42."),
        (["Let me see\n</thi", "nk>\n\nIt is 42."], "Let me see", "It is 42."),
        (["<think>Let me see"], "Let me see", ""),
        (["Write `<think>` so:\n\n", "```\n<think>\n```"], "", "Write <think> so:"),
    ],
)
def test_what_a_model_thinks_aloud_is_no_answer(
    chunks: list[str], thought: str, answer: str, script: Script, visit: Open
) -> None:
    script.turns = [turn(0, answer="".join(chunks))]
    script.ask(1)
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    script.stream(1, chunks)
    script.send("turn", {"index": 1, "timings": {"first_text": 0.4, "total": 3.2, "reasoning": 2.04}})
    script.end(1, "complete" if answer else "stopped")
    for index, line in enumerate(["Reasoning", "Thought for 2 s"]):
        one = turn_of(page, index)
        if answer:
            expect(one.locator(".tr-text")).to_contain_text(answer)
        expect(folds(one)).to_have_text([line] if thought else [])
        if thought:
            expect(one.locator(".tr-text")).not_to_contain_text("Let me")
            folds(one).click()
            expect(one.locator(".tr-reasoning .tr-fold-body")).to_have_text(thought)
    if thought and answer:
        turn_of(page, 0).get_by_role("button", name="Copy answer").press("Enter")
        wait_until(page, lambda: "Let me" not in page.evaluate("navigator.clipboard.readText()"))


def test_reasoning_of_its_own(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.send("turn", {"index": 0, "state": "streaming", "reasoning": "Hmm."})
    expect(turn_of(page, 0).locator("summary", has_text="Thinking…")).to_be_visible()
    script.text(0, "408.")
    script.send("turn", {"index": 0, "timings": {"first_text": 3.04, "reasoning": 2.5}})
    expect(turn_of(page, 0).locator("summary", has_text="Thought for 2.5 s")).to_be_visible()


# Citations, badge, moderation -----------------------------------------------------------------------------


def test_a_citation_opens_and_closes_by_keyboard(script: Script, visit: Open) -> None:
    full = {
        "position": 1,
        "document_name": "manual.md",
        "dataset_name": "Manual",
        "data_source_type": "upload_file",
        "content": "**raw** text",
        "summary": "In short",
        "score": 0.8234,
        "hit_count": 3,
        "word_count": 120,
        "segment_position": 7,
        "document_id": "doc-1",
        "dataset_id": "set-1",
        "segment_id": "seg-1",
    }
    cited = [full, {"position": 2, "document_name": "other.md"}]
    script.turns = [turn(0, answer="A paragraph.\n\n" * 40, citations=cited)]
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    chip = page.get_by_role("button", name="1 manual.md")
    chip.press("Enter")
    expect(chip).to_have_attribute("aria-expanded", "true")
    panel = page.get_by_role("region", name="Source", exact=True)
    expect(panel.get_by_text("Segment ID", exact=True)).to_be_in_viewport()
    expect(panel.locator(".tr-panel-text")).to_have_text("**raw** text")
    expect(panel).to_contain_text("In short")
    told = dict(
        zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True)
    )
    assert told == {
        "Knowledge": "Manual",
        "Kind": "upload_file",
        "Score": "0.823",
        "Times found": "3",
        "Words": "120",
        "Place in the document": "7",
        "Place in this list": "1 of 2",
        "Document ID": "doc-1",
        "Knowledge ID": "set-1",
        "Segment ID": "seg-1",
    }
    panel.get_by_role("button", name="Copy Segment ID").click()
    wait_until(page, lambda: page.evaluate("navigator.clipboard.readText()") == "seg-1")
    page.get_by_role("button", name="2 other.md").click()
    expect(chip).to_have_attribute("aria-expanded", "false")
    expect(panel.locator("dt")).to_have_text(["Place in this list"])
    expect(panel).to_contain_text("The app sent no text for this source.")
    page.get_by_role("button", name="Close").press("Escape")
    expect(page.locator(".tr-panel")).to_be_hidden()
    expect(page.get_by_role("button", name="2 other.md")).to_be_focused()


def test_who_wrote_it_and_what_was_replaced(script: Script, visit: Open) -> None:
    script.turns = [
        turn(0, annotation={"id": "a", "author": "Ada <b>"}),
        turn(1, annotation={"id": "a"}),
        turn(2, replaced=True, replaced_reason="output_moderation"),
        turn(3, replaced=True, replaced_reason="our own <i>rule</i>"),
    ]
    page = visit()
    expect(turn_of(page, 0).locator(".tr-badge")).to_have_text("Answered from an annotation by Ada <b>")
    expect(turn_of(page, 1).locator(".tr-badge")).to_have_text("Answered from an annotation")
    expect(turn_of(page, 2)).to_contain_text("Replaced by moderation. The app's rules do not allow")
    expect(turn_of(page, 3)).to_contain_text("Replaced by moderation. our own <i>rule</i>")


# Files ----------------------------------------------------------------------------------------------------


def test_pictures_open_large_and_give_the_focus_back(script: Script, visit: Open) -> None:
    script.files = {"red": png("red"), "blue": png("blue", (2000, 1500)), "gone": (b"", "")}
    files = [
        {"id": "red", "name": "red.png", "type": "image"},
        {"id": "notes", "name": "notes.pdf", "type": "document", "size": 1_234_567},
        {"id": "blue", "type": "image"},
        {"id": "vector", "name": "x.svg", "type": "image", "mime_type": "image/svg+xml"},
        {"name": "far.png", "type": "image", "elsewhere": "https://example.com/a.png"},
    ]
    asked = [{"id": "red", "name": "mine.png", "type": "image"}, {"name": "lost.png", "ignored": True}]
    script.turns = [turn(0, answer="", files=files, attachments=asked)]
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_role("list", name="Files", exact=True).locator("img")).to_have_count(2)
    expect(page.get_by_role("list", name="Attached files").locator("img")).to_have_count(1)
    expect(page.get_by_text("the app ignored this file")).to_be_visible()
    expect(page.get_by_role("link", name="notes.pdf")).to_contain_text("PDF · 1.2 MB")
    for name, address in (("notes.pdf", "notes?download=1"), ("x.svg", "vector?download=1")):
        link = page.get_by_role("link", name=name)
        expect(link).to_have_attribute("href", re.compile(re.escape(f"/t0/{address}") + "$"))
        expect(link).to_have_attribute("download", name)
    far = page.get_by_role("link", name="far.png")
    expect(far).to_contain_text("example.com")
    expect(far).to_have_attribute("rel", "noopener noreferrer")
    opener = page.get_by_role("button", name="Enlarge red.png")
    opener.press("Enter")
    box = page.get_by_role("dialog", name="Picture")
    expect(box.get_by_text("1 of 2", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(box.get_by_text("2 of 2", exact=True)).to_be_visible()
    image = box.locator("img")
    expect(image).to_have_js_property("complete", True)
    small = image.bounding_box()
    page.keyboard.press("+")
    expect(box.get_by_role("button", name="Make smaller")).to_be_enabled()
    large = image.bounding_box()
    assert small and large and large["width"] > small["width"]
    page.keyboard.press("0")
    expect(box.get_by_role("button", name="Make smaller")).to_be_disabled()
    image.click()
    expect(box.locator(".tr-zoomed")).to_have_count(1)
    box.get_by_role("button", name="Copy picture").click()
    expect(box.get_by_role("status")).to_have_text("Picture copied")
    kinds = "navigator.clipboard.read().then(items => items.flatMap(item => item.types))"
    assert page.evaluate(kinds) == ["image/png"]
    expect(box.get_by_role("link", name="Save picture")).to_have_attribute(
        "href", re.compile("blue.download=1$")
    )
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(opener).to_be_focused()


def test_sound_and_video_play_in_place(script: Script, visit: Open) -> None:
    files = [
        {"id": "a", "name": "speech.mp3", "type": "audio"},
        {"id": "v", "name": "film.mp4", "mime_type": "video/mp4", "size": 5_000_000},
    ]
    script.turns = [turn(0, files=files)]
    page = visit()
    for tag, name in (("audio", "speech.mp3"), ("video", "film.mp4")):
        media = page.locator(f"{tag}[aria-label='{name}']")
        expect(media).to_have_attribute("controls", "")
        expect(media).to_have_attribute("src", re.compile(f"/t0/{tag[0]}$"))
        expect(page.get_by_role("link", name=name)).to_be_visible()


# What it cost ---------------------------------------------------------------------------------------------


def test_details_tell_what_it_cost(script: Script, visit: Open) -> None:
    usage = {
        "prompt_tokens": 1000,
        "prompt_unit_price": "0.002",
        "prompt_price_unit": "0.001",
        "prompt_price": "0.0020000",
        "completion_tokens": 240,
        "completion_price": "0.0004",
        "total_tokens": 1240,
        "total_price": "0.0024",
        "currency": "USD",
        "latency": 3.1,
        "time_to_first_token": 0.25,
    }
    euros = {"total_tokens": 10, "total_price": "0.1", "currency": "EUR"}
    script.data = {"allow": {"citations": False}}
    times = {"first_text": 0.5, "total": 3.0}
    script.turns = [
        turn(0, usage=usage, timings=times),
        turn(1, usage=euros),
        turn(2, usage={"total_price": "0E-7"}),
    ]
    page = visit()
    turn_of(page, 0).hover()
    turn_of(page, 0).get_by_role("button", name="Details").click()
    dialog = page.get_by_role("dialog", name="Details")
    told = list(
        zip(dialog.locator("dt").all_inner_texts(), dialog.locator("dd").all_inner_texts(), strict=True)
    )
    assert told[:12] == [
        ("First words after", "0.5 s"),
        ("Whole answer in", "3 s"),
        ("Speed", "96 tokens/s"),
        ("Server's latency", "3.1 s"),
        ("Server's first token", "0.3 s"),
        ("Tokens", "1,240"),
        ("Prompt", "1,000 · 0.002 USD · 0.002 USD per 1,000"),
        ("Answer", "240 · 0.0004 USD"),
        ("Price", "0.0024 USD"),
        ("Answers", "3"),
        ("Tokens", "1,250"),
        ("Price", "0.0024 USD, 0.1 EUR, 0"),
    ]
    assert ("Citations", "Off for this app") in told
    assert dialog.get_by_text("undefined").count() == 0
