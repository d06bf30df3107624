"""What pages show to whoever may only read, and to whoever is not signed in (any more)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from components import intents, session, visitor, words, words_account
from services import assembly
from services import site as sites
from services.access import Access
from services.accounts.book import Accounts
from services.accounts.passwords import Passwords
from services.apps import App
from services.dify.client import Client
from services.identities.accounts import LocalAccounts
from services.identity import Denied, Departures, Identity, Role, Secret
from services.limits import Limits, Meter
from services.pending import Pending, brought
from services.speech_in import heard
from services.store import Store
from services.uploads import Chosen, Rules, upload
from tests.pages.test_pages import PAGES, World, said
from tests.upstream import Upstream, stops_delivered

VIC = Identity("vic", Role.VIEWER, "vic")
SEND = "a-send-id-of-a-browser"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: VIC)
    with Upstream() as dify:
        store, secret = Store.in_memory(), Secret(b"s" * 32)
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        book = Accounts(store.database, secret, Departures(), passwords)
        app = App("app", Client(dify.url, dify.key))
        made = assembly.over(app, LocalAccounts(book), store)
        sites.use(made)
        yield World(dify, made)
        made.stop()
        stops_delivered()
        app.client.close()
        sites.refuse("over")


def components(world: World, name: str | None = None, **address: str) -> dict[str, str]:
    """Our components on a page, by key; what each was given."""
    test = world.page(name, **address)
    assert not test.exception
    drawn = (*test.main.children.values(), *test.sidebar.children.values())
    return {found.proto.id: found.proto.json for found in _all(drawn) if "json" in dir(found.proto)}


def _all(elements: object) -> Iterator[object]:
    for element in elements:  # type: ignore[attr-defined]
        yield element
        yield from _all(getattr(element, "children", {}).values())


@pytest.mark.parametrize("allowed", [True, False])
def test_where_there_is_no_app_one_can_sign_out(world: World, allowed: bool) -> None:
    world.site.apps[0].access = Access(groups=frozenset() if allowed else frozenset({"leads"}))
    assert any("account" in key for key in components(world, app="unknown"))


def test_a_viewer_reads_and_has_nothing_to_ask_with(world: World) -> None:
    world.dify.parameters = {
        "suggested_questions": ["Ask me?"],
        "user_input_form": [{"text-input": {"variable": "nick", "label": "Nickname"}}],
    }
    test = world.page()
    assert not test.exception
    assert words_account.READ_ONLY in said(test)
    assert "administrator" in words_account.READ_ONLY.lower()
    assert not test.chat_input
    assert not test.text_input
    assert words.NEW_CHAT not in {button.label for button in test.button}


@pytest.mark.parametrize(("name", "part"), [(None, "list-sidebar"), ("history.py", "list-history")])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_lists_offer_a_viewer_no_change(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str | None, part: str, role: Role
) -> None:
    monkeypatch.setattr(visitor, "identity", lambda _: Identity("vic", role, "vic"))
    (told,) = (data for key, data in components(world, name).items() if part in key)
    assert json.loads(told)[0].get("reads", False) is (role is Role.VIEWER)


def test_what_a_viewers_browser_sends_all_the_same_is_refused_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.site.directory.open(VIC, world.site.apps[0], "~a-key-of-vic")
    asker = world.asker(place)
    object.__setattr__(asker, "identity", VIC)
    told: list[str | None] = []
    monkeypatch.setattr(session, "refused", lambda code, **_: told.append(code))
    for act in ("ask", "retry", "edit", "repeat", "annotate", "renew"):
        intents.doer(asker)({"act": act, "query": "hi", "turn": "t", "send_id": SEND})
    intents.doer(asker)({"act": "send_now", "waiting": "w"})
    assert told == ["denied"] * 7
    assert "administrator" in words.REFUSALS["denied"]
    assert world.dify.asked == []


def test_files_and_speech_of_a_viewer_do_not_reach_dify(world: World) -> None:
    client, rules = world.site.apps[0].client, Rules(frozenset({"document"}), frozenset(), {}, 1)
    for work in (
        lambda: upload(client, VIC, Chosen("a.txt", b"text"), rules, Meter(Limits())),
        lambda: brought(client, VIC, Pending("id", "a.txt", b"text"), rules, Meter(Limits())),
        lambda: heard(client, VIC, b"RIFFxxxxWAVE"),
    ):
        with pytest.raises(Denied):
            work()
    assert world.dify.requests == []


@pytest.mark.parametrize("name", [*PAGES, "annotations.py"])
def test_nobody_sees_anything_and_dify_is_asked_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setattr(visitor, "identity", lambda identities: identities.of({}, {}, None))
    drawn = components(world, name)
    assert [key for key in drawn if "signed_out" in key]
    assert len(drawn) == 2  # with what listens to fields, of which there are none
    assert world.dify.requests == []


def test_who_is_signed_in_stands_at_the_foot(world: World) -> None:
    (told,) = (data for key, data in components(world).items() if "list-account" in key)
    assert json.loads(told)[0]["person"] == "vic"
    assert words_account.ROLES[Role.VIEWER] in json.dumps(json.loads(told))
