"""Uploaded files: kept whole, named safely, known by their content, shown for a while only."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.uploads import LASTS, Files, safe_name, sniffed

NOW = 1_795_227_457.9
PATH = "/files/17d3df2c-2d70-4b8d-b1f0-8f03fdc1af0f/file-preview"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "deep" / "files")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0ACON", None),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"ID3\x04\0", "audio/mpeg"),
        (b"\xff\xf3\x44\xc4\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x44\0", "audio/mpeg"),
        (b"OggS\0\x02", "audio/ogg"),
        (b"fLaC\0", "audio/flac"),
        (b"#!AMR\n", "audio/amr"),
        (b"\0\0\0\x20ftypM4A \0", "audio/m4a"),
        (b"\0\0\0\x20ftypisom\0", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x86", "video/webm"),
        (b"PK\x03\x04..", "application/zip"),
        (
            b"PK\x03\x04..[Content_Types].xml..word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"plain words, \xc3\xa4\n", "text/plain"),
        (b"\xef\xbb\xbfwith a mark", "text/plain"),
        (b"  <!DOCTYPE html><p>", "text/html"),
        (b"<!-- x --><script>alert(1)</script>", "text/html"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "image/svg+xml"),
        (b"<svg onload=alert(1)>", "image/svg+xml"),
        (b"", None),
        (b"\0\1\2\3", None),
        (b"\xff\xff\xff\xff\xff", None),
        (b"broken \xff utf-8", None),
    ],
)
def test_type_by_content(content: bytes, kind: str | None) -> None:
    assert sniffed(content) == kind


@given(st.binary(max_size=64))
def test_any_content_has_a_type_or_none(content: bytes) -> None:
    kind = sniffed(content)
    assert kind is None or "/" in kind


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("pic.png", "pic.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.txt", "b.txt"),
        ("größe 日本.PDF", "größe 日本.PDF"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("cod\u202egnp.exe", "codgnp.exe"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_any_name_becomes_safe(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 200
    assert not set(safe) & set("/\\\0\r\n") and safe not in {".", ".."}
    assert safe_name(safe) == safe


def test_what_is_kept_is_read(files: Files, tmp_path: Path) -> None:
    kept = files.keep(b"content", "../Pic.PNG", "image/png")
    assert (kept.name, kept.extension, kept.mime_type, kept.size) == ("Pic.PNG", "png", "image/png", 7)
    assert Files(tmp_path / "deep" / "files").read(kept.id) == files.read(kept.id) == b"content"
    assert files.keep(b"", "noext", "").extension == ""
    files.delete(kept.id)
    for use in (files.read, files.delete):
        with pytest.raises(KeyError):
            use(kept.id)


ID = "0b5d1c1e-4a57-4a0e-8a4e-3f0f5d0a7c11"


@pytest.mark.parametrize("file_id", ["", "signing.key", "../x", ID, "{" + ID + "}/../x"])
def test_nothing_but_a_kept_file_can_be_read(files: Files, file_id: str) -> None:
    with pytest.raises(KeyError):
        files.read(file_id)


def test_a_write_that_fails_leaves_nothing(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.keep(b"content", "a.txt", "text/plain")
    assert [each.name for each in (tmp_path / "deep" / "files").iterdir()] == ["signing.key"]


def test_only_the_owner_reads_the_key(files: Files, tmp_path: Path) -> None:
    key = tmp_path / "deep" / "files" / "signing.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32


def test_a_signed_address_holds_for_a_while(files: Files, tmp_path: Path) -> None:
    query = dict(parse_qsl(files.sign(PATH, NOW), strict_parsing=True))
    assert set(query) == {"timestamp", "nonce", "sign"}
    assert query != dict(parse_qsl(files.sign(PATH, NOW))), "each has its own nonce"
    again = Files(tmp_path / "deep" / "files")
    assert again.valid(PATH, query, NOW) and again.valid(PATH, query, NOW + LASTS - 1)
    assert not again.valid(PATH, query, NOW + LASTS + 1)
    assert not again.valid(PATH, query, NOW - 60)
    assert not Files(tmp_path / "other").valid(PATH, query, NOW), "another key"


def test_no_part_of_it_can_be_changed(files: Files) -> None:
    query = dict(parse_qsl(files.sign(PATH, NOW)))
    assert not files.valid(PATH.replace("17d3", "27d3"), query, NOW)
    for name, value in query.items():
        for other in ("", value[:-1], value + "0", "é", "\udc80", "9" * 40, "-1", "1e9"):
            assert not files.valid(PATH, {**query, name: other}, NOW), (name, other)
        assert not files.valid(PATH, {key: each for key, each in query.items() if key != name}, NOW)
