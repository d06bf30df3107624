"""A Rope is its text: whatever is done to it, in whatever order, from whatever version."""

from __future__ import annotations

import threading
import tracemalloc
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from services.rope import Rope

PIECES = st.lists(st.text(max_size=5), max_size=20)


def built(pieces: list[str]) -> Rope[str]:
    rope = Rope("")
    for piece in pieces:
        rope = rope.plus(piece)
    return rope


@given(PIECES)
def test_it_is_its_pieces_joined(pieces: list[str]) -> None:
    rope, text = built(pieces), "".join(pieces)
    assert (rope.whole(), len(rope), bool(rope)) == (text, len(text), bool(text))
    assert rope == Rope(text)
    assert hash(rope) == hash(Rope(text))


@given(PIECES, st.integers(0, 120))
def test_since(pieces: list[str], offset: int) -> None:
    assert built(pieces).since(offset) == "".join(pieces)[offset:]


@given(st.lists(st.tuples(st.integers(0, 30), st.text(max_size=3)), max_size=30), st.integers(0, 60))
def test_every_version_stays_what_it_was(steps: list[tuple[int, str]], offset: int) -> None:
    """Adding to any earlier version branches off; no version ever changes another."""
    versions, texts = [Rope("")], [""]
    for at, piece in steps:
        parent = at % len(versions)
        versions.append(versions[parent].plus(piece))
        texts.append(texts[parent] + piece)
    for rope, text in zip(versions, texts, strict=True):
        assert (rope.whole(), len(rope), rope.since(offset)) == (text, len(text), text[offset:])
    for one, text in zip(versions, texts, strict=True):
        for other, longer in zip(versions, texts, strict=True):
            if other.continues(one):
                assert longer.startswith(text)


def test_the_newest_version_continues_every_earlier_one() -> None:
    first = Rope("").plus("a")
    last = first.plus("b").plus("c")
    assert last.continues(first)
    assert last.continues(Rope(""))
    assert not first.continues(last)
    assert not Rope("abc").continues(first)


def test_bytes() -> None:
    sound = Rope(b"").plus(b"\xff").plus(b"").plus(b"\xfb")
    assert (sound.whole(), sound.since(1), len(sound)) == (b"\xff\xfb", b"\xfb", 2)
    assert sound != Rope("")


def test_readers_in_other_threads_see_whole_versions() -> None:
    newest = [Rope("")]
    over, wrong = threading.Event(), []

    def read() -> None:
        while not over.is_set():
            rope = newest[0]
            text = rope.whole()
            if text != "ab" * (len(text) // 2) or len(rope) != len(text) or rope.since(0) != text:
                wrong.append(text)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(2000):
        newest[0] = newest[0].plus("ab")
    over.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(newest[0]) == 4000


@given(st.lists(st.integers(1, 6), max_size=30), st.integers(0, 60), st.integers(0, 60))
def test_pieces_that_were_joined_are_still_there(sizes: list[int], offset: int, at: int) -> None:
    """With chunks of ten characters: every version, from every offset."""
    with patch("services.rope.CHUNK", 10):
        text = "".join(map(str, range(100)))
        versions = [Rope("")]
        for size in sizes:
            done = len(versions[-1])
            versions.append(versions[-1].plus(text[done : done + size]))
        branch = versions[at % len(versions)].plus("!")
        assert branch.whole() == text[: len(branch) - 1] + "!"
        for rope in versions:
            assert rope.since(offset) == text[: len(rope)][offset:]


def test_a_megabyte_in_small_pieces_take_little_more_room_than_their_text() -> None:
    size, piece = 1_000_000, "four"
    tracemalloc.start()
    rope = Rope("")
    for _ in range(size // len(piece)):
        rope = rope.plus(piece[:2] + piece[2:])
    room, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rope) == size
    assert room < 1.5 * size
