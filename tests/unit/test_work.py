"""Case files, notes and the list of them: who may, what two do at once, what is found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.audit import table as audit
from services.identity import Denied, Identity, Role
from services.store import Store, StoreError
from services.variable_log import Place
from services.work import tags, undoing
from services.work.case import Case, Change, Filters, Meanwhile, Seen
from services.work.cases import Cases
from services.work.notes import NoSuchNote
from services.work.reading import After
from services.work.tables import case_notes, cases
from services.work.work import Work
from tests.site import until
from tests.unit import archived
from tests.unit.archived import World
from tests.upstream import Upstream, row

ADMIN = Identity("root", Role.ADMIN, "Root")
CURATOR = Identity("cleo", Role.CURATOR, "Cleo")
AGENT = Identity("ada", Role.AGENT, "Ada")
OTHER = Identity("otto", Role.AGENT, "Otto")
VIEWER = Identity("vera", Role.VIEWER)
MINE = Place("app", "ada", "c-1")
THEIRS = Place("app", "otto", "c-2")


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    with Upstream() as dify, archived.world_over(dify, store) as made:
        until(lambda: _opens(store), "an open database")
        for person in (ADMIN, CURATOR, AGENT, OTHER):
            made.site.work.staff.met(person)
        yield made


@pytest.fixture
def work(world: World) -> Work:
    return world.site.work


def _opens(store: Store) -> bool:
    """A database of a busy machine is being opened by another thread for a while."""
    try:
        store.database.open()
    except StoreError:
        return False
    return True


def listed(work: Work, who: Identity, **filters: object) -> list[str]:
    return [case.place.conversation_id for case in work.listed.page(who, "app", Filters.of(filters))]


def test_an_agent_works_on_what_is_theirs_and_on_more_by_a_grant(world: World, work: Work) -> None:
    work.cases.change(AGENT, [MINE], Change(status="triaged"))
    work.cases.change(CURATOR, [THEIRS], Change(status="done"))
    assert listed(work, AGENT) == ["c-1"]
    with pytest.raises(Denied):
        work.cases.change(AGENT, [MINE, THEIRS], Change(status="new"))
    with pytest.raises(Denied):
        work.cases.one(AGENT, THEIRS)
    with pytest.raises(Denied):
        work.notes.add(AGENT, THEIRS, "secret")
    assert listed(work, CURATOR, status="done") == ["c-2"]

    world.site.looks.grant(ADMIN, AGENT.user, AGENT.name)
    assert listed(work, AGENT) == ["c-2", "c-1"]
    world.site.looks.revoke(ADMIN, AGENT.user)
    assert listed(work, AGENT) == ["c-1"]


def test_a_viewer_does_nothing_of_it(work: Work) -> None:
    own = replace(MINE, user=VIEWER.user)
    for attempt in (
        lambda: work.cases.change(VIEWER, [own], Change(status="done")),
        lambda: work.cases.one(VIEWER, own),
        lambda: work.notes.of(VIEWER, own),
        lambda: work.notes.add(VIEWER, own, "x"),
        lambda: work.listed.page(VIEWER, "app", Filters()),
        lambda: work.listed.tags(VIEWER, "app"),
        lambda: work.views.of(VIEWER, "app"),
        lambda: work.prompts.of(VIEWER, "app"),
    ):
        with pytest.raises(Denied):
            attempt()


def test_a_colleagues_note_is_not_for_the_end_user_it_is_about(world: World, work: Work) -> None:
    about_ada = work.notes.add(CURATOR, MINE, "She asks the same each day")
    own = work.notes.add(AGENT, MINE, "To do")
    assert [note.text for note in work.notes.of(AGENT, MINE)] == ["To do"]
    assert [note.text for note in work.notes.of(CURATOR, MINE)] == [about_ada.text, own.text]
    assert listed(work, AGENT, text="same day") == []
    assert listed(work, CURATOR, text="SAME day") == ["c-1"]
    assert [case.notes for case in work.listed.page(AGENT, "app", Filters())] == [1]
    assert [case.notes for case in work.listed.page(CURATOR, "app", Filters())] == [2]
    with pytest.raises(NoSuchNote):
        work.notes.edit(AGENT, "app", about_ada.id, "x", 1)
    with pytest.raises(Denied):
        work.notes.edit(ADMIN, "app", own.id, "x", 1)
    with pytest.raises(NoSuchNote):
        work.notes.delete(AGENT, "another-app", own.id)


def test_of_two_who_change_the_same_thing_the_second_decides(work: Work) -> None:
    work.cases.change(AGENT, [MINE], Change(status="triaged"), Seen(status="new"))
    with pytest.raises(Meanwhile) as told:
        work.cases.change(CURATOR, [MINE], Change(status="done"), Seen(status="new"))
    assert isinstance(told.value.now, Case)
    assert told.value.now.status == "triaged"
    work.cases.change(CURATOR, [MINE], Change(status="triaged"), Seen(status="new"))  # both want the same
    work.cases.change(CURATOR, [MINE], Change(status="done"), Seen(status="triaged"))
    # What the other did not touch is no conflict.
    work.cases.change(AGENT, [MINE], Change(assignee="cleo"), Seen(status="triaged", assignee=""))
    case = work.cases.one(AGENT, MINE)
    assert case
    assert (case.status, case.assignee) == ("done", "cleo")


def test_tags_of_two_people_come_together(work: Work) -> None:
    work.cases.change(AGENT, [MINE], Change(add=("Refund", "  über   alles ")))
    work.cases.change(CURATOR, [MINE], Change(add=("refund", "UBER ALLES", "vip"), remove=("nothing",)))
    case = work.cases.one(AGENT, MINE)
    assert case
    assert case.tags == ("Refund", "über alles", "vip")  # as they were first written
    work.cases.change(AGENT, [MINE], Change(remove=("REFUND",)))
    assert listed(work, AGENT, tag="refund") == []
    assert listed(work, AGENT, tag="Über Alles") == ["c-1"]
    assert set(work.listed.tags(AGENT, "app")) == {"über alles", "vip"}
    assert work.listed.tags(OTHER, "app") == []
    with pytest.raises(ValueError, match="at most 20"):
        work.cases.change(AGENT, [MINE], Change(add=tuple(f"t{n}" for n in range(19))))


@pytest.mark.parametrize("tag", ["", " \t\n ", "x" * 41, "\u200b\u2060", "\x00"])
def test_no_tag(tag: str) -> None:
    with pytest.raises(ValueError, match="a tag"):
        tags.clean(tag)


def test_a_tag_is_cleaned(work: Work) -> None:
    assert tags.clean(" a\x00b\ud800 \n c ") == "a b c"
    assert tags.fold("Straße\u200b") == tags.fold("STRASSE")
    assert tags.clean("x" * 40) == "x" * 40


def test_many_at_once_and_back(work: Work) -> None:
    places = [Place("app", "otto", f"c-{n}") for n in range(120)]
    work.cases.change(ADMIN, places[:1], Change(status="triaged", add=("keep",)))
    done = work.cases.change(ADMIN, places, Change(status="done", assignee="ada", add=("bulk",)))
    assert len(done.cases) == 120
    work.cases.change(ADMIN, places[1:2], Change(status="new"))  # since then somebody worked on
    work.notes.add(ADMIN, places[2], "kept")
    with pytest.raises(LookupError):
        work.cases.undo(CURATOR, done.token)
    assert work.cases.undo(ADMIN, done.token) == (119, 1)
    with pytest.raises(LookupError):
        work.cases.undo(ADMIN, done.token)
    first = work.cases.one(ADMIN, places[0])
    assert first
    assert (first.status, first.assignee, first.tags) == ("triaged", "", ("keep",))
    assert set(listed(work, ADMIN)) == {"c-0", "c-1", "c-2"}  # the others had no file before
    with pytest.raises(ValueError, match="1 to"):
        work.cases.change(ADMIN, [Place("app", "x", str(n)) for n in range(1_001)], Change(status="new"))


def test_a_change_is_taken_back_after_a_restart(world: World, work: Work) -> None:
    work.cases.change(ADMIN, [THEIRS], Change(status="triaged", add=("old",)))
    done = work.cases.change(ADMIN, [THEIRS, MINE], Change(status="done", assignee="ada", add=("new",)))
    again = Cases(world.site.store, work.reach, work.staff, lambda _: {})
    assert again.undo(ADMIN, done.token) == (2, 0)
    case = again.one(ADMIN, THEIRS)
    assert case
    assert (case.status, case.assignee, case.tags) == ("triaged", "", ("old",))
    assert again.one(ADMIN, MINE) is None
    with pytest.raises(LookupError):
        work.cases.undo(ADMIN, done.token)


def test_what_can_be_taken_back_is_bounded_by_number_and_age(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "MOST", 5)
    places = [Place("app", "otto", f"c-{n}") for n in range(3)]
    first, *_, last = [work.cases.change(ADMIN, places, Change(add=(f"t{n}",))) for n in range(3)]
    with pytest.raises(LookupError):
        work.cases.undo(ADMIN, first.token)
    monkeypatch.setattr(undoing, "KEPT_FOR", -1.0)
    newest = work.cases.change(ADMIN, places[:1], Change(status="done"))
    with pytest.raises(LookupError):
        work.cases.undo(ADMIN, last.token)
    assert work.cases.undo(ADMIN, newest.token) == (1, 0)


def test_what_cannot_be_set(work: Work) -> None:
    with pytest.raises(ValueError, match="status"):
        work.cases.change(AGENT, [MINE], Change(status="lost"))
    with pytest.raises(ValueError, match="staff"):
        work.cases.change(AGENT, [MINE], Change(assignee="a stranger"))
    for said in ({"status": "x"}, {"assignee": "ada"}, {"days": "soon"}, {"days": "0"}, {"days": "99999"}):
        with pytest.raises(ValueError):
            Filters.of(said)
    filters = Filters.of({"text": "a", "status": "open", "assignee": "user:ada", "tag": "t", "days": 7})
    assert Filters.of(filters.said) == filters


def test_filters(work: Work, store: Store) -> None:
    work.cases.change(ADMIN, [THEIRS], Change(status="triaged", assignee="cleo"))
    work.cases.change(ADMIN, [MINE], Change(status="done", assignee="root"))
    assert listed(work, ADMIN, status="open") == ["c-2"]
    assert listed(work, ADMIN, assignee="me") == ["c-1"]
    assert listed(work, CURATOR, assignee="me") == ["c-2"]
    assert listed(work, ADMIN, assignee="user:cleo") == ["c-2"]
    assert listed(work, ADMIN, assignee="nobody") == []
    with store.database.begin() as connection:
        old = time.time() - 8 * 86_400
        connection.execute(sa.update(cases).where(cases.c.user == "ada").values(changed_at=old))
    assert listed(work, ADMIN, days="7") == ["c-2"]
    assert listed(work, ADMIN, days="9") == ["c-2", "c-1"]
    assert listed(work, ADMIN, text="100%_") == []


def test_page_by_page_nothing_twice_and_nothing_left_out(work: Work) -> None:
    """Also where hundreds were changed in the same moment."""
    places = [Place("app", f"user {n % 7}", f"c-{n}") for n in range(150)]
    work.cases.change(ADMIN, places, Change(status="triaged"))
    found: list[Place] = []
    after: After | None = None
    while page := work.listed.page(ADMIN, "app", Filters(), after, 40):
        found += [case.place for case in page]
        last = page[-1]
        after = After(last.changed_at, last.place.user, last.place.conversation_id)
    assert len(found) == len(set(found)) == 150


def test_own_conversations_are_listed_before_anybody_works_on_them(world: World) -> None:
    work, app = world.site.work, world.app
    ids = []
    for number in range(40):
        kept = world.dify.keep(row("q", "a"), user="ada")
        kept.name, kept.created_at, kept.updated_at = f"Number {number}", 1_000 + number, 1_000 + number
        ids.append(kept.id)
    many = [Place("app", "otto", f"c-{n}") for n in range(70)]
    work.cases.change(ADMIN, many, Change(status="triaged"))
    work.cases.change(AGENT, [Place("app", "ada", ids[-1])], Change(status="done"))

    shown, after = work.page(AGENT, app, Filters())
    assert after is None
    assert [case.title for case in shown] == [f"Number {n}" for n in (39, *range(38, 9, -1))][:30]
    assert [case.status for case in shown[:2]] == ["done", "new"]
    assert [c.title for c in work.page(AGENT, app, Filters(text="NUMBER 38"))[0]] == ["Number 38"]
    assert work.page(AGENT, app, Filters(tag="x")) == ([], None)

    admin = replace(ADMIN, user="ada")  # whoever looks at all still has their own among them
    first, after = work.page(admin, app, Filters())
    assert after
    rest, end = work.page(admin, app, Filters(), after)
    assert end is None
    assert [case.place.user for case in first] == ["ada"] + ["otto"] * 59
    assert len({case.place for case in (*first, *rest)}) == 70 + 30


def test_a_case_is_called_as_its_conversation_is(world: World) -> None:
    kept = world.dify.keep(row("q", "a"), user="zoe")
    kept.name = "A lost parcel"
    place = Place("app", "zoe", kept.id)
    work = world.site.work
    work.named.look_up(CURATOR, place)
    work.cases.change(CURATOR, [place], Change(status="triaged"))
    assert listed(work, CURATOR, text="lost PARCEL") == [kept.id]
    with pytest.raises(Denied):
        work.named.look_up(AGENT, replace(place, conversation_id="another"))


def test_notes_are_ones_own_and_can_be_had_back(work: Work, store: Store) -> None:
    note = work.notes.add(AGENT, MINE, "  first \x00", "m-1")
    assert (note.text, note.message_id, note.author_name) == ("first", "m-1", "Ada")
    after = work.notes.edit(AGENT, "app", note.id, "second", note.version)
    with pytest.raises(Meanwhile) as told:
        work.notes.edit(AGENT, "app", note.id, "of another tab", note.version)
    assert told.value.now.text == "second"
    work.notes.edit(AGENT, "app", note.id, "third", after.version)
    work.notes.delete(AGENT, "app", note.id)
    assert work.notes.of(AGENT, MINE) == []
    assert listed(work, AGENT, text="third") == []
    assert work.notes.restore(AGENT, "app", note.id).text == "third"
    assert [each.text for each in work.notes.of(AGENT, MINE)] == ["third"]
    for text in ("", " \n", "x" * 20_001):
        with pytest.raises(ValueError, match="a note"):
            work.notes.add(AGENT, MINE, text)
    work.notes.delete(AGENT, "app", note.id)
    with store.database.begin() as connection:
        connection.execute(sa.update(case_notes).values(deleted_at=time.time() - 90_000))
    other = work.notes.add(AGENT, MINE, "other")
    work.notes.delete(AGENT, "app", other.id)
    with pytest.raises(NoSuchNote):
        work.notes.restore(AGENT, "app", note.id)  # a day later it is gone for good


def test_what_was_done_is_in_the_audit_trail_without_a_text(work: Work, store: Store) -> None:
    work.cases.change(CURATOR, [THEIRS], Change(status="done"))
    work.cases.change(CURATOR, [MINE, THEIRS], Change(assignee="ada"))
    note = work.notes.add(CURATOR, THEIRS, "a private word")
    with store.database.begin() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).mappings().all()
    assert [(row["action"], row["about"]) for row in rows] == [
        ("work.change", "c-2"),
        ("work.change", ""),
        ("note.add", "c-2"),
    ]
    assert rows[0]["details"] == {"user": "otto", "status": "done"}
    assert rows[1]["details"] == {"conversations": "2", "assignee": "ada"}
    assert rows[2]["details"] == {"user": "otto", "note": note.id, "message": ""}


def test_what_is_deleted_leaves_no_case_behind(world: World, work: Work, store: Store) -> None:
    kept = world.dify.keep(row("q", "a"), user="ada")
    place = Place("app", "ada", kept.id)
    work.cases.change(AGENT, [place], Change(add=("tag",)))
    work.notes.add(AGENT, place, "note")
    world.archive.deletions.request(AGENT, world.app, {kept.id: "x"})
    with store.database.begin() as connection:
        connection.execute(sa.text("UPDATE deletions SET due_at = 0"))
    world.archive.deleting.carry_out()
    assert work.cases.one(AGENT, place) is None
    assert work.notes.of(AGENT, place) == []
    assert work.listed.tags(AGENT, "app") == []
