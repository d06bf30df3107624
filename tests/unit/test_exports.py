"""Files to take along, and links to read: what is in them, and what is not."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services import markdown
from services.history import Query
from services.identity import Denied, Identity, Role
from services.outcome import Rating
from services.shares import shares
from services.spreadsheet import guarded
from tests.unit.archived import ADA, BOB, World, world_over
from tests.upstream import Refusal, Uploaded, Upstream, row

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
THOUGHT = {
    "id": "t",
    "position": 1,
    "thought": "I look it up",
    "tool": "search",
    "tool_input": "{}",
    "observation": "42",
}
SOURCE = {
    "position": 1,
    "document_name": "manual.pdf",
    "dataset_name": "Docs",
    "content": "It is so.",
    "score": 0.5,
}
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> ![p](http://evil/x.png) [l](javascript:alert(1))"
)


@pytest.fixture
def world() -> Iterator[World]:
    with Upstream() as dify, world_over(dify) as made:
        yield made


@pytest.fixture
def rich(world: World) -> str:
    """A conversation with everything in it."""
    world.dify.uploads.append(Uploaded("up-1", "cat.png", PNG, "image/png", "ada"))
    image = {
        "id": "f1",
        "type": "image",
        "filename": "cat.png",
        "upload_file_id": "up-1",
        "belongs_to": "user",
    }
    image["url"] = "http://dify/files/x?sign=SIGNED"
    kept = world.dify.keep(
        row(
            "=1+1 what?",
            f"# Heading\n\nA **bold** answer. {HOSTILE}\n\n| a | b |\n|---|---|\n| 1 | 2 |",
            message_files=[image],
            agent_thoughts=[THOUGHT],
            retriever_resources=[SOURCE],
            feedback={"rating": "dislike"},
            inputs={"nick": "Bo"},
            created_at=1_700_000_000,
        ),
        row("second", "answer two", created_at=1_700_000_100),
        user="ada",
    )
    kept.name = "Cats & <dogs>"
    world.site.store.rate("ada", world.dify.dialogues[kept.id].rows[0]["id"], Rating("dislike", "too long"))
    world.dify.info["mode"] = "advanced-chat"
    world.app.profile()
    return kept.id


def written(world: World, kind: str, wanted: Sequence[str] | Query, *, mask: bool = False) -> str:
    exports = world.archive.exports
    job = exports.request(ADA, world.app, wanted, kind, mask=mask)
    text = b"".join(exports.written(job)).decode()
    assert job.state == "complete"
    assert job.done == job.total
    return text


def test_markdown(world: World, rich: str) -> None:
    text = written(world, "markdown", [rich])
    assert text.startswith(r"# Cats & \<dogs\>")
    assert "A **bold** answer." in text
    for said in (
        "> =1+1 what?",
        "nick: Bo",
        "cat.png",
        "search",
        "42",
        "manual.pdf",
        "too long",
        "answer two",
    ):
        assert said in text, said
    assert text.index("A **bold**") < text.index("answer two")
    assert "SIGNED" not in text


def test_json(world: World, rich: str) -> None:
    (kept,) = json.loads(written(world, "json", [rich]))["conversations"]
    first, second = kept["messages"]
    assert (kept["name"], kept["inputs"]) == ("Cats & <dogs>", {"nick": "Bo"})
    assert first["feedback"] == {"rating": "dislike", "content": "too long"}
    assert first["citations"][0]["document_name"] == "manual.pdf"
    assert first["thoughts"][0]["observation"] == "42"
    assert first["files"][0]["name"] == "cat.png"
    assert "SIGNED" not in json.dumps(kept)
    assert second["answer"] == "answer two"


def test_csv(world: World, rich: str) -> None:
    text = written(world, "csv", [rich])
    first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert first["question"] == "'=1+1 what?"
    assert (first["rating"], first["reason"], first["sources"]) == ("dislike", "too long", "manual.pdf")
    assert second["answer"] == "answer two"


@pytest.mark.parametrize("kind", ["markdown", "json", "csv", "html"])
def test_personal_data_can_be_hidden(world: World, rich: str, kind: str) -> None:
    mail = "ada.l@example.org"
    more = world.dify.keep(
        row(f"=1 I am {mail}", f"Hello {mail.upper()} and bo@example.org", inputs={"who": mail}), user="ada"
    )
    more.name = f"About {mail}"
    plain = written(world, kind, [rich, more.id])
    text = written(world, kind, [rich, more.id], mask=True)
    assert mail in plain
    assert "@example.org" not in text.casefold()
    assert "[e-mail 1]" in text
    assert "[e-mail 2]" in text
    assert "data:image" not in text
    if kind == "json":
        _, hidden = json.loads(text)["conversations"]
        assert hidden["id"] == more.id
        assert hidden["messages"][0]["inputs"] == {"who": "[e-mail 1]"}
    if kind == "csv":
        cells = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert {len(cell) for cell in cells} == {len(cells[0])}
    exports = world.archive.exports
    assert exports.name(exports.request(ADA, world.app, [more.id], kind, mask=True)).startswith(
        "conversations."
    )


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["1=1", "", 5, None, "a@b"])
def test_other_cells_stay(cell: Any) -> None:
    assert guarded(cell) == cell


def test_html_is_one_page_that_can_do_nothing(world: World, rich: str) -> None:
    text = written(world, "html", [rich])
    assert f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"' in text
    for said in ("Cats &amp; &lt;dogs&gt;", "<strong>bold</strong>", "<td>1</td>", "manual.pdf", "too long"):
        assert said in text, said
    assert "<script" not in text
    assert not re.search(r"<[^>]*(onerror|javascript:)", text)
    assert set(re.findall(r'src="([a-z]+):', text)) == {"data"}
    assert "default-src 'none'" in text
    assert "SIGNED" not in text


def test_many_and_a_filtered_set(world: World, rich: str) -> None:
    others = [world.dify.keep(row(f"q {n}", f"a {n}"), user="ada").id for n in range(3)]
    whole = json.loads(written(world, "json", [rich, *others]))
    assert [kept["id"] for kept in whole["conversations"]] == [rich, *others]
    found = json.loads(written(world, "json", Query(text="cats")))
    assert [kept["id"] for kept in found["conversations"]] == [rich]
    assert json.loads(written(world, "json", Query(text="nothing such"))) == {"conversations": []}
    assert written(world, "html", Query(text="nothing such")).endswith("</html>\n")


def test_a_long_conversation_is_read_to_its_beginning(world: World) -> None:
    rows = [row(f"q {n}", f"a {n}", created_at=1_700_000_000 + n) for n in range(250)]
    kept = world.dify.keep(*rows, user="ada")
    (whole,) = json.loads(written(world, "json", [kept.id]))["conversations"]
    assert [message["query"] for message in whole["messages"]] == [f"q {n}" for n in range(250)]


def test_what_only_this_site_has_is_in_it(world: World) -> None:
    turn = world.asked("asked here")
    world.dify.dialogues[turn.conversation_id].rows[0]["answer"] = ""
    assert "Echo: asked here" in written(world, "markdown", [turn.conversation_id])


def test_one_that_cannot_be_read_is_told_and_the_others_come(world: World, rich: str) -> None:
    exports = world.archive.exports
    job = exports.request(ADA, world.app, ["00000000-0000-4000-8000-000000000000", rich], "json")
    gone, there = json.loads(b"".join(exports.written(job)))["conversations"]
    assert "could not be read" in gone["problem"]
    assert there["problem"] is None
    assert (job.state, job.failed, job.done) == ("complete", 1, 2)


def test_it_is_written_while_it_is_read(world: World) -> None:
    ids = [world.dify.keep(row(f"q {n}", f"a {n}"), user="ada").id for n in range(3)]
    exports = world.archive.exports
    pieces = exports.written(job := exports.request(ADA, world.app, ids, "json"))
    while b'"a 0"' not in next(pieces):
        pass
    assert sum(path == "/messages" for _, path, _ in world.dify.requests) == 1
    pieces.close()
    assert job.state == "failed"


def test_jobs_are_their_owners(world: World, rich: str) -> None:
    job = world.archive.exports.request(ADA, world.app, [rich], "json")
    assert world.archive.exports.of(ADA, job.token) is job
    assert world.archive.exports.of(BOB, job.token) is None
    bobs = world.archive.exports.request(BOB, world.app, [rich], "json")
    assert "bold" not in b"".join(world.archive.exports.written(bobs)).decode()
    with pytest.raises(ValueError, match="markdown"):
        world.archive.exports.request(ADA, world.app, [rich], "exe")


def test_secrets_are_masked_in_variables(world: World, rich: str) -> None:
    variables = {
        "data": [{"id": "v", "name": "token", "value_type": "secret", "value": "HUSH"}],
        "has_more": False,
    }
    world.dify.fail("variables", Refusal(200, variables))
    text = written(world, "json", [rich])
    assert "HUSH" not in text
    assert '"token"' in text


# Links


def test_a_link_shows_the_chosen_turns_and_nothing_else(world: World, rich: str) -> None:
    turns = [
        t
        for page in world.site.directory.whole(
            world.site.directory.glimpse(world.app, "ada", rich), world.app
        )
        for t in page
    ]
    share = world.archive.shares.make(ADA, world.app, rich, "Cats", turns[:1], 60)
    opened = world.archive.shares.opened(share.token)
    assert opened
    (shown,) = opened.turns
    assert (shown.query, shown.citations[0].document_name) == ("=1+1 what?", "manual.pdf")
    with world.site.store.database.begin() as connection:
        told = json.dumps(connection.execute(shares.select()).mappings().one()["turns"])
    for hidden in ("Bo", "too long", "SIGNED", "up-1", turns[0].message_id, rich, "second", "ada", "search"):
        assert hidden not in told, hidden


def test_links_end(world: World) -> None:
    turn = world.asked("shared")
    make = world.archive.shares.make
    short = make(ADA, world.app, turn.conversation_id, "t", [turn], -1)
    assert world.archive.shares.opened(short.token) is None
    share = make(ADA, world.app, turn.conversation_id, "t", [turn], 60)
    assert [one.token for one in world.archive.shares.of(ADA, world.app)] == [share.token]
    assert world.archive.shares.of(BOB, world.app) == []
    assert not world.archive.shares.revoke(BOB, share.token)
    assert world.archive.shares.opened(share.token)
    assert world.archive.shares.revoke(ADA, share.token)
    assert world.archive.shares.opened(share.token) is None
    assert share.expires_at > time.time()
    with pytest.raises(Denied):
        make(Identity("ada", Role.VIEWER), world.app, turn.conversation_id, "t", [turn], 60)
    with pytest.raises(ValueError, match="turns"):
        make(ADA, world.app, turn.conversation_id, "t", [], 60)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html,<script>)",
        "<a href='javascript:x'>x</a>",
        "![x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        "[x](//evil)",
    ],
)
def test_markdown_of_strangers_does_nothing(text: str) -> None:
    assert not re.search(
        r"<(script|svg|img|a [^>]*(javascript|data:|//evil))", markdown.html(text), re.IGNORECASE
    )
