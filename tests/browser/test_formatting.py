"""An answer is markdown, drawn in full, while it streams and after."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, until
from tests.upstream import Answer, Gate, Upstream

CODE = 'def greet(name: str) -> str:\n    return f"Hello, {name}! 漢字"\n'
EVERYTHING = f"""# A heading

Costs $5 and $10, not maths; but $E = mc^2$ and \\(a^2\\) are, 中文**粗体**中文 too, 👩‍💻 -> :smile:.

- one
  - two
    1. three

| Name | Value |
|------|------:|
| pi   | 3.14  |

```python
{CODE}```

$$
\\int_0^1 x\\,dx
$$

\\[ \\frac{{1}}{{2}} \\]

```mermaid
graph LR; Question --> Answer
```

A [link](https://example.com/there) and <b>no html</b>.
"""


def test_everything_is_drawn(arrive: Arrive, site: Site, dify: Upstream) -> None:
    dify.next(Answer(*(EVERYTHING[at : at + 7] for at in range(0, len(EVERYTHING), 7))))
    person = arrive(site.url, permissions=["clipboard-read", "clipboard-write"])
    person.chat()
    person.ask("Everything")
    person.sees_state("complete")
    answer = person.answer()
    expect(answer.get_by_role("heading", name="A heading")).to_be_visible()
    expect(answer.get_by_text("Costs $5 and $10, not maths")).to_be_visible()
    expect(answer.get_by_text("-> :smile:")).to_be_visible()
    expect(answer.locator(".katex")).to_have_count(4)
    expect(answer.locator(".katex-error")).to_have_count(0)
    expect(answer.locator("strong")).to_have_text("粗体")
    expect(answer.locator("ul ul ol li")).to_have_text("three")
    expect(answer.get_by_role("table").get_by_role("cell", name="3.14")).to_be_visible()
    expect(answer.locator("pre").first.locator("span", has_text=re.compile("^def$"))).to_be_visible()
    answer.get_by_role("button", name="Copy code").first.click()
    until(lambda: person.copied().strip() == CODE.strip(), "the code in the clipboard")
    expect(answer.get_by_role("img", name=re.compile("^Diagram"))).to_be_visible()
    link = answer.get_by_role("link", name="link")
    expect(link).to_have_attribute("href", "https://example.com/there")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(answer.get_by_text("<b>no html</b>")).to_be_visible()
    person.turn().get_by_role("button", name="Copy answer").click()
    until(lambda: person.copied().strip() == EVERYTHING.strip(), "the answer in the clipboard")


def test_what_is_half_open_is_not_shown_raw(person: Person, dify: Upstream) -> None:
    gates = [Gate() for _ in range(4)]
    dify.next(
        Answer(
            *("Some **bold", gates[0], "** and `co", gates[1], "de` and $x^", gates[2]),
            *("2$ and [li", gates[3], "nk](https://example.com/)"),
        )
    )
    person.ask("Slowly")
    for gate, sight in zip(gates, ["bold", "co", "code", "and"], strict=True):
        gate.wait_reached()
        person.sees(sight)
        raw = person.answer().evaluate("e => e.innerText")
        assert [mark for mark in ("**", "`", "$", "](") if mark in raw] == [], raw
        gate.open()
    person.sees_state("complete")
    expect(person.answer().locator("strong")).to_have_text("bold")
    expect(person.answer().locator(".katex")).to_have_count(1)  # until it is drawn, a formula is code
    expect(person.answer().locator("code")).to_have_text("code")
    expect(person.answer().get_by_role("link", name="link")).to_have_attribute("href", "https://example.com/")


def test_the_showcase_of_the_embedded_backend(visitor: Person) -> None:
    visitor.ask("demo: markdown")
    visitor.sees_state("complete")
    answer = visitor.answer()
    expect(answer.get_by_role("heading").first).to_be_visible()
    expect(answer.get_by_role("table").first).to_be_attached()
    expect(answer.locator(".katex").first).to_be_attached()
    expect(answer.get_by_role("button", name="Copy code").first).to_be_attached()
    expect(answer.locator(".katex-error")).to_have_count(0)
    assert "$$" not in answer.evaluate("e => [...e.querySelectorAll('p, li')].map(p => p.innerText).join()")
