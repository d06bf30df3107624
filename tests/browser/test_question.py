"""What goes into a question besides plain typing: files, speech, drafts, and questions that wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import ARGUMENTS, executable_or_fail
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_accessibility import faultless
from tests.relay import Fault, Relay, refusal
from tests.site import Site, served, until
from tests.unit.test_question_files import picture
from tests.unit.test_speech_in import mp3
from tests.upstream import Answer, Gate, Refusal, Upstream

TAKING = {
    "opening_statement": "Hello.",
    "suggested_questions": [],
    "user_input_form": [],
    "speech_to_text": {"enabled": True},
    "file_upload": {
        "enabled": True,
        "allowed_file_types": ["image", "document"],
        "allowed_file_upload_methods": ["local_file", "remote_url"],
        "number_limits": 3,
    },
    "system_parameters": {"file_size_limit": 1},
}
PNG = {"name": "red.png", "mimeType": "image/png", "buffer": picture(size=(600, 400))}
FAKE = {"name": "fake.png", "mimeType": "image/png", "buffer": b"no picture at all"}
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello notes"}


@dataclass
class Place:
    site: Site
    dify: Upstream
    line: Relay

    def visitor(self, arrive: Arrive) -> Person:
        self.dify.forget()
        self.line.forget()
        person = arrive(self.site.url)
        person.chat()
        return person


@pytest.fixture(scope="module")
def taking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A site whose app takes files and speech."""
    with Upstream() as dify, Relay(dify.port) as line:
        dify.parameters = TAKING
        with served(tmp_path_factory.mktemp("taking"), (f"{line.url}/v1", dify.key)) as site:
            yield Place(site, dify, line)


RECORDED = """async () => {
    const audio = new AudioContext(), tone = audio.createOscillator();
    const end = audio.createMediaStreamDestination(), parts = [];
    tone.connect(end);
    tone.start();
    const recorder = new MediaRecorder(end.stream, { mimeType: "audio/webm" });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    setTimeout(() => recorder.stop(), 300);
    await new Promise((stopped) => (recorder.onstop = stopped));
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}"""
"""A moment of WebM, as an array of its bytes."""


def pick(page: Page, *files: dict[str, object]) -> None:
    """As by the paper clip; returns when the page has them."""
    page.get_by_test_id("stChatInputFileUploadButton").locator("input").set_input_files(list(files))
    expect(page.get_by_test_id("stFileChip")).to_have_count(len(files))
    expect(page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0)


def test_what_cannot_go_is_named_and_everything_else_stays(arrive: Arrive, taking: Place) -> None:
    person, dify, line = taking.visitor(arrive), taking.dify, taking.line
    page, below = person.page, person.page.get_by_test_id("stBottom")
    line.next("/v1/files/upload", Fault(), Fault(take=20))
    pick(page, PNG, FAKE, NOTES)
    person.composer.fill("What is in these?")
    person.composer.press("Enter")
    expect(below).to_contain_text("not every file could go")
    expect(below).to_contain_text("It is not what its name says.")
    expect(below).to_contain_text("The connection broke while it was uploaded.")
    expect(below.locator("img")).to_be_visible()  # the picture that could
    expect(person.composer).to_have_value("What is in these?")
    assert (len(dify.uploads), dify.asked) == (1, [])
    faultless(person, "files that cannot go")
    person.chat(page.url.removeprefix(taking.site.url))  # all of it outlives a reload
    expect(person.composer).to_have_value("What is in these?")
    expect(below).to_contain_text("fake.png")
    line.next("/v1/files/upload", Fault(answer=refusal(500, "unknown", "no"), heard=True))
    below.get_by_role("button", name="Try again").click()
    expect(below).to_contain_text("The app's server failed on it.")
    below.get_by_role("button", name="Try again").click()
    expect(below.get_by_role("button", name="Try again")).to_have_count(0)
    below.get_by_role("button", name="Remove").nth(1).click()
    expect(below).not_to_contain_text("fake.png")
    dify.next(Answer("It begins ", lambda frames: frames.error("unknown", 500, "no"), end=False))
    person.composer.press("Enter")
    person.sees_state("failed")
    expect(below.get_by_role("button", name="Remove")).to_have_count(0)
    person.turn().get_by_role("button", name="Retry").click()
    person.gets("Echo: What is in these?")
    expect(person.turn().locator(".tr-question").get_by_role("img", name="red.png")).to_be_visible()
    expect(person.turn().locator(".tr-question")).to_contain_text("notes.txt")
    first, second = (asked.body["files"] for asked in dify.asked)
    assert first == second
    assert [(file["type"], file["transfer_method"]) for file in first] == [
        ("image", "local_file"),
        ("document", "local_file"),
    ]
    assert {file["upload_file_id"] for file in first} <= {there.id for there in dify.uploads}


def test_a_pasted_a_dropped_and_a_linked_file(arrive: Arrive, taking: Place) -> None:
    person, dify = taking.visitor(arrive), taking.dify
    page, below = person.page, person.page.get_by_test_id("stBottom")
    made = """(field, [kind, content]) => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(content)], kind + ".png", { type: "image/png" }));
        if (kind === "pasted") {
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        } else {
            const box = field.closest("[data-testid=stChatInput]");
            const how = { dataTransfer: files, bubbles: true, cancelable: true };
            const event = (name) => new DragEvent(name, how);
            window.dispatchEvent(event("dragover"));
            requestAnimationFrame(() => requestAnimationFrame(() => {
                box.querySelector("input[type=file]").parentElement.dispatchEvent(event("drop"));
            }));
        }
    }"""
    for number, kind in enumerate(("pasted", "dropped"), 1):
        person.composer.evaluate(made, [kind, list(picture())])
        expect(page.get_by_test_id("stFileChip")).to_have_count(number)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_text("up to 3 with a question (pictures to 10 MB, documents to 1 MB)")).to_be_visible()
    address = page.get_by_role("textbox", name="Address of a file")
    address.fill("file:///etc/passwd")
    address.press("Enter")
    page.get_by_role("button", name="Add file").click()
    expect(page.get_by_text("begins with https:// or http://")).to_be_visible()
    address.fill("https://example.org/plan.pdf")
    address.press("Enter")
    page.get_by_role("button", name="Add file").click()
    expect(below).to_contain_text("plan.pdf")
    page.keyboard.press("Escape")
    dify.ignores_files = True
    person.composer.fill("Look at them")
    person.composer.press("Enter")
    person.gets("Echo: Look at them")
    kinds = [(file["type"], file["transfer_method"]) for file in dify.asked[0].body["files"]]
    assert sorted(kinds) == [("document", "remote_url"), ("image", "local_file"), ("image", "local_file")]
    expect(person.turn().get_by_text("The app ignored this file")).to_have_count(3)


def test_speech_becomes_text_to_be_edited(browser: Browser, taking: Place) -> None:
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    path = executable_or_fail()
    with browser.browser_type.launch(executable_path=path, args=[*ARGUMENTS, *flags]) as hearing:
        person = taking.visitor(lambda home: Person(hearing, home))
        dify, page = taking.dify, person.page
        dify.said = "what is the time"
        person.composer.fill("Please tell:")
        page.get_by_role("button", name="Start recording").click()
        page.get_by_test_id("stChatInputApproveButton").click()
        expect(person.composer).to_have_value("Please tell: what is the time")
        assert (dify.recordings[0].mime_type, dify.asked) == ("audio/wav", [])
        person.composer.fill("Please tell: what is the date")
        dify.fail(
            "audio-to-text",
            Refusal.of(415, "unsupported_audio_type", "no"),
            Refusal(200, {"text": "and day"}),
        )
        page.get_by_role("button", name="More", exact=True).click()
        recording = {"name": "old.mpga", "mimeType": "audio/mpeg", "buffer": mp3()}
        page.locator("[class*=st-key-recording] input").set_input_files(recording)
        expect(person.composer).to_have_value("and day\nPlease tell: what is the date")
        page.keyboard.press("Escape")
        assert [each.mime_type for each in dify.recordings[1:]] == ["audio/mp3", "audio/wav"]
        dify.fail("audio-to-text")
        dify.said = "from the web"
        page.get_by_role("button", name="More", exact=True).click()
        webm = {"name": "old.webm", "mimeType": "audio/webm", "buffer": bytes(page.evaluate(RECORDED))}
        page.locator("[class*=st-key-recording] input").set_input_files(webm)
        expect(person.composer).to_have_value("from the web\nand day\nPlease tell: what is the date")
        page.keyboard.press("Escape")
        assert (dify.recordings[-1].mime_type, dify.recordings[-1].content[8:12]) == ("audio/wav", b"WAVE")
        person.composer.fill("and day\nPlease tell: what is the date")
        dify.fail("audio-to-text", Refusal(200, {"text": " "}))
        page.get_by_role("button", name="Start recording").click()
        page.get_by_test_id("stChatInputApproveButton").click()
        expect(page.get_by_text("Nothing was heard in the recording.")).to_be_visible()
        expect(person.composer).to_have_value("and day\nPlease tell: what is the date")
        person.composer.press("Enter")
        person.sees_state("complete")
        assert dify.asked[0].body["query"] == "and day\nPlease tell: what is the date"
        assert person.trouble == []


def test_a_draft_stays_with_its_conversation(arrive: Arrive, taking: Place) -> None:
    person, dify = taking.visitor(arrive), taking.dify
    page = person.page
    person.ask("first question")
    person.gets("Echo: first question")
    person.ask("second\nquestion")
    person.sees_state("complete")
    here = person.sees_named_address()
    person.composer.fill("half a thou")
    page.get_by_role("button", name="New chat").first.click()
    expect(page.get_by_text("Hello.")).to_be_visible()
    expect(person.turns).to_have_count(0)
    expect(person.composer).to_have_value("")
    person.composer.fill("another one")
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Chat").click()
    expect(person.composer).to_have_value("another one")
    person.chat(f"/?c={here}")
    expect(person.composer).to_have_value("half a thou")
    person.composer.press("ArrowUp")  # nothing is recalled over what is typed
    expect(person.composer).to_have_value("half a thou")
    person.composer.fill("")
    person.composer.press("ArrowUp")
    expect(person.composer).to_have_value("second\nquestion")
    person.composer.press("Control+Home")
    person.composer.press("ArrowUp")
    expect(person.composer).to_have_value("first question")
    person.composer.press("ArrowUp")
    expect(person.composer).to_have_value("first question")
    for recalled in ("second\nquestion", ""):
        person.composer.press("ArrowDown")
        expect(person.composer).to_have_value(recalled)
    # An Enter that ends a composition is a letter's, not the question's.
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "かん", "selectionStart": 2, "selectionEnd": 2})
    for kind in ("rawKeyDown", "keyUp"):
        session.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229},
        )
    session.send("Input.insertText", {"text": "漢"})
    expect(person.composer).to_have_value("漢")
    assert len(dify.asked) == 2
    person.composer.press("Enter")
    person.gets("Echo: 漢")
    person.chat(f"/?c={here}")
    person.sees_state("complete")
    expect(person.composer).to_have_value("")
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Enter begins a new line").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Questions are then sent with Ctrl+Enter")).to_be_hidden()
    person.ready()
    person.composer.fill("one")
    person.composer.press("Enter")
    person.composer.press_sequentially("two")
    expect(person.composer).to_have_value("one\ntwo")
    person.composer.press("Control+Enter")
    until(lambda: len(dify.asked) == 4, "the question of two lines")
    assert [asked.body["query"] for asked in dify.asked][2:] == ["漢", "one\ntwo"]
    person.sees_state("complete")


def test_questions_wait_in_line(arrive: Arrive, taking: Place) -> None:
    person, dify = taking.visitor(arrive), taking.dify
    page = person.page
    waiting = page.locator("[data-waiting-id]")

    def line_up(text: str, expected: int) -> None:
        person.composer.fill(text)
        person.composer.press("Enter")
        expect(page.locator("[data-waiting-id]")).to_have_count(expected)

    second = Gate()
    broken = Answer("Oh ", second, lambda frames: frames.error("unknown", 500, "no"), end=False)
    # Each gate gives up after a while, and there is much to do before the first answer may end.
    dify.next(Answer("Still ", *(Gate() for _ in range(8)), "here."), broken)
    person.ask("first")
    person.sees("Still")
    for number, text in enumerate(("second", "third", "fourth"), 1):
        line_up(text, number)
    waiting.nth(1).get_by_role("button", name="Remove").click()
    expect(waiting).to_have_count(2)
    waiting.nth(1).get_by_role("button", name="Edit").click()
    expect(waiting).to_have_count(1)
    expect(person.composer).to_have_value("fourth")
    line_up("fourth, mended", 2)
    address = page.url.removeprefix(taking.site.url)
    with person.another_tab(address):
        expect(person.page.locator("[data-waiting-id]")).to_have_count(2)
    person.chat(address)
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("Sent when this answer is finished.")
    faultless(person, "questions that wait")
    waiting.last.get_by_role("button", name="Stop and send now").click()
    person.sees_state("stopped", 0)
    expect(person.question(1)).to_have_text("fourth, mended")
    person.sees("Oh", 1)
    second.open()
    person.sees_state("failed", 1)
    expect(waiting).to_contain_text("The answer before it failed, so this waits.")
    expect(person.turns).to_have_count(2)
    waiting.get_by_role("button", name="Send now").click()
    expect(person.turns).to_have_count(3)
    person.gets("Echo: second")
    expect(waiting).to_have_count(0)
    assert [asked.body["query"] for asked in dify.asked] == ["first", "fourth, mended", "second"]
    until(lambda: len(dify.stops) == 1)
