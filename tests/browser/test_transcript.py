"""The transcript component in a real browser, under the product's security policy, on scripted streams."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.harness.script import Script, turn
from tests.browser.harness.server import Harness, serve

pytestmark = pytest.mark.browser

HOSTILE = '<img src="https://evil.example/x" onerror="window.hit=1"><script>window.hit=1</script>'
AT_BOTTOM = """() => {
    const main = document.querySelector("main");
    return main.scrollHeight - main.clientHeight - main.scrollTop < 2;
}"""
PARAGRAPHS = "\n\n".join(f"Paragraph {n} of a long answer that fills the window." for n in range(40))

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def harness() -> Iterator[Harness]:
    with serve() as running:
        yield running


@pytest.fixture
def script(harness: Harness, request: pytest.FixtureRequest) -> Script:
    return harness.script(request.node.name)


@pytest.fixture
def visit(harness: Harness, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens the test's conversation; no page may break the policy, throw, or load anything from elsewhere."""
    complaints: list[str] = []
    contexts = []

    def go(theme: str = "light", before: str = "", **options: Any) -> Page:
        defaults = {
            "viewport": {"width": 1000, "height": 700},
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        }
        context = browser.new_context(**defaults | options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        if before:
            page.add_init_script(before)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: "Content Security" in message.text and complaints.append(message.text)
        )
        page.on(
            "request", lambda sent: sent.url.startswith((harness.url, "data:")) or complaints.append(sent.url)
        )
        page.goto(f"{harness.url}/?key={request.node.name}&theme={theme}")
        expect(page.get_by_role("log")).to_have_count(1)
        expect(page.locator(".tr-skeleton")).to_have_count(
            0
        )  # the first snapshot is there: what follows is live
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def emitted(page: Page, name: str) -> list[Any]:
    return [value for kind, value in page.evaluate("window.emitted") if kind == name]


def turn_of(page: Page, index: int) -> Locator:
    return page.locator(f"[data-turn-id='t{index}']")


def stop_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop answer", exact=True)


def hide(page: Page, hidden: bool) -> None:
    """Headless tabs are always seen; this is what a page of a hidden one reads and hears."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            const state = hidden ? "hidden" : "visible";
            Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def wait_until(page: Page, true: Callable[[], bool]) -> None:
    """Waits for something that the server knows."""
    for _ in range(1_500):
        if true():
            return
        page.wait_for_timeout(10)
    pytest.fail("never came true")


# What is drawn --------------------------------------------------------------------------------------------


def test_a_turn_is_an_exact_question_and_a_formatted_answer(script: Script, visit: Open) -> None:
    query = "  two  spaces\n\tand *no* <b>markdown</b>\n"
    script.turns = [turn(0, query, answer="# Head\n\nSome **bold** words.")]
    page = visit()
    shown = turn_of(page, 0)
    expect(shown).to_have_attribute("data-state", "complete")
    assert shown.locator(".tr-bubble").evaluate("e => e.textContent") == query
    assert shown.locator(".tr-bubble").evaluate("e => getComputedStyle(e).whiteSpace") == "pre-wrap"
    expect(shown.get_by_role("heading", name="Head")).to_be_visible()
    expect(shown.locator("strong", has_text="bold")).to_be_visible()
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-label", "Conversation")
    expect(log).to_have_attribute("aria-live", "off")
    expect(shown.get_by_text("Support desk")).to_have_count(1)


def test_the_order_is_the_servers(script: Script, visit: Open) -> None:
    script.turns = [turn(7), turn(-3), turn(1)]
    page = visit()
    expect(page.locator("[data-turn-id]")).to_have_count(3)
    assert page.locator("[data-turn-id]").evaluate_all("all => all.map(e => e.dataset.turnId)") == [
        "t7",
        "t-3",
        "t1",
    ]


def test_times_are_local_short_and_exact_on_hover(script: Script, visit: Open) -> None:
    noon = 1_795_172_400  # 2026-11-20 12:00 in Berlin
    day = 86_400
    times = [noon + 3_600, noon - day, noon - 8 * day, noon - 400 * day]
    script.turns = [turn(n, asked_at=at, answered_at=None) for n, at in enumerate(reversed(times))]
    page = visit()
    page.clock.set_fixed_time(datetime.datetime.fromtimestamp(noon + 7_200, datetime.UTC))
    page.reload()
    expect(page.locator("time")).to_have_text(
        ["16 Oct 2025, 13:00", "12 Nov, 12:00", "Yesterday 12:00", "13:00"]
    )
    assert page.locator("time").last.get_attribute("datetime") == "2026-11-20T12:00:00.000Z"
    assert "Friday" in (page.locator("time").last.get_attribute("title") or "")


def test_words_from_outside_stay_text(script: Script, visit: Open) -> None:
    script.turns = [
        turn(
            0,
            HOSTILE,
            attachments=[{"name": HOSTILE, "type": "document", "elsewhere": "javascript:window.hit=1"}],
            answer=HOSTILE,
            reasoning=HOSTILE,
            thoughts=[{"id": "1", "calls": [{"tool": HOSTILE, "input": HOSTILE, "observation": HOSTILE}]}],
            steps=[{"id": "1", "kind": "node", "title": HOSTILE, "state": "failed", "error": HOSTILE}],
            citations=[{"position": 1, "document_name": HOSTILE, "content": HOSTILE, "score": 0.5}],
            files=[
                {"name": HOSTILE, "type": "image", "elsewhere": "https://evil.example/a.png"},
                {"name": "script", "type": "document", "elsewhere": "javascript:window.hit=1"},
            ],
            state="failed",
            error={"code": "x", "message": HOSTILE, "status": 400},
        )
    ]
    script.data = {
        "app": {"name": HOSTILE, "icon": "<b>", "icon_url": "https://evil.example/i.png", "color": "red;x"}
    }
    script.notice = {"code": "x", "message": HOSTILE}
    page = visit()
    expect(turn_of(page, 0).locator(".tr-bubble")).to_have_text(HOSTILE)
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_role("button", name=re.compile("^1 ")).click()
    expect(page.locator(".tr-panel-text")).to_have_text(HOSTILE)
    assert page.evaluate("window.hit") is None
    assert page.locator(".tr-root img, .tr-root script").count() == 0
    assert set(page.locator(".tr-root a").evaluate_all("all => all.map(a => a.protocol)")) == {"https:"}


def test_a_long_question_folds_but_is_all_there(script: Script, visit: Open) -> None:
    query = "word " * 20_000
    script.turns = [turn(0, query)]
    page = visit()
    more = page.get_by_role("button", name="Show all")
    expect(more).to_have_attribute("aria-expanded", "false")
    folded = page.locator(".tr-bubble").bounding_box()
    more.click()
    opened = page.locator(".tr-bubble").bounding_box()
    assert folded and opened and folded["height"] < 300 < opened["height"]
    assert page.locator(".tr-bubble").evaluate("e => e.textContent") == query


# The opening ----------------------------------------------------------------------------------------------

OPENING = {"statement": "Welcome to the **desk**.", "questions": ["How do I pin?", 'What is "<x>" & why?']}


def test_a_suggested_question_asks_once(script: Script, visit: Open) -> None:
    script.data = {"opening": OPENING}
    page = visit()
    expect(page.locator("strong", has_text="desk")).to_be_visible()
    button = page.get_by_role("button", name=OPENING["questions"][1], exact=True)
    button.dblclick()
    expect(button).to_be_disabled()
    expect(page.get_by_role("button", name="How do I pin?", exact=True)).to_be_disabled()
    (intent,) = emitted(page, "act")
    assert intent["act"] == "ask"
    assert intent["query"] == OPENING["questions"][1]
    assert re.fullmatch(r"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}", intent["send_id"])
    script.ask(0, intent["query"])
    expect(button).to_be_hidden()
    expect(page.locator("strong", has_text="desk")).to_be_visible()


def test_a_question_that_nobody_took_can_be_asked_again(script: Script, visit: Open) -> None:
    script.data = {"opening": OPENING}
    page = visit()
    button = page.get_by_role("button", name="How do I pin?")
    button.click()
    expect(button).to_be_disabled()
    expect(button).to_be_enabled(timeout=10_000)


def test_the_opening_belongs_to_the_beginning(script: Script, visit: Open) -> None:
    script.data = {"opening": OPENING}
    script.turns, script.older = [turn(0)], "before-0"
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    expect(page.get_by_text("Welcome to the desk.")).to_be_hidden()
    script.pages["before-0"] = {"turns": [turn(-1)], "older": None}
    page.get_by_role("button", name="Load older messages").click()
    expect(turn_of(page, -1)).to_contain_text("Answer number -1")


# A running answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hears", [True, False])
def test_an_answer_waits_streams_and_ends(script: Script, visit: Open, hears: bool) -> None:
    script.data = {"hears": hears}
    page = visit()
    status = page.locator(".tr-status[role=status]")
    expect(status).to_have_text("")
    script.ask(0, "Why?")
    expect(turn_of(page, 0)).to_have_attribute("data-state", "waiting")
    expect(page.get_by_text("Waiting for the first words…")).to_be_visible()
    script.text(0, "Because **it")
    expect(turn_of(page, 0)).to_have_attribute("data-state", "streaming")
    expect(turn_of(page, 0)).to_contain_text("Because")
    expect(status).to_have_text("Answer started")
    expect(page.get_by_text("Waiting for the first words…")).to_have_count(0)
    script.text(0, " is** so.")
    expect(turn_of(page, 0).locator("strong")).to_have_text("it is")
    script.end(0)
    expect(turn_of(page, 0)).to_have_attribute("data-state", "complete")
    expect(status).to_have_text("Answer finished, 4 words")
    assert emitted(page, "done") == ([{"turn": "t0", "state": "complete"}] if hears else [])


def test_an_answer_that_ended_before_the_page_came_names_the_address(script: Script, visit: Open) -> None:
    script.turns = [turn(0)]
    at = 'history.replaceState(null, "", `${location.search}&c=%s`)'
    own = 'new URLSearchParams(location.search).get("key")'
    page = visit(before=at % f"~${{{own}}}")
    expect(page).to_have_url(re.compile(r"[?&]c=conversation-1$"))
    elsewhere = visit(before=at % "~another")
    expect(turn_of(elsewhere, 0)).to_be_visible()
    expect(elsewhere).to_have_url(re.compile(r"[?&]c=~another$"))


def test_a_flood_of_frames_loses_nothing(script: Script, visit: Open) -> None:
    words = [f"w{n}" + ("\n\n" if n % 60 == 59 else " ") for n in range(3_000)]
    script.ask(0)
    page = visit()
    script.stream(0, words)
    script.end(0)
    expect(turn_of(page, 0)).to_have_attribute("data-state", "complete")
    expect(turn_of(page, 0)).to_contain_text("w2999")
    shown = turn_of(page, 0).locator(".tr-text").evaluate("e => e.innerText")
    assert shown.split() == [word.strip() for word in words]


def test_moderation_replaces_the_answer(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.text(0, "Something rude")
    expect(turn_of(page, 0)).to_contain_text("Something rude")
    script.send("turn", {"index": 0, "answer": "I cannot say that.", "replaced": True})
    script.end(0)
    expect(turn_of(page, 0).locator(".tr-text")).to_have_text("I cannot say that.")
    expect(page.get_by_text("Replaced by moderation.")).to_be_visible()


def test_a_tab_that_was_hidden_is_right_when_seen_again(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.text(0, "one ")
    expect(turn_of(page, 0)).to_contain_text("one")
    hide(page, True)
    wait_until(page, lambda: script.open_streams == 0)
    last = len(script.opened)
    script.stream(0, ["two ", "three"])
    script.end(0)
    assert len(script.opened) == last
    hide(page, False)
    expect(turn_of(page, 0).locator(".tr-text")).to_have_text("one two three")
    expect(turn_of(page, 0)).to_have_attribute("data-state", "complete")
    assert script.opened[-1].last
    assert len(script.opened) == last + 1


def test_stop_is_told_once_and_goes_with_the_answer(script: Script, visit: Open) -> None:
    script.turns = [turn(0)]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    expect(stop_button(page)).to_have_count(0)
    script.ask(1)
    script.text(1, "Half of")
    button = stop_button(page)
    expect(button).to_be_visible()
    button.evaluate("button => { button.click(); button.click() }")
    expect(page.get_by_role("button", name="Stopping…")).to_be_visible()
    page.keyboard.press("Escape")
    wait_until(page, lambda: script.stops > 0)
    script.end(1, "stopped")
    expect(page.get_by_text("Stopped.", exact=True)).to_be_visible()
    expect(turn_of(page, 1)).to_contain_text("Half of")
    expect(page.get_by_role("button", name=re.compile("^Stop"))).to_have_count(0)
    expect(page.locator(".tr-status")).to_have_text("Answer stopped")
    assert script.stops == 1


def test_a_stop_that_fails_says_so_and_can_be_tried_again(script: Script, visit: Open) -> None:
    script.ask(0)
    script.stop_status = 500
    page = visit()
    stop_button(page).click()
    expect(page.get_by_text("Stopping did not work.")).to_be_visible()
    script.stop_status = 204
    stop_button(page).click()
    expect(page.get_by_text("Stopping did not work.")).to_be_hidden()
    wait_until(page, lambda: script.stops == 2)


def test_escape_stops_from_the_composer_but_not_from_elsewhere(script: Script, visit: Open) -> None:
    script.turns = [turn(0)]
    script.ask(1)
    page = visit()
    expect(stop_button(page)).to_be_visible()
    composer = page.get_by_role("textbox", name="Ask")
    composer.focus()
    composer.evaluate(
        """e => e.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Escape", isComposing: true, bubbles: true })
        )"""
    )
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<input id=other><dialog id=box>x</dialog>')"
    )
    page.locator("#other").press("Escape")
    page.evaluate("document.getElementById('box').showModal()")
    page.keyboard.press("Escape")
    turn_of(page, 0).hover()
    turn_of(page, 0).get_by_role("button", name="Details").click()
    expect(page.get_by_role("dialog", name="Details")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Details")).to_have_count(0)
    expect(stop_button(page)).to_be_visible()
    assert script.stops == 0
    page.evaluate(
        "import('/assets/lists/toast.js').then(({ Toast }) => new Toast(document.body).say('Done'))"
    )
    expect(page.get_by_text("Done")).to_be_visible()  # over the page, but nobody is in it
    composer.press("Escape")
    expect(page.get_by_role("button", name="Stopping…")).to_be_visible()
    wait_until(page, lambda: script.stops == 1)


# How answers end ------------------------------------------------------------------------------------------

WORDS = {"errors": {"quota": {"title": "The quota is used up.", "advice": "Ask for more."}}}


def test_an_error_that_happens_now_is_an_alert_with_a_retry(script: Script, visit: Open) -> None:
    script.data = {"labels": WORDS, "hears": True}
    script.ask(0)
    page = visit()
    script.text(0, "Partial words")
    script.send("turn", {"index": 0, "error": {"code": "quota", "message": "raw words", "status": 429}})
    script.end(0, "failed")
    alert = turn_of(page, 0).get_by_role("alert")
    expect(alert).to_contain_text("The quota is used up.")
    expect(alert).to_contain_text("Ask for more.")
    expect(alert).not_to_contain_text("raw words")
    partial = turn_of(page, 0).locator(".tr-text").bounding_box()
    box = alert.bounding_box()
    expect(turn_of(page, 0)).to_contain_text("Partial words")
    assert partial and box and partial["y"] < box["y"]
    retry = page.get_by_role("button", name="Retry")
    retry.dblclick()
    expect(retry).to_be_disabled()
    (intent,) = emitted(page, "act")
    assert (intent["act"], intent["turn"]) == ("retry", "t0")
    assert len(intent["send_id"]) == 36
    script.send("turn", {"index": 0, "state": "waiting", "answer": "", "error": None})
    expect(retry).to_have_count(0)
    expect(turn_of(page, 0)).not_to_contain_text("Partial words")
    script.text(0, "Whole.")
    script.end(0)
    expect(turn_of(page, 0).locator(".tr-text")).to_have_text("Whole.")
    wait_until(page, lambda: len(emitted(page, "done")) == 2)


def test_errors_of_history_are_quiet(script: Script, visit: Open) -> None:
    script.turns = [
        turn(0, state="failed", error={"code": "new", "message": "Server's own words", "status": 400}),
        turn(1, state="incomplete", answer="Half"),
        turn(2, answer="  "),
        turn(3, state="stopped", answer="Cut"),
    ]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Server's own words")
    expect(turn_of(page, 1)).to_contain_text("The answer broke off.")
    expect(turn_of(page, 2)).to_contain_text("The app gave an empty answer.")
    expect(turn_of(page, 3)).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Retry")).to_have_count(3)
    assert page.locator(".tr-turn [role=alert]").count() == 0
    assert emitted(page, "done") == []


def test_recovering_says_what_goes_on(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.text(0, "Half")
    script.send("turn", {"index": 0, "state": "recovering"})
    expect(page.get_by_text("Looking for the rest of the answer…")).to_be_visible()
    expect(stop_button(page)).to_be_visible()
    script.send("turn", {"index": 0, "answer": "Half and half."})
    script.end(0)
    expect(turn_of(page, 0).locator(".tr-text")).to_have_text("Half and half.")


def test_no_retry_where_it_is_not_allowed(script: Script, visit: Open) -> None:
    script.data = {"allow": {"copy": False, "retry": False, "stop": False}}
    script.turns = [turn(0, state="failed")]
    script.ask(1)
    page = visit()
    expect(turn_of(page, 1)).to_be_visible()
    expect(page.get_by_text("The answer could not be finished.")).to_be_visible()
    for name in ("Retry", "Copy answer", "Stop answer"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_retry_waits_for_the_running_answer(script: Script, visit: Open) -> None:
    script.turns = [turn(0, state="failed")]
    page = visit()
    expect(page.get_by_role("button", name="Retry")).to_be_enabled()
    script.ask(1)
    expect(page.get_by_role("button", name="Retry")).to_be_disabled()
    script.end(1)
    expect(turn_of(page, 0).get_by_role("button", name="Retry")).to_be_enabled()


def test_copy_gives_the_markdown_and_details_the_ids(script: Script, visit: Open) -> None:
    script.turns = [
        turn(
            0,
            answer="Some **bold**.",
            annotation={"id": "a"},
            state="failed",
            error={"code": "c-1", "message": "m"},
        )
    ]
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_text("Answered from an annotation")).to_be_visible()
    page.get_by_role("button", name="Copy answer").press("Enter")
    expect(page.locator(".tr-status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Some **bold**."
    details = page.get_by_role("button", name="Details")
    expect(page.get_by_text("c-1")).to_have_count(0)
    details.press("Enter")
    dialog = page.get_by_role("dialog", name="Details")
    for words in ("message-0", "conversation-1", "task-0", "0.4 s", "3.2 s", "1,234", "c-1"):
        expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Copy Message ID").click()
    wait_until(page, lambda: page.evaluate("navigator.clipboard.readText()") == "message-0")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(details).to_be_focused()
    details.click()
    expect(dialog).to_be_visible()
    details.click()
    expect(dialog).to_have_count(0)
    details.click()
    page.mouse.click(5, 5)
    expect(dialog).to_have_count(0)


# The connection -------------------------------------------------------------------------------------------


def test_a_dropped_stream_goes_on_where_it_was(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.stream(0, ["one ", "two "])
    expect(turn_of(page, 0)).to_contain_text("two")
    turn_of(page, 0).evaluate("e => e.mark = 1")
    script.drop()
    script.stream(0, ["three ", "four"])
    script.end(0)
    expect(turn_of(page, 0).locator(".tr-text")).to_have_text("one two three four")
    assert turn_of(page, 0).evaluate("e => e.mark") == 1
    assert script.opened[0].last == ""
    assert script.opened[-1].last.partition("-")[2] == "3-0"
    expect(page.get_by_text("Reconnecting…")).to_have_count(0)


def test_a_new_snapshot_replaces_what_was_shown(script: Script, visit: Open) -> None:
    script.data = {"hears": True}
    script.turns = [turn(0), turn(1)]
    script.ask(2)
    page = visit()
    script.text(2, "Half")
    expect(turn_of(page, 2)).to_contain_text("Half")
    turn_of(page, 1).evaluate("e => e.mark = 1")
    script.turns = [turn(1), turn(2, answer="Half and half.")]
    script.forget()
    expect(turn_of(page, 2).locator(".tr-text")).to_have_text("Half and half.")
    expect(turn_of(page, 0)).to_have_count(0)
    expect(stop_button(page)).to_have_count(0)
    assert turn_of(page, 1).evaluate("e => e.mark") == 1
    assert emitted(page, "done") == [{"turn": "t2", "state": "complete"}]
    expect(page.locator(".tr-status")).to_have_text("Answer finished, 3 words")


@pytest.mark.parametrize("frame", [[9, "text of a turn nobody knows"], {"not": "a pair"}])
def test_out_of_step_means_a_new_snapshot(script: Script, visit: Open, frame: Any) -> None:
    script.turns = [turn(0)]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    script.turns = [turn(0), turn(9, answer="Nine.")]
    script.send(None, frame)
    expect(turn_of(page, 9)).to_contain_text("Nine.")
    assert [opened.last for opened in script.opened] == ["", ""]


def test_unknown_events_are_ignored(script: Script, visit: Open) -> None:
    script.ask(0)
    page = visit()
    script.send("audio", {"index": 0, "data": "AAAA"})
    script.send("execute", {"code": "window.hit = 1"})
    script.text(0, "Fine.")
    expect(turn_of(page, 0)).to_contain_text("Fine.")
    assert len(script.opened) == 1


def test_bye_means_come_back_later(script: Script, visit: Open) -> None:
    script.turns = [turn(0)]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    script.end_streams()
    wait_until(page, lambda: len(script.opened) == 2)
    script.ask(1)
    expect(turn_of(page, 1)).to_be_visible()


def test_a_long_loss_is_said_and_taken_back(script: Script, visit: Open) -> None:
    script.turns = [turn(0)]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    script.live_status = 503
    script.drop()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    assert len(script.opened) > 2
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    script.live_status = 200
    expect(page.get_by_text("Reconnecting…")).to_have_count(0, timeout=20_000)
    script.ask(1)
    expect(turn_of(page, 1)).to_be_visible()


@pytest.mark.parametrize("status", [403, 404])
def test_a_conversation_that_is_not_here_shows_nothing_of_itself(
    script: Script, visit: Open, status: int
) -> None:
    script.turns = [turn(0, "A secret?")]
    page = visit()
    expect(turn_of(page, 0)).to_contain_text("Answer number 0")
    script.live_status = status
    script.drop()
    expect(page.get_by_text("This conversation is not available here.")).to_be_visible()
    expect(page.get_by_role("log")).to_have_count(1)
    expect(page.get_by_text("A secret?")).to_have_count(0)
    expect(page.get_by_text("Reconnecting…")).to_have_count(0)
    # After a restart of the site a conversation may become known again.
    script.live_status = 200
    expect(turn_of(page, 0)).to_contain_text("Answer number 0", timeout=20_000)
    expect(page.get_by_text("This conversation is not available here.")).to_have_count(0)


def test_an_unasked_conversation_waits_for_the_page_to_make_it_known_again(
    script: Script, visit: Open
) -> None:
    """A site that was started anew knows none of its conversations in which nothing was asked."""
    script.data = {"opening": {"statement": "Welcome.", "questions": ["What can you do?"]}}
    page = visit()
    expect(page.get_by_text("Welcome.")).to_be_visible()
    script.live_status = 404
    script.drop()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    wait_until(page, lambda: bool(emitted(page, "done")))
    expect(page.get_by_text("Welcome.")).to_be_visible()
    expect(page.get_by_text("This conversation is not available here.")).to_have_count(0)
    script.live_status = 200
    page.evaluate("window.remount()")
    expect(page.get_by_text("Reconnecting…")).to_have_count(0)


def test_a_notice_comes_and_goes(script: Script, visit: Open) -> None:
    script.data = {"labels": {"errors": {"known": {"title": "In our", "advice": "own words."}}}}
    script.notice = {"code": "history", "message": "History could not be read."}
    page = visit()
    expect(page.get_by_text("History could not be read.")).to_be_visible()
    script.send("notice", {"code": "known", "message": "raw"})
    expect(page.get_by_text("In our own words.")).to_be_visible()
    script.send("notice", None)
    expect(page.locator(".tr-notice")).to_be_hidden()


# Scrolling ------------------------------------------------------------------------------------------------


def test_it_follows_the_newest_words_only_if_the_reader_is_there(script: Script, visit: Open) -> None:
    script.turns = [turn(n, answer=PARAGRAPHS) for n in range(3)]
    script.ask(3)
    page = visit()
    expect(stop_button(page)).to_be_visible()
    for number in range(5):
        script.text(3, f"Round {number}. {PARAGRAPHS}\n\n")
        expect(turn_of(page, 3)).to_contain_text(f"Round {number}.")
        wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    page.mouse.move(500, 300)
    page.mouse.wheel(0, -900)
    latest = page.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    page.wait_for_timeout(300)  # the wheel's own motion ends
    before = page.evaluate("document.querySelector('main').scrollTop")
    for number in range(5, 9):
        script.text(3, f"Round {number}. {PARAGRAPHS}\n\n")
        expect(turn_of(page, 3)).to_contain_text(f"Round {number}.")
    assert page.evaluate("document.querySelector('main').scrollTop") == pytest.approx(before, abs=2)
    latest.click()
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    expect(latest).to_be_hidden()
    script.text(3, "The end. " + PARAGRAPHS)
    expect(turn_of(page, 3)).to_contain_text("The end.")
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))


def test_the_stop_control_is_never_covered(script: Script, visit: Open) -> None:
    script.turns = [turn(0, answer=PARAGRAPHS)]
    script.ask(1)
    page = visit(viewport={"width": 390, "height": 600})
    script.text(1, PARAGRAPHS)
    expect(turn_of(page, 1)).to_contain_text("Paragraph 39")
    page.mouse.move(200, 200)
    page.mouse.wheel(0, -900)
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    button, composer = stop_button(page).bounding_box(), page.get_by_test_id("stBottom").bounding_box()
    assert button and composer and button["y"] > 0 and button["y"] + button["height"] <= composer["y"]
    assert page.evaluate("document.querySelector('main').scrollWidth <= innerWidth")


def older_pages(script: Script) -> None:
    script.turns, script.older = [turn(n, answer=PARAGRAPHS) for n in range(2)], "p1"
    script.pages = {
        "p1": {"turns": [turn(n, answer=PARAGRAPHS) for n in (-4, -3, -2, -1)], "older": "p2"},
        "p2": {"turns": [turn(-5, "The very first")], "older": None},
    }


def test_older_turns_come_above_and_the_reader_stays(script: Script, visit: Open) -> None:
    older_pages(script)
    page = visit()
    expect(turn_of(page, 1)).to_contain_text("Paragraph 39")
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    assert script.page_requests == []
    script.pages["p1"] = 500  # scrolled up, it loads by itself; refused, it says so and waits
    page.evaluate("document.querySelector('main').scrollTop = 0")
    expect(page.get_by_text("Older messages could not be loaded.")).to_be_visible()
    older_pages(script)
    seen = turn_of(page, 0).bounding_box()
    page.get_by_role("button", name="Try again").click()
    expect(turn_of(page, -4)).to_contain_text("Paragraph 39")
    after = turn_of(page, 0).bounding_box()
    assert seen and after and abs(seen["y"] - after["y"]) < 2
    assert page.locator("[data-turn-id]").evaluate_all("all => all.map(e => e.dataset.turnId)") == [
        f"t{n}" for n in range(-4, 2)
    ]
    page.evaluate("document.querySelector('main').scrollTop = 0")
    expect(turn_of(page, -5)).to_contain_text("Answer number -5")
    expect(page.get_by_role("button", name="Load older messages")).to_be_hidden()
    assert script.page_requests == ["p1", "p1", "p2"]
    # A snapshot after a new start of the server leaves the older pages where the reader is.
    script.forget()
    wait_until(page, lambda: len(script.opened) == 2)
    script.ask(2)
    expect(turn_of(page, 2)).to_have_count(1)
    expect(turn_of(page, -5)).to_have_count(1)
    expect(page.get_by_role("button", name="Load older messages")).to_be_hidden()


TWO_LOOKS = """
const Observer = IntersectionObserver;
window.IntersectionObserver = class extends Observer {
  constructor(tell, options) {
    super((looks, self) => tell([{ isIntersecting: false }, ...looks], self), options);
  }
};
"""
"""As where a reader scrolls in the very frame in which a page is put in."""


def test_older_turns_come_when_one_frame_brings_two_looks(script: Script, visit: Open) -> None:
    older_pages(script)
    page = visit(before=TWO_LOOKS)
    expect(turn_of(page, 1)).to_contain_text("Paragraph 39")
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    page.evaluate("document.querySelector('main').scrollTop = 0")
    expect(turn_of(page, -4)).to_contain_text("Paragraph 39")


def test_hundreds_of_turns_are_all_there(script: Script, visit: Open) -> None:
    script.turns = [
        turn(n, f"Question {n}", answer=f"Answer *{n}*\n\n- a\n- b\n\n```py\nx = {n}\n```")
        for n in range(400)
    ]
    page = visit()
    expect(page.locator("[data-turn-id]")).to_have_count(400)
    expect(turn_of(page, 399)).to_be_in_viewport()
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    expect(page.locator(".tr-turn:empty")).to_have_count(0, timeout=120_000)
    wait_until(page, lambda: page.evaluate(AT_BOTTOM))
    assert turn_of(page, 3).locator(".tr-text").evaluate("e => e.textContent").startswith("Answer 3")
    page.evaluate("document.querySelector('main').scrollTop = 0")
    expect(turn_of(page, 0).get_by_text("Question 0", exact=True)).to_be_in_viewport()


# Mounting -------------------------------------------------------------------------------------------------


def test_mounting_again_changes_nothing(script: Script, visit: Open) -> None:
    script.data = {"hears": True}
    script.ask(0)
    page = visit()
    expect(stop_button(page)).to_be_visible()
    page.evaluate("document.querySelector('[role=log]').mark = 1")
    page.evaluate(
        """() => {
            window.later = [];
            window.changes = 0;
            const watch = new MutationObserver(list => window.changes += list.length);
            watch.observe(mount, { childList: true, subtree: true, attributes: true, characterData: true });
            window.unmount();
            window.remount({}, window.later);
            window.remount({}, window.later);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.changes") == 0
    assert page.evaluate("document.querySelector('[role=log]').mark") == 1
    assert len(script.opened) == script.open_streams == 1
    script.end(0)
    wait_until(page, lambda: page.evaluate("window.later.length") == 1)
    assert emitted(page, "done") == []


def test_another_key_starts_anew_and_unmounting_ends_all(
    script: Script, visit: Open, harness: Harness
) -> None:
    script.turns = [turn(0)]
    other = harness.script("another")
    other.turns = [turn(5)]
    page = visit()
    expect(turn_of(page, 0)).to_be_visible()
    page.evaluate(
        "window.remount({key: 'another', live: 'live/another', turns: 'turns/another', stop: 'stop/another'})"
    )
    expect(turn_of(page, 5)).to_be_visible()
    expect(turn_of(page, 0)).to_have_count(0)
    expect(page.get_by_role("log")).to_have_count(1)
    script.ask(1)  # wakes the old stream, which finds its reader gone
    wait_until(page, lambda: script.open_streams == 0 and other.open_streams == 1)
    page.evaluate("window.unmount()")
    expect(page.get_by_role("log")).to_have_count(0)
    other.ask(6)
    wait_until(page, lambda: other.open_streams == 0)
    page.wait_for_timeout(700)
    assert len(other.opened) == 1


def test_words_come_from_the_data(script: Script, visit: Open) -> None:
    script.data = {"labels": {"stop": "Antwort anhalten", "waiting": "Gleich …", "empty": {"title": "Leer."}}}
    script.turns = [turn(0, answer="")]
    script.ask(1)
    page = visit()
    expect(page.get_by_role("button", name="Antwort anhalten", exact=True)).to_be_visible()
    expect(page.get_by_text("Gleich …")).to_be_visible()
    expect(page.get_by_text("Leer.")).to_be_visible()
    expect(page.get_by_text("Ask again, or put the question differently.")).to_be_visible()


def test_light_and_dark_follow_the_page(script: Script, visit: Open) -> None:
    page = visit("dark")
    expect(page.get_by_role("log")).to_have_attribute("data-theme", "dark")
    page.evaluate("document.getElementById('theme').className = 'light'")
    expect(page.get_by_role("log")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_small_words_are_legible(script: Script, visit: Open, theme: str) -> None:
    """WCAG 1.4.3: 4.5 to 1 for every word we draw, on what is behind it."""
    script.data = {"labels": WORDS, "opening": OPENING}
    script.turns = [
        turn(
            0,
            state="failed",
            error={"code": "quota", "message": "x"},
            citations=[{"position": 1, "document_name": "a.md"}],
        ),
        turn(
            1,
            thoughts=[{"id": "1", "calls": [{"tool": "t", "input": "i", "observation": "o"}]}],
            annotation={"id": "1", "author": "Ada"},
        ),
        turn(2, state="stopped", answer="", reasoning="r"),
    ]
    page = visit(theme, reduced_motion="reduce")
    expect(turn_of(page, 2)).to_contain_text("Stopped.")
    for selector in (
        ".tr-time",
        ".tr-note",
        ".tr-box strong",
        ".tr-box p",
        ".tr-chip",
        ".tr-number",
        "summary",
        ".tr-badge",
        ".tr-bubble",
    ):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


CONTRAST = """element => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(getComputedStyle(e).backgroundColor);
    const paint = color => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); };
    const luminance = () => [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
        .map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    layers.forEach(paint);
    const ground = luminance();
    paint(getComputedStyle(element).color);
    const [low, high] = [ground, luminance()].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
}"""


def test_everything_works_by_keyboard(script: Script, visit: Open) -> None:
    script.turns = [turn(0, citations=[{"position": 1, "document_name": "a.md"}]), turn(1, state="failed")]
    page = visit()
    expect(page.get_by_role("button", name="Retry")).to_be_enabled()
    names = []
    for _ in itertools.repeat(None, 17):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
    tools = ["Copy answer", "Copy as…", "Ask again", "Good answer", "Bad answer", "Details"]
    edit = "Edit the question"
    assert [name for name in names if name] == [edit, "1a.md", *tools, edit, "Retry", *tools, "Ask"]


def test_touch_shows_the_toolbar(script: Script, visit: Open) -> None:
    script.turns = [turn(0), turn(1)]
    touching = visit(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 700})
    expect(turn_of(touching, 0).locator(".tr-tools")).to_have_css("opacity", "1")
    pointing = visit()
    expect(turn_of(pointing, 0).locator(".tr-tools")).to_have_css("opacity", "0")
    turn_of(pointing, 0).hover()
    expect(turn_of(pointing, 0).locator(".tr-tools")).to_have_css("opacity", "1")
