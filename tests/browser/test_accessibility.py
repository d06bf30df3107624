"""Everybody can use it: axe finds nothing against WCAG A and AA in any state of a page, an answer's start and
end are announced once each, and all of it works by keyboard with the focus always in sight."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_looks import SIZES
from tests.site import ROOT, Site
from tests.upstream import Answer, Gate, Refusal, Upstream, row

SHOWCASE = (ROOT / "tests" / "markdown" / "showcase.md").read_text(encoding="utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
AXE = Axe()
CITATION = {
    "position": 1,
    "document_name": "Handbook",
    "dataset_name": "All",
    "content": "It says so.",
    "score": 0.5,
}


def faultless(person: Person, where: str, within: str | None = None) -> None:
    """On the whole page, or `within` a part of it."""
    person.page.wait_for_timeout(500)  # for fades to end: colours half-way are nobody's
    options = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
    found = AXE.run(person.page, within, options).response["violations"]
    said = [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
    assert said == [], where


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.soak),
        pytest.param(390, "light", marks=pytest.mark.soak),
    ],
)
def test_axe_finds_nothing(scheme: str, width: int, arrive: Arrive, site: Site, dify: Upstream) -> None:
    touch = {"has_touch": width < 500, "is_mobile": width < 500}
    person = arrive(site.url, viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme, **touch)
    person.chat()
    expect(person.log.get_by_role("button", name="What can you do?")).to_be_visible()
    faultless(person, "opening")
    waiting, streaming = Gate(), Gate()
    dify.next(
        Answer(
            lambda frames: frames.thought("1", thought="", observation="", tool="search", tool_input="{}"),
            waiting,
            *(SHOWCASE[at : at + 200] for at in range(0, len(SHOWCASE), 200)),
            streaming,
            lambda frames: frames.thought(
                "1", thought="", observation="Found.", tool="search", tool_input="{}"
            ),
            lambda frames: frames.message_end(citations=[CITATION]),
            end=False,
        )
    )
    person.ask("Show me everything")
    waiting.wait_reached()
    faultless(person, "waiting")
    waiting.open()
    streaming.wait_reached()
    faultless(person, "streaming")
    streaming.open()
    person.sees_state("complete")
    person.turn().locator("summary:visible").first.click()
    person.turn().get_by_role("button", name="Handbook").click()
    faultless(person, "finished, with everything open")
    person.turn().get_by_role("button", name="Details").click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
    faultless(person, "details")
    person.page.keyboard.press("Escape")
    dify.next(Refusal.of(400, "provider_quota_exceeded", "Your quota is used up."))
    person.ask("And once more")
    person.sees_state("failed")
    faultless(person, "a refused question")
    dify.next(
        Answer(
            "Half of it", lambda frames: frames.error("completion_request_error", 400, "Broken."), end=False
        )
    )
    person.ask("Again")
    person.sees_state("failed")
    faultless(person, "a failed answer")
    gate = Gate()
    dify.next(Answer("This much", gate, " and no more"))
    person.ask("Talk")
    person.sees("This much")
    person.stop.click()
    person.sees_state("stopped")
    faultless(person, "a stopped answer")
    person.open("/history")
    expect(
        person.page.get_by_role("main").get_by_role("button", name="Show me everything", exact=True)
    ).to_be_visible()
    faultless(person, "history")


def test_axe_finds_nothing_on_the_embedded_backend(visitor: Person) -> None:
    visitor.ask("demo: error")
    visitor.sees_state("failed")
    faultless(visitor, "a failed answer")


# Announcements

LISTEN = """() => {
    const LIVE = "[aria-live], [role=status], [role=alert], [role=log]";
    const LEVELS = { status: "polite", log: "polite", alert: "assertive" };
    const element = (node) => (node.nodeType === 1 ? node : node.parentElement);
    window.said = [];
    const say = (region) => {
        const level = region.getAttribute("aria-live") ?? LEVELS[region.getAttribute("role")];
        const words = region.textContent.trim();
        if (level !== "off" && words) window.said.push([level, words]);
    };
    new MutationObserver((changes) => {
        const regions = new Set();
        for (const { target, addedNodes } of changes) {
            regions.add(element(target)?.closest(LIVE));
            for (const node of addedNodes) {
                regions.add(element(node)?.closest("[role=alert]"));
                node.querySelectorAll?.("[role=alert]").forEach((alert) => regions.add(alert));
            }
        }
        regions.delete(null);
        regions.delete(undefined);
        regions.forEach(say);
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


def said(person: Person) -> list[list[str]]:
    """(polite or assertive, words) of all that a screen reader was told since LISTEN."""
    return [one for one in person.page.evaluate("window.said") if one[1]]


def test_an_answer_is_announced_once_at_its_start_and_once_at_its_end(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer(*(f"word{n} " for n in range(200)), gate, *(f"word{n} " for n in range(200)), "end"))
    person.page.evaluate(LISTEN)
    person.ask("Talk")
    gate.wait_reached()
    person.sees("word199")
    assert said(person) == [["polite", "Answer started"]]
    gate.open()
    person.sees_state("complete")
    person.sees("end")
    person.page.wait_for_timeout(1_000)  # for whatever else might be said
    assert said(person) == [["polite", "Answer started"], ["polite", "Answer finished, 401 words"]]


def test_a_stop_and_a_failure_are_announced_once(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("This much", gate))
    person.page.evaluate(LISTEN)
    person.ask("Talk")
    person.sees("This much")
    person.stop.click()
    person.sees_state("stopped")
    dify.next(Refusal.of(400, "provider_quota_exceeded", "Your quota is used up."))
    person.ask("Again")
    person.sees_state("failed")
    person.page.wait_for_timeout(1_000)
    polite = [words for live, words in said(person) if live == "polite"]
    assertive = [words for live, words in said(person) if live == "assertive"]
    assert polite == ["Answer started", "Answer stopped"]
    assert len(assertive) == 1


# By keyboard

FOCUSED = """() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return {
        body: e === document.body,
        name: e.getAttribute("aria-label") || e.textContent.trim().slice(0, 60),
        html: e.outerHTML.slice(0, 300),
        // Streamlit marks its own by a ground, a border or a caret.
        seen: ring || style.boxShadow !== "none" || !e.closest(".tr-root"),
        inside: box.bottom > 0 && box.top < innerHeight,
    };
}"""


def focus(person: Person) -> str:
    """Name of what has the focus, which must be on the screen and marked."""
    now = person.page.evaluate(FOCUSED)
    assert not now["body"], "the focus was lost"
    assert now["seen"], f"nobody sees that {now['name']} has the focus"
    assert now["inside"], f"{now['html']} has the focus but is off the screen"
    return str(now["name"])


def tab_to(person: Person, name: str, key: str = "Tab") -> None:
    for _ in range(120):
        if name in focus_or_nothing(person):
            focus(person)
            return
        person.page.keyboard.press(key)
    raise AssertionError(f"{name} was never reached")


def focus_or_nothing(person: Person) -> str:
    """The ends of the page's order are the browser's own."""
    now = person.page.evaluate(FOCUSED)
    return "" if now["body"] else focus(person)


def test_stop_by_keyboard_leaves_the_focus_where_one_can_go_on(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("This much", gate))
    person.composer.focus()
    person.page.keyboard.type("Talk")
    person.page.keyboard.press("Enter")
    person.sees("This much")
    assert focus(person)
    tab_to(person, "Stop answer", "Shift+Tab")
    person.page.keyboard.press("Enter")
    person.sees_state("stopped")
    expect(person.stop).to_be_hidden()
    expect(person.composer).to_be_focused()


def test_an_answer_that_ends_under_the_focus_does_not_lose_it(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("This much", gate, " and all."))
    person.ask("Talk")
    person.sees("This much")
    person.stop.focus()
    gate.open()
    person.sees_state("complete")
    expect(person.stop).to_be_hidden()
    expect(person.composer).to_be_focused()


def press(person: Person, name: str, key: str = "Tab") -> None:
    """Go to that control by Tab and press Enter."""
    tab_to(person, name, key)
    person.page.keyboard.press("Enter")


def test_everything_is_done_by_keyboard(arrive: Arrive, site: Site, dify: Upstream) -> None:
    person = arrive(site.url, permissions=["clipboard-read", "clipboard-write"])
    person.chat()
    keyboard = person.page.keyboard
    expect(person.log.get_by_role("button", name="What can you do?")).to_be_visible()
    press(person, "What can you do?")
    person.gets("Echo: What can you do?")
    assert focus(person) == "Ask a question"
    keyboard.type("And in short?")
    keyboard.press("Enter")
    person.gets("Echo: And in short?")
    press(person, "Copy answer", "Shift+Tab")
    expect(person.turn().locator(".tr-done")).to_have_count(1)
    assert person.page.evaluate("navigator.clipboard.readText()").strip() == "Echo: And in short?"
    press(person, "Details")
    expect(person.page.get_by_role("dialog")).to_be_visible()
    focus(person)
    keyboard.press("Escape")
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    assert focus(person) == "Details"
    dify.next(Refusal.of(400, "provider_quota_exceeded", "Your quota is used up."))
    press(person, "Ask a question")
    keyboard.type("Too much")
    keyboard.press("Enter")
    person.sees_state("failed")
    press(person, "Retry", "Shift+Tab")
    person.gets("Echo: Too much")
    assert focus(person) == "Ask a question"


def test_older_messages_and_other_conversations_by_keyboard(
    person: Person, dify: Upstream, site: Site
) -> None:
    person.ask("one")
    person.gets("Echo: one")
    first = person.sees_named_address()
    user = dify.asked[0].body["user"]
    dialogue = dify.keep(*(row(f"Question {n}", f"Answer {n}.", created_at=n) for n in range(30)), user=user)
    person.chat(f"/?c={dialogue.id}")
    person.sees("Answer 29.")
    expect(person.turn(0)).to_contain_text("Answer 10.")  # all is drawn
    # In sight it loads by itself, and there is nothing more to load then.
    person.log.get_by_role("button", name="Load older messages").focus()
    expect(person.turns).to_have_count(30)
    expect(person.turn(0)).to_contain_text("Answer 0.")
    assert "Question" in focus(person)
    tab_to(person, "Options", "Shift+Tab")
    tab_to(person, "one", "Shift+Tab")  # the last row, or the one before: both are of the same second
    person.page.keyboard.press("Enter")
    person.sees("Echo: one")
    assert person.sees_named_address() == first
    expect(person.composer).to_be_focused()
    person.page.reload()
    expect(person.composer).to_be_focused()


def test_nothing_moves_for_who_wants_no_motion(arrive: Arrive, site: Site, dify: Upstream) -> None:
    running = """() => document.getAnimations()
        .filter((one) => one.playState === "running" && one.effect.target.closest(".tr-root"))
        .map((one) => one.animationName ?? one.transitionProperty)"""
    for motion in ("no-preference", "reduce"):
        gate = Gate()
        dify.next(Answer("This much", gate, " and all."))
        person = arrive(site.url, reduced_motion=motion)
        person.chat()
        person.ask("Talk")
        person.sees("This much")
        person.page.wait_for_timeout(500)
        assert bool(person.page.evaluate(running)) == (motion == "no-preference")
        gate.open()
        person.sees_state("complete")
