"""A curator's whole day against the embedded backend, and an import that meets with trouble."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.annotated import Annotated
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served
from tests.upstream import Refusal

FAQ = [
    ("How do I reset my password?", "Under Settings, choose Reset colour."),
    ("Where is my invoice?", "In the mail, and under Billing."),
    ("Do you ship abroad?", ""),
    ("What are your opening hours?", "9 to 5, Monday to Friday."),
    ("Where is my invoice?", "Twice in this file."),
    ('=HYPERLINK("https://evil.example")', "A colour that looks like a formula."),
]
BAD_FILES = [
    ("empty.csv", b"", "This file is empty."),
    ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "This is a PNG file, not a table."),
    ("wide.csv", b",".join(b"c%d" % n for n in range(200)), "Row 1 has 200 columns; at most 50 are read."),
    (
        "open.csv",
        b'question,answer\nq,"never closed\n',
        "The quotation mark that begins in row 2",
    ),
]


@pytest.fixture(scope="module")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(scope="module")
def dify() -> Iterator[Annotated]:
    with Annotated() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def scripted_site(dify: Annotated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("scripted"), (dify.url, dify.key)) as running:
        yield running


def table(rows: list[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([("Frage", "Antwort"), *rows])
    return text.getvalue().encode("cp1252")


def button(person: Person, name: str) -> Locator:
    return person.page.get_by_role("button", name=name, exact=True)


def section(person: Person, name: str) -> None:
    person.page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def told(person: Person, words: str) -> None:
    expect(person.page.get_by_text(words).first).to_be_visible()


def give(person: Person, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    person.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def choose(person: Person, label: str, text: str) -> None:
    """Into a field that takes what is typed, or what was typed before."""
    person.page.get_by_role("combobox", name=label).fill(text)
    person.page.get_by_role("option", name=text).click()
    expect(person.page.get_by_role("combobox", name=label)).to_have_value(text)


def downloaded(person: Person, name: str) -> bytes:
    with person.page.expect_download() as download:
        button(person, name).click()
    return Path(download.value.path()).read_bytes()


def open_import(person: Person) -> None:
    """The only one of the list, once nothing of another one is on the page any more."""
    expect(button(person, "Discard")).to_have_count(0)
    person.page.locator("[class*=st-key-im-open-] button").click()


def listed(person: Person, *expected: str) -> None:
    section(person, "List")
    expect(person.page.locator(".an-item .an-question .an-text")).to_have_text(list(expected))


@pytest.mark.timeout(900)
def test_a_curators_whole_day(arrive: Arrive, embedded_site: Site) -> None:
    curator = arrive(embedded_site.url)
    page = curator.page
    curator.open("/annotations")
    # A table with semicolons, in a Western encoding, with German names: the dry run, then what it lacks.
    section(curator, "Import")
    give(curator, "faq.csv", table(FAQ))
    told(curator, "Read as CSV, UTF-8, semicolon.")
    button(curator, "Compare with what is there").click()
    told(curator, "New: 4")
    told(curator, "Twice in the file: 1")
    told(curator, "Row 4: The answer is empty.")
    answer = page.get_by_role("textbox", name="Answer", exact=True)
    answer.fill("To all of Europe.")
    answer.press("Tab")
    button(curator, "Check these again").click()
    told(curator, "New: 5")
    page.reload()  # nothing of it is in the tab alone
    section(curator, "Import")
    open_import(curator)
    button(curator, "Import rows (5)").click()
    told(curator, "Imported: 5. Left out: 1. Failed: 0. Not usable: 0.")
    report = downloaded(curator, "Report").decode("utf-8-sig")
    assert [row["result"] for row in csv.DictReader(io.StringIO(report))] == ["done"] * 4 + [
        "skipped",
        "done",
    ]
    # One is edited, two are changed at once, and that is undone.
    questions = [q for n, (q, _) in enumerate(FAQ) if n != 4][::-1]
    listed(curator, *questions)
    page.keyboard.press("j")
    page.keyboard.press("e")
    answer = page.get_by_role("textbox", name="Answer", exact=True)
    expect(answer).to_have_value("A colour that looks like a formula.")
    answer.fill("Only a colour.")
    button(curator, "Save").click()
    told(curator, "Changed 1.")
    page.get_by_role("checkbox", name="Select all rows of this page").check()
    button(curator, "Find and replace").click()
    for label, text in (("Find", "colour"), ("Replace with", "hue")):
        page.get_by_role("textbox", name=label, exact=True).fill(text)
        page.get_by_role("textbox", name=label, exact=True).press("Enter")
    expect(page.locator("ins")).to_have_text(["hue"] * 2)
    button(curator, "Change 2").click()
    told(curator, "Changed 2.")
    button(curator, "Undo").click()
    told(curator, "Undone: 2.")
    # Annotation reply is switched on, and the job followed.
    section(curator, "Annotation reply")
    told(curator, "The app says that annotation reply is off.")
    expect(page.get_by_role("combobox", name="Embedding provider")).to_have_value("embedded")
    choose(curator, "Embedding model", "a model of ours")
    button(curator, "Switch on").click()
    told(curator, "Switched on.")
    told(curator, "The app says that annotation reply is on.")
    # One question hits, another does not; both become cases, and are run.
    section(curator, "Tests")
    for question, outcome in (
        ("What are your opening hours?", "An annotation answers:"),
        ("Who was the first on the moon?", "No annotation answers; the model does:"),
    ):
        page.get_by_role("textbox", name="Question to try").fill(question)
        page.get_by_role("textbox", name="Question to try").press("Tab")
        button(curator, "Try it").click()
        expect(page.locator(".st-key-te-outcome")).to_contain_text(question)
        expect(page.locator(".st-key-te-outcome")).to_contain_text(outcome)
        button(curator, "Save as a test case").click()
        told(curator, "Saved as a test case.")
    told(curator, "Test cases (2)")
    button(curator, "Run all cases").click()
    told(curator, "Last run")
    hits = page.get_by_test_id("stMetric").filter(has_text="Hit").first
    expect(hits).to_contain_text("2")
    # What is exported holds no formula, and comes back as identical.
    section(curator, "Export")
    data = downloaded(curator, "Download (5)")
    assert b"\"'=HYPERLINK" in data
    section(curator, "Import")
    button(curator, "All imports").click()
    give(curator, "annotations.csv", data)
    button(curator, "Compare with what is there").click()
    told(curator, "Identical: 5")
    button(curator, "Discard").click()
    # The first import goes back; the row that was edited since stays.
    open_import(curator)
    button(curator, "Roll back this import").click()
    told(curator, "Rolled back: 4.")
    told(curator, "Left as they are: 1")
    listed(curator, questions[0])


@pytest.mark.soak
def test_an_import_in_trouble_says_so_and_goes_on(
    arrive: Arrive, scripted_site: Site, dify: Annotated
) -> None:
    dify.has("How do I reset my password?", "By mail.")
    curator = arrive(scripted_site.url)
    page = curator.page
    curator.open("/annotations")
    section(curator, "Import")
    for name, data, words in BAD_FILES:
        give(curator, name, data)
        told(curator, words)
        expect(button(curator, "Compare with what is there")).to_have_count(0)
        page.get_by_role("button", name="Remove").click()
    give(curator, "good.csv", table([(f"Question {n} of many", f"Answer {n}") for n in range(30)]))
    button(curator, "Compare with what is there").click()
    told(curator, "New: 30")
    assert dify.asked_for("POST") == 0
    dify.fail("annotations/create", Refusal.of(401, "unauthorized", "Access token is invalid"))
    button(curator, "Import rows (30)").click()
    told(curator, "This import stands still.")
    assert len(dify.kept) == 1
    page.reload()
    section(curator, "Import")
    told(curator, "paused")
    open_import(curator)
    dify.fail("annotations/create", Refusal.of(429, "too_many_requests", "Slow down.", retry_after="600"))
    button(curator, "Go on").click()
    told(curator, "The app's server asks for patience")
    button(curator, "Pause").click()
    told(curator, "Paused.")
    dify.fail("annotations/create")
    button(curator, "Go on").click()
    told(curator, "Imported: 30.")
    assert len(dify.kept) == 31
