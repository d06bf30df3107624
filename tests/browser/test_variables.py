"""What a chatflow remembers, on screen: what an answer changed, editing by type, two people at one value."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_accessibility import faultless
from tests.contract.processes import running
from tests.site import Site, served


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("variables")
    with (
        running(folder / "embedded") as dify,
        served(folder / "site", (dify.base_url, f"{dify.api_key}-flow")) as site,
    ):
        yield site


@pytest.fixture
def ada(arrive: Arrive, flow: Site) -> Person:
    """Somebody who has told the chatflow her name."""
    person = arrive(flow.url)
    person.chat()
    person.ask("my name is Ada")
    person.gets("Got it: Nice to meet you, Ada. (name=Ada)")
    return person


def variables_of(person: Person) -> Page:
    """The page of the variables of the conversation on screen."""
    page = person.open(f"/variables?c={person.sees_named_address()}")
    expect(page.get_by_role("heading", name="Variables")).to_be_visible()
    expect(page.get_by_role("heading", name="What changed, and when")).to_be_visible()
    return page


def edit(page: Page, name: str, text: str) -> None:
    page.get_by_role("button", name=f"Edit {name}").click()
    page.get_by_role("textbox", name=f"New value of {name}").fill(text)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def test_what_an_answer_changed(ada: Person) -> None:
    page = ada.page
    ada.ask("How do I stop an answer? theme: light")
    ada.sees_state("complete")
    chip = ada.turn().get_by_role("button", name=re.compile(r"^Changed \d variables: visits, prefs"))
    chip.click()
    box = page.get_by_role("dialog", name="What this answer changed")
    expect(box.locator("dt").filter(has_text="visits")).to_have_text("visits number")
    expect(box.locator("del").filter(has_text="1")).to_have_text(re.compile("^-1"))
    expect(box.locator("ins").filter(has_text="light").first).to_have_text(re.compile('"theme": "light"'))
    every = box.get_by_role("link", name="All variables of this conversation")
    address = ada.sees_named_address()
    expect(every).to_have_attribute("href", f"{ada.home}/variables?c={address}")
    faultless(ada, "what an answer changed")
    page.keyboard.press("Escape")
    expect(chip).to_be_focused()
    with ada.another_tab() as other:
        expect(other.get_by_role("button", name=re.compile("variables: visits, prefs"))).to_be_visible()


def test_each_type_in_its_own_editor(ada: Person) -> None:
    page = variables_of(ada)
    edit(page, "customer_name", "Ada\n**Lovelace**")
    save(page)
    expect(page.get_by_text("Saved. The app's server now has:")).to_be_visible()
    expect(page.get_by_text("**Lovelace**", exact=True)).to_be_visible()
    edit(page, "visits", "many")
    save(page)
    expect(page.get_by_text("This has to be a number")).to_be_visible()
    visits = page.get_by_role("textbox", name="New value of visits")
    visits.fill("2.5")
    save(page)
    expect(page.get_by_text("did not take this: not supported value type integer")).to_be_visible()
    expect(visits).to_have_value("2.5")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.go_back()
    expect(visits).to_have_value("2.5")  # nothing typed is lost
    visits.fill("41")
    save(page)
    expect(page.get_by_role("button", name="Edit visits")).to_be_visible()
    page.get_by_role("button", name="Edit vip").click()
    page.get_by_text("New value of vip").click()
    save(page)
    expect(page.get_by_role("button", name="Edit vip")).to_be_visible()
    edit(page, "prefs", '{\n "theme": dark\n}')
    save(page)
    expect(page.get_by_text("This is not JSON yet: line 2, column 11")).to_be_visible()
    page.get_by_role("textbox", name="New value of prefs").fill('{"theme": "plain"}')
    page.get_by_role("radio", name="Tree").focus()
    page.keyboard.press("Space")
    tree = page.locator(".react-root")
    value = tree.locator(".variable-value").filter(has_text="plain")
    value.hover()
    tree.locator(".click-to-edit-icon").first.click()
    tree.locator("textarea").fill("vivid")
    tree.locator(".edit-check").click()
    expect(tree.get_by_text("vivid")).to_be_visible()
    expect(page.get_by_text("Without a mouse, use Text.")).to_be_visible()
    page.get_by_role("radio", name="Text").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("textbox", name="New value of prefs")).to_have_value('{\n  "theme": "vivid"\n}')
    save(page)
    expect(page.get_by_role("button", name="Edit prefs")).to_be_visible()
    expect(page.get_by_text('{"theme": "vivid"}')).to_be_visible()
    faultless(ada, "the variables page")
    page.get_by_role("textbox", name="Search").fill("whether")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Edit "))).to_have_count(1)
    page.get_by_role("textbox", name="Search").fill("nothing like it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("None of the 7 variables fits.")).to_be_visible()
    page.go_back()  # to the chat
    ada.ready()
    ada.ask("vip")
    ada.sees_state("complete")
    ada.turn().get_by_role("button", name=re.compile("^Changed")).click()
    expect(page.locator("ins").filter(has_text="+42")).to_be_visible()


def test_over_time_and_as_files(ada: Person, tmp_path: Path) -> None:
    ada.ask("theme: light, please")
    ada.sees_state("complete")
    expect(ada.turn().get_by_role("button", name=re.compile("^Changed"))).to_be_visible()
    page = variables_of(ada)
    edit(page, "customer_name", "=1+1")
    save(page)
    expect(page.get_by_text("Edited here · customer_name")).to_be_visible()
    point = page.get_by_text(re.compile("Answer to “theme: light, please”"))
    point.click()
    expect(page.get_by_text(re.compile(r'\+ +"theme": "light"')).first).to_be_visible()
    page.get_by_text("Compare two points in time").click()
    expect(page.get_by_text(re.compile(r"-Ada\s+\+=1\+1")).first).to_be_visible()
    files = {}
    for name in ("All as JSON", "Values as CSV", "Changes as CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        path = tmp_path / name
        download.value.save_as(path)
        files[name] = path.read_text(encoding="utf-8-sig")
    whole = json.loads(files["All as JSON"])
    assert {each["name"]: each["value"] for each in whole["variables"]}["customer_name"] == "=1+1"
    assert [each["after"] for each in whole["changes"] if each["cause"] == "edit"] == ["=1+1"]
    values = list(csv.DictReader(io.StringIO(files["Values as CSV"])))
    assert {each["name"]: each["value"] for each in values}["customer_name"] == "'=1+1"
    changes = list(csv.DictReader(io.StringIO(files["Changes as CSV"])))
    # What the first answer wrote within its first second cannot be told from what was there before.
    assert {each["question"] for each in changes} - {"my name is Ada"} == {"theme: light, please", ""}


def test_two_people_at_one_value(ada: Person, arrive: Arrive, flow: Site) -> None:
    page = variables_of(ada)
    second = arrive(flow.url)
    second.context.add_cookies(ada.context.cookies())
    other = second.open(page.url.removeprefix(flow.url))
    expect(other.get_by_role("heading", name="What changed, and when")).to_be_visible()
    for each in (page, other):
        each.get_by_role("button", name="Edit customer_name").click()
    page.get_by_role("textbox", name="New value of customer_name").fill("of the first")
    save(page)
    expect(page.get_by_text("Saved. The app's server now has:")).to_be_visible()
    theirs = other.get_by_role("textbox", name="New value of customer_name")
    theirs.fill("of the second")
    save(other)
    expect(other.get_by_text("This value was changed while you were editing it.")).to_be_visible()
    for text in ("Ada", "of the first"):  # what it was, and what it is
        expect(other.get_by_test_id("stMain").get_by_text(text, exact=True)).to_be_visible()
    expect(theirs).to_have_value("of the second")
    faultless(second, "the choice between two values")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_test_id("stMain").get_by_text("of the first", exact=True)).to_be_visible()
    other.get_by_role("button", name="Save mine").click()
    expect(other.get_by_text("Saved. The app's server now has:")).to_be_visible()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_test_id("stMain").get_by_text("of the second", exact=True)).to_be_visible()


def test_beside_the_chat(ada: Person) -> None:
    page = ada.page
    page.get_by_role("button", name="Variables", exact=True).click()
    drawer = page.get_by_role("dialog", name="Variables")
    drawer.get_by_role("button", name="Edit visits").click()
    visits = drawer.get_by_role("textbox", name="New value of visits")
    visits.fill("7")
    page.reload()
    page.get_by_role("button", name="Variables", exact=True).click()
    drawer.get_by_role("button", name="Edit visits").click()
    expect(visits).to_have_value("7")
    save(page)
    expect(drawer.get_by_text("Saved. The app's server now has:")).to_be_visible()
    faultless(ada, "the panel")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    ada.ask("my name is Bo")
    ada.gets("Got it: Nice to meet you, Bo. (name=Bo)")
    ada.turn().get_by_role("button", name="Changed 3 variables: customer_name, visits, items").click()
    expect(page.locator("ins").filter(has_text="+8")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Variables", exact=True).click()
    drawer.get_by_role("button", name="Open as a page").click()
    expect(page).to_have_url(re.compile("/variables\\?c="))
    expect(page.get_by_role("button", name="Edit visits")).to_be_visible()


def test_which_conversation(ada: Person, arrive: Arrive, flow: Site) -> None:
    address = ada.sees_named_address()
    page = ada.open("/variables")
    expect(page.get_by_text("Choose the conversation")).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Conversation")).click()
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile(f"c={address}"))
    expect(page.get_by_role("button", name="Edit visits")).to_be_visible()
    stranger = arrive(flow.url)
    stranger.expects_trouble()
    stranger.open(f"/variables?c={address}")
    expect(stranger.page.get_by_text("The app no longer has this conversation")).to_be_visible()
