"""Who is in the directory of end users, how they came there, and how they are found again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from services import assembly
from services.apps import App
from services.audit import table as audit
from services.dify.client import Client
from services.dify.end_users import EndUser
from services.dify.errors import EndpointMissing, NotFound, ServerFailed
from services.draft import Draft
from services.identities.open import Open
from services.identity import Denied, Identity, Role, Secret
from services.people.people import PAGE, NoId, People
from services.people.sightings import AGAIN
from services.people.table import Person, people
from services.site import Site
from services.store import Store, StoreError
from tests.site import until
from tests.upstream import Refusal, Upstream, row

ANN, CAT = Identity("ann", Role.AGENT, "Ann Lee"), Identity("cat", Role.CURATOR)
DAN, EVE = Identity("dan", Role.ADMIN), Identity("eve", Role.AGENT)
LONG = 20.0


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as made:
        yield made


@pytest.fixture
def site(store: Store, dify: Upstream) -> Iterator[Site]:
    store.ready()
    with Client(dify.url, dify.key) as client:
        yield assembly.over(App("app", client), Open(Secret(b"s" * 32)), store)


def listed(site: Site, words: str = "", sort: str = "-last_seen") -> list[Person]:
    return list(site.people.page(CAT, site.apps[0], words, sort).rows)


def asked(site: Site, query: str, who: Identity = ANN) -> str:
    place = site.directory.open(who, site.apps[0], f"~{uuid.uuid4().hex}")
    run = site.runs.start(who, site.apps[0].client, place, Draft(query), f"send-{uuid.uuid4().hex}")
    assert run
    assert run.done.wait(LONG)
    assert place.conversation_id
    return place.conversation_id


def test_whoever_asks_is_noted_with_their_name_and_conversations(site: Site) -> None:
    site.tabs.drawn("tab", ANN)
    asked(site, "one")
    asked(site, "two")
    until(lambda: listed(site), "the sighting")
    (person,) = listed(site)
    assert (person.user, person.name, person.how, person.conversations) == (
        "ann",
        "Ann Lee",
        ("question",),
        2,
    )
    assert time.time() - 100 < person.first_seen <= person.last_seen


def test_an_upload_makes_one_person_of_both_ids(site: Site, dify: Upstream) -> None:
    site.people.sightings.saw("app", user="ann", how="question")
    site.people.sightings.saw("app", end_user_id=dify.end_user("ann"), how="feedback")
    assert len(listed(site)) == 2
    site.apps[0].client.files.upload("a.txt", b"a", "text/plain", "ann")
    (person,) = listed(site)
    assert (person.user, person.end_user_id) == ("ann", dify.end_user("ann"))
    assert person.how == ("feedback", "question", "upload")


def test_a_conversation_that_is_read_names_whose_it_is(site: Site, dify: Upstream) -> None:
    kept = dify.keep(row("q", "a"), user="ann")
    look = site.looks.open(CAT, site.apps[0], "ann", kept.id)
    site.directory.load(look.conversation, site.apps[0])
    (person,) = listed(site)
    assert (person.user, person.how) == ("ann", ("reading",))


def test_those_who_rated_are_read_from_the_app_and_explained(site: Site, dify: Upstream) -> None:
    users = [f"user-{number}" for number in range(150)]
    dify.feedbacks = [
        {"id": user, "rating": "like", "from_end_user_id": dify.end_user(user)} for user in users
    ]
    dify.feedbacks += [{"id": "admin's", "rating": "like", "from_end_user_id": None}]
    unknown = str(uuid.uuid4())
    dify.feedbacks.append({"id": "x", "rating": "like", "from_end_user_id": unknown})
    site.harvest.begin(site.apps[0])
    until(lambda: site.people.unexplained("app", 10) == [unknown], "all explained but one")
    page = site.people.page(CAT, site.apps[0])
    assert page.total == 151
    assert {person.how for person in page.rows} == {("feedback",)}
    (found,) = listed(site, "user-77")
    assert (found.user, found.type, found.anonymous) == ("user-77", "service-api", False)
    before = len(dify.requests)
    site.harvest.begin(site.apps[0])  # that was just done
    site.harvest.read(site.apps[0])
    # Pages until one is not full; of the people only those asked for again who may be explained by now.
    assert [path for _, path, _ in dify.requests[before:]] == ["/app/feedbacks"] * 2


def test_ratings_that_cannot_be_read_are_no_trouble(site: Site, dify: Upstream) -> None:
    dify.fail("app/feedbacks", Refusal.of(500, "unknown", "broken"))
    with pytest.raises(ServerFailed):
        site.harvest.read(site.apps[0])
    site.harvest.begin(site.apps[0])
    until(lambda: len(dify.requests) > 1, "the reading")
    assert listed(site) == []


@pytest.mark.parametrize("sort", ["-last_seen", "last_seen", "-first_seen", "first_seen", "name"])
def test_pages_follow_each_other_in_every_order(site: Site, sort: str) -> None:
    many = [EndUser("", f"person {number % 40:02} {number}") for number in range(2 * PAGE + 7)]
    site.people.sightings.heard("app", many, "question")
    site.people.sightings.heard("other", [EndUser("", "person elsewhere")], "question")
    found: list[Person] = []
    after = None
    while True:
        page = site.people.page(CAT, site.apps[0], "PERSON", sort, after)
        assert page.total == len(many)
        found += page.rows
        if (after := page.after) is None:
            break
    assert {person.user for person in found} == {each.user for each in many}
    assert len(found) == len(many)
    if sort == "name":
        assert [person.user for person in found] == sorted(each.user for each in many)


def test_search_in_ids_and_names(site: Site) -> None:
    ids = [str(uuid.uuid4()) for _ in range(2)]
    site.people.sightings.saw("app", user="web-17", name="Zoë Lee", how="question")
    site.people.sightings.saw("app", user="100%_sure", end_user_id=ids[0], how="upload")
    site.people.sightings.saw("app", end_user_id=ids[1], how="feedback")
    for words, users in (
        ("zoe", ["web-17"]),
        ("lee web", ["web-17"]),
        ("100%", ["100%_sure"]),
        ("%", ["100%_sure"]),
        (ids[1][:13], [""]),
        ("nobody", []),
    ):
        assert [person.user for person in listed(site, words)] == users, words


def test_who_may_see_who_is_here(site: Site) -> None:
    site.people.sightings.saw("app", user="ann", how="question")
    (person,) = listed(site)
    for denied in (EVE, Identity("vic", Role.VIEWER)):
        with pytest.raises(Denied):
            site.people.page(denied, site.apps[0])
        with pytest.raises(Denied):
            site.people.get(denied, site.apps[0], person.id)
        with pytest.raises(Denied):
            site.people.described(denied, site.apps[0], person)
    site.looks.grant(DAN, "eve", "Eve")
    assert site.people.get(EVE, site.apps[0], person.id) == person
    assert site.people.get(EVE, App("other", site.apps[0].client), person.id) is None


def test_a_look_up_by_id_is_for_admins_and_written_down(site: Site, dify: Upstream) -> None:
    known = dify.end_user("zoe")
    with pytest.raises(Denied):
        site.people.look_up(CAT, site.apps[0], known)
    with pytest.raises(NoId):
        site.people.look_up(DAN, site.apps[0], "zoe")
    assert not dify.requests
    person = site.people.look_up(DAN, site.apps[0], f" {known.upper()} ")
    assert (person.user, person.end_user_id, person.how) == ("zoe", known, ("lookup",))
    assert site.people.described(CAT, site.apps[0], person).session_id == "zoe"
    with pytest.raises(NotFound) as refused:
        site.people.look_up(DAN, site.apps[0], str(uuid.uuid4()))
    assert not isinstance(refused.value, EndpointMissing)
    with site.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit.c.action, audit.c.about).order_by(audit.c.id)).all()
    assert rows[0] == ("person.looked_up", known)
    assert len(rows) == 2


def test_the_same_is_not_written_again_and_again(site: Site) -> None:
    now = [1000.0]
    directory = People(site.store.database, site.audit, site.looks.allowed, lambda: now[0])
    for second in (0, 10, AGAIN - 1, AGAIN + 1):
        now[0] = 1000.0 + second
        directory.sightings.saw("app", user="ann", how="question")
        (person,) = listed(site)
        assert (person.first_seen, person.last_seen) == (1000.0, 1001.0 + AGAIN if second > AGAIN else 1000.0)


def test_a_database_that_fails_keeps_nobody_from_anything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise StoreError("full")

    with monkeypatch.context() as patched:
        patched.setattr(site.store.database, "begin", broken)
        site.people.sightings.saw("app", user="ann", how="question")
    site.people.sightings.saw("app", user="ann", how="question")  # not taken for noted already
    with site.store.database.begin() as connection:
        assert connection.execute(sa.select(people.c.user)).scalars().all() == ["ann"]


def test_each_id_that_dify_has_of_a_user_stays_and_is_explained_once(site: Site, dify: Upstream) -> None:
    app, ids = site.apps[0], [str(uuid.uuid4()) for _ in range(2)]
    for number, end_user_id in enumerate(ids):
        kind = ("service-api", "browser")[number]
        site.people.sightings.heard("app", [EndUser(end_user_id, "ann", type=kind)], "feedback")
    site.people.sightings.saw("app", user="ann", how="question")
    assert {person.end_user_id: person.type for person in listed(site)} == {
        ids[0]: "service-api",
        ids[1]: "browser",
    }
    assert [site.people.explained(app, each).type for each in ids] == ["service-api", "browser"]
    assert not dify.requests
    stranger = dify.end_user("zoe")
    site.people.sightings.saw("app", end_user_id=stranger, how="feedback")
    assert [site.people.explained(app, stranger).user for _ in range(2)] == ["zoe", "zoe"]
    assert len(dify.requests) == 1
