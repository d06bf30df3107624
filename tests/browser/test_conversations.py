"""The lists of conversations as people use them: beside the chat, on the history page, on a phone."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Locator, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, until
from tests.upstream import Answer, Gate, Refusal, Upstream, row


def sidebar(person: Person) -> Locator:
    return person.page.get_by_role("navigation", name="Conversations")


def more(place: Locator, name: str) -> Locator:
    return (
        place.get_by_role("listitem").filter(has_text=name).get_by_role("button", name="Options", exact=True)
    )


def menu(person: Person, name: str, *path: str, within: Locator | None = None) -> None:
    """Open the menu of a row and press the items, one after the other."""
    place = within or sidebar(person)
    more(place, name).click()
    for item in path:
        person.page.get_by_role("menuitem", name=item, exact=True).click()


def history(person: Person) -> Locator:
    """The list of the history page, with something in it."""
    rows = person.page.get_by_role("list", name="Conversations")
    expect(rows.get_by_role("listitem").first).to_be_visible()
    return rows


def test_a_conversation_is_named_pinned_and_deleted_beside_the_chat(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("one ", gate, "two"))
    person.ask("First question of all")
    gate.wait_reached()
    gate.open()
    person.gets("one two")
    conversation = dify.dialogues[person.sees_named_address()]
    rows = sidebar(person)
    expect(rows.get_by_role("heading", name="Today")).to_be_visible()
    expect(rows.locator("[aria-current=page]")).to_have_text("First question of al…")

    menu(person, "First question of al…", "Rename")
    field = rows.get_by_role("textbox", name="Name")
    field.fill("x" * 256)
    field.press("Enter")
    expect(rows.get_by_role("alert")).to_contain_text("at most 255 letters; this one has 256")
    expect(field).to_have_value("x" * 256)
    dify.fail("name", Refusal.of(500, "unknown", "Internal Server Error"))
    field.fill("שם 🚀 <b>")
    person.expects_trouble()  # the page is told of the failure by a status
    field.press("Enter")
    expect(rows.get_by_role("alert")).to_contain_text("That did not work")
    expect(field).to_have_value("שם 🚀 <b>")
    dify.fail("name")
    field.press("Enter")
    expect(rows.get_by_role("button", name="שם 🚀 <b>", exact=True)).to_be_visible()
    assert conversation.name == "שם 🚀 <b>"

    menu(person, "שם 🚀 <b>", "Pin")
    expect(rows.get_by_role("heading")).to_have_text(["Pinned"])
    menu(person, "שם 🚀 <b>", "Name it for me")
    expect(rows.get_by_role("button", name="A title from Dify", exact=True)).to_be_visible()
    person.page.reload()
    expect(rows.get_by_role("heading")).to_have_text(["Pinned"])

    menu(person, "A title from Dify", "Delete")
    undo = person.page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(rows.get_by_role("button", name="A title from Dify", exact=True)).to_be_hidden()
    expect(person.page).to_have_url(re.compile("c=~"))  # what is on its way out is not kept on the screen
    person.page.reload()
    undo.click()
    expect(person.page.get_by_text("Nothing was deleted.")).to_be_visible()
    rows.get_by_role("button", name="A title from Dify", exact=True).click()
    person.gets("one two")
    assert conversation.id in dify.dialogues

    menu(person, "A title from Dify", "Delete")
    expect(undo).to_be_visible()
    until(lambda: conversation.id not in dify.dialogues, "the deletion")
    expect(undo).to_be_hidden()
    person.open(f"/?c={conversation.id}")
    expect(person.page.get_by_text("Dify no longer has this conversation")).to_be_visible()
    expect(person.page.get_by_role("button", name="Show me markdown")).to_be_hidden()


def test_history_finds_what_was_said_and_goes_there(arrive: Arrive, site: Site, dify: Upstream) -> None:
    long = [
        row(f"Question {n}", f"Answer {n} {'needle' if n == 5 else 'hay'}", created_at=1_700_000_000 + n)
        for n in range(90)
    ]
    kept = dify.keep(*long)
    kept.name, kept.updated_at = "A long one", 1_700_000_100
    for n in range(130):
        other = dify.keep(row(f"Other {n:03}", "x"))
        other.name, other.created_at, other.updated_at = f"Other {n:03}", 1_600_000_000 + n, 1_600_000_000 + n
    person = arrive(site.url)
    person.chat(f"/?c={kept.id}")
    older = person.page.get_by_role("button", name="Load older messages")
    older.click()  # in sight it loads by itself as well: sometimes two pages have come, and it is gone
    expect(person.turns.nth(69)).to_be_attached()
    with suppress(Error):
        older.click(timeout=5_000)
    expect(person.turns).to_have_count(90)
    # A hundred titles do not push what stands at the foot of the sidebar out of sight.
    expect(person.page.get_by_test_id("stSidebar").get_by_role("button", name="Other 129")).to_be_visible()
    expect(person.page.get_by_role("button", name="Keyboard")).to_be_in_viewport()

    page = person.open("/history")
    rows = history(person)
    expect(rows.get_by_role("listitem").first).to_contain_text("A long one")
    expect(rows.get_by_role("listitem").first).to_contain_text("Question 89")  # what was asked last
    expect(page.get_by_text(re.compile(r"^100 conversations, more below"))).to_be_visible()
    page.get_by_role("button", name="Load more").scroll_into_view_if_needed()
    expect(page.get_by_text("131 conversations")).to_be_visible()
    expect(rows.get_by_role("listitem")).to_have_count(131)
    page.get_by_role("combobox", name="Sort by").select_option("Oldest first")
    expect(rows.get_by_role("listitem").first).to_contain_text("Other 000")

    search = page.get_by_role("searchbox", name="Search titles, questions and answers")
    search.fill("Other 12")
    expect(page.get_by_text(re.compile("^12 conversations"))).to_be_visible()
    search.fill("nothing such")
    expect(page.get_by_text("No conversation matches.")).to_be_visible()
    search.fill("NEED")
    expect(rows.get_by_role("listitem")).to_have_count(1)
    expect(rows.locator("mark")).to_have_text("need")
    rows.locator(".ls-snippet").click()

    person.ready()
    expect(person.page).to_have_url(re.compile(rf"c={kept.id}.*m={long[5]['id']}"))
    found = person.page.locator(".tr-found")
    expect(found).to_contain_text("Question 5")
    expect(found).to_be_in_viewport()
    person.page.go_back()
    expect(search).to_have_value("NEED")  # nothing typed is lost


SMALL = """
[...document.querySelectorAll("[data-testid=stMain] button")]
  .filter((button) => !button.closest("[data-testid=stChatInput], [data-testid=stTooltipHoverTarget]"))
  .filter((button) => button.checkVisibility())
  .map((button) => [button.getAttribute("aria-label") ?? button.innerText, button.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (width < 39.5 || height < 39.5))
  .map(([name, { width, height }]) => `${name} ${width} ${height}`)
"""


def test_a_phones_sidebar_makes_way_for_what_was_opened(arrive: Arrive, site: Site, dify: Upstream) -> None:
    dify.keep(row("Question", "Answer " * 300)).name = "A talk"
    person = arrive(site.url, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = person.chat()
    drawer = page.get_by_test_id("stSidebar")

    def press(name: str) -> None:
        page.get_by_test_id("stExpandSidebarButton").click()
        drawer.get_by_role("button", name=name, exact=True).click()
        expect(drawer).to_have_attribute("data-collapsed", "true")

    press("A talk")
    person.sees("Answer")
    # To the finger: nothing stands outside of the screen, or is smaller than 40 px.
    tools = person.turn().locator(".tr-tool")
    expect(tools.last).to_be_in_viewport(ratio=1)
    assert page.evaluate(SMALL) == []
    tools.and_(page.get_by_role("button", name="Good answer")).tap()
    why = page.get_by_role("dialog", name="What was good?")
    page.set_viewport_size({"width": 390, "height": 400})  # as with a keyboard
    for end in (0, 10_000):
        page.get_by_test_id("stMain").evaluate("(main, end) => main.scrollTo(0, end)", end)
        expect(why.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 800})
    press("New chat")
    expect(person.turns).to_have_count(0)
    press("About this app")
    expect(page).to_have_url(re.compile("/about"))
    press("A talk")  # from another page, too
    person.sees("Answer")
    page.get_by_test_id("stExpandSidebarButton").click()
    drawer.get_by_role("link", name="History").click()
    expect(drawer).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(drawer).to_have_attribute("data-collapsed", "false")
    page.reload()  # open, it would hide the page
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(drawer).to_have_attribute("data-collapsed", "true")


def test_many_are_selected_exported_and_deleted(
    arrive: Arrive, site: Site, dify: Upstream, tmp_path: Path
) -> None:
    for n in range(4):
        dify.keep(row(f"Question {n}", f"Answer {n} to a@example.org")).name = f"Talk {n}"
    person = arrive(site.url, viewport={"width": 390, "height": 800})
    page = person.open("/history")
    rows = history(person)
    for n in (0, 2):
        rows.get_by_role("checkbox", name=f"Select Talk {n}").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Export…").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="JSON").click()
    download.value.save_as(tmp_path / "file")
    whole = json.loads((tmp_path / "file").read_text(encoding="utf-8"))
    assert {kept["name"] for kept in whole["conversations"]} == {"Talk 0", "Talk 2"}
    expect(page.get_by_text("The file is written: 2 conversations.")).to_be_visible()
    page.get_by_role("button", name="Export…").click()
    page.get_by_role("menuitem", name="Hide personal data").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Markdown").click()
    download.value.save_as(tmp_path / "file")
    assert "Answer 2 to [e-mail 1]" in (tmp_path / "file").read_text(encoding="utf-8")
    expect(page.get_by_text("That is a help and no guarantee")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(rows.get_by_role("listitem").filter(visible=True)).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(rows.get_by_role("listitem").filter(visible=True)).to_have_count(4)
    assert len(dify.dialogues) == 4
    # The menu by keyboard alone.
    more(rows, "Talk 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more(rows, "Talk 1")).to_be_focused()


def test_a_link_shows_what_was_chosen_until_it_is_taken_back(
    arrive: Arrive, person: Person, site: Site, dify: Upstream
) -> None:
    dify.next(Answer("**Public** words"), Answer("private words"))
    person.ask("For everybody")
    person.gets("Public words")
    person.ask("For me alone")
    person.gets("private words")
    name = dify.dialogues[person.sees_named_address()].name
    menu(person, name, "Share…")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Some of them").click()
    expect(dialog.get_by_role("button", name="Create link")).to_be_disabled()
    dialog.get_by_text("For everybody", exact=True).click()
    dialog.get_by_role("button", name="Create link").click()
    link = dialog.locator("code").inner_text()
    assert link.startswith(f"{site.url}/share/")
    person.page.mouse.move(0, 0)
    expect(dialog.get_by_role("button", name="Copy to clipboard")).to_be_visible()

    reader = arrive(site.url)
    page = reader.open(link.removeprefix(site.url))
    expect(page.locator("strong")).to_have_text("Public")
    expect(page.locator(".question")).to_have_text("For everybody")
    expect(page.get_by_text("private")).to_have_count(0)
    expect(page.get_by_text("For me alone")).to_have_count(0)

    person.open("/history")
    person.page.get_by_role("button", name="Shared links").click()
    dialog.get_by_role("button", name="Take back").click()
    expect(dialog.get_by_text("This link no longer works.")).to_be_visible()
    reader.expects_trouble()
    page.reload()
    expect(page.get_by_text("This link does not lead anywhere (any more).")).to_be_visible()


def test_empty_lists_say_why(arrive: Arrive, site: Site, dify: Upstream) -> None:
    person = arrive(site.url)
    page = person.open("/history")
    expect(
        page.get_by_text("conversations made in Dify's own web app cannot be read through the API")
    ).to_be_visible()
    dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    person.expects_trouble()
    page.reload()
    expect(page.get_by_role("main").get_by_text("The list cannot be read now.")).to_be_visible()
    dify.fail("conversations")
    dify.keep(row("There again", "a"))
    page.get_by_role("button", name="Try again").click()
    expect(history(person).get_by_role("button", name="There again", exact=True)).to_be_visible()
