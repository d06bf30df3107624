"""The lists by keyboard: who hears a key while a list is drawn anew, and where the focus is afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from components.words_annotations import LIST
from tests.browser.harness.server import Harness, serve

Rows = Callable[[list[str]], Any]
ROWS = ":is(li, tr)[data-id]"
FEEDBACK = {"content": "", "source": "user", "who": "", "end_user": "", "handled_at": None, "handled_by": ""}
PERSON = {"end_user_id": "", "anonymous": None, "how": [], "first_seen": 1, "last_seen": 1}
CASE = {"user": "u", "status": "new", "assignee": "", "tags": [], "at": 1, "notes": 0}
MOUNT = """async ([module, data, place]) => {
    const { mount } = await import(`/assets/${module}`);
    let host = document.getElementById(place);
    if (!host) document.body.append((host = Object.assign(document.createElement("div"), { id: place })));
    mount(host, { assets: "/assets/", app: "one", ...data }, () => {});
}"""


@pytest.fixture(scope="module")
def harness() -> Iterator[Harness]:
    with serve() as running:
        yield running


@pytest.fixture
def page(browser: Browser, harness: Harness) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    page = context.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{harness.url}/blank")
    yield page
    context.close()


def annotations(*ids: str) -> dict[str, Any]:
    rows = [
        {"id": each, "question": each, "answer": "A", "hits": 0, "created": 1, "alike": False, "link": None}
        for each in ids
    ]
    view = {"query": "", "kind": "all", "sort": "created", "descending": True, "page": 0}
    counts = {"found": len(rows), "total": len(rows), "size": 50, "whole": True}
    return {
        "rows": rows,
        "view": view,
        **counts,
        "selected": [],
        "chosen": 0,
        "kinds": ["all"],
        "labels": LIST,
    }


@pytest.mark.parametrize("left", [True, False], ids=["gone", "not gone yet"])
def test_keys_belong_to_the_newest_list_on_the_page(page: Page, left: bool) -> None:
    """Streamlit puts a new element on the page where a section is shown again; the old one may linger."""
    page.evaluate(MOUNT, ["annotations/list.js", annotations("old"), "before"])
    if left:
        page.evaluate("document.getElementById('before').remove()")
    page.evaluate(MOUNT, ["annotations/list.js", annotations("new"), "after"])
    page.keyboard.press("j")
    row = page.locator("#after .an-item")
    expect(row).to_be_focused()
    page.keyboard.press("o")
    expect(row).to_have_attribute("aria-expanded", "true")


def test_a_dialog_that_is_closed_and_stays_in_the_page_takes_no_keys(page: Page) -> None:
    page.evaluate(MOUNT, ["annotations/list.js", annotations("one"), "list"])
    page.evaluate(
        "document.body.insertAdjacentElement('beforeend', document.createElement('div')).role = 'dialog'"
    )
    dialog = page.get_by_role("dialog")
    dialog.evaluate("dialog => { dialog.textContent = 'Open'; }")
    page.keyboard.press("j")
    expect(page.locator(".an-item")).not_to_be_focused()
    dialog.evaluate("dialog => { dialog.style.display = 'none'; }")
    page.keyboard.press("j")
    expect(page.locator(".an-item")).to_be_focused()


def conversations(ids: list[str]) -> Any:
    rows = [{"id": each, "name": each, "created_at": 1, "updated_at": 1} for each in ids]
    return {"rows": rows, "after": None, "reading": False, "known": len(rows)}


def feedbacks(ids: list[str]) -> Any:
    rows = [{"id": each, "rating": "like", "created_at": 1, "updated_at": 1, **FEEDBACK} for each in ids]
    known = {"found": len(rows), "known": len(rows), "complete": True, "reading": False, "looking": False}
    return {"rows": rows, "after": None, **known}


def people(ids: list[str]) -> Any:
    rows = [
        {"id": each, "user": each, "name": each, "type": "", "conversations": 0, **PERSON} for each in ids
    ]
    return {"rows": rows, "after": None, "total": len(rows)}


def cases(ids: list[str]) -> Any:
    rows = [{"id": each, "title": each, **CASE} for each in ids]
    around = {"staff": [], "me": "u", "tags": [], "views": [], "may": {"share": False}}
    return {"rows": rows, "after": None, **around}


@pytest.mark.parametrize(
    ("module", "path", "rows"),
    [
        ("lists/history.js", "conversations", conversations),
        ("lists/feedback.js", "feedbacks", feedbacks),
        ("lists/people.js", "people/rows", people),
        ("work/list.js", "cases", cases),
    ],
)
def test_a_list_that_is_read_anew_leaves_the_focus_where_it_was(
    page: Page, module: str, path: str, rows: Rows
) -> None:
    there = ["one", "two", "three", "four"]

    def answer(route: Route) -> None:
        route.fulfill(json=rows(there))

    def read_anew(app: str, *now: str) -> None:
        there[:] = now
        page.locator(ROWS).first.evaluate("row => row.classList.add('drawn-before')")
        page.evaluate(MOUNT, [module, {"app": app}, "list"])
        expect(page.locator(".drawn-before")).to_have_count(0)
        expect(page.locator(ROWS)).to_have_count(len(now))

    page.route(f"**/{path}?*", answer)
    page.evaluate(MOUNT, [module, {"at": ""}, "list"])
    button = page.locator("[data-id=two] button").first
    button.focus()
    read_anew("two", "zero", "one", "two", "three", "four")
    expect(button).to_be_focused()
    read_anew("three", "zero", "one", "three", "four")
    expect(page.locator("[data-id=three] button").first).to_be_focused()
    read_anew("four", "zero")
    expect(page.locator("[data-id=zero] button").first).to_be_focused()


def test_annotations_drawn_anew_leave_the_focus_where_it_was(page: Page) -> None:
    def drawn(*ids: str) -> None:
        page.evaluate(MOUNT, ["annotations/list.js", annotations(*ids), "list"])

    drawn("one", "two", "three")
    row = page.locator("[data-id=two]")
    row.click()
    history = row.get_by_role("button", name=LIST["history"])
    history.focus()
    drawn("zero", "one", "two", "three")
    expect(history).to_be_focused()
    drawn("zero", "one", "three")
    expect(page.locator("[data-id=three]")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-id=one]")).to_be_focused()


@pytest.mark.parametrize(
    ("module", "path", "rows", "first"),
    [
        ("lists/history.js", "conversations", conversations, "Export…"),
        ("work/list.js", "cases", cases, "Status"),
    ],
)
def test_the_focus_goes_along_where_a_bar_takes_the_place_of_another(
    page: Page, module: str, path: str, rows: Rows, first: str
) -> None:
    page.route(f"**/{path}?*", lambda route: route.fulfill(json=rows(["one", "two"])))
    page.evaluate(MOUNT, [module, {}, "list"])
    every = page.locator(".ls-all input")
    every.press("Space")
    expect(page.get_by_role("button", name=first, exact=True)).to_be_focused()
    page.get_by_role("button", name="Clear selection").press("Enter")
    expect(every).to_be_focused()
