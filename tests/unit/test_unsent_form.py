"""What is filled into a form before the first question."""

from __future__ import annotations

from pathlib import Path

from services.conversations import Conversation
from services.pending import Pending, PendingFiles
from services.store import Owned
from services.unsent_form import UnsentForm


def place(key: str = "k1", user: str = "ada") -> Conversation:
    return Conversation(Owned(key, "app", user, None))


def test_it_outlives_the_process(tmp_path: Path) -> None:
    form = UnsentForm(PendingFiles(tmp_path), place())
    form.keep({"name": "Ada", "age": None})
    form.keep({"name": "Bo", "brief": False})
    form.put("doc", Pending("a", "a.txt", b"a"))
    form.put("docs", Pending("a", "b.txt", b"b"))
    again = UnsentForm(PendingFiles(tmp_path), place())
    assert again.values() == {"name": "Bo", "age": None, "brief": False}
    assert again.files("doc") == [Pending("a", "a.txt", b"a")]
    assert again.files("docs") == [Pending("a", "b.txt", b"b")]
    for other in (place(user="bob"), place("k2")):
        assert UnsentForm(PendingFiles(tmp_path), other).values() == {}
    again.remove("doc", "a")
    assert again.files("doc") == []
    assert again.files("docs")


def test_it_goes_with_the_conversation_and_the_person_and_not_with_a_question(tmp_path: Path) -> None:
    files = PendingFiles(tmp_path)
    one, two = UnsentForm(files, place()), UnsentForm(files, place("k2"))
    one.keep({"name": "Ada"})
    two.keep({"name": "Bo"})
    files.clear(place())  # a question has gone, which the app may refuse
    assert one.values()
    files.drop("ada", "k1")
    assert (one.values(), two.values()) == ({}, {"name": "Bo"})
    files.forget("ada")
    assert two.values() == {}
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_down_of_a_person_who_was_erased() -> None:
    files, erased = PendingFiles(), place()
    erased.erased = True
    UnsentForm(files, erased).keep({"name": "Ada"})
    assert files.count("ada") == 0


def test_it_is_empty_before_and_after() -> None:
    form = UnsentForm(PendingFiles(), place())
    assert form.empty
    form.put("doc", Pending("a", "a.txt", b"a"))
    assert not form.empty
    form.clear()
    assert form.empty
