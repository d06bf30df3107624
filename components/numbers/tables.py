"""The same by day, by app or by person as a table, and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from components import session, visitor, words
from components import words_numbers as said
from components.numbers.tiles import price_in
from services.identity import Identity
from services.numbers.figures import Figures, Report
from services.site import Site

if TYPE_CHECKING:
    from components.numbers.board import Asked

KIND = "nu-kind"
MOST = 500
"""Rows drawn."""


def show(site: Site, identity: Identity, asked: Asked, report: Report) -> None:
    session.begin_with(KIND, session.kept(KIND, "day"))
    picked = st.segmented_control(
        said.BY, list(said.KINDS), format_func=said.KINDS.__getitem__, key=KIND, required=True
    )
    kind = str(picked or "day")
    session.keep(KIND, kind)
    rows: list[tuple[Any, Figures]]
    if kind == "day":
        rows = list(reversed(report.days.items()))
    elif kind == "app":
        rows = [(app_name(site, slug), each) for slug, each in report.apps.items()]
    else:
        people = site.numbers.people(identity, asked.period, asked.apps)
        rows = [(_who(user, identity), each) for user, each in people.items()]
    drawn = rows[:MOST]
    st.dataframe(_columns(kind, drawn, report.currencies), hide_index=True)
    if len(rows) > len(drawn):
        st.caption(said.MORE_PEOPLE.format(n=f"{MOST:,}", all=f"{len(rows):,}"))
    with st.container(horizontal=True):
        st.link_button(said.DOWNLOAD, _file(kind, asked), icon=":material/download:")
        st.link_button(
            said.DOWNLOAD_EACH, _file("question", asked), icon=":material/download:", type="tertiary"
        )


def _columns(kind: str, rows: list[tuple[Any, Figures]], currencies: list[str]) -> dict[str, list[Any]]:
    each = [figures for _, figures in rows]
    table: dict[str, list[Any]] = {
        said.NAMES[kind]: [name for name, _ in rows],
        said.QUESTIONS: [f.questions for f in each],
        said.CONVERSATIONS: [f.conversations for f in each],
        said.ANSWERS: [f.answers for f in each],
        said.ANNOTATED: [f.annotated for f in each],
        said.ERRORS: [f.failed for f in each],
        said.STOPS: [f.stopped for f in each],
        said.LIKED: [f.likes for f in each],
        said.DISLIKED: [f.dislikes for f in each],
        said.MEDIAN_S: [_tenths(f.first_median) for f in each],
        said.P95_S: [_tenths(f.first_p95) for f in each],
        said.TOKENS: [f.total_tokens for f in each],
    }
    for currency in currencies:
        table[price_in(currency)] = [float(f.price(currency)) for f in each]
    return table


def app_name(site: Site, slug: str) -> str:
    known = next((app.name for app in site.apps if app.slug == slug), None)
    return words.line(known, 60) if known else said.GONE_APP.format(slug=slug)


def _who(user: str, identity: Identity) -> str:
    return (
        said.YOU if user == identity.user else said.PERSON.format(id=words.line(user.rpartition("-")[2], 12))
    )


def _tenths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _file(kind: str, asked: Asked) -> str:
    query = {"days": asked.days, "zone": str(visitor.zone())} | ({"app": asked.slug} if asked.slug else {})
    return visitor.address_of(f"numbers/{kind}.csv?{urlencode(query)}")
