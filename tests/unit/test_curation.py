"""What curators see of the list, and drafts, guidelines, health, bulk changes and what is replaced."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from services.annotations.book import Conflict, Gone, Invalid
from services.annotations.bulk import Bulk, change_all, delete_all, undo_all
from services.annotations.curation import Curation, Curations
from services.annotations.dismissals import Dismissals
from services.annotations.drafts import NoSuchDraft
from services.annotations.health import Day, measured
from services.annotations.likeness import Likeness, pairs
from services.annotations.replacing import planned
from services.annotations.row import Row
from services.annotations.sources import conversations_of
from services.annotations.suggestions import disliked
from services.annotations.view import View
from services.apps import App
from services.dify.client import Client
from services.dify.errors import DifyError, Forbidden
from services.dify.parts import AnnotationReply
from services.dify.patience import Patience
from services.identity import Denied, Identity, Role
from services.outcome import Rating
from services.rope import Rope
from services.store import Owned, Store
from services.turn import Turn
from tests.annotated import Annotated
from tests.upstream import HANG, Refusal

ADA = Identity("ada", Role.CURATOR)
BEN = Identity("ben", Role.CURATOR)
AGENT = Identity("eve", Role.AGENT)
LONG = 20.0


@dataclass
class World:
    dify: Annotated
    app: App
    store: Store

    @property
    def curation(self) -> Curation:
        return self.curations.of(self.app)

    def __post_init__(self) -> None:
        self.curations = Curations(self.store.database)

    def restarted(self) -> Curation:
        return Curations(self.store.database).of(self.app)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    patience = Patience(connect=2, read=1, repeats=0)
    with Annotated() as dify, Client(dify.url, dify.key, patience=patience) as client:
        yield World(dify, App("app", client), store)


# The view


ROWS = (
    Row("5", "How do I cancel?", "Press *Cancel*.", 0, time.time()),
    Row("4", "Straße und STRASSE", "Z" * 1_001, 12, 40.0),
    Row("3", "", "", None, None),
    Row("2", "how do i CANCEL", "Write to us.", 3, 20.0),
    Row("1", "Where is my invoice?", "In your account; cancel there too.", 1, 10.0),
)


def ids(view: View) -> str:
    return "".join(row.id for row in view.of_rows(ROWS, pairs(ROWS)))


@pytest.mark.parametrize(
    ("view", "found"),
    [
        (View(), "54321"),
        (View("cancel"), "521"),
        (View("CANCEL there"), "1"),
        (View("strasse"), "4"),
        (View("cancel", sort="hits"), "215"),
        (View(kind="never"), "53"),
        (View(kind="most"), "421"),
        (View(kind="new"), "5"),
        (View(kind="long"), "4"),
        (View(kind="duplicates"), "52"),
        (View(sort="created", descending=False), "31245"),
        (View(sort="question", descending=False), "32541"),
        (View(sort="length"), "41523"),
        (View("nothing of this"), ""),
    ],
)
def test_search_filter_and_sort(view: View, found: str) -> None:
    assert ids(view) == found


@pytest.mark.parametrize(
    "said", [{}, {"query": 3, "kind": "x", "sort": [], "page": -1}, {"page": "1", "descending": None}]
)
def test_what_is_no_view_is_the_plain_one(said: dict[str, object]) -> None:
    assert View.of(said) == View()


def test_a_view_is_what_the_browser_says() -> None:
    said = {"query": "a", "kind": "long", "sort": "hits", "descending": False, "page": 2}
    assert View.of(said) == View("a", "long", "hits", descending=False, page=2)


# Likeness


def test_questions_with_the_same_words_are_alike() -> None:
    rows = [
        Row("3", "How do I cancel my order?"),
        Row("2", "my order: how do i CANCEL"),
        Row("1", "如何取消我的订单？"),
        Row("0", "如何取消我的订单"),
        Row("x", "Where is my invoice?"),
        Row("y", ""),
        Row("z", ""),
    ]
    assert {(pair.one.id, pair.other.id, pair.score) for pair in pairs(rows)} == {
        ("3", "2", 100),
        ("1", "0", 100),
    }


def test_pairs_are_found_across_slices_once() -> None:
    rows = [Row(str(number), hashlib.md5(b"%d" % number).hexdigest()) for number in range(1_200)]
    twin = Row("twin", rows[3].question)
    assert [(pair.one.id, pair.other.id) for pair in pairs([*rows, twin])] == [("3", "twin")]


def test_what_is_new_is_compared_with_all_and_what_is_gone_is_told_no_more() -> None:
    chance = random.Random(5)
    words = ("order", "invoice", "refund", "parcel", "account", "password")
    rows: list[Row] = []
    likeness = Likeness()
    for number in range(60):
        question = " ".join(chance.sample(words, 3))
        match chance.randrange(4):
            case 0 if rows:
                del rows[chance.randrange(len(rows))]
            case 1 if rows:
                place = chance.randrange(len(rows))
                rows[place] = replace(rows[place], question=question)
            case _:
                rows.insert(chance.randrange(len(rows) + 1), Row(str(number), question))
        found = likeness.of(tuple(rows))
        assert found is not None
        assert sorted(map(repr, found)) == sorted(map(repr, pairs(rows)))


def test_a_list_is_compared_once() -> None:
    likeness = Likeness()
    rows = ROWS
    first = likeness.of(rows)
    assert first is not None
    assert likeness.of(rows) is first
    assert likeness.of(rows[:1]) == ()


# Find and replace


def test_what_would_change_is_shown_before() -> None:
    rows = [Row("1", "Colour?", "colour (col.*)"), Row("2", "q", "a"), Row("3", "colour", "")]
    plans = planned(rows, "colour", r"\1", questions=False, answers=True, any_case=False)
    assert [(p.row.id, p.question, p.answer) for p in plans] == [("1", "Colour?", r"\1 (col.*)")]
    plans = planned(rows, "COLOUR", "color", questions=True, answers=True, any_case=True)
    assert [(p.question, p.answer) for p in plans] == [("color?", "color (col.*)"), ("color", "")]
    (plan,) = planned(rows, "q", "", questions=True, answers=True, any_case=False)
    assert plan.problem is not None
    assert plan.problem.reason == "empty"
    assert planned(rows, "", "x", questions=True, answers=True, any_case=False) == ()


# Bulk


def over(bulk: Bulk) -> Bulk:
    assert bulk.done.wait(LONG)
    return bulk


def test_many_are_deleted_and_all_come_back(world: World) -> None:
    book = world.curation.book
    for number in range(30):
        world.dify.has(f"q{number}", f"a{number}", hits=number)
    before = sorted(world.dify.texts)
    rows = book.rows(ADA)
    world.dify.named(rows[4].id)["answer"] = "Ben's"
    bulk = over(delete_all(book, ADA, rows))
    assert (bulk.made, [type(error) for _, error in bulk.failed], bulk.left) == (29, [Conflict], 0)
    assert [text for _, text in world.dify.texts] == ["Ben's"]
    world.dify.named(rows[4].id)["answer"] = rows[4].answer
    # The next process undoes it just as well.
    book = world.restarted().book
    undone = over(undo_all(book, ADA, book.batch(ADA, bulk.batch)))
    assert (undone.made, undone.restored) == (29, 29)
    assert sorted(world.dify.texts) == before


def test_a_server_that_takes_none_is_not_asked_for_all(world: World) -> None:
    book = world.curation.book
    for number in range(10):
        world.dify.has(f"q{number}")
    rows = book.rows(ADA)
    world.dify.fail("annotations/update", Refusal.of(403, "forbidden", "No."))
    bulk = over(change_all(book, ADA, [(row, row.question, "new") for row in rows]))
    assert (bulk.made, len(bulk.failed), bulk.left, bulk.share) == (0, 3, 7, 0.3)
    assert isinstance(bulk.failed[0][1], Forbidden)


def test_a_stop_leaves_the_rest_alone(world: World) -> None:
    book = world.curation.book
    for number in range(40):
        world.dify.has(f"q{number}")
    rows = book.rows(ADA)
    bulk = delete_all(book, ADA, rows)
    bulk.stopped.set()
    over(bulk)
    assert bulk.made + bulk.left == 40
    assert len(world.dify.kept) == bulk.left > 0


# Drafts


def test_a_draft_goes_live_only_when_checked(world: World) -> None:
    drafts = world.curation.drafts
    draft = drafts.keep(ADA, "q", "", message_id="m1")
    with pytest.raises(NoSuchDraft):
        drafts.publish(ADA, draft.id)
    with pytest.raises(Invalid):
        drafts.check(BEN, draft.id)
    drafts.keep(ADA, "q", "a", draft_id=draft.id)
    drafts.check(BEN, draft.id)
    assert world.dify.kept == []
    row = drafts.publish(BEN, draft.id)
    assert world.dify.texts == [("q", "a")]
    assert drafts.open(ADA) == ()
    live = drafts.one(ADA, draft.id)
    assert (live.state, live.annotation_id, live.author, live.checked_by) == ("live", row.id, "ada", "ben")
    assert world.curation.book.history(ADA, row.id)[0].message_id == "m1"
    with pytest.raises(NoSuchDraft):
        drafts.publish(BEN, draft.id)
    assert len(world.dify.kept) == 1


def test_other_words_have_to_be_checked_again(world: World) -> None:
    drafts = world.curation.drafts
    draft = drafts.keep(ADA, "q", "a")
    drafts.check(BEN, draft.id)
    again = drafts.keep(BEN, "q", "b", draft_id=draft.id)
    assert (again.state, again.checked_by, again.author) == ("draft", "", "ben")
    drafts.drop(ADA, draft.id)
    assert drafts.open(ADA) == ()
    drafts.reopen(ADA, draft.id)
    assert [each.answer for each in drafts.open(ADA)] == ["b"]


def test_a_draft_for_a_row_that_others_changed_is_a_draft_again(world: World) -> None:
    row_id = world.dify.has("q", "a")
    (row,) = world.curation.book.rows(ADA)
    drafts = world.curation.drafts
    draft = drafts.keep(ADA, "q", "mine", seen=row)
    drafts.check(ADA, draft.id)
    world.dify.named(row_id)["answer"] = "Ben's"
    with pytest.raises(Conflict):
        drafts.publish(ADA, draft.id)
    (again,) = drafts.open(ADA)
    assert (again.state, again.seen_answer, again.answer) == ("draft", "Ben's", "mine")
    drafts.check(ADA, draft.id)
    drafts.publish(ADA, draft.id)
    assert world.dify.texts == [("q", "mine")]


def test_a_draft_for_a_row_that_others_deleted_is_one_of_a_new_row(world: World) -> None:
    world.dify.has("q", "a")
    (row,) = world.curation.book.rows(ADA)
    drafts = world.curation.drafts
    draft = drafts.keep(ADA, "q", "mine", seen=row)
    drafts.check(ADA, draft.id)
    world.dify.kept.clear()
    with pytest.raises(Gone):
        drafts.publish(ADA, draft.id)
    drafts.check(ADA, draft.id)
    drafts.publish(ADA, draft.id)
    assert world.dify.texts == [("q", "mine")]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_draft_that_was_going_live_when_the_site_died(world: World, arrived: bool) -> None:
    """What became of it is known after the next reading of the list."""
    drafts = world.curation.drafts
    draft = drafts.keep(ADA, "q", "a")
    drafts.check(ADA, draft.id)
    world.dify.deaf = arrived
    if not arrived:
        world.dify.fail("annotations/create", HANG)
    with pytest.raises(DifyError):
        drafts.publish(ADA, draft.id)
    assert drafts.one(ADA, draft.id).state == "publishing"
    after = world.restarted()
    assert [each.state for each in after.drafts.open(ADA)] == ["publishing"]
    after.book.rows(ADA)
    states = [each.state for each in after.drafts.open(ADA)]
    assert (states, len(world.dify.kept)) == (([], 1) if arrived else (["checked"], 0))


def test_nothing_is_no_draft(world: World) -> None:
    with pytest.raises(Invalid):
        world.curation.drafts.keep(ADA, " ", "\n")


# Guidelines


def test_every_version_of_the_guidelines_is_kept(world: World) -> None:
    guidelines = world.curation.guidelines
    assert guidelines.text(ADA) == ""
    guidelines.write(ADA, "Be brief.")
    guidelines.write(BEN, "Be kind.")
    assert guidelines.text(ADA) == "Be kind."
    assert [(v.user, v.text) for v in guidelines.versions(ADA)] == [("ben", "Be kind."), ("ada", "Be brief.")]
    with pytest.raises(ValueError, match="20,001"):
        guidelines.write(ADA, "x" * 20_001)


# Health


NOON = 1_700_000_000.0  # 14 November 2023
DAY = 86_400.0


def answered(
    world: World, number: int, at: float, annotation: str = "", user: str = "ada", app: str = "app"
) -> None:
    key = f"key-{number}"
    world.store.add(Owned(key, app, user, f"conversation-{number}"))
    given = AnnotationReply(annotation, "Ada") if annotation else None
    turn = Turn.asked("q", id=f"turn-{number}", message_id=f"m{number}", asked_at=at, state="complete")
    world.store.save(key, replace(turn, annotation=given, text=Rope("a")))


def test_the_share_of_answers_by_day(world: World) -> None:
    answered(world, 0, NOON - 10 * DAY, "old")
    answered(world, 1, NOON, "x")
    answered(world, 2, NOON + 60)
    answered(world, 3, NOON + DAY, "x")
    answered(world, 4, NOON + DAY, "y", user="ben")
    answered(world, 5, NOON + DAY, "z", app="another")
    health = measured(world.store.database, ADA, "app", NOON - DAY)
    assert health.days == (Day(date(2023, 11, 14), 2, 1), Day(date(2023, 11, 15), 2, 2))
    assert (health.answers, health.annotated) == (4, 3)
    assert health.hits == {"x": 2, "y": 1}
    assert health.last_hit["x"] == NOON + DAY


@pytest.mark.parametrize("hits", [10**30, -(2**63), 2**53])
def test_a_row_whose_hits_no_database_can_count_is_changed_like_any_other(world: World, hits: int) -> None:
    world.dify.has("q", "a", hits=hits)
    book = world.curation.book
    (row,) = book.rows(ADA)
    book.change(ADA, row.id, "q", "better", seen=row)
    assert world.dify.texts == [("q", "better")]


def test_where_an_annotation_was_made_is_told_to_whose_chat_it_was(world: World) -> None:
    answered(world, 7, NOON)
    book = world.curation.book
    row = book.add(ADA, "q", "a", message_id="m7")
    book.delete(ADA, row.id)
    back = book.undo(ADA, book.changes(ADA)[0].id).row
    assert back is not None
    known = conversations_of(world.store.database, ADA, "app", [row.id, back.id])
    assert known == {row.id: "conversation-7", back.id: "conversation-7"}
    assert conversations_of(world.store.database, BEN, "app", [row.id, back.id]) == {}
    assert conversations_of(world.store.database, ADA, "app", ["another"]) == {}


def test_disliked_answers_are_suggested_until_something_is_made_of_them(world: World) -> None:
    store, curation = world.store, world.curation
    for number, (user, app) in enumerate((("eve", "app"), ("eve", "app"), ("ben", "app"), ("eve", "other"))):
        owned = Owned(f"key-{number}-of-our-own", app, user, f"c{number}")
        store.add(owned)
        turn = Turn.asked(f"question {number}", id=f"turn-{number}")
        store.save(owned.key, replace(turn, text=Rope(f"answer {number}"), message_id=f"m{number}"))
        store.rate(user, f"m{number}", Rating("dislike", f"reason {number}"))
    store.rate("eve", "m0", Rating("like"))
    store.rate("ben", "m1", Rating("dislike", "of somebody else"))

    def suggested() -> list[tuple[str, str, str]]:
        found = disliked(store.database, ADA, "app")
        return [(each.question, each.answer, each.reason) for each in found]

    assert suggested() == [
        ("question 2", "answer 2", "reason 2"),
        ("question 1", "answer 1", "reason 1"),
    ]
    curation.drafts.keep(ADA, "question 2", "a better one", message_id="m2")
    assert suggested() == [("question 1", "answer 1", "reason 1")]
    curation.book.add(ADA, "question 1", "a better one", message_id="m1")
    assert suggested() == []
    with pytest.raises(Denied):
        disliked(store.database, AGENT, "app")


def test_a_suggestion_is_dismissed_until_it_is_disliked_anew(world: World) -> None:
    database, dismissals = world.store.database, world.curation.dismissals
    answered(world, 7, NOON)
    world.store.rate("ada", "m7", Rating("dislike", "first"))
    dismissals.add(ADA, "m7")
    dismissals.add(BEN, "m7")
    assert disliked(database, ADA, "app") == ()
    dismissals.remove(BEN, "m7")
    assert [each.reason for each in disliked(database, ADA, "app")] == ["first"]
    Dismissals("another", database).add(ADA, "m7")
    assert len(disliked(database, ADA, "app")) == 1
    dismissals.add(ADA, "m7")
    world.store.rate("ada", "m7", Rating("dislike", "still"))
    assert [each.reason for each in disliked(database, ADA, "app")] == ["still"]
    for change in (dismissals.add, dismissals.remove):
        with pytest.raises(Denied):
            change(AGENT, "m7")
