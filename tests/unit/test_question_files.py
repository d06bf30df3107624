"""Files that go with a question: what is checked before anything is sent, and what becomes of each."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import EpsImagePlugin, Image

from components import words, words_question
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.parameters import FileUpload, InputField
from services.dify.parts import File
from services.dify.patience import Patience
from services.draft import sent
from services.identity import Identity, Role
from services.limits import Limits, Meter
from services.merge import attached
from services.pending import MOST_PIXELS, Pending, PendingFiles, brought, picked, thumbnail
from services.store import Owned
from services.turn import Turn
from services.uploads import Chosen, Rules, Unfit, kind, linked_name, media_type, unfit, unlinkable
from tests.contract.recorded import Exchange
from tests.relay import Fault, Relay, refusal, response
from tests.unit.test_speech_in import mp3, tone
from tests.unit.transcripts import body
from tests.upstream import Upstream

ADA = Identity("ada", Role.AGENT)


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 60, 60)).save(file, kind)
    return file.getvalue()


PICTURE = picture(size=(2_000, 3_000))
"""Several packets of it."""


def rules(*types: str, extensions: tuple[str, ...] = (), **limits: int) -> Rules:
    megabytes = {"image": 10, "document": 15, "audio": 50, "video": 100, **limits}
    return Rules.of_chat(FileUpload(True, 3, types, extensions, megabytes=megabytes))


EVERYTHING = rules("image", "document", "audio", "video")


# What an app takes


def test_the_rules_of_a_recorded_app() -> None:
    given = json.loads(body("10_app_chat_parameters"))
    taken = Rules.of_chat(FileUpload.from_json(given["file_upload"], given["system_parameters"]))
    assert taken.types == {"image", "document", "audio", "video"}
    assert (taken.most, taken.megabytes["document"]) == (3, 15)
    assert {"png", "pdf", "mp3", "mp4"} <= set(taken.all_extensions)
    off = json.loads(body("10_app_chat_off_parameters"))
    assert Rules.of_chat(FileUpload.from_json(off["file_upload"], {})).all_extensions == ()


def test_an_older_server_knows_only_images() -> None:
    old = {"image": {"enabled": True, "number_limits": 2, "transfer_methods": ["remote_url"]}}
    upload = FileUpload.from_json(old, {"image_file_size_limit": "1"})
    taken = Rules.of_chat(upload)
    assert (taken.types, taken.most, upload.transfer_methods) == ({"image"}, 2, ("remote_url",))
    assert unfit(Chosen("a.txt", b"x"), taken) == Unfit("type", "a.txt")
    assert unfit(Chosen("a.png", picture() + bytes(2**20)), taken) == Unfit("size", "a.png", 1)


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.png", picture(), None),
        ("a.PNG", picture(), None),
        ("a.jpg", picture("JPEG"), None),
        ("a.png", picture("JPEG"), None),
        ("a.webp", picture("WEBP"), None),
        ("a.gif", picture("GIF"), None),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        ("a.png", b"no picture", "content"),
        ("a.png", b"%PDF-1.7 text", "content"),
        ("a.mp3", mp3(), None),
        ("a.mp3", picture(), "content"),
        ("a.amr", b"#!AMR\n\4", None),
        ("a.wav", tone(), None),
        ("a.mp4", b"\0\0\0\x20ftypisom\0\0\2\0", None),
        ("a.mp4", b"hello", "content"),
        ("notes.txt", b"hello", None),
        ("notes.md", b"# hello", None),
        ("a.txt", b"", "empty"),
        ("a.exe", b"MZ", "type"),
        ("a", b"x", "type"),
        ("", b"x", "type"),
    ],
)
def test_a_file_is_looked_at_by_its_content(name: str, content: bytes, wrong: str | None) -> None:
    found = unfit(Chosen(name, content), EVERYTHING)
    assert (found.code if found else None) == wrong


@pytest.mark.parametrize(
    ("name", "over"), [("a.png", "image"), ("a.txt", "document"), ("a.mp3", "audio"), ("a.mp4", "video")]
)
def test_each_type_has_its_own_limit(name: str, over: str) -> None:
    small = rules("image", "document", "audio", "video", **{over: 1})
    found = unfit(Chosen(name, bytes(2**20 + 1)), small)
    assert found == Unfit("size", name, 1)
    assert words_question.UNFIT["size"].format(limit=found.limit) == "It is too large: 1 MB at most."


def test_custom_files_go_by_their_extension() -> None:
    own = rules("custom", extensions=("parquet", "png"))
    assert kind("a.parquet", own) == "custom"
    assert kind("a.png", own) == "custom"
    assert kind("a.txt", own) is None
    assert unfit(Chosen("a.parquet", bytes(2**20)), own) is None
    assert kind("a.png", rules("image", "custom", extensions=("png",))) == "image"


def test_every_reason_has_words() -> None:
    codes = {"empty", "type", "size", "content"}
    assert codes == words_question.UNFIT.keys()
    assert codes | {"many"} == words.UNFIT.keys()
    assert {"address", "type"} == words_question.LINK_UNFIT.keys()


@pytest.mark.parametrize(
    ("url", "chosen", "wrong"),
    [
        ("https://example.org/a/pic.png", "", None),
        ("http://example.org/pic.png?size=2#x", "", None),
        ("https://example.org/latest", "", "type"),
        ("https://example.org/latest", "image", None),
        ("https://example.org/latest", "custom", "type"),
        ("file:///etc/passwd", "", "address"),
        ("javascript:alert(1)", "image", "address"),
        ("https:///pic.png", "", "address"),
        ("https://[::1/pic.png", "image", "address"),
        ("https://example.org\u2100/pic.png", "", "address"),
        ("pic.png", "", "address"),
        ("", "", "address"),
    ],
)
def test_an_address_is_looked_at_too(url: str, chosen: str, wrong: str | None) -> None:
    found = unlinkable(url, chosen, EVERYTHING)
    assert (found.code if found else None) == wrong


def test_a_linked_file_goes_by_its_address(client: Client) -> None:
    url = "https://example.org/a%20b/my%20pic.png"
    there = brought(
        client, ADA, Pending("p", linked_name(url), url=url, kind="image"), EVERYTHING, Meter(Limits())
    ).file
    assert there is not None
    assert there.name == "my pic.png"
    assert sent(there) == {"type": "image", "transfer_method": "remote_url", "url": url}


# On the way to Dify


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def line(dify: Upstream) -> Iterator[Relay]:
    with Relay(dify.port) as relay:
        yield relay


@pytest.fixture
def client(dify: Upstream, line: Relay) -> Iterator[Client]:
    patience = Patience(connect=2, headers=2, read=2, repeats=0)
    with Client(f"{line.url}/v1", dify.key, patience=patience) as made:
        yield made


def test_a_file_is_uploaded_once(dify: Upstream, client: Client) -> None:
    first = brought(client, ADA, picked("p", "a/b.png", picture(), EVERYTHING), EVERYTHING, Meter(Limits()))
    assert brought(client, ADA, first, EVERYTHING, Meter(Limits())) is first
    (there,) = dify.uploads
    assert (there.name, there.mime_type, there.user) == ("a_b.png", "image/png", ADA.user)
    assert there.content == picture()
    expected = File(there.id, "image", "", "user", "a/b.png", "image/png", len(picture()), there.id)
    assert first.file == expected
    assert sent(expected)["upload_file_id"] == there.id


FAULTS = {
    "cut at half": (Fault(take=len(PICTURE) // 2), "connection broke"),
    "answer cut": (Fault(cut_after=20, reset=True), "connection broke"),
    "500 after the body": (Fault(answer=refusal(500, "internal_server_error", "no"), heard=True), "failed"),
    "500 as Dify says it": (Fault(answer=refusal(500, "unknown", "Internal"), heard=True), "failed on"),
    "413 of a gateway": (Fault(answer=response(413, b"<html>too large</html>")), "too large"),
    "415 of Dify": (Fault(answer=refusal(415, "unsupported_file_type", "no")), "this kind"),
    "502": (Fault(answer=response(502, b"<html>")), "later"),
    "refused": (Fault(refuse=True), None),
    "unknown code": (Fault(answer=refusal(400, "never_heard_of", "what")), "could not be uploaded"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_upload_that_fails_keeps_the_file_and_goes_again(
    fault: str, dify: Upstream, client: Client, line: Relay
) -> None:
    how, said = FAULTS[fault]
    line.next("/v1/files/upload", how)
    pending = picked("p", "a.png", PICTURE, EVERYTHING)
    failed = brought(client, ADA, pending, EVERYTHING, Meter(Limits()))
    assert (failed.file, failed.content) == (None, PICTURE)
    told = words_question.upload_failed(failed.failed)
    assert told.endswith((".", "!")) and (said is None or said in told)
    again = brought(client, ADA, replace(failed, failed=""), EVERYTHING, Meter(Limits()))
    assert again.file is not None
    assert again.failed == ""


@pytest.mark.parametrize(
    "case", ["80_upload_txt_too_large", "80_upload_no_file", "80_upload_two_files", "80_upload_slash_name"]
)
def test_each_recorded_refusal_of_an_upload_is_told(case: str, client: Client, line: Relay) -> None:
    recorded = Exchange.read(case)
    answer = response(recorded.status, recorded.body, recorded.response_headers["content-type"])
    line.next("/v1/files/upload", Fault(answer=answer, heard=True))
    failed = brought(client, ADA, picked("p", "a.png", picture(), EVERYTHING), EVERYTHING, Meter(Limits()))
    assert failed.failed
    assert words_question.upload_failed(failed.failed)


def test_an_unfit_file_is_never_uploaded(client: Client, dify: Upstream) -> None:
    pending = picked("p", "a.png", b"no picture", EVERYTHING)
    assert pending.unfit == Unfit("content", "a.png")
    assert brought(client, ADA, pending, EVERYTHING, Meter(Limits())) is pending
    assert dify.uploads == []


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        (Chosen("a.png", picture()), "image/png"),
        (Chosen("a.txt", b"hi"), "text/plain"),
        (Chosen("a", b""), ""),
    ],
)
def test_media_types(chosen: Chosen, kind: str) -> None:
    assert media_type(chosen) == kind


# Kept until they are sent


def place(key: str, user: str = ADA.user) -> Conversation:
    return Conversation(Owned(key, "app", user, None))


ONE, TWO = place("k1"), place("k2")


def test_pending_files_are_kept_by_conversation_and_in_order() -> None:
    files = PendingFiles()
    for where, name in ((ONE, "a"), (TWO, "b"), (ONE, "c")):
        files.put(where, Pending(name, name))
    files.put(ONE, Pending("a", "a", failed="timed_out"))
    assert [(each.id, each.failed) for each in files.of(ONE)] == [("a", "timed_out"), ("c", "")]
    files.remove(ONE, "a")
    files.remove(ONE, "c")
    assert files.of(ONE) == ()
    files.remove(ONE, "c")
    files.clear(TWO)
    assert files.of(TWO) == ()


def test_who_claims_a_key_finds_no_files_of_its_owner(tmp_path: Path) -> None:
    PendingFiles(tmp_path).put(ONE, Pending("a", "a.txt", b"hush"))
    for files in (PendingFiles(tmp_path), PendingFiles(tmp_path)):
        assert files.of(place("k1", "eve")) == ()
        assert [each.content for each in files.of(ONE)] == [b"hush"]


def test_beyond_the_limit_the_longest_untouched_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("services.pending.MOST_BYTES", 10)
    files = PendingFiles(tmp_path)
    files.put(ONE, Pending("a", "a", bytes(6)))
    files.put(TWO, Pending("b", "b", bytes(6)))
    assert (len(files.of(ONE)), len(files.of(TWO))) == (0, 1)
    files.put(TWO, Pending("c", "c", bytes(60)))
    assert len(files.of(TWO)) == 2, "what a person works on now is never let go"
    assert len(list(tmp_path.iterdir())) == 1


def test_nobodys_many_files_push_out_anothers_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.pending.MOST_BYTES", 10)
    files, bobs = PendingFiles(), place("k9", "bob")
    files.put(bobs, Pending("b", "b", bytes(3)))
    files.put(ONE, Pending("a", "a", bytes(6)))
    files.put(TWO, Pending("c", "c", bytes(6)))
    assert [len(files.of(where)) for where in (bobs, ONE, TWO)] == [1, 0, 1]
    files.put(TWO, Pending("d", "d", bytes(60)))
    assert [len(files.of(where)) for where in (bobs, ONE, TWO)] == [1, 0, 2]


def test_a_restart_loses_no_picked_file(tmp_path: Path) -> None:
    """With what is known of each; and nobody else has them, whatever key they claim."""
    folder = tmp_path / "pending"
    files = PendingFiles(folder)
    uploaded = replace(picked("u", "../b.png", PICTURE, EVERYTHING), file=LOCAL)
    unfitting = picked("x", "c.png", b"no picture", EVERYTHING)
    linked_one = Pending("l", "d.png", url="https://example.org/d.png", kind="image")
    for each in (picked("p", "a.png", PICTURE, EVERYTHING), uploaded, unfitting, linked_one):
        files.put(ONE, each)
    files.remove(ONE, "p")
    assert PendingFiles(folder).of(ONE) == (uploaded, unfitting, linked_one) == files.of(ONE)
    assert PendingFiles(folder).of(place("k1", "bob")) == ()
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}
    again = PendingFiles(folder)
    again.clear(ONE)
    assert list(folder.iterdir()) == []


def test_picked_files_of_earlier_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = PendingFiles(tmp_path)
    known: set[Path] = set()
    for where, age in ((ONE, 8 * 24 * 3600), (TWO, 60), (place("k3"), 30)):
        files.put(where, Pending("a", "a", bytes(600)))
        (newest,) = set(tmp_path.iterdir()) - known
        known.add(newest)
        os.utime(newest, (time.time() - age,) * 2)
    monkeypatch.setattr("services.pending.MOST_BYTES", 1_000)
    again = PendingFiles(tmp_path)
    assert [len(again.of(where)) for where in (ONE, TWO, place("k3"))] == [0, 0, 1]


def test_a_folder_that_fails_leaves_them_in_memory(tmp_path: Path) -> None:
    (tmp_path / "pending").write_text("no folder")
    files = PendingFiles(tmp_path / "pending")
    files.put(ONE, Pending("a", "a", b"a"))
    assert [each.id for each in files.of(ONE)] == ["a"]


def test_what_cannot_be_read_is_no_trouble(tmp_path: Path) -> None:
    PendingFiles(tmp_path).put(ONE, Pending("a", "a", b"a"))
    (index,) = tmp_path.rglob("files.json")
    for broken in ("", "[1]", '[{"id": "a"}]', "{"):
        index.write_text(broken)
        assert PendingFiles(tmp_path).of(ONE) == ()


def test_a_thumbnail_is_small_and_never_trouble() -> None:
    with Image.open(io.BytesIO(thumbnail(picture("JPEG", (2_000, 1_000))))) as small:
        assert (small.format, small.size) == ("PNG", (96, 48))
    for content in (b"", b"no picture", picture()[:60], b"\x89PNG\r\n\x1a\n" + bytes(40)):
        assert thumbnail(content) == b""
    bomb = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 1_000 + 1, 1_000)).save(bomb, "PNG")
    assert thumbnail(bomb.getvalue()) == b""


def test_no_program_of_the_machine_is_run_for_a_picture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Under a document's name anything may come, PostScript too, for which Pillow would run Ghostscript."""
    ran, program = tmp_path / "ran", tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # looked for anew
    packed = io.BytesIO()
    Image.new("RGB", (20, 20)).save(packed, "EPS")
    assert picked("p", "notes.txt", packed.getvalue(), EVERYTHING).thumbnail == b""
    assert not ran.exists()


# What the app made of them


def turn(*files: File, state: str = "complete") -> Turn:
    return Turn.asked("q", id="t", attachments=files, state=state)


LOCAL = File("u1", "image", belongs_to="user", name="a.png", upload_file_id="u1")
LINKED = File("x", "image", "https://example.org/a.png", "user", "a.png")


def test_a_file_that_history_lacks_was_ignored() -> None:
    theirs = Turn.asked("q", state="complete", attachments=(File("f9", "image", upload_file_id="u1"),))
    other = replace(LOCAL, id="u2", upload_file_id="u2")
    marked = attached(turn(LOCAL, other), theirs)
    assert [(file.id, file.ignored) for file in marked] == [("u1", False), ("u2", True)]
    assert [file.ignored for file in attached(turn(LINKED), theirs)] == [True]
    named = Turn.asked("q", state="complete", attachments=(File("f8", "image", "http://dify/other"),))
    assert [file.ignored for file in attached(turn(LINKED), named)] == [False]
    assert attached(turn(), theirs) == theirs.attachments


def test_nothing_is_said_of_files_of_an_answer_that_failed() -> None:
    failed = Turn.asked("q", state="failed")
    assert attached(turn(LOCAL), failed) == (LOCAL,)


def test_a_field_for_files_has_rules_of_its_own() -> None:
    field = InputField("file-list", "docs", "Docs", max_length=2, file_types=("document",))
    own = Rules.of_field(field, FileUpload())
    assert (own.types, own.most) == ({"document"}, 2)
    anything = Rules.of_field(replace(field, kind="file", file_types=()), FileUpload())
    assert (anything.types >= {"image", "video"}, anything.most) == (True, 1)
