"""A picture on a stranger's server would tell it who reads what. It is never asked for, wherever it is named.

A server of our own stands for it and counts who comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.annotated import Annotated
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import ROOT, Site, served
from tests.upstream import Answer, row

INLINE = (
    "![x]({0})",
    "![x](<{0}>)",
    '![x]({0} "title")',
    "![x]({0} =10x10)",
    "[![x]({0})]({0})",
    "![[{0}]]",
    "![x](HTTP:{1})",
    "![x]({1})",
    "![x](&#104;ttp:{1})",
    "![x](\\{0})",
    "<img src={0}>",
    "<img src=x onerror=\"new Image().src='{0}'\">",
    '<img srcset="{0} 1x">',
    "<picture><source srcset={0}><img></picture>",
    '<svg><image href="{0}"/></svg>',
    "<svg><use href={0}#x></use></svg>",
    "<video poster={0} src={0}></video>",
    "<audio src={0} autoplay></audio>",
    "<iframe src={0}></iframe>",
    "<object data={0}></object>",
    "<embed src={0}>",
    "<link rel=stylesheet href={0}>",
    "<link rel=prefetch href={0}>",
    "<style>@import url({0});</style>",
    "<style>body{{background:url({0})}}</style>",
    '<div style="background:url({0})">x</div>',
    "<meta http-equiv=refresh content='0;url={0}'>",
    "<base href={0}>",
    "<script src={0}></script>",
    "<script>fetch('{0}')</script>",
    "<input type=image src={0}>",
    "<table background={0}><tr><td>x</table>",
    "<a ping={0} href=#>x</a>",
    "$\\includegraphics{{{0}}}$",
    "$\\href{{{0}}}{{x}}$",
    "$\\url{{{0}}}$",
    "$\\htmlStyle{{background:url({0})}}{{x}}$",
    ":material/{0}:",
    ":red-background[![x]({0})]",
    "![x](data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='{0}'/></svg>)",
)
BLOCKS = (
    "![x][far]\n\n[far]: {0}",
    "> ![x]({0})",
    "# ![x]({0})",
    "- ![x]({0})",
    "| a |\n|---|\n| ![x]({0}) |",
    "see[^1]\n\n[^1]: ![x]({0})",
    '```mermaid\ngraph TD\nA["<img src=\'{0}\'>"] --> B\nclick A href "{0}"\n```',
    "```mermaid\n%%{{init: {{'themeCSS': '@import url({0});'}}}}%%\ngraph TD\nA-->B\n```",
    "$$\n\\includegraphics{{{0}}}\n$$",
    "<details open><summary>x</summary>\n\n![x]({0})\n\n</details>",
)
PAGES = sorted(
    path.stem for path in (ROOT / "pages").glob("*.py") if path.stem not in {"__init__", "frame", "chat"}
)


class Canary:
    """A server that nobody may come to; `callers` are the paths that were asked for."""

    def __init__(self, port: int, callers: list[str]) -> None:
        self.callers, self._port, self._serial = callers, port, 0

    def address(self) -> tuple[str, str]:
        """A new one, with a scheme and without."""
        self._serial += 1
        bare = f"//127.0.0.1:{self._port}/{self._serial}.png"
        return f"http:{bare}", bare

    @property
    def line(self) -> str:
        return " ".join(variant.format(*self.address()) for variant in INLINE)

    @property
    def text(self) -> str:
        return "\n\n".join(variant.format(*self.address()) for variant in (*INLINE, *BLOCKS))


@contextmanager
def listening() -> Iterator[Canary]:
    callers: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            callers.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Canary(server.server_port, callers)
        server.shutdown()


def baited(dify: Annotated, canary: Canary) -> None:
    """Every text that an app's maker, another person or a model may set names the canary."""
    line, text, (far, _) = canary.line, canary.text, canary.address()
    dify.info |= {"name": line, "description": text, "tags": [line], "author_name": line}
    dify.site |= {"title": line, "description": text, "icon_type": "image", "icon_url": far}
    dify.site |= {
        "custom_disclaimer": text,
        "copyright": line,
        "privacy_policy": far,
        "input_placeholder": line,
    }
    dify.site |= {"chat_color_theme": f"red;background:url({far})", "icon_background": f"url({far})"}
    dify.meta = {"tool_icons": {"tool": far, "other": {"content": line, "background": f"url({far})"}}}
    field = {"variable": "nick", "label": line, "default": line, "required": False, "max_length": 20_000}
    choice = {"variable": "role", "label": line, "options": [line, text], "default": line, "required": False}
    dify.parameters |= {
        "opening_statement": text,
        "suggested_questions": [line, text],
        "suggested_questions_after_answer": {"enabled": True},
        "retriever_resource": {"enabled": True},
        "user_input_form": [{"text-input": field}, {"select": choice}],
    }
    dify.suggested = [line, text]
    dify.has(line, text)
    dify.has(text, line)
    written = {"created_at": 1_795_227_258, "updated_at": 1_795_227_261}
    dify.variables["data"] = [
        {"id": "1", "name": line, "value_type": "string", "value": text, "description": line, **written},
        {"id": "2", "name": "b", "value_type": "object", "value": {line: text}, "description": "", **written},
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Canary, Annotated, Site]]:
    with listening() as canary, Annotated(mode="agent-chat") as dify:
        baited(dify, canary)
        with served(tmp_path_factory.mktemp("canaries"), (dify.url, dify.key)) as site:
            yield canary, dify, site


def settled(person: Person) -> None:
    """Drawn to its end: nothing runs any more, and what there was to load is there."""
    expect(person.page.get_by_test_id("stSidebar")).to_be_attached()
    expect(person.page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(person.page.get_by_test_id("stSkeleton")).to_have_count(0)
    person.page.wait_for_load_state("networkidle")


def test_nobody_is_told_who_reads_what(
    place: tuple[Canary, Annotated, Site], arrive: Arrive, browser: Browser, tmp_path: Path
) -> None:
    canary, dify, site = place
    line, text = canary.line, canary.text
    far = canary.address()[0]
    citation = {"position": 1, "document_name": line, "dataset_name": line, "content": text, "score": 0.5}
    dify.next(
        Answer(
            *(text[at : at + 300] for at in range(0, len(text), 300)),
            lambda f: f.thought("1", thought=text, observation=text, tool="tool", tool_input=line),
            lambda f: f.file("1", url=far),
            lambda f: f.file("2", url=canary.address()[0], type="document"),
            lambda f: f.message_end(citations=[citation]),
            end=False,
        )
    )
    person = arrive(site.url)
    person.chat()
    person.ask(text)
    person.sees_state("complete")
    person.turn().locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    expect(person.turn().get_by_text("127.0.0.1").first).to_be_attached()
    settled(person)
    # The same from history, with files under such names and an answer that failed.
    file = {"id": "f", "url": far, "type": "image", "filename": line, "belongs_to": "user"}
    # In another conversation: the history of this one was read just now.
    dialogue = dify.keep(row(text, "", status="error", error=text, message_files=[file]))
    for each in dify.dialogues.values():
        each.name = line
    person.chat(f"/?c={dialogue.id}")
    person.sees_state("failed")
    settled(person)
    for name in PAGES:
        person.open(f"/{name}?c={dialogue.id}")
        expect(person.page.get_by_role("heading", level=1).first).to_be_visible()
        settled(person)
    with httpx.Client(base_url=site.url, cookies=person.cookie, trust_env=False) as client:
        asked = {"ids": [dialogue.id], "format": "html"}
        token = client.post("/export", json=asked).json()["token"]
        saved = tmp_path / "export.html"
        saved.write_bytes(client.get(f"/export/{token}").content)
    alone = browser.new_context()
    page = alone.new_page()
    page.goto(saved.as_uri())  # as it is opened from a disk, without a word of ours about it
    expect(page.get_by_text("127.0.0.1").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    alone.close()
    assert canary.callers == []
    httpx.get(canary.address()[0], trust_env=False)
    assert len(canary.callers) == 1, "it would have heard"
