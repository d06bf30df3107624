"""What is asked of the feedback, and a row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.passages import folded

RATINGS = ("like", "dislike")
SOURCES = ("user", "admin")
HANDLED = {"yes": True, "no": False}
LONGEST_TEXT = 500
MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Query:
    """ "" and None mean all."""

    rating: str = ""
    """One of RATINGS."""
    source: str = ""
    """One of SOURCES."""
    handled: bool | None = None
    text: str = ""
    """Words that must all be in what the person wrote, in any case."""
    since: float | None = None
    until: float | None = None
    """Unix seconds of the rating; `until` is not included."""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Query:
        """What a browser asks for. Raises ValueError."""
        return cls(
            _one_of(RATINGS, said.get("rating")),
            _one_of(SOURCES, said.get("source")),
            HANDLED.get(_one_of(tuple(HANDLED), said.get("handled"))),
            str(said.get("q") or "")[:LONGEST_TEXT],
            _moment(said.get("since")),
            _moment(said.get("until")),
        )

    @property
    def words(self) -> list[str]:
        return folded(self.text).split()[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Row:
    """One rating of one answer."""

    id: str
    conversation_id: str
    message_id: str
    rating: str
    content: str
    """Why, in the person's words; "" for nothing."""
    source: str
    """user, or admin: somebody of the app's own team, in Dify's console."""
    end_user_id: str
    """"" where Dify names none."""
    created_at: float
    updated_at: float
    """Unix seconds."""
    handled_by: str
    """`user` of the curator; "" as long as it is open."""
    handled_at: float
    user: str = ""
    """The end user's id as the requests brought it; "" as long as nobody has asked Dify who that is."""
    name: str = ""

    @property
    def place(self) -> str:
        """Where the list goes on after this row."""
        return f"{self.created_at!r}~{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    after: str | None = None
    """Where the next page begins; None at the end."""
    found: int = 0
    """Rows that the whole query finds; counted with the first page alone, 0 on the others."""


def placed(place: str) -> tuple[float, str]:
    """Time and id of a Row.place. Raises ValueError."""
    at, mark, row_id = place.partition("~")
    if not mark:
        raise ValueError("after is what the page before said")
    return float(at), row_id


def _one_of(known: tuple[str, ...], said: str | None) -> str:
    if said and said not in known:
        raise ValueError(f"one of {', '.join(known)} is wanted")
    return said or ""


def _moment(text: str | None) -> float | None:
    if text in (None, ""):
        return None
    seconds = float(text or 0)
    if not -1e11 < seconds < 1e11:
        raise ValueError("a time is in unix seconds")
    return seconds
