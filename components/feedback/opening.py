"""Which rating is open in this tab, among which others: its id is in the address, the filter is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from components import session
from services.apps import App
from services.feedback.query import Query

LAST, QUERY, ANNOTATE = "fb-last", "fb-query", "fb-annotate"


def turn_to(
    app: App, row_id: str, query: Mapping[str, object] | None = None, *, annotate: bool = False
) -> NoReturn:
    """Open it; `query` is the filter of the list it was opened from."""
    session.keep(LAST, row_id)
    if query is not None:
        session.keep(QUERY, {str(name): str(value) for name, value in query.items()})
    session.keep(ANNOTATE, annotate)
    session.open_page("feedback", app, f=row_id)


def back(app: App) -> NoReturn:
    """To the list."""
    session.open_page("feedback", app)


def opened() -> str | None:
    """The id of the rating that the address names."""
    return session.query("f")


def query() -> Query:
    try:
        return Query.of(session.kept(QUERY, {}))
    except ValueError:
        return Query()


def wants_to_annotate() -> bool:
    """Whether it was opened for that; asked once."""
    wanted = bool(session.kept(ANNOTATE, False))
    session.keep(ANNOTATE, False)
    return wanted
