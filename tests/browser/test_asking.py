"""A question goes out once and whole, and its answer is watched arriving."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from services.runs import LONGEST_QUERY
from tests.browser.person import Person
from tests.upstream import Answer, Gate, Upstream


def test_an_answer_is_seen_growing(person: Person, dify: Upstream) -> None:
    before, middle = Gate(), Gate()
    dify.next(Answer(before, "The first words, ", middle, "and the **last** ones."))
    person.ask("Tell me")
    person.sees_state("waiting")
    before.wait_reached()
    before.open()
    person.sees("The first words,")
    person.sees_state("streaming")
    expect(person.stop).to_be_visible()
    middle.open()
    person.gets("The first words, and the last ones.")
    expect(person.answer().locator("strong")).to_have_text("last")
    expect(person.stop).to_be_hidden()
    assert [asked.body["query"] for asked in dify.asked] == ["Tell me"]


def test_the_question_stands_there_as_it_was_typed(person: Person, dify: Upstream) -> None:
    typed = "  *no* <b>markdown</b>\n\n\tand  $5 -> :smile: 漢字 👩‍💻 \u2028end"
    person.ask(typed)
    person.sees_state("complete")
    assert person.question().evaluate("e => e.textContent") == typed
    assert dify.asked[0].body["query"] == typed


def test_everything_else_can_be_used_while_it_streams(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Here it comes: ", gate, "done."))
    person.ask("Take your time")
    person.sees("Here it comes:")
    person.composer.fill("already typing the next")
    person.page.get_by_role("button", name="Keyboard").click()
    expect(person.page.get_by_text("stop the running answer")).to_be_visible()
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_text("stop the running answer")).to_be_hidden()
    person.sees_state("streaming")
    expect(person.composer).to_have_value("already typing the next")
    gate.open()
    person.gets("Here it comes: done.")
    expect(person.composer).to_have_value("already typing the next")


def test_the_next_question_goes_on_in_the_same_conversation(person: Person, dify: Upstream) -> None:
    person.ask("one")
    person.gets("Echo: one")
    person.ask("two")
    person.gets("Echo: two")
    first, second = dify.asked
    assert first.body.get("conversation_id", "") == ""
    assert second.body["conversation_id"] == person.sees_named_address()
    assert first.body["user"] == second.body["user"]


def test_a_question_has_the_composer_drawn_and_nothing_else(person: Person, dify: Upstream) -> None:
    person.ask("one")
    person.gets("Echo: one")
    session = person.page.context.new_cdp_session(person.page)
    drawn: list[bytes] = []
    session.on(
        "Network.webSocketFrameReceived",
        lambda event: drawn.append(base64.b64decode(event["response"]["payloadData"])),
    )
    session.send("Network.enable")
    person.ask("two")
    person.gets("Echo: two")
    expect(person.composer).to_have_value("")
    kinds = [ForwardMsg.FromString(message).WhichOneof("type") for message in drawn]
    assert "new_session" in kinds  # Streamlit ran
    assert not {"navigation", "page_config_changed"}.intersection(kinds)


def test_nothing_is_sent_for_nothing(person: Person, dify: Upstream) -> None:
    for nothing in ("", "   ", "\n\n\t", "\u3000\u00a0"):
        person.composer.fill(nothing)
        person.composer.press("Enter")
    person.ask("something")
    person.gets("Echo: something")
    assert [asked.body["query"] for asked in dify.asked] == ["something"]
    expect(person.turns).to_have_count(1)


@pytest.mark.parametrize(
    "how", ["Enter twice", "Enter and click", "click twice", "a moment later", "all at once"]
)
def test_impatience_asks_once(how: str, person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Once ", gate, "only."))
    person.composer.fill("Now!")
    match how:
        case "Enter twice":
            person.composer.press("Enter")
            person.page.keyboard.press("Enter")
        case "Enter and click":
            person.composer.press("Enter")
            person.send.click(force=True)
        case "click twice":
            person.send.dblclick(force=True)
        case "a moment later":
            person.composer.press("Enter")
            person.page.wait_for_timeout(300)
            person.page.keyboard.press("Enter")
            person.send.click(force=True)
        case _:
            person.send.evaluate(
                """button => {
                    const box = document.querySelector("[data-testid=stChatInputTextArea]");
                    const enter = () => box.dispatchEvent(new KeyboardEvent("keydown",
                        { key: "Enter", keyCode: 13, bubbles: true, cancelable: true }));
                    enter(); button.click(); enter(); button.click();
                }"""
            )
    person.sees("Once")
    gate.open()
    person.gets("Once only.")
    person.ask("next")
    person.gets("Echo: next")
    assert [asked.body["query"] for asked in dify.asked] == ["Now!", "next"]
    expect(person.turns).to_have_count(2)


def test_a_question_while_an_answer_runs_waits_for_its_end(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Still ", gate, "here."))
    person.ask("first")
    person.sees("Still")
    person.composer.fill("second, with *stars*")
    person.composer.press("Enter")
    waiting = person.page.locator("[data-waiting-id]")
    expect(waiting).to_contain_text("Sent when this answer is finished.")
    expect(person.composer).to_have_value("")
    expect(person.turns).to_have_count(1)
    assert len(dify.asked) == 1
    gate.open()
    expect(person.turns).to_have_count(2)
    person.gets("Still here.", 0)
    person.gets("Echo: second, with stars")
    expect(waiting).to_have_count(0)
    assert [asked.body["query"] for asked in dify.asked] == ["first", "second, with *stars*"]


def test_a_long_question_arrives_whole(person: Person, dify: Upstream) -> None:
    # 100,000 characters, nearly twice as many bytes, none of them like the one before.
    query = "".join(chr(0x4E00 + n % 20_000) if n % 2 else chr(33 + n % 90) for n in range(100_000))
    dify.next(Answer("Read it all."))
    person.ask(query)
    person.gets("Read it all.")
    assert dify.asked[0].body["query"] == query
    assert person.question().evaluate("e => e.textContent") == query


def test_a_question_over_the_limit_is_refused_and_kept(person: Person, dify: Upstream) -> None:
    query = "x" * LONGEST_QUERY + "!"
    person.composer.fill(query)
    person.composer.press("Enter")
    expect(person.page.get_by_text(f"over {LONGEST_QUERY:,} characters")).to_be_visible()
    expect(person.composer).to_have_value(query)
    expect(person.turns).to_have_count(0)
    person.ask("shorter")
    person.gets("Echo: shorter")
    expect(person.page.get_by_text(f"over {LONGEST_QUERY:,} characters")).to_be_hidden()
    expect(person.composer).to_have_value("")
    assert [asked.body["query"] for asked in dify.asked] == ["shorter"]


def test_a_flood_of_words_loses_none(person: Person, dify: Upstream) -> None:
    words = [f"w{number}\n\n" if number % 50 == 49 else f"w{number} " for number in range(5_000)]
    dify.next(Answer(*words))
    person.ask("Everything at once")
    person.sees_state("complete")
    shown = person.answer().evaluate("e => [...e.querySelectorAll('p')].map(p => p.textContent).join(' ')")
    assert shown.split() == "".join(words).split()


def test_two_people_at_once_see_each_their_own(person: Person, dify: Upstream, arrive, site) -> None:
    mine, theirs = Gate(), Gate()
    dify.next(Answer("For the first. ", mine, "End."))
    other = arrive(site.url)
    other.chat()
    person.ask("mine")
    person.sees("For the first.")
    dify.next(Answer("For the second. ", theirs, "End."))
    other.ask("theirs")
    other.sees("For the second.")
    expect(person.turns).to_have_count(1)
    theirs.open()
    other.gets("For the second. End.")
    person.sees_state("streaming")
    mine.open()
    person.gets("For the first. End.")
    assert dify.asked[0].body["user"] != dify.asked[1].body["user"]


def test_the_composer_is_free_again_after_a_failure(person: Person, dify: Upstream) -> None:
    dify.next(
        Answer("It begins ", lambda frames: frames.error("completion_request_error", 400, "no"), end=False)
    )
    person.ask("fail")
    person.sees_state("failed")
    person.sees("It begins")
    expect(person.turn()).to_contain_text("The model failed to answer.")
    person.turn().get_by_role("button", name="Retry").click()
    expect(person.turns).to_have_count(2)
    person.gets("Echo: fail")
    assert [asked.body["query"] for asked in dify.asked] == ["fail", "fail"]
    assert dify.stops == []
