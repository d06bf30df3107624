"""The feedback of an app: read page by page, kept, found, handled, and followed to its conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from services.audit import table as audit
from services.dify.errors import DifyError, ServerFailed
from services.feedback import reader
from services.feedback.inbox import SHOWN, Inbox, Standing
from services.feedback.query import Page, Query, Row
from services.feedback.reaching import Unreached
from services.feedback.tables import feedback
from services.identity import Denied, Identity, Role
from services.store import Store, StoreError
from tests.rated import BEGAN, Rated
from tests.site import until
from tests.unit.archived import World, world_over
from tests.upstream import HTML_404, Gate, Refusal, row

ADA = Identity("ada", Role.CURATOR, "Ada")
BROKEN = Refusal.of(500, "internal_server_error", "Oh.")
NOT_FOUND = Refusal.of(404, "not_found", "Conversation Not Exists.")


class Told(World):
    dify: Rated

    @property
    def inbox(self) -> Inbox:
        return self.site.feedback

    def read(self, *, whole: bool = True) -> Standing:
        """To its end, however that comes."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "NEWS_AGAIN", 0.0)
            patch.setattr(reader, "AFTER_FAILURE", 0.0)
            if whole:
                self.inbox.read_again(ADA, self.app)
            else:
                self.inbox.standing(ADA, self.app)
        until(lambda: not self.inbox.standing(ADA, self.app).reading, "its end")
        return self.inbox.standing(ADA, self.app)

    def found(self, **asked: object) -> Page:
        return self.inbox.page(ADA, self.app, Query(**asked))  # type: ignore[arg-type]

    def contents(self, **asked: object) -> list[str]:
        return [each.content for each in self.found(**asked).rows]

    def only(self) -> Row:
        (found,) = self.found().rows
        return found

    def why(self) -> str:
        with pytest.raises(Unreached) as refusal:
            self.inbox.reach(ADA, self.app, self.only())
        return refusal.value.why


def opens(store: Store) -> bool:
    """A server that has just started on a busy machine may take longer than a page would wait."""
    try:
        store.ready()
    except StoreError:
        return False
    return True


@contextmanager
def told_by(store: Store) -> Iterator[Told]:
    until(lambda: opens(store), "an open database")
    with Rated() as dify, world_over(dify, store) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "NEWS_AGAIN", 1e9)  # nothing is read unless a test says so
        patch.setattr(reader, "AFTER_FAILURE", 1e9)
        yield Told(made.dify, made.site)


@pytest.fixture
def world() -> Iterator[Told]:
    with told_by(Store.in_memory()) as made:
        yield made


@pytest.fixture
def stored(store: Store) -> Iterator[Told]:
    """In either kind of database."""
    with told_by(store) as made:
        yield made


def test_it_is_read_to_the_first_short_page(world: Told) -> None:
    for number in range(2 * reader.PAGE):
        world.dify.rate(content=f"Number {number}")
    told = world.read()
    assert (told.known, told.failure) == (202, None)
    assert told.complete_at > 0
    assert world.dify.pages_read() == [1, 2, 3]  # the second page was full: the third tells the end
    rows, after = [], None
    while True:
        page = world.inbox.page(ADA, world.app, Query(), after)
        rows += page.rows
        after = page.after
        if after is None:
            break
        assert len(page.rows) == SHOWN
    assert [each.content for each in rows] == [f"Number {n}" for n in range(201, -1, -1)]
    assert rows[-1].created_at == BEGAN
    assert rows[-1].updated_at == pytest.approx(BEGAN + 0.52713)


def test_news_are_read_up_to_the_first_page_without_any(world: Told) -> None:
    for _ in range(3 * reader.PAGE):
        world.dify.rate("like")
    world.read()
    world.dify.requests.clear()
    assert world.read(whole=False).known == 303
    assert world.dify.pages_read() == [1]
    world.dify.rate("dislike", "new")
    assert world.read(whole=False).known == 304
    assert world.contents(rating="dislike") == ["new"]


def test_a_rating_that_was_changed_is_open_again(stored: Told) -> None:
    given = stored.dify.rate("dislike", "wrong")
    stored.read()
    assert stored.inbox.handle(ADA, stored.app, given["id"], True)
    stored.read()
    assert stored.only().handled_by == "ada"
    given |= {"content": "still wrong", "updated_at": "2026-11-22T00:00:00"}
    stored.read(whole=False)
    assert (stored.only().content, stored.only().handled_by) == ("still wrong", "")
    given["rating"] = "like"
    stored.read(whole=False)
    assert stored.only().rating == "like"


def test_what_was_taken_back_is_gone_and_nothing_else(stored: Told) -> None:
    given = [stored.dify.rate() for _ in range(3 * reader.PAGE)]
    stored.read()
    for gone in (given[7], given[150], given[299]):
        stored.dify.given.remove(gone)
    told = stored.read()
    assert told.known == 300
    assert stored.inbox.row(ADA, stored.app, given[150]["id"]) is None
    # A page shifts while it is read: what slips through between two pages is looked for again.
    first, hidden = stored.dify.given[0], stored.dify.given[reader.PAGE]
    pages = stored.app.client.feedbacks
    listed = pages.list

    def shifting(page: int = 1, limit: int = 20) -> object:
        said = listed(page, limit)
        if page == 1 and first in stored.dify.given:
            stored.dify.given.remove(first)
        return said

    pages.list = shifting  # type: ignore[method-assign,assignment]
    assert stored.read().known == 300  # the first was met before it went
    assert stored.inbox.row(ADA, stored.app, hidden["id"])
    assert stored.read().known == 299


def test_many_that_are_gone_at_once_go_with_the_second_reading(world: Told) -> None:
    for _ in range(2 * reader.LOOKED_FOR + 2):
        world.dify.rate()
    world.read()
    del world.dify.given[::2]
    assert world.read().known == 2 * reader.LOOKED_FOR + 2
    assert world.read().known == len(world.dify.given)


def test_a_failure_in_the_middle_keeps_what_was_read_and_goes_on_there(world: Told) -> None:
    for _ in range(3 * reader.PAGE):
        world.dify.rate()
    world.dify.fail("app/feedbacks", Refusal(200, {"data": world.dify.given[: reader.PAGE]}), BROKEN)
    told = world.read(whole=False)
    assert isinstance(told.failure, ServerFailed)
    assert (told.known, told.complete_at) == (reader.PAGE, 0.0)
    # As another process would: a page is rated meanwhile, and nothing is read twice but the news.
    world.dify.fail("app/feedbacks")
    world.dify.rate(content="meanwhile")
    world.dify.requests.clear()
    site = world.site
    inbox = Inbox(site.store, site.directory, site.looks, site.people, site.audit)
    until(lambda: not inbox.standing(ADA, world.app).reading)
    assert world.dify.pages_read() == [1, 2, 3, 4]
    until(lambda: inbox.standing(ADA, world.app).complete_at > 0)
    assert inbox.standing(ADA, world.app).known == 304
    inbox.close()


def test_the_site_ends_while_it_is_read(world: Told) -> None:
    for _ in range(2 * reader.PAGE):
        world.dify.rate()
    gate = Gate()
    listed = world.app.client.feedbacks.list

    def waits(page: int = 1, limit: int = 20) -> object:
        gate._reached.set()
        gate._open.wait(20)
        return listed(page, limit)

    world.app.client.feedbacks.list = waits  # type: ignore[method-assign,assignment]
    assert world.inbox.standing(ADA, world.app).reading
    gate.wait_reached()
    world.inbox.close()
    gate.open()
    until(lambda: not world.inbox.standing(ADA, world.app).reading)
    assert world.dify.pages_read() == [1]


def test_a_server_without_feedback_says_so(world: Told) -> None:
    world.dify.fail("app/feedbacks", Refusal(404, HTML_404))
    assert isinstance(world.read(whole=False).failure, DifyError)


def test_filters(stored: Told) -> None:
    stored.dify.rate("dislike", "The Übersicht is 100% wrong")
    stored.dify.rate("like", "great", from_source="admin")
    stored.dify.rate("like")
    handled = stored.dify.rate("dislike", "slow and wrong")
    stored.read()
    stored.inbox.handle(ADA, stored.app, handled["id"], True)
    assert stored.contents(rating="like") == ["", "great"]
    assert stored.contents(source="admin") == ["great"]
    assert stored.contents(text="ubersicht 100%") == ["The Übersicht is 100% wrong"]
    assert stored.contents(text="WRONG") == ["slow and wrong", "The Übersicht is 100% wrong"]
    assert stored.contents(text="100_") == []
    assert stored.contents(handled=True) == ["slow and wrong"]
    assert stored.contents(handled=False, rating="dislike") == ["The Übersicht is 100% wrong"]
    assert stored.contents(since=BEGAN + 1.0, until=BEGAN + 3.0) == ["", "great"]
    assert stored.found(rating="dislike").found == 2


@pytest.mark.parametrize(
    "said",
    [{"rating": "meh"}, {"source": "x"}, {"handled": "maybe"}, {"since": "x"}, {"until": "1e99"}],
)
def test_what_is_no_query_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Query.of(said)


def test_pages_by_place_even_where_all_came_in_one_second(stored: Told) -> None:
    given = [stored.dify.rate() for _ in range(SHOWN + 20)]
    for each in given:
        each["created_at"] = given[0]["created_at"]
    stored.read()
    first = stored.found()
    assert first.found == SHOWN + 20
    with stored.site.store.database.begin() as connection:
        connection.execute(sa.delete(feedback).where(feedback.c.id == first.rows[-1].id))
    second = stored.inbox.page(ADA, stored.app, Query(), first.after)  # the row it goes on after is gone
    assert len(second.rows) == 20
    assert not {each.id for each in first.rows} & {each.id for each in second.rows}
    with pytest.raises(ValueError):
        stored.inbox.page(ADA, stored.app, Query(), "nonsense")


def test_the_rows_beside_one(world: Told) -> None:
    ids = [world.dify.rate(rating)["id"] for rating in ("dislike", "like", "dislike")]
    world.read()
    last = world.inbox.row(ADA, world.app, ids[2])
    assert last
    assert world.inbox.beside(ADA, world.app, Query(), last) == (None, ids[1])
    assert world.inbox.beside(ADA, world.app, Query(rating="dislike"), last) == (None, ids[0])


def test_days_are_those_of_the_reader(stored: Told) -> None:
    late = BEGAN - BEGAN % 86_400 + 23 * 3_600  # 23:00 in UTC
    for rating, moment in (("like", "T23:10:00"), ("dislike", "T23:20:00"), ("dislike", "T01:00:00")):
        day = "2026-09-21"
        stored.dify.rate(rating, created_at=f"{day}{moment}", updated_at=f"{day}{moment}")
    stored.read()
    tally = stored.inbox.tally(ADA, stored.app)
    assert (tally.likes, tally.dislikes, tally.open) == (1, 2, 2)
    assert tally.like_rate == pytest.approx(1 / 3)
    assert [(d.likes, d.dislikes) for d in tally.days] == [(1, 2)]
    ahead = stored.inbox.tally(ADA, stored.app, hours=2)
    assert [(d.likes, d.dislikes) for d in ahead.days] == [(0, 1), (1, 1)]
    assert stored.inbox.tally(ADA, stored.app, since=late).dislikes == 1


def test_who_handled_it_first_has_done_so(world: Told) -> None:
    given = world.dify.rate()
    world.read()
    world.inbox.handle(ADA, world.app, given["id"], True)
    bob = Identity("bob", Role.CURATOR)
    handled = world.inbox.handle(bob, world.app, given["id"], True)
    assert handled
    assert handled.handled_by == "ada"


def test_what_is_typed_is_each_curators_own(stored: Told) -> None:
    texts = ("q \ud800", "a", "")
    stored.inbox.keep_typed(ADA, stored.app, "f", texts)
    stored.inbox.keep_typed(ADA, stored.app, "f", ("q?", "a!", "row"))
    assert stored.inbox.typed(ADA, stored.app, "f") == ("q?", "a!", "row")
    assert stored.inbox.typed(Identity("bob", Role.CURATOR), stored.app, "f") is None
    stored.inbox.keep_typed(ADA, stored.app, "f", None)
    assert stored.inbox.typed(ADA, stored.app, "f") is None


def test_handling_is_undone_and_both_are_in_the_audit_trail(world: Told) -> None:
    given = world.dify.rate()
    world.read()
    for wanted in (True, False):
        assert world.inbox.handle(ADA, world.app, given["id"], wanted)
        assert bool(world.only().handled_at) == wanted
    assert world.inbox.handle(ADA, world.app, "another", True) is None
    with world.site.store.database.begin() as connection:
        actions = connection.execute(sa.select(audit.c.action, audit.c.about).order_by(audit.c.id)).all()
    assert [tuple(each) for each in actions] == [
        ("feedback.handled", given["id"]),
        ("feedback.reopened", given["id"]),
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_below_curator_nothing_is_told_or_asked(world: Told, role: Role) -> None:
    eve, inbox, app = Identity("eve", role), world.inbox, world.app
    some = Row("i", "c", "m", "like", "", "user", "", 0.0, 0.0, "", 0.0)
    for refused in (
        lambda: inbox.standing(eve, app),
        lambda: inbox.read_again(eve, app),
        lambda: inbox.page(eve, app, Query()),
        lambda: inbox.row(eve, app, "i"),
        lambda: inbox.beside(eve, app, Query(), some),
        lambda: inbox.tally(eve, app),
        lambda: inbox.handle(eve, app, "i", True),
        lambda: inbox.reach(eve, app, some),
        lambda: inbox.typed(eve, app, "i"),
        lambda: inbox.keep_typed(eve, app, "i", None),
    ):
        with pytest.raises(Denied):
            refused()
    assert world.dify.requests == []


def test_from_a_rating_to_the_message_on_an_older_page(world: Told) -> None:
    rows = [row(f"q{n}", f"a{n}", created_at=1_000 + n) for n in range(80)]
    kept = world.dify.keep(*rows, user="eve")
    eve = world.dify.person("eve", name="Eve")
    world.dify.rate(conversation_id=kept.id, message_id=rows[3]["id"], from_end_user_id=eve)
    world.read()
    reached = world.inbox.reach(ADA, world.app, world.only())
    assert (reached.turn.query, reached.turn.answer) == ("q3", "a3")
    assert reached.look.conversation.user == "eve"
    assert (world.only().user, world.only().name) == ("eve", "Eve")
    asked = len([path for _, path, _ in world.dify.requests if path.startswith("/end-users")])
    world.inbox.reach(ADA, world.app, world.only())
    assert len([path for _, path, _ in world.dify.requests if path.startswith("/end-users")]) == asked == 1


def test_why_a_conversation_is_out_of_reach(world: Told) -> None:
    given = world.dify.answered("q", "a")

    def told(**known: object) -> str:
        world.dify.given[:] = [{**given, "id": f"{world.dify.given[0]['id'][:30]}{len(seen)}", **known}]
        seen.append(known)
        world.read()
        world.read()
        return world.why()

    seen: list[object] = []
    browser = world.dify.person(None, type="browser", session_id="s-1")
    nobody = world.dify.person("DEFAULT-USER", is_anonymous=True)
    nameless = world.dify.person(None, session_id=None, is_anonymous=True)
    other = "11111111-1111-4111-8111-111111111111"
    lost = {"conversation_id": other}
    assert told(from_source="admin", from_end_user_id=None, **lost) == "unnamed"
    assert told(from_end_user_id=browser, **lost) == "web"
    assert told(from_end_user_id=nobody, **lost) == "anonymous"
    assert told(from_end_user_id=nameless, **lost) == "anonymous"
    assert told(from_end_user_id=other) == "stranger"
    assert told(message_id=other) == "message"
    assert told(**lost) == "deleted"
    world.dify.fail("end-users", Refusal(404, HTML_404))
    assert told(from_end_user_id=world.dify.person("zoe"), **lost) == "old"
    world.dify.fail("end-users", BROKEN)
    world.dify.given[:] = [{**given, "id": "unasked", "from_end_user_id": world.dify.person("yan")}]
    world.read()
    world.read()
    with pytest.raises(ServerFailed):
        world.inbox.reach(ADA, world.app, world.only())


def test_what_was_asked_through_this_site_is_reached_whoever_rated_it(world: Told) -> None:
    turn = world.asked("hello")
    world.dify.rate(conversation_id=turn.conversation_id, message_id=turn.message_id, from_source="admin")
    world.read()
    assert world.inbox.reach(ADA, world.app, world.only()).turn.query == "hello"
