"""The answers' renderer in a real browser, under the page's own content security policy."""

from __future__ import annotations

import http.server
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.site import until

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "components" / "transcript" / "frontend"
HERE = ROOT / "tests" / "markdown"
SHOWCASE = (HERE / "showcase.md").read_text(encoding="utf-8")
POLICY = (
    "default-src 'self'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self';"
    " worker-src 'self' blob:; frame-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'"
)


class Handler(http.server.SimpleHTTPRequestHandler):
    """The frontend's files as they are, and the page of this test."""

    extensions_map: ClassVar = {
        ".js": "text/javascript",
        ".css": "text/css",
        ".html": "text/html",
        ".woff2": "font/woff2",
    }

    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0].lstrip("/") or "page.html"
        folder = HERE if name in {"page.html", "harness.js"} else FRONTEND
        return str(folder / name)

    def end_headers(self) -> None:
        if not self.path.endswith("?bare"):
            self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the class above
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The page with an empty answer; a script error or a request to elsewhere fails the test."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    opened = context.new_page()
    errors: list[str] = []
    strangers: list[Request] = []

    def look(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:")):
            strangers.append(request)

    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("dialog", lambda dialog: errors.append(f"dialog {dialog.message}"))
    opened.on("request", look)
    opened.goto(site)
    until(lambda: opened.evaluate("!!window.whole"), "the renderer")
    yield opened
    assert errors == []
    assert [request.url for request in strangers if request.failure != "csp"] == []
    context.close()


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole(page: Page, source: str) -> str:
    return page.evaluate("source => whole(source)", source)


def stream(page: Page, source: str, cuts: list[int]) -> dict[str, Any]:
    return page.evaluate("([source, cuts]) => stream(source, cuts)", [source, cuts])


def every(step: int, source: str) -> list[int]:
    length = utf16(source)
    return [*range(step, length, step), length]


def at_random(seed: int, source: str) -> list[int]:
    length = utf16(source)
    return sorted({*random.Random(seed).choices(range(1, length), k=length // 20), length})


@pytest.mark.parametrize(
    "cuts",
    [every(1, SHOWCASE), every(7, SHOWCASE), at_random(1, SHOWCASE), at_random(2, SHOWCASE)],
    ids=["characters", "sevens", "random 1", "random 2"],
)
def test_a_stream_never_flickers_and_ends_as_the_whole(page: Page, cuts: list[int]) -> None:
    seen = stream(page, SHOWCASE, cuts)
    assert seen["faults"] == []
    assert seen["text"] == SHOWCASE
    assert seen["kept"] == seen["blocks"], "finish() replaced a block"
    assert seen["html"] == whole(page, SHOWCASE)
    assert page.evaluate("violations") == []


PIECES = (
    "- |* |+ |1. |2) |\n|\n|\n\n|\n\n|  |    |> |>|# |```\n|```py\n|~~~\n|**|*|_|~~|`|``|$|$$|$$\n|"
    "\\[|\\]|\\(|\\)|¦|¦ a ¦ b ¦\n|¦---¦---¦\n|¦ 1 ¦ 2 ¦\n|---\n|===\n|***\n|[a]|[b](http://x.y)|"
    "![i](http://x.y/z.png)|[a]: http://ref.er\n|[x|](|http://example.com|www.a.com|<|&amp;|\\|word |"
    "more words |1|中文|，|a_b|\t|\r\n|- [x] |!|:|end.\n\n|é😀|[^1]|[^2]|[^1]: note\n|[^2]: other\n    more\n"
)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 8))])
def test_any_text_in_any_pieces_ends_as_the_whole(page: Page, seed: int) -> None:
    chance = random.Random(seed)
    pieces = [piece.replace("¦", "|") for piece in PIECES.split("|")]
    for _ in range(60):
        source = "".join(chance.choice(pieces) for _ in range(chance.randint(5, 60))) or "-"
        cuts = every(1, source) if chance.random() < 0.3 else sorted({*chance.choices(range(1, 300), k=20)})
        cuts = [cut for cut in cuts if cut < utf16(source)] + [utf16(source)]
        seen = stream(page, source, cuts)
        assert seen["text"] == source
        assert seen["html"] == whole(page, source), (source, cuts)


def words(page: Page, source: str) -> str:
    """What is read aloud of an answer, formulas as {TeX}."""
    whole(page, source)
    return page.evaluate(
        """() => {
          const copy = root.cloneNode(true);
          for (const drawn of copy.querySelectorAll(".katex")) {
            drawn.replaceWith(`{${drawn.querySelector("annotation")?.textContent}}`);
          }
          return copy.textContent;
        }"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10",
        "$5-$10",
        "US$ 5",
        "$HOME and $PATH",
        "$HOME/$USER:$x",
        "$5, or 10$ more",
        "pay 5$ or 10$",
        "价格是$5和$6元",
        "$$",
        "a -> b <- c :smile: (c) -- 1/2 \"quoted\" 'it' ... ~= >=",
        "snake_case_name and 2 * 3 * 4",
        "main.rs, README.md and example.com",
        "<script>alert(1)</script> <b>x</b> <!-- c -->",
        "[x](/relative) [y](javascript:alert(1)) [z](data:text/html,x) ![f](file:///etc/passwd)",
        "👩‍💻 漢字 العربية",
        "an ordinary [bracket] and [^nothing]",
    ],
)
def test_prose_stays_as_it_is(page: Page, text: str) -> None:
    assert words(page, text) == text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$E = mc^2$", "{E = mc^2}"),
        ("the $n$th", "the {n}th"),
        ("$ABC$, $x$,$y$", "{ABC}, {x},{y}"),
        ("公式$a+b$在", "公式{a+b}在"),
        (r"f \(x\) \[y\]", "f {x} {y}"),
        ("$$\nx\n\n= y\n$$", "{x\n\n= y}"),
        ("- item\n\n  \\[\n  a\n\n  b\n  \\]", "item{a\n\nb}"),
        ("`$x$` and\n\n    $$y$$", "$x$ andCodeCopy$$y$$"),
        (r"$\frac{1}{2}$ costs $5", r"{\frac{1}{2}} costs $5"),
    ],
)
def test_formulas(page: Page, source: str, expected: str) -> None:
    assert words(page, source).strip() == expected


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("https://example.com/a_b_c.", ["https://example.com/a_b_c"]),
        ("www.example.com, a@example.com", ["https://www.example.com", "mailto:a@example.com"]),
        ("看https://example.com/路，谢谢", ["https://example.com/%E8%B7%AF"]),
        ("<https://example.org> [m](mailto:x@y.z)", ["https://example.org", "mailto:x@y.z"]),
        ("[late][l] and [l]\n\n[l]: http://example.com/late", ["http://example.com/late"] * 2),
        ('[q](http://x.y"onclick=alert(1))', ["http://x.y%22onclick=alert(1)"]),
    ],
)
def test_links(page: Page, source: str, links: list[str]) -> None:
    whole(page, source)
    found = page.evaluate(
        "[...root.querySelectorAll('a')].map(a => [a.getAttribute('href'), a.target, a.rel])"
    )
    assert found == [[link, "_blank", "noopener noreferrer"] for link in links]


@pytest.mark.parametrize(
    ("source", "selector"),
    [
        ("**注意：**请看**「引用」**好", "strong"),
        ("- [x] done", "li.md-task input[type=checkbox][disabled][checked][aria-label]"),
        ("~~gone~~", "s"),
        ("| a |\n|--:|\n| 1 |", "td[style*=right]"),
        ("```js\nlet a = 1;\n```", ".hljs-keyword"),
        ("3. three", "ol[start='3']"),
        ("line\nbreak", "br"),
    ],
)
def test_elements(page: Page, source: str, selector: str) -> None:
    whole(page, source)
    assert page.locator(selector).count() > 0


MACROS = "\\def\\a{xxxxxxxx}\\def\\b{\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b}\\c\\c\\c\\c\\c"
HOSTILE_FORMULAS = (
    r"$\href{javascript:alert(1)}{x}$ $\url{http://evil.example}$ "
    r"$\includegraphics{http://evil.example/i.png}$ $\htmlData{onclick=alert(1)}{x}$ "
    r"$\htmlStyle{background:url(http://evil.example)}{x}$"
)
HOSTILE_DIAGRAM = """```mermaid
%%{init: {"securityLevel":"loose","themeCSS":"*{background:url(http://evil.example/x)}"}}%%
flowchart LR
 A["<img src=http://evil.example/y.png onerror=alert(1)>"] --> B
 click A "javascript:alert(1)"
```"""
ATTACKS = [
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1)) [d](vbscript:x)",
    "[e]( data:text/html,x) [f](data:image/svg+xml;base64,AAAA) ![g](data:image/svg+xml;base64,AAAA)",
    "![a](http://evil.example/a.png) ![b][r] ![c](//evil.example/c.png)\n\n[r]: http://evil.example/r.png",
    "<img src=x onerror=alert(1)> <svg onload=alert(1)> <style>@import 'http://evil.example/x.css'</style>",
    HOSTILE_FORMULAS,
    f"$${MACROS}$$ $\\rule{{9999em}}{{9999em}}$",
    HOSTILE_DIAGRAM,
    '```"onmouseover="alert(1)\nx\n```',
    "[^<img>]\n\n[^<img>]: <b onclick=alert(1)>",
    "__proto__ [__proto__] [constructor][__proto__] [^__proto__]\n\n[__proto__]: http://x.y\n[^__proto__]: n",
]


@pytest.mark.parametrize("policy", ["", "?bare"], ids=["policy", "no policy"])
@pytest.mark.parametrize("source", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(page: Page, site: str, source: str, policy: str) -> None:
    page.goto(site + policy)
    until(lambda: page.evaluate("!!window.whole"), "the renderer")
    whole(page, source)
    assert page.evaluate("answer.text") == source
    bad = page.evaluate(
        """() => [...root.querySelectorAll("*")].filter(node =>
          [...node.attributes].some(({name}) => name.startsWith("on") || name === "srcdoc")
          || /^(SCRIPT|STYLE|IFRAME|OBJECT|EMBED|FORM|LINK|BASE|META)$/i.test(node.nodeName)
          || (node.href && !/^(https?|mailto):/.test(node.href))).map(node => node.outerHTML)"""
    )
    assert bad == []
    # Chromium reports handlers in the inert documents in which DOMPurify and mermaid clean text, too
    assert set(page.evaluate("violations")) <= {"script-src-attr inline"}
    assert page.evaluate("root.scrollHeight") < 5_000


@pytest.mark.parametrize(
    "source",
    [
        "a\r\nb\rc\n",
        "nul\0 and \u2028 and \u2029 and \x0b",
        "half \ud83d pair",
        "é😀" * 5,
        "\ufeffbom",
        " \n\t\n",
        "\\",
    ],
)
def test_every_character_is_kept(page: Page, source: str) -> None:
    seen = stream(page, source, every(1, source))
    assert page.evaluate("source => answer.text === source", source)
    assert seen["html"] == whole(page, source)


def test_a_remote_picture_waits_for_the_reader(page: Page) -> None:
    whole(
        page,
        "![A chart](https://images.example.com/c.png) ![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)",
    )
    assert page.locator("img").count() == 1, "only the one inside the text"
    button = page.get_by_role("button", name="A chart Show image from images.example.com")
    assert page.evaluate("violations") == []
    button.click()
    link = page.get_by_role("link", name="Open image from images.example.com")
    link.wait_for()
    assert link.get_attribute("href") == "https://images.example.com/c.png"
    assert page.evaluate("violations.length") == 1, "asked for by the reader, refused by the page's policy"


def test_code_is_copied_with_and_without_a_clipboard(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    whole(page, "```python\nprint('a')\n\nprint('b')\n```\n\n```\nplain\n```")
    copy = page.get_by_role("button", name="Copy code")
    copy.nth(0).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "print('a')\n\nprint('b')"
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    copy.nth(1).click()
    expect(page.locator("[data-done=yes]").first).to_be_attached()
    page.evaluate("delete navigator.clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == "plain"


def test_boxes_that_scroll_can_be_reached_and_have_names(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    table = f"|{'column |' * 20}\n|{'---|' * 20}\n|{'value |' * 20}"
    whole(page, f"```js\n{'x' * 300}\n```\n\n{table}\n\n$${'x+' * 200}1$$")
    boxes = page.locator("[tabindex='0'][role=group][aria-label]")
    assert boxes.count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for index in range(3):
        assert boxes.nth(index).evaluate("box => box.scrollWidth > box.clientWidth")


def test_a_diagram_is_drawn_once_its_fence_is_closed(page: Page) -> None:
    library = (
        "performance.getEntriesByType('resource').filter(({name}) => name.endsWith('mermaid.js')).length"
    )
    seen = stream(page, "```mermaid\nflowchart LR\n A --> B\n", [12, 30, 36])
    assert "md-code" in seen["html"]
    whole(page, "Text.\n\n```js\nlet mermaid;\n```")
    whole(page, "```mermaid\nflowchart LR\n  A[Start] --> B\n```\n\n```mermaid\nno such thing\n```")
    assert page.evaluate(library) == 1
    picture = page.locator(".md-diagram img")
    assert picture.count() == 1
    assert picture.evaluate("image => image.naturalWidth") > 50
    assert page.locator("pre").nth(0).text_content() == "flowchart LR\n  A[Start] --> B\n"
    assert page.get_by_text("This diagram could not be drawn").is_visible()
    page.get_by_role("button", name="Show source").click()
    assert page.get_by_text("A[Start] --> B").is_visible()
    light = picture.get_attribute("src")
    page.evaluate("document.body.dataset.theme = 'dark'")
    expect(picture).not_to_have_attribute("src", light or "")
    assert page.evaluate("violations") == []


def test_no_diagram_no_library(page: Page) -> None:
    whole(page, SHOWCASE.replace("```mermaid", "```text"))
    assert (
        page.evaluate(
            "performance.getEntriesByType('resource').some(({name}) => name.endsWith('mermaid.js'))"
        )
        is False
    )


def test_footnotes_of_two_answers_do_not_meet(page: Page) -> None:
    page.evaluate(
        """() => {
          const long = "One[^b] two[^a] one[^b].\\n\\n[^a]: A\\n[^b]: B\\n[^c]: C";
          for (const text of [long, "Other[^a].\\n\\n[^a]: Z"]) {
            const answer = new Markdown(newRoot("beside"));
            answer.append(text);
            answer.finish();
          }
        }"""
    )
    expect(page.locator("[id]")).to_have_count(8)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert len(ids) == len(set(ids)) == 8
    notes = page.locator(".md-footnotes").nth(0).locator("li")
    assert [text.rstrip("↩\ufe0e ") for text in notes.all_text_contents()] == ["B", "A", "C"]
    page.locator("sup a", has_text="2").click()
    assert page.evaluate("document.activeElement.textContent").startswith("A")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "2"
    assert page.evaluate("location.hash") == ""


def test_what_did_not_change_stays_the_same_node(page: Page) -> None:
    same = page.evaluate(
        """async () => {
          const root = newRoot();
          const answer = new Markdown(root);
          answer.append("First.\\n\\nSee [late][l].\\n\\n- a\\n- b\\n\\nLast **open");
          await drawn(answer);
          const before = [...root.children];
          answer.append("** one.\\n\\n[l]: http://example.com");
          answer.finish();
          const linked = root.querySelectorAll("a").length;
          answer.replace(answer.text + "\\n\\nMore.");
          await drawn(answer);
          answer.finish();
          const kept = before.every((node, i) => root.children[i] === node);
          answer.replace("Quite another text.");
          answer.finish();
          const other = root.textContent;
          answer.destroy();
          return { linked, kept, other, left: root.childNodes.length };
        }"""
    )
    assert same == {"linked": 1, "kept": True, "other": "Quite another text.", "left": 0}


def test_draw_says_whether_there_was_something_to_do(page: Page) -> None:
    said = page.evaluate(
        """() => {
          const answer = new Markdown(newRoot());
          const said = [answer.draw()];
          answer.append("text");
          said.push(answer.pending, answer.draw(), answer.pending, answer.draw());
          answer.append("\\n#");
          said.push(answer.draw()); // nothing to see: it may become a heading
          answer.finish();
          return [...said, answer.pending];
        }"""
    )
    assert said == [False, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("source", "most"),
    [
        ("".join(f"- item {n} with **bold**\n" for n in range(1000)), 12_000),
        ("|a|b|\n|-|-|\n" + "".join(f"| {n} | **b** |\n" for n in range(400)), 8_000),
        ("```text\n" + "some code in a line\n" * 2000, 60),
        ("word " * 10_000, 900),
    ],
    ids=["list", "table", "code", "paragraph"],
)
def test_a_long_block_is_not_drawn_again_and_again(page: Page, source: str, most: int) -> None:
    """Nodes added in all: quadratic work would add some hundred times as many."""
    seen = stream(page, source, every(len(source) // 100, source))
    assert seen["added"] < most
    assert seen["html"] == whole(page, source)


def nodes(page: Page) -> int:
    return page.evaluate("root.querySelectorAll('*').length")


def test_a_long_table_is_shown_in_pages(page: Page) -> None:
    whole(page, "|a|b|\n|-|-|\n" + "".join(f"| row {n} | x |\n" for n in range(1200)))
    rows = page.locator("tbody tr")
    assert rows.count() == 500
    page.get_by_role("button", name="Show more (700)").click()
    assert rows.count() == 1000
    page.get_by_role("button", name="Show more (200)").click()
    assert rows.count() == 1200
    assert rows.nth(1199).inner_text().startswith("row 1199")
    assert page.get_by_role("button", name="Show more").count() == 0


@pytest.mark.parametrize(
    ("source", "selector"),
    [
        (f"|{'a|' * 60}\n|{'-|' * 60}\n|{'b|' * 60}\n", "table"),
        ("> " * 60 + "deep", "blockquote"),
        ("word **bold** " * 1000, "strong"),
    ],
    ids=["columns", "nesting", "paragraph"],
)
def test_too_much_is_plain_until_asked_for(page: Page, source: str, selector: str) -> None:
    whole(page, f"Before.\n\n{source}\n\nAfter.")
    assert page.locator(f".md {selector}").count() == 0
    assert source.strip() in page.evaluate("root.textContent")
    page.get_by_role("button", name="Show formatted").click()
    assert page.locator(f".md {selector}").count() > 0
    assert page.get_by_role("button", name="Show formatted").count() == 0


def test_what_would_stop_the_page_is_not_offered(page: Page) -> None:
    source = f"|{'a|' * 400}\n|{'-|' * 400}\n|{'b|' * 400}"
    whole(page, f"Before.\n\n{source}\n\nAfter.")
    assert source in page.evaluate("root.textContent")
    assert page.locator(".md td").count() == 0
    assert page.get_by_role("button", name="Show formatted").count() == 0


def test_large_and_many_diagrams_wait_until_asked_for(page: Page) -> None:
    small = "```mermaid\ngraph TD\n  A --> B\n```\n\n"
    large = "```mermaid\ngraph TD\n" + "".join(f"  A{n} --> A{n + 1}\n" for n in range(150)) + "```\n\n"
    whole(page, large + small * 12)
    assert page.locator(".md-diagram").count() == 10
    offers = page.get_by_role("button", name="Show diagram")
    assert offers.count() == 3
    assert page.locator(".md-code").nth(0).locator(".md-diagram").count() == 0
    offers.first.click()
    page.locator(".md-code").nth(0).locator(".md-diagram").wait_for()
    assert offers.count() == 2


def test_formulas_past_the_limit_are_source_until_asked_for(page: Page) -> None:
    whole(page, "\n\n".join(f"Number $x_{{{n}}}$" for n in range(260)))
    assert page.locator(".katex").count() == 200
    assert page.locator(".md-undrawn").nth(0).text_content() == "x_{200}"
    page.get_by_role("button", name="Show formatted").click()
    expect(page.locator(".katex")).to_have_count(260)


def test_text_past_the_limit_is_plain_and_exact(page: Page) -> None:
    source = "A **paragraph** here.\n\n" * 12_000
    whole(page, source)
    assert nodes(page) < 40_000
    rest = page.evaluate("[...root.querySelectorAll('.md-rest pre')].map(pre => pre.textContent).join('')")
    assert source.endswith(rest)
    assert len(rest) > 50_000
    assert page.evaluate("answer.text.length") == len(source)


def test_a_table_shows_no_more_cells_than_can_be_laid_out(page: Page) -> None:
    whole(page, f"|{'a|' * 50}\n|{'-|' * 50}\n" + f"|{'b|' * 50}\n" * 450)
    assert page.locator("tbody tr").count() == 100
    page.get_by_role("button", name="Show more (350)").click()
    assert page.locator("tbody tr").count() == 200


def test_long_code_is_all_there_and_looks_alike_however_it_came(page: Page) -> None:
    lines = "".join(f"line {n} {'x' * (n % 70)}\n" for n in range(3_000)) + "y" * 50_000 + "\n"
    source = f"Before.\n\n```text\n{lines}```\n\nAfter."
    html = whole(page, source)
    assert page.locator("code").text_content() == lines
    assert page.locator(".md-piece").count() > 5
    seen = stream(page, source, every(1_777, source))
    assert seen["html"] == html


ENDLESS = {
    "images": "![](x" * 4000,
    "brackets": "[" * 20_000,
    "stars": "**a " * 5000,
    "ticks": "``` `` ` " * 2500,
    "dollars": "$a " * 6000,
    "quotes": ">" * 1000 + "x",
    "line": "x" * 1_000_000,
    "lists": "".join("  " * n + "- x\n" for n in range(300)),
    "maths": "\\(" * 3000,
    "paragraphs": "a\n\n" * 20_000,
    "pipes": "|" * 20_000,
    "tags": "<a " * 6000,
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS.keys())
def test_hostile_text_ends_and_is_kept(page: Page, source: str) -> None:
    seen = stream(page, source, every(len(source) // 20, source))
    assert seen["text"] == source
    assert nodes(page) < 60_000
