"""Answers that no person wrote for a person: one can still type, stop and read, what is shown stays within
bounds, and the exact text can be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site
from tests.upstream import Answer, Gate, Upstream, row

FRAME = 70_000
"""Characters of one frame."""
MOST_ELEMENTS = 25_000
"""Of an answer, whatever it holds: 10,000 of text, and formulas, boxes and buttons besides."""
DEPTH = 1_000


def prose(size: int) -> str:
    paragraph = "The quick **brown** fox jumps over `the` lazy dog, and on it goes.\n\n"
    return (paragraph * (size // len(paragraph) + 1))[: size - 1] + "."


def table(columns: int, rows: int) -> str:
    head = f"|{'a|' * columns}\n|{'-|' * columns}\n"
    return head + "".join(f"| row {n} |{'**b**|' * (columns - 1)}\n" for n in range(rows)) + "\nThe end."


def nested() -> str:
    quotes = "> " * DEPTH + "quoted"
    brackets = "[" * DEPTH + "x" + "](u)" * DEPTH
    emphasis = "**a *b " * DEPTH + "x" + "* **" * DEPTH
    lists = "".join("  " * n + "- x\n" for n in range(DEPTH))
    return "\n\n".join([quotes, brackets, emphasis, lists, "The end."])


def code(lines: int) -> str:
    inside = "".join(f"x_{n} = compute({n})  # and a comment\n" for n in range(lines))
    return f"Code:\n\n```python\n{inside}```\n\nThe end."


def diagram(edges: int) -> str:
    inside = "".join(f"  A{n} --> A{n + 1}\n" for n in range(edges))
    return f"```mermaid\ngraph TD\n{inside}```\n\nThe end."


def links_and_notes() -> str:
    links = "".join(f"[link {n}](https://example.com/{n})[^{n}]\n\n" for n in range(10_000))
    return links + "".join(f"[^{n}]: a note\n" for n in range(10_000)) + "\nThe end."


HUGE: dict[str, tuple[Callable[[], str], dict[str, int]]] = {
    "ten megabytes": (lambda: prose(10_000_000), {".md-rest": 1}),
    "one line": (lambda: "word " * 1_000_000 + "end", {".md-rest": 1, "p:not(.md-note)": 0}),
    "letters": (lambda: "a\n\n" * 100_000 + "z", {".md-rest": 1}),
    "columns": (lambda: table(10_000, 3), {"td": 0, ".md-rest": 1}),
    "rows": (lambda: table(3, 10_000), {"tbody tr": 500, ".md-rest": 0}),
    "formulas": (
        lambda: "\n\n".join(f"Number $x_{{{n}}}^2$" for n in range(1_000)),
        {".katex": 200, ".md-rest": 0},
    ),
    "nesting": (nested, {"blockquote": 0, "strong": 0, "a": 0}),
    "code": (lambda: code(100_000), {".md-code": 1, ".md-rest": 1}),
    "links": (links_and_notes, {".md-rest": 1}),
    "diagram": (lambda: diagram(2_000), {".md-diagram": 0, ".md-note": 1}),
}
"""How it is made, and how often these selectors match in what is shown of it."""


def in_frames(text: str) -> list[str]:
    return [text[at : at + FRAME] for at in range(0, len(text), FRAME)]


def copied(person: Person) -> str:
    person.turn().get_by_role("button", name="Copy answer").click()
    expect(person.turn().locator(".tr-tool.tr-done")).to_have_count(1)
    return str(person.page.evaluate("navigator.clipboard.readText()"))


def sees_within_bounds(person: Person, source: str, counts: dict[str, int]) -> None:
    for selector, count in counts.items():
        expect(person.answer().locator(selector)).to_have_count(count)
    assert person.answer().evaluate("e => e.getElementsByTagName('*').length") < MOST_ELEMENTS
    rest = person.answer().locator(".md-rest pre").all_text_contents()
    assert source.endswith("".join(rest))
    assert copied(person) == source


@pytest.fixture
def reader(arrive: Arrive, site: Site, dify: Upstream) -> Person:
    """Somebody whose clipboard can be looked at."""
    return arrive(site.url, permissions=["clipboard-read", "clipboard-write"])


ALWAYS = {"ten megabytes", "columns", "rows", "formulas"}
"""Each takes a quarter of a minute; the others are for `make soak`."""


@pytest.mark.parametrize(
    "name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.soak) for name in HUGE]
)
def test_one_can_type_while_it_comes_and_has_it_exactly(name: str, reader: Person, dify: Upstream) -> None:
    make, counts = HUGE[name]
    source = make()
    frames = in_frames(source)
    half = len(frames) // 2
    gate = Gate()
    dify.next(Answer(*frames[:half], source[half * FRAME : half * FRAME + 9], gate, *_rest(source, half)))
    reader.chat()
    reader.ask("All of it, please")
    reader.sees_state("streaming")
    reader.composer.press_sequentially("While it ")
    gate.open()
    reader.composer.press_sequentially("comes")
    expect(reader.composer).to_have_value("While it comes")
    reader.sees_state("complete")
    expect(reader.composer).to_have_value("While it comes")
    sees_within_bounds(reader, source, counts)
    reader.sees_named_address()
    reader.page.reload()
    reader.sees_state("complete")
    expect(reader.composer).to_have_value("While it comes")
    reader.composer.press_sequentially(", and later")
    expect(reader.composer).to_have_value("While it comes, and later")
    sees_within_bounds(reader, source, counts)


def _rest(source: str, half: int) -> list[str]:
    return in_frames(source[half * FRAME + 9 :])


def test_an_answer_of_ten_megabytes_is_stopped(reader: Person, dify: Upstream) -> None:
    source, gate = prose(10_000_000), Gate()
    frames = in_frames(source)
    dify.next(Answer(*frames[:70], gate, *frames[70:]))
    reader.chat()
    reader.ask("All of it, please")
    gate.wait_reached()
    reader.stop.click()
    reader.sees_state("stopped")
    kept = copied(reader)  # as much as had come when it was stopped
    assert source.startswith(kept)
    assert kept
    assert len(kept) % FRAME == 0


def test_a_burst_of_ten_thousand_events_is_all_there(reader: Person, dify: Upstream) -> None:
    words = [f"w{n} " for n in range(10_000)] + ["end"]
    dify.next(Answer(*words))
    reader.chat()
    reader.ask("Quickly")
    reader.sees_state("complete")
    assert copied(reader) == "".join(words)


def test_what_is_plain_can_be_formatted_by_and_by_and_saved(
    reader: Person, dify: Upstream, tmp_path: Path
) -> None:
    source = prose(1_000_000) + "\r\n\r\nZeilenende: \U0001f600\u2028 \u00e4."
    dialogue = dify.keep(row("Long?", source))
    reader.chat(f"/?c={dialogue.id}")
    reader.sees_state("complete")
    paragraphs = reader.answer().locator("p:not(.md-note)")
    first = paragraphs.count()
    with reader.page.expect_download() as saving:
        reader.answer().get_by_role("button", name="Download all of it").click()
    saving.value.save_as(tmp_path / "answer.md")
    assert (tmp_path / "answer.md").read_bytes() == source.encode()
    reader.answer().get_by_role("button", name="Show formatted").click()
    expect(paragraphs.nth(first + 1_000)).to_be_attached()
    expect(reader.answer().locator(".md-rest")).to_have_count(1)
    assert reader.answer().evaluate("e => e.getElementsByTagName('*').length") < 2 * MOST_ELEMENTS
