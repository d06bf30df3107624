"""What is done with weight is written down, by the service that does it: who, what, where, and no text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services import deletions
from services.annotations.bulk import delete_all
from services.annotations.reply import Wanted
from services.annotations.row import Row
from services.annotations.sheet import read
from services.audit import table
from services.history import Query
from services.shares import DAY
from tests.annotated import Annotated
from tests.site import until
from tests.unit.archived import ADA, BOB, World, world_over
from tests.upstream import Upstream

SECRET = "What is my PIN?"
Told = tuple[str, str, str, str, dict[str, Any]]


@pytest.fixture
def world() -> Iterator[World]:
    with Upstream() as dify, world_over(dify) as made:
        yield made


def told(world: World) -> list[Told]:
    """By whom, what, in which app, to what, details; oldest first, and nowhere a text of anybody."""
    with world.site.store.database.begin() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
    assert SECRET not in json.dumps([list(row) for row in rows])
    return [(row.user, row.action, row.app, row.about, row.details) for row in rows]


def test_links_exports_and_deletions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "GRACE", -1.0)
    turn = world.asked(SECRET)
    archive, about = world.archive, turn.conversation_id
    share = archive.shares.make(ADA, world.app, about, "A title", [turn], 7 * DAY)
    assert not archive.shares.revoke(BOB, share.token)
    assert archive.shares.revoke(ADA, share.token)
    b"".join(archive.exports.written(archive.exports.request(ADA, world.app, [about], "csv")))
    b"".join(archive.exports.written(archive.exports.request(ADA, world.app, Query(), "json")))
    archive.deletions.request(ADA, world.app, {about: "A title"})
    archive.deleting.carry_out()
    assert told(world) == [
        ("ada", "share.made", "app", about, {"messages": 1, "days": 7}),
        ("ada", "share.revoked", "app", about, {}),
        ("ada", "conversation.exported", "app", about, {"count": 1, "format": "csv"}),
        ("ada", "conversation.exported", "app", about, {"count": 1, "format": "json"}),
        ("ada", "conversation.deleted", "app", about, {}),
    ]
    assert share.token not in json.dumps(told(world))


def test_what_curators_do_with_many_annotations() -> None:
    with Annotated() as dify, world_over(dify) as world:  # type: ignore[arg-type]
        rows = [Row(dify.has(f"{SECRET} {number}"), f"{SECRET} {number}", "an answer") for number in range(3)]
        bulk = delete_all(world.site.annotations.of(world.app).book, ADA, rows)
        assert bulk.done.wait(20)
        work = world.site.annotation_work
        sheet = read("faq.csv", f"question,answer\n{SECRET},A\n".encode())
        name = work.imports.prepare(ADA, world.app, "faq.csv", sheet, (0, 1))
        work.imports.start(ADA, world.app, name, {})
        until(lambda: work.imports.standing(ADA, world.app, name).about.state == "done")
        work.imports.roll_back(ADA, world.app, name)
        work.replies.switch(ADA, world.app, "enable", Wanted(0.9, "openai", "small"))
        wanted = {"threshold": 0.9, "provider": "openai", "model": "small"}
        assert told(world) == [
            ("ada", "annotation.bulk", "app", bulk.batch, {"kind": "delete", "count": 3}),
            ("ada", "import.begun", "app", name, {"file": "faq.csv"}),
            ("ada", "import.rolled_back", "app", name, {"file": "faq.csv"}),
            ("ada", "reply.switched", "app", "", {"to": "enable", **wanted}),
        ]
