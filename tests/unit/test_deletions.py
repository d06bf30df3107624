"""Deleting with a way back: whatever happens in between, it ends in the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from services import deleting, deletions
from services.database import metadata
from services.draft import Draft, Waiting
from services.identity import Denied, Identity, Role
from services.pending import Pending
from services.queued import Queued
from services.store import Store, StoreError
from tests.site import until
from tests.unit.archived import ADA, BOB, World, world_over
from tests.upstream import Answer, Gate, Refusal, Upstream, row


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as dify:
        yield dify


@pytest.fixture
def world(dify: Upstream, store: Store) -> Iterator[World]:
    with world_over(dify, store) as made:
        yield made


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "GRACE", 0.0)


def request(world: World, *ids: str) -> None:
    world.archive.deletions.request(ADA, world.app, dict.fromkeys(ids, "a name"))


def waiting(world: World) -> list[str]:
    return [d.conversation_id for d in world.archive.deletions.of(world.app, "ada") if d.refusal is None]


def told(world: World) -> int:
    return sum(method == "DELETE" for method, _, _ in world.dify.requests)


def kept(world: World, conversation_id: str) -> dict[str, int]:
    """How many rows each table has of it."""
    counts = {}
    with world.site.store.database.begin() as connection:
        for table in metadata.sorted_tables:
            if "conversation_id" in table.c:
                query = sa.select(sa.func.count()).where(table.c.conversation_id == conversation_id)
                counts[table.name] = connection.execute(query).scalar_one()
    return {name: count for name, count in counts.items() if count}


def test_it_waits_is_not_shown_and_can_be_taken_back(world: World) -> None:
    turn = world.asked("keep me")
    request(world, turn.conversation_id)
    assert world.archive.deletions.hidden(world.app, "ada") == {turn.conversation_id}
    assert 9 < (world.archive.deleting.carry_out() or 0) <= 10
    (said,) = world.archive.deletions.waiting(world.app, "ada")["pending"]
    assert said["name"] == "a name"
    assert 9 < said["left"] <= 10
    assert world.archive.deletions.undo(ADA, world.app, [turn.conversation_id]) == [turn.conversation_id]
    assert waiting(world) == []
    assert turn.conversation_id in world.dify.dialogues
    assert told(world) == 0


def test_after_its_time_all_of_it_is_gone_and_nothing_else(world: World, at_once: None) -> None:
    turn, other = world.asked("forget rhubarb"), world.asked("keep rhubarb")
    world.archive.naming.rename(ADA, world.app, turn.conversation_id, "A name")
    world.archive.shares.make(ADA, world.app, turn.conversation_id, "t", [turn], 60)
    place, beside = (
        world.site.directory.open(ADA, world.app, each.conversation_id) for each in (turn, other)
    )
    for each in (place, beside):
        world.site.pending.put(each, Pending("picked", "a.txt", b"secret"))
        Queued(world.site.store).keep(each.owned, [Waiting(f"w-{each.key}", Draft("later"))])
    before = kept(world, other.conversation_id)
    request(world, turn.conversation_id)
    while world.archive.deleting.carry_out() is not None:
        pass
    assert turn.conversation_id not in world.dify.dialogues
    assert kept(world, turn.conversation_id) == {}
    assert world.site.store.turn(turn.id) is None
    assert world.site.pending.of(place) == ()
    assert len(world.site.pending.of(beside)) == 1
    assert [owned.key for owned, _ in Queued(world.site.store).left()] == [beside.key]
    assert kept(world, other.conversation_id) == before
    assert list(
        world.archive.search.hits("app", "ada", ["rhubarb"], [turn.conversation_id, other.conversation_id])
    ) == [other.conversation_id]
    assert world.site.directory.at("app", "ada", turn.conversation_id) is None


@pytest.mark.parametrize(
    "answer",
    [Refusal(200, {"result": "success"}), Refusal.of(404, "not_found", "Conversation Not Exists.")],
)
def test_older_servers_and_a_second_time(world: World, at_once: None, answer: Refusal) -> None:
    world.dify.fail("delete", answer)
    turn = world.asked("forget me")
    request(world, turn.conversation_id)
    while world.archive.deleting.carry_out() is not None:
        pass
    assert kept(world, turn.conversation_id) == {}


def test_a_dify_that_is_away_is_told_again(
    world: World, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "PAUSES", (0.0,))
    world.dify.fail("delete", Refusal.of(503, "unavailable", "later"))
    turn = world.asked("forget me")
    request(world, turn.conversation_id)
    world.archive.deleting.carry_out()
    assert waiting(world) == [turn.conversation_id]
    assert world.archive.deletions.waiting(world.app, "ada")["trying"] == 1
    # Whether Dify took it is not known: too late to take it back.
    assert world.archive.deletions.undo(ADA, world.app, [turn.conversation_id]) == []
    world.dify.fail("delete")
    while world.archive.deleting.carry_out() is not None:
        pass
    assert turn.conversation_id not in world.dify.dialogues
    assert waiting(world) == []


def test_what_dify_refuses_is_listed_again_and_said(world: World, at_once: None) -> None:
    world.dify.fail("delete", Refusal.of(403, "forbidden", "no"))
    turn = world.asked("forget me")
    request(world, turn.conversation_id)
    while world.archive.deleting.carry_out() is not None:
        pass
    said = world.archive.deletions.waiting(world.app, "ada")
    assert [refused["code"] for refused in said["refused"]] == ["forbidden"]
    assert world.archive.deletions.hidden(world.app, "ada") == set()
    assert world.site.store.turn(turn.id) is not None
    world.dify.fail("delete")
    request(world, turn.conversation_id)  # once more
    while world.archive.deleting.carry_out() is not None:
        pass
    assert turn.conversation_id not in world.dify.dialogues


def test_after_a_restart_there_is_time_for_an_undo_again(dify: Upstream, opened: Callable[[], Store]) -> None:
    with world_over(dify, opened()) as before:
        turn = before.asked("either done or not")
        with before.site.store.database.begin() as connection:
            long_ago = {"app": "app", "user": "ada", "conversation_id": turn.conversation_id, "name": "n"}
            row_ = {**long_ago, "requested_at": turn.asked_at + 1, "due_at": turn.asked_at + 1, "tries": 0}
            connection.execute(sa.insert(deletions.deletions).values(row_))
    with world_over(dify, opened()) as later:
        later.archive.deleting.start()
        until(
            lambda: later.archive.deletions.of(later.app, "ada")[0].due_at > turn.asked_at + 5, "a new time"
        )
        assert later.archive.deletions.undo(ADA, later.app, [turn.conversation_id]) == [turn.conversation_id]
        assert turn.conversation_id in dify.dialogues


def test_the_thread_does_it_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "GRACE", 0.05)
    turn = world.asked("forget me")
    world.archive.start()
    request(world, turn.conversation_id)
    until(lambda: turn.conversation_id not in world.dify.dialogues)
    until(lambda: kept(world, turn.conversation_id) == {})


def test_a_conversation_that_is_asked_something_meanwhile_stays(world: World, at_once: None) -> None:
    turn = world.asked("first")
    request(world, turn.conversation_id)
    world.asked("second", into=turn.conversation_id)
    assert world.archive.deleting.carry_out() == 0.0
    assert waiting(world) == []
    assert turn.conversation_id in world.dify.dialogues
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.site.directory.open(ADA, world.app, turn.conversation_id)
    request(world, turn.conversation_id)
    from services.draft import Draft

    run = world.site.runs.start(ADA, world.app.client, place, Draft("third"), "send-id-third-question")
    gate.wait_reached()
    world.archive.deleting.carry_out()
    gate.open()
    assert run
    assert run.done.wait(20)
    assert turn.conversation_id in world.dify.dialogues


def test_nobody_deletes_for_another(world: World, at_once: None) -> None:
    turn = world.asked("mine")
    world.archive.deletions.request(BOB, world.app, {turn.conversation_id: "his"})
    while world.archive.deleting.carry_out() is not None:
        pass
    assert turn.conversation_id in world.dify.dialogues
    assert world.site.store.turn(turn.id) is not None
    request(world, turn.conversation_id)
    assert world.archive.deletions.undo(BOB, world.app, [turn.conversation_id]) == []
    viewer = Identity("ada", Role.VIEWER)
    with pytest.raises(Denied):
        world.archive.deletions.request(viewer, world.app, {turn.conversation_id: "n"})
    with pytest.raises(Denied):
        world.archive.deletions.undo(viewer, world.app, [turn.conversation_id])


def test_a_store_that_fails_deletes_nothing(world: World, at_once: None) -> None:
    kept_ = world.dify.keep(row("q", "a"), user="ada")
    with world.site.store.database.begin() as connection:
        connection.execute(sa.text("DROP TABLE deletions"))
    with pytest.raises(StoreError):
        request(world, kept_.id)
    assert world.archive.deletions.hidden(world.app, "ada") == set()
    assert told(world) == 0
