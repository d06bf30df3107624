"""One figure of each day, drawn by Streamlit in the colours of its theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components import session
from components import words_numbers as said
from components.numbers.tiles import named
from services.numbers.figures import Figures, Report

CHART = "nu-chart"
HEIGHT = 260
Series = dict[str, Callable[[Figures], Any]]
GOOD, MEANT, BAD, CALM = "#2e9e6b", "#3f7fd1", "#d64545", "#d99a2b"
"""Read in both themes."""


def show(report: Report) -> None:
    session.begin_with(CHART, session.kept(CHART, "questions"))
    offered = [each for each in said.CHARTS if each != "price" or report.currencies]
    if session.value(CHART) not in offered:
        session.put(CHART, offered[0])
    picked = st.segmented_control(
        said.CHART, offered, format_func=said.CHARTS.__getitem__, key=CHART, required=True
    )
    what = str(picked or offered[0])
    session.keep(CHART, what)
    series, colors, unit = _series(what, report)
    days: dict[str, list[Any]] = {"day": list(report.days)}
    days |= {name: [read(each) for each in report.days.values()] for name, read in series.items()}
    known: dict[str, Any] = {
        "x": "day",
        "y": list(series),
        "x_label": "",
        "y_label": unit,
        "color": colors[: len(series)] or None,
        "height": HEIGHT,
        "alt": said.CHART_ALT.format(what=said.CHARTS[what]),
    }
    if what == "first":
        st.line_chart(days, **known)
    else:
        st.bar_chart(days, **known)


def _series(what: str, report: Report) -> tuple[Series, list[str], str]:
    """Names with how they are read, their colours, and the unit of all."""
    if what == "questions":
        parts: Series = {
            said.ANSWERED: lambda each: each.answers - each.annotated,
            said.BY_ANNOTATION: lambda each: each.annotated,
            said.STOPS: lambda each: each.stopped,
            said.ERRORS: lambda each: each.failed,
        }
        return parts, [MEANT, GOOD, CALM, BAD], said.QUESTIONS
    if what == "first":
        times: Series = {said.MEDIAN: lambda each: each.first_median, said.P95: lambda each: each.first_p95}
        return times, [MEANT, CALM], said.SECONDS
    if what == "tokens":
        tokens: Series = {
            said.PROMPT: lambda each: each.prompt_tokens,
            said.COMPLETION: lambda each: each.completion_tokens,
        }
        return tokens, [MEANT, GOOD], said.TOKENS
    if what == "rating":
        rated: Series = {said.LIKED: lambda each: each.likes, said.DISLIKED: lambda each: each.dislikes}
        return rated, [GOOD, BAD], said.ANSWERS
    prices = {named(currency) or said.NO_CURRENCY: _spent(currency) for currency in report.currencies}
    return prices, [MEANT, GOOD, CALM, BAD] if len(prices) <= 4 else [], said.PRICE


def _spent(currency: str) -> Callable[[Figures], float]:
    return lambda each: float(each.price(currency))
