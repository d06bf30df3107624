"""Files and icons by their routes: whose they are, where they come from, and as what they are sent."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from routes import files, live
from routes.policies import MEDIA_POLICY
from routes.security import Security
from services import shelf
from services.dify.client import Client
from services.dify.errors import DifyError, NotFound
from services.files import LARGEST_IMAGE, MOST_PIXELS, media_type
from services.pending import thumbnail
from services.shelf import Shelf, Shelved
from services.uploads import Chosen, Rules, unfit
from tests.unit.test_routes import LONG, World, listening, world
from tests.unit.transcripts import body
from tests.upstream import Answer, Refusal, row

__all__ = ["world"]
SIGNED = "/files/tools/pic.png?timestamp=1&nonce=2&sign=3"
FAR = "http://inside.example:5001"
"""A FILES_URL that nobody here can reach."""
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"


def png(size: tuple[int, int] = (4, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 3)).save(out, "GIF")
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    routes = [
        Route("/live/{key}", live.events),
        Route("/files/{key}/{turn}/{file}", files.file),
        Route("/icons/{app}", files.icon),
        Route("/icons/{app}/{tool:path}", files.icon),
    ]
    with listening(Starlette(routes=routes, middleware=[Middleware(Security)])) as url:
        yield url


@pytest.fixture
def place(world: World) -> Any:
    """Somebody's conversation whose one answer brought a picture."""
    picture = [lambda f: f.file("pic", url=f"{FAR}{SIGNED}"), "There."]
    world.dify.next(Answer(*picture))
    place = world.place()
    run = world.ask(place)
    assert run.done.wait(LONG)
    return place


def turn_of(place: Any) -> str:
    return str(place.turns()[-1].id)


def get(world: World, place: Any, file: str = "pic", query: str = "", **headers: str) -> httpx.Response:
    return world.get(f"/files/{place.key}/{turn_of(place)}/{file}{query}", **headers)


# Where it comes from


def test_a_picture_is_fetched_from_dify_whatever_host_its_address_names(world: World, place: Any) -> None:
    world.dify.served[SIGNED] = (png(), "text/html")
    answer = get(world, place)
    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"] == MEDIA_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["content-disposition"] == "inline"
    get(world, place)
    assert [path for _, path, _ in world.dify.requests].count(SIGNED) == 1, "it is fetched once"


def test_an_address_whose_time_is_over_is_read_from_history_anew(world: World, place: Any) -> None:
    fresh = "/files/tools/pic.png?timestamp=9&nonce=9&sign=9"
    world.dify.messages()[0]["message_files"] = [
        {"id": "pic", "type": "image", "url": FAR + fresh, "belongs_to": "assistant"}
    ]
    world.dify.served[fresh] = (png(), "image/png")
    assert get(world, place).content == png()


def test_an_upload_comes_from_the_preview_endpoint(world: World) -> None:
    there = world.site.apps[0].client.files.upload("a.png", png(), "image/png", "somebody")
    known = {"upload_file_id": there.id, "belongs_to": "user", "type": "image", "filename": "a b€.png"}
    dialogue = world.dify.keep(row("q", "a", message_files=[{"id": "mine", "url": "", **known}]))
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    address = f"/files/{place.key}/{dialogue.rows[0]['id']}/mine"
    assert world.get(address).content == png(), "also before anybody has read the conversation"
    saved = world.get(f"{address}?download=1")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20b%E2%82%AC.png"


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/healthz",
        "/v1/conversations",
        "/files/../v1/info",
        "/files/%2e%2e/v1/info",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_no_other_address_is_ever_asked(world: World, address: str) -> None:
    client: Client = world.site.apps[0].client
    before = list(world.dify.requests)
    with pytest.raises(NotFound), client.files.signed(address):
        pass
    assert world.dify.requests == before


def test_a_file_that_stands_elsewhere_is_no_business_of_this_route(world: World) -> None:
    far = {"id": "far", "url": "https://example.com/a.png", "transfer_method": "remote_url"}
    dialogue = world.dify.keep(row("q", "a", message_files=[{**far, "belongs_to": "user", "type": "image"}]))
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    answer = world.get(f"/files/{place.key}/{dialogue.rows[0]['id']}/far")
    assert (answer.status_code, answer.json()["code"]) == (404, "file_not_found")


# Whose it is


def test_only_its_owner_gets_it(world: World, place: Any) -> None:
    world.dify.served[SIGNED] = (png(), "image/png")
    assert get(world, place).status_code == 200
    world.cookie = world.site.identities.new_cookie()
    assert get(world, place).status_code == 404
    world.cookie = ""
    assert get(world, place).status_code == 403


def of_files(world: World) -> list[str]:
    return [path for _, path, _ in world.dify.requests if not path.endswith("/variables")]


@pytest.mark.parametrize("file", ["other", "..%2f..%2fv1%2finfo", "%00"])
def test_an_id_that_the_turn_does_not_have(world: World, place: Any, file: str) -> None:
    before = of_files(world)
    assert get(world, place, file).status_code == 404
    assert of_files(world) == before


def test_a_turn_that_is_not_there(world: World, place: Any) -> None:
    assert world.get(f"/files/{place.key}/nothing/pic").status_code == 404


def test_dify_does_not_have_it_any_more(world: World, place: Any) -> None:
    answer = get(world, place)
    assert (answer.status_code, answer.json()["code"]) == (404, "file_not_found")
    world.dify.served[SIGNED] = (png(), "image/png")
    assert get(world, place).content == png(), "what failed is tried again"


# As what it is sent


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        HTML,
        b"just text",
        b"%PDF-1.7 x",
        b"",
        b"PK\x03\x04" + bytes(40),
        bomb(60_000, 60_000),
        bomb(9000, 9000),
        b"\x89PNG\r\n\x1a\n but no picture",
    ],
)
def test_what_is_not_safe_to_show_can_only_be_saved(world: World, place: Any, content: bytes) -> None:
    world.dify.served[SIGNED] = (content, "image/png")
    answer = get(world, place)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_preview")
    saved = get(world, place, query="?download=1")
    assert (saved.status_code, saved.content) == (200, content)
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-security-policy"] == MEDIA_POLICY


PAGE = b"<!doctype html><script>alert(1)</script>"
IMAGES = Rules(frozenset({"image"}), frozenset(), {}, 1)
POLYGLOTS = {
    "PNG and HTML": (png() + PAGE, "x.html", "image/png"),
    "GIF and JavaScript": (gif() + b"*/=1;alert(1)//", "x.js", "image/gif"),
    "a GIF that is a script alone": (b"GIF89a/*" + bytes(300) + b"*/=1;alert(1)", "x.gif", None),
    "PDF and HTML": (b"%PDF-1.7\n" + PAGE + b"\n%%EOF", "x.pdf", None),
    "SVG": (SVG, "x.png", None),
    "SVG behind a byte order mark": (b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG, "x.png", None),
    "HTML that is called a picture": (PAGE, "x.png", None),
    "HTML behind spaces": (b" " * 2_000 + PAGE, "x.png", None),
    "a workbook": (b"PK\x03\x04" + PAGE, "x.png", None),
}
"""What is two things at once: bytes, the name it comes under, and as what it is shown, if at all."""


def test_what_is_two_things_at_once_runs_as_neither(world: World) -> None:
    files, told = [], ("image/png", "text/html", "application/javascript")
    for number, (content, name, _) in enumerate(POLYGLOTS.values()):
        address = f"/files/{number}?sign=1"
        world.dify.served[address] = (content, told[number % 3])
        files.append({"id": f"f{number}", "url": address, "belongs_to": "user", "filename": name})
    dialogue = world.dify.keep(row("q", "a", message_files=files))
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    for number, (what, (_, _, shown)) in enumerate(POLYGLOTS.items()):
        address = f"/files/{place.key}/{dialogue.rows[0]['id']}/f{number}"
        answer, saved = world.get(address), world.get(f"{address}?download=1")
        if shown:
            assert (answer.status_code, answer.headers["content-type"]) == (200, shown), what
        else:
            assert (answer.status_code, answer.headers["content-type"]) == (415, "application/json"), what
            assert b"alert" not in answer.content
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["content-disposition"].startswith("attachment")
        for each in (answer, saved):
            assert each.headers["x-content-type-options"] == "nosniff"
            assert each.headers["content-security-policy"] == MEDIA_POLICY


def test_a_picture_beside_the_composer_is_made_anew() -> None:
    """Streamlit serves it to whoever has its address; nothing of the file itself is in it but pixels."""
    for what, (content, name, shown) in POLYGLOTS.items():
        small = thumbnail(content)
        assert b"alert" not in small, what
        assert not small or media_type(small) == "image/png", what
        if not shown and what != "a GIF that is a script alone":  # which begins like a picture
            assert unfit(Chosen("x.png", content), IMAGES), what
        if not name.endswith((".png", ".gif")):
            assert unfit(Chosen(name, content), IMAGES), what


def test_types_are_told_by_bytes() -> None:
    mp3 = body("82_preview_audio")
    assert media_type(mp3) == "audio/mpeg"
    assert media_type(b"\xff\xfb\x90\x00" + bytes(400)) == "audio/mpeg"
    assert media_type(body("82_preview_png")) == "image/png"
    assert media_type(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)) == "audio/wav"
    assert media_type(struct.pack(">I", 24) + b"ftypisom\0\0\0\0isommp42" + bytes(60)) == "video/mp4"
    for content in (SVG, HTML, b"", b"MZ\x90\x00", b"%PDF-1.4"):
        assert media_type(content) is None


def test_limits_are_in_order() -> None:
    assert 9000 * 9000 > MOST_PIXELS > 6000 * 8000
    assert LARGEST_IMAGE < files.CHUNK * 1000


def test_sound_comes_in_the_part_that_is_asked_for(world: World, place: Any) -> None:
    """Dify ignores Range (82_preview_audio_range)."""
    sound = body("82_preview_audio")
    world.dify.served[SIGNED] = (sound, "application/octet-stream")
    whole = get(world, place)
    assert (whole.status_code, whole.content) == (200, sound)
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("audio/mpeg", "bytes")
    size = len(sound)
    for asked, start, end in (
        ("bytes=0-", 0, size),
        ("bytes=100-199", 100, 200),
        ("bytes=-10", size - 10, size),
        (f"bytes=5-{size * 2}", 5, size),
    ):
        part = get(world, place, range=asked)
        assert (part.status_code, part.content) == (206, sound[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    for asked in (f"bytes={size}-", "bytes=9-3"):
        assert get(world, place, range=asked).status_code == 416
    for asked in ("bytes=-", "lines=1-2", "bytes=0-1,4-5", "bytes=x-"):
        assert get(world, place, range=asked).status_code == 200


# Icons


def test_icons_come_from_dify_or_not_at_all(world: World) -> None:
    dify = world.dify
    tool = "/console/api/workspaces/current/tool-provider/builtin/time/icon"
    dify.site = {"title": "x", "icon_type": "image", "icon_url": f"{FAR}/files/icon?sign=1"}
    dify.meta = {
        "tool_icons": {
            "clock": FAR + tool,
            "a/b": {"content": "x", "background": "#fff"},
            "bad": FAR + "/console/api/svg",
            "far": "http://169.254.169.254/x",
        }
    }
    dify.served |= {"/files/icon?sign=1": (png(), "image/png"), tool: (png((2, 2)), "image/png")}
    dify.served["/console/api/svg"] = (SVG, "image/svg+xml")
    world.site.apps[0].profile()
    app = world.get("/icons/app")
    assert (app.status_code, app.content, app.headers["content-type"]) == (200, png(), "image/png")
    assert app.headers["content-security-policy"] == MEDIA_POLICY
    assert world.get("/icons/app/clock").content == png((2, 2))
    for name in ("a%2Fb", "bad", "far", "nothing"):
        answer = world.get(f"/icons/app/{name}")
        assert (answer.status_code, answer.content) == (204, b"")
    world.cookie = ""
    assert world.get("/icons/app").status_code == 403


def test_an_icon_is_fetched_once(world: World) -> None:
    world.dify.site = {"title": "x", "icon_url": "/files/icon"}
    world.dify.served["/files/icon"] = (png(), "image/png")
    world.site.apps[0].profile()
    for _ in range(3):
        assert world.get("/icons/app").status_code == 200
    assert [path for _, path, _ in world.dify.requests].count("/files/icon") == 1


# The shelf


def test_small_files_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is an open file of the process, which may have a thousand of them or so."""
    monkeypatch.setattr(shelf, "MOST", 3)
    kept, asked = Shelf(), list[int]()

    def look(number: int) -> None:
        def fetch(file: Shelved) -> None:
            asked.append(number)
            file.add(b"x")

        assert kept.get(number, fetch).size == 1

    for number in (0, 1, 2, 3, 4, 2, 3, 4, 0):
        look(number)
    assert asked == [0, 1, 2, 3, 4, 0]
    assert len(kept._kept) == 3


def test_what_is_not_read_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "ROOM", 10)
    kept, asked = Shelf(), []

    def of(name: str) -> Shelved:
        def fetch(into: Shelved) -> DifyError | None:
            asked.append(name)
            into.add(name.encode() * 6)
            return None

        found = kept.get(name, fetch)
        assert found.size == 6
        return found

    first = of("a")
    for name in ("b", "c", "a"):
        of(name)
    assert asked == ["a", "b", "c", "a"], "three of six bytes have no room beside each other"
    assert first.read(4, 10) == b"aa", "whoever reads it keeps it"


def test_a_file_is_read_while_it_still_comes() -> None:

    more = threading.Event()

    def fetch(into: Shelved) -> DifyError | None:
        into.add(b"abc")
        assert more.wait(LONG)
        into.add(b"def")
        return NotFound("gone", "gone", 404)

    found = Shelf().get("x", fetch)
    assert found.read(0, 10) == b"abc"
    more.set()
    assert found.head(6) == b"abcdef"
    with pytest.raises(NotFound):
        found.read(6, 1)
    with pytest.raises(NotFound):
        _ = found.size


def test_a_refused_preview_leads_to_the_signed_address(world: World) -> None:
    world.dify.fail("preview", Refusal.of(403, "file_access_denied", "no"))
    world.dify.served[SIGNED] = (png(), "image/png")
    known = {"id": "f", "url": SIGNED, "upload_file_id": "up", "belongs_to": "user", "type": "image"}
    dialogue = world.dify.keep(row("q", "a", message_files=[known]))
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    assert world.get(f"/files/{place.key}/{dialogue.rows[0]['id']}/f").content == png()
