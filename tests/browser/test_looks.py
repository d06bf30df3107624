"""The same page in light and dark, on a desk and on a phone: nothing runs off the screen.

Pictures to look at are left in test-results/looks/.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import RESULTS, Arrive
from tests.browser.person import Person
from tests.site import Site
from tests.upstream import Answer, Gate, Upstream

SIZES = {1280: 800, 390: 844}
COLUMNS = range(12)
LINES = (
    "# A heading that is long enough to need more than one line on a phone",
    "",
    f"|{'|'.join(f'Column {n}' for n in COLUMNS)}|",
    f"|{'-|' * len(COLUMNS)}",
    f"|{'value|' * len(COLUMNS)}",
    "",
    "```text",
    "a line of code that goes on and on " * 8,
    "```",
    "",
    "Averylongwordwithoutanybreak" * 8 + " and https://example.com/" + "path/" * 40,
    "",
    f"$$ {' + '.join(f'x_{{{n}}}^2' for n in range(40))} $$",
    "",
    "> quoted",
    "",
    "- [ ] a task",
)
WIDE = "\n".join(LINES)


def fits(page: Page) -> None:
    """No sideways scrolling, and the composer on the screen."""
    width = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth"
    assert page.evaluate(width) <= 0
    overflowing = """() => [...document.querySelectorAll("[role=log], [data-turn-id], [data-turn-id] > *")]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.className)"""
    assert page.evaluate(overflowing) == []


def picture(person: Person, name: str) -> None:
    folder = RESULTS / "looks"
    folder.mkdir(parents=True, exist_ok=True)
    person.page.wait_for_timeout(300)  # for fades to end
    person.page.screenshot(path=folder / f"{name}.png")


def contrast(button: Locator) -> float:
    """Of its words or its sign against its ground, as WCAG counts it."""
    expect(button).to_have_css("background-color", re.compile(r"^rgb\("))  # it fades in
    style = "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    lights = sorted(map(luminance, button.evaluate(style)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(color: str) -> float:
    parts = [int(part) / 255 for part in color.removeprefix("rgb(").rstrip(")").split(",")]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "dark"),
        (390, "light"),
        pytest.param(1280, "light", marks=pytest.mark.soak),
        pytest.param(390, "dark", marks=pytest.mark.soak),
    ],
)
def test_looks(scheme: str, width: int, arrive: Arrive, site: Site, dify: Upstream) -> None:
    name = f"{scheme}-{width}"
    gate = Gate()
    dify.next(Answer(WIDE, gate, "\n\nThe end."))
    person = arrive(
        site.url,
        viewport={"width": width, "height": SIZES[width]},
        color_scheme=scheme,
        has_touch=width < 500,
        is_mobile=width < 500,
    )
    person.chat()
    fits(person.page)
    expect(person.composer).to_be_in_viewport()
    typed = person.page.get_by_test_id("stChatInput").bounding_box()
    assert typed is not None
    assert typed["width"] > min(0.85 * width, 480), "a few words of a question are seen at once"
    picture(person, f"{name}-opening")
    person.composer.fill("Show me something wide")
    expect(person.send).to_be_enabled()
    assert contrast(person.send) >= 4.5, "Streamlit writes white on the primary colour of any theme"
    person.ask("Show me something wide")
    person.sees("a line of code")
    expect(person.stop).to_be_in_viewport()
    expect(person.composer).to_be_in_viewport()
    fits(person.page)
    picture(person, f"{name}-streaming")
    gate.open()
    person.sees_state("complete")
    person.sees("The end.")
    fits(person.page)
    expect(person.composer).to_be_in_viewport()
    picture(person, f"{name}-finished")
    dark = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    red = int(person.page.evaluate(dark).removeprefix("rgb(").split(",")[0])
    assert (red < 128) == (scheme == "dark")
    person.open("/history")
    expect(person.page.get_by_role("main").get_by_role("button", name="Show me something")).to_be_visible()
    fits(person.page)
    picture(person, f"{name}-history")


def test_an_answer_scrolls_along_until_one_reads_back(person: Person, dify: Upstream) -> None:
    first, second = Gate(), Gate()
    lines = "".join(f"Line {n}\n\n" for n in range(40))
    dify.next(Answer(lines, first, "Middle\n\n", lines, second, "The very end"))
    person.ask("Much")
    first.wait_reached()
    expect(person.answer().get_by_text("Line 39").first).to_be_in_viewport()
    first.open()
    expect(person.answer().get_by_text("Line 39").last).to_be_in_viewport()
    person.answer().hover()
    person.page.mouse.wheel(0, -1_500)
    latest = person.page.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    second.open()
    person.sees_state("complete")
    expect(person.answer().get_by_text("The very end")).not_to_be_in_viewport()
    latest.click()
    expect(person.answer().get_by_text("The very end")).to_be_in_viewport()
