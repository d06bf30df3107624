"""Words of texts, kept so that rows of `seen` are found by them: SQLite's FTS5, or PostgreSQL's tsvector.

Words are matched as they begin ("stream" finds "streaming"), without regard to case and accents. Scripts that
write no spaces (Chinese, Japanese, Thai …) are indexed letter by letter, so that any part of a text is found,
one letter too. Every entry carries its owner as a word of its own: nobody's search meets another's text.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import sqlalchemy as sa

from services.passages import UNSPACED_RUN, WORD, apart, folded

LONGEST_WORD = 255
"""Letters of a word that are kept; PostgreSQL takes 2,046 bytes."""
MOST_BYTES = 900_000
"""Of all words of a text; PostgreSQL takes a megabyte."""


class WordIndex(Protocol):
    def add(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        """Have this row of `seen` found."""

    def remove(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        """Its words must be those that were added."""

    def forget(self, connection: sa.Connection) -> None:
        """Leave no trace of the words of rows that were removed, as far as that can be done."""

    def matching(self, app: str, user: str, words: Sequence[str]) -> sa.TextualSelect:
        """Selects the ids of this person's rows of `seen` that hold all words, which are those of `terms`."""


class Fts5:
    """A virtual table without texts of its own."""

    TABLE = (
        "CREATE VIRTUAL TABLE IF NOT EXISTS seen_words USING fts5("
        "owner, query, answer, content='', tokenize='unicode61 remove_diacritics 2')"
    )

    def add(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        columns = "(rowid, owner, query, answer) VALUES (:id, :owner, :query, :answer)"
        connection.execute(sa.text(f"INSERT INTO seen_words {columns}"), self._entry(row))

    def remove(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        """It must be told the very words that it was given."""
        columns = "(seen_words, rowid, owner, query, answer) VALUES ('delete', :id, :owner, :query, :answer)"
        connection.execute(sa.text(f"INSERT INTO seen_words {columns}"), self._entry(row))

    def forget(self, connection: sa.Connection) -> None:
        """Removed words stay in the file, with a mark, until what holds them is merged with the rest."""
        connection.execute(sa.text("INSERT INTO seen_words (seen_words) VALUES ('optimize')"))

    def matching(self, app: str, user: str, words: Sequence[str]) -> sa.TextualSelect:
        """In FTS5's own language; words hold letters and digits alone, so nothing of it can be in them."""
        wanted = " AND ".join(f'"{apart(word).strip()}"*' for word in words)
        match = f"owner:{_owner(app, user)} AND {{query answer}}:({wanted})"
        found = sa.text("SELECT rowid AS id FROM seen_words WHERE seen_words MATCH :match")
        return found.bindparams(match=match).columns(id=sa.Integer)

    def _entry(self, row: Mapping[str, Any]) -> dict[str, Any]:
        owner = _owner(row["app"], row["user"])
        return {"id": row["id"], "owner": owner, "query": apart(row["query"]), "answer": apart(row["answer"])}


class Tsvector:
    """A table of lexemes with a GIN index. PostgreSQL's own parser would take "foo.bar" for a host, and its
    positions end after 16,383 words; so texts are cut here, and letters without spaces indexed in pairs too.
    """

    def add(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        words, size = {f"@{_owner(row['app'], row['user'])}"}, 0
        for word in (*_lexemes(row["query"]), *_lexemes(row["answer"])):
            if word not in words:
                size += len(word.encode())
                if size > MOST_BYTES:
                    break
                words.add(word)
        values = "VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
        connection.execute(
            sa.text(f"INSERT INTO seen_words {values}"), {"id": row["id"], "words": list(words)}
        )

    def remove(self, connection: sa.Connection, row: Mapping[str, Any]) -> None:
        connection.execute(sa.text("DELETE FROM seen_words WHERE id = :id"), {"id": row["id"]})

    def forget(self, _connection: sa.Connection) -> None:
        """The server lets go of old rows when it vacuums."""

    def matching(self, app: str, user: str, words: Sequence[str]) -> sa.TextualSelect:
        """Lexemes hold letters and digits alone; that of the owner begins with a sign that no word has."""
        wanted = [f"'@{_owner(app, user)}'"]
        for word in words:
            for run, unspaced in _runs(word):
                few = [run] if len(run) == 1 else map("".join, pairwise(run))
                wanted += [f"'{pair}'" for pair in few] if unspaced else [f"'{run[:LONGEST_WORD]}':*"]
        found = sa.text("SELECT id FROM seen_words WHERE words @@ CAST(:match AS tsquery)")
        return found.bindparams(match=" & ".join(wanted)).columns(id=sa.Integer)


INDEXES: dict[str, WordIndex] = {"sqlite": Fts5(), "postgresql": Tsvector()}
"""By the name of the dialect."""


def _owner(app: str, user: str) -> str:
    return "o" + hashlib.sha256(f"{app}\0{user}".encode()).hexdigest()[:24]


def _lexemes(text: str) -> Iterator[str]:
    for run, unspaced in _runs(text):
        if unspaced:
            yield from run
            yield from map("".join, pairwise(run))
        else:
            yield run[:LONGEST_WORD]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Its words, folded, each with whether it is of a script without spaces."""
    for piece in UNSPACED_RUN.split(unicodedata.normalize("NFC", text)):
        plain = folded(piece)
        if UNSPACED_RUN.fullmatch(piece):
            if letters := "".join(WORD.findall(plain)):
                yield letters, True
        else:
            yield from ((word, False) for word in WORD.findall(plain))
