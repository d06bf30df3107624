"""Several apps behind one site: requests, jobs and threads keep to their own, and a broken one to itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from routes import conversations, export, files, live
from routes.lanes import Lanes
from routes.security import Security
from services import assembly, deletions, left_behind, roll_call, standing
from services import site as sites
from services.access import Access
from services.apps import App, NoSuchApp
from services.backend import APPS, Backend
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.patience import Patience
from services.directory import NotTheirs
from services.draft import Draft
from services.identity import Identity, Role
from services.site import Site
from services.store import Store
from services.turn import Turn
from tests.site import until
from tests.unit.test_routes import listening
from tests.upstream import HANG, Answer, Gate, Refusal, Upstream, row, stops_delivered

LONG = 20.0
ANN = Identity("ann", Role.AGENT, groups=frozenset({"sales"}))
BEN = Identity("ben", Role.AGENT)
ROUTES = [
    Route("/live/{key}", live.events),
    *conversations.ROUTES,
    *export.ROUTES,
    Route("/icons/{app}", files.icon),
]


class Named:
    """Whoever the header says, for requests of these tests alone."""

    mode = "proxy"

    def of(self, _: Mapping[str, str], headers: Mapping[str, str], __: str | None) -> Identity | None:
        return {"ann": ANN, "ben": BEN}.get(headers.get("x-who", ""))

    def role(self, user: str) -> Role | None:
        return None

    def introduction(self, *, secure: bool) -> str | None:
        return None


@dataclass
class World:
    support: Upstream
    sales: Upstream
    site: Site
    url: str = ""

    @property
    def apps(self) -> tuple[App, App]:
        one, two = self.site.apps
        return one, two

    def place(self, app: App, key: str) -> Conversation:
        return self.site.directory.open(ANN, app, f"~{key}")

    def get(self, path: str, who: str = "ann") -> httpx.Response:
        return httpx.get(self.url + path, headers={"x-who": who}, timeout=LONG)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Store.at(tmp_path / "console.sqlite3")
    with Upstream() as support, Upstream(key="app-CANARYsales") as sales, over(support, sales, store) as made:
        yield made


@contextmanager
def over(support: Upstream, sales: Upstream, store: Store, *, only: bool = False) -> Iterator[World]:
    """A site of both, or of the first one `only`; not started."""
    patience = Patience(connect=2, read=1.5, repeats=0)
    with (
        Client(support.url, support.key, patience=patience) as one,
        Client(sales.url, sales.key, patience=patience) as two,
    ):
        apps = (App("support", one), App("sales", two, access=Access(groups=frozenset({"sales"}))))
        site = assembly.over(apps[0], Named(), store, () if only else apps[1:])
        yield World(support, sales, site)
        site.stop()
        stops_delivered()


@pytest.fixture
def served(world: World) -> Iterator[World]:
    with listening(Starlette(routes=ROUTES, middleware=[Middleware(Security)])) as url:
        world.url = url
        sites.use(world.site)
        yield world
        sites.refuse("over")


# Which app


def test_the_app_of_a_slug(world: World) -> None:
    support, sales = world.apps
    assert world.site.app(ANN, None) is world.site.app(ANN, "support") is support
    assert world.site.app(ANN, "sales") is sales
    assert world.site.apps_of(BEN) == (support,)
    for who, slug in ((BEN, "sales"), (ANN, "nothing"), (ANN, ""), (ANN, "SALES")):
        with pytest.raises(NoSuchApp):
            world.site.app(who, slug)
    support.access = Access(Role.CURATOR)
    assert world.site.app(ANN, None) is sales
    with pytest.raises(NoSuchApp):
        world.site.app(BEN, None)


def test_a_key_opens_in_its_own_app_alone(world: World) -> None:
    support, sales = world.apps
    place = world.place(support, "a-key-of-our-own")
    with pytest.raises(NotTheirs):
        world.place(sales, "a-key-of-our-own")
    assert world.place(support, "a-key-of-our-own") is place


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/conversations?app=support", "ann", 200),
        ("/conversations?app=sales", "ann", 200),
        ("/conversations", "ben", 200),
        ("/conversations?app=sales", "ben", 404),
        ("/conversations/pending?app=nothing", "ann", 404),
        ("/conversations?app=", "ann", 404),
        ("/icons/support", "ben", 204),
        ("/icons/sales", "ben", 404),
        ("/icons/nothing", "ann", 404),
        ("/conversations?app=sales", "nobody", 401),
    ],
)
def test_routes_refuse_an_app_that_is_not_there_or_not_for_one(
    served: World, path: str, who: str, status: int
) -> None:
    assert served.get(path, who).status_code == status
    if status != 200:
        assert served.sales.requests == []


def test_rows_are_of_the_app(served: World) -> None:
    for dify, name in ((served.support, "at support"), (served.sales, "at sales")):
        dify.keep(row("q", "a"), user="ann").name = name
    for slug in ("support", "sales"):
        rows = served.get(f"/conversations?app={slug}").json()["rows"]
        assert [shown["name"] for shown in rows] == [f"at {slug}"]


def test_what_one_had_open_ends_with_the_right_to_the_app(served: World) -> None:
    sales = served.apps[1]
    served.place(sales, "a-key-of-our-own")
    job = served.site.archive.exports.request(ANN, sales, ["x"], "json")
    assert served.get(f"/export/{job.token}/progress?app=support").status_code == 200
    sales.access = Access(groups=frozenset({"leads"}))
    assert served.get(f"/export/{job.token}/progress?app=support").status_code == 404
    assert served.get("/live/a-key-of-our-own").status_code == 404


# Work without a visitor


def test_what_waits_is_sent_to_its_own_app(world: World) -> None:
    gates = Gate(), Gate()
    world.support.next(Answer("a", gates[0]))
    world.sales.next(Answer("a", gates[1]))
    for app, gate in zip(world.apps, gates, strict=True):
        place = world.place(app, f"key-of-{app.slug}")
        for query in ("one", "two"):
            world.site.queue.ask(ANN, place, Draft(f"{query} {app.slug}"), f"send-{query}-{app.slug}")
        gate.wait_reached()
    for gate in gates:
        gate.open()
    until(lambda: len(world.support.asked) == len(world.sales.asked) == 2)
    for dify, slug in ((world.support, "support"), (world.sales, "sales")):
        assert [asked.body["query"] for asked in dify.asked] == [f"one {slug}", f"two {slug}"]
    until(lambda: not any(each.busy for each in world.site.directory._open.values()))


def deleted(dify: Upstream) -> list[str]:
    return [path for method, path, _ in dify.requests if method == "DELETE"]


def test_deletions_of_an_app_that_hangs_hold_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "GRACE", 0.0)
    support, sales = world.apps
    there = [world.sales.keep(row("q", "a"), user="ann").id for _ in range(20)]
    here = world.support.keep(row("q", "a"), user="ann").id
    world.sales.fail("delete", HANG)
    world.site.archive.deletions.request(ANN, sales, dict.fromkeys(there, "a"))
    world.site.archive.deletions.request(ANN, support, {here: "a"})
    world.site.archive.deleting.carry_out()
    assert deleted(world.support) == [f"/conversations/{here}"]
    assert len(deleted(world.sales)) == 1
    assert len(world.site.archive.deletions.of(sales, "ann")) == 20


def test_what_belongs_to_an_app_that_is_gone_waits_for_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "GRACE", 0.0)
    sales = world.apps[1]
    kept = world.sales.keep(row("q", "a"), user="ann")
    world.site.archive.deletions.request(ANN, sales, {kept.id: "a"})
    place = world.place(sales, "a-key-of-our-own")
    key = world.site.store.add(place.owned)
    world.site.store.save(key, Turn.asked("left behind", id="send-left"))
    store = Store.at(tmp_path / "console.sqlite3")
    with over(world.support, world.sales, store, only=True) as later:
        later.site.archive.deleting.carry_out()
        left_behind.take_up(later.site)
        assert [d.conversation_id for d in later.site.archive.deletions.of(sales, "ann")] == [kept.id]
        assert [turn.state for _, turn in later.site.store.unfinished()] == ["waiting"]
        with pytest.raises(NoSuchApp):
            later.site.app_of(place)
    assert deleted(world.sales) == []


def test_threads_are_counted_for_each_app() -> None:
    lanes = Lanes(3)
    assert lanes.of("support") is lanes.of("support") is not lanes.of("sales")
    assert lanes.of("sales").total_tokens == 3


# How they stand


def wrong_key(dify: Upstream) -> None:
    dify.key = "another"


def workflow(dify: Upstream) -> None:
    dify.info = {"mode": "workflow"}


def hanging(dify: Upstream) -> None:
    dify.fail("parameters", HANG)


def no_dify(dify: Upstream) -> None:
    dify.fail("parameters", Refusal(404, "<html>Not Found</html>"))


def unpublished(dify: Upstream) -> None:
    dify.fail("parameters", Refusal.of(400, "app_unavailable", "App unavailable"))


def nameless(dify: Upstream) -> None:
    for name in ("info", "site"):
        dify.fail(name, Refusal(404, "<html>Not Found</html>"))


@pytest.mark.parametrize(
    ("make", "code", "detail", "told"),
    [
        (lambda _: None, "fine", "", "app sales answers"),
        (wrong_key, "refused", "", "app sales refuses its API key"),
        (workflow, "kind", "workflow", "it is a workflow app"),
        (hanging, "unreachable", "timed_out", "app sales cannot be reached (timed_out)"),
        (no_dify, "too_old", "", "no /parameters"),
        (unpublished, "failing", "app_unavailable", "answers with an error (app_unavailable)"),
        (nameless, "old", "info, site", "too old for: info, site"),
    ],
)
def test_a_roll_call_tells_of_each_and_waits_for_none(
    world: World,
    make: Callable[[Upstream], None],
    code: str,
    detail: str,
    told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "services.roll_call")
    make(world.sales)
    support, sales = world.apps
    roll_call.begin(world.site.apps, None, world.site.ending)
    until(lambda: support.standing.code == "fine")
    until(lambda: sales.standing.code == code)
    assert sales.standing.detail == detail
    assert sales.standing.answers == (code in {"fine", "old"})
    assert support.profile().name == "Scripted chat"
    until(lambda: told in caplog.text)
    assert world.sales.key not in caplog.text
    world.site.ending.set()


def test_one_that_answers_again_is_noticed_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_call, "PAUSE", 0.01)
    sales = world.apps[1]
    world.sales.fail("info", Refusal.of(503, "unknown", "starting"))
    roll_call.begin((sales,), None, world.site.ending)
    until(lambda: sales.standing.code == "failing")
    since = sales.standing.since
    until(lambda: sales.standing.asked_at > since)
    assert sales.standing.since == since
    world.sales.fail("info")
    until(lambda: sales.standing.code == "fine")
    until(lambda: all(thread.name != "roll call" for thread in threading.enumerate()))


@pytest.mark.parametrize(
    ("version", "lacking"),
    [
        ("1.16.0-rc1", ""),
        ("1.13.3", "human_input"),
        ("1.4.0", "set_variables, human_input"),
        ("0.15.8", "annotations, site, set_variables, human_input"),
        ("2.0", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_what_an_older_dify_lacks(world: World, version: str, lacking: str) -> None:
    profile = world.apps[0].profile()
    assert standing.of(profile, version) == (("old", lacking) if lacking else ("fine", ""))


def test_the_backends_keys_are_those_of_its_apps(tmp_path: Path) -> None:
    from embedded.personas import opened

    backend = Backend(tmp_path, tmp_path)
    apps = {slug: opened(key, backend.api_key) for slug, key in backend.keys.items()}
    assert list(apps) == list(APPS)
    assert [app.name for app in apps.values() if app] == [
        "Console guide",
        "Agent",
        "Chatflow",
        "Speaking guide",
        "Moderated chat",
        "Document reader",
        "Plain chat",
    ]
