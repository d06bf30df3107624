"""How much was liked: of a period, and day by day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import streamlit as st

from components import session, visitor
from components import words_feedback as said
from services.apps import App
from services.feedback.tables import HOUR
from services.feedback.tally import DAY, Tally
from services.identity import Identity
from services.site import Site

PERIOD, CHARTS = "fb-period", "fb-charts"


def show(site: Site, identity: Identity, app: App) -> None:
    """Raises StoreError."""
    with st.container(horizontal=True, vertical_alignment="center"):
        period = st.segmented_control(
            said.PERIOD,
            list(said.PERIODS),
            default=session.kept(PERIOD, "30"),
            format_func=said.PERIODS.__getitem__,
            key=PERIOD,
            required=True,
            label_visibility="collapsed",
        )
        charts = st.toggle(said.CHARTS, value=bool(session.kept(CHARTS, False)), key=CHARTS)
    session.keep(PERIOD, period)
    session.keep(CHARTS, charts)
    since = time.time() - int(period) * DAY * HOUR if period else None
    tally = site.feedback.tally(identity, app, since, _ahead())
    _figures(tally)
    if charts:
        _charts(tally)


def _figures(tally: Tally) -> None:
    with st.container(horizontal=True, key="fb-figures"):
        rate = "–" if tally.like_rate is None else f"{tally.like_rate:.0%}"
        st.metric(said.RATINGS, f"{tally.likes + tally.dislikes:,}")
        st.metric(said.LIKE_RATE, rate, help=said.LIKE_RATE_HELP)
        st.metric(said.DISLIKES, f"{tally.dislikes:,}")
        st.metric(said.OPEN, f"{tally.open:,}", help=said.OPEN_HELP)


def _charts(tally: Tally) -> None:
    if not tally.days:
        st.caption(said.NO_RATINGS)
        return
    days = [datetime.fromtimestamp(day.start, UTC).date() for day in tally.days]
    counts = {
        "day": days,
        said.LIKES: [day.likes for day in tally.days],
        said.DISLIKES: [day.dislikes for day in tally.days],
    }
    rates = {
        "day": days,
        said.LIKE_RATE: [round(100 * day.likes / (day.likes + day.dislikes)) for day in tally.days],
    }
    left, right = st.columns(2)
    with left:
        st.bar_chart(
            counts,
            x="day",
            y=[said.LIKES, said.DISLIKES],
            color=["#1a7f37", "#c0392b"],
            x_label="",
            y_label=said.RATINGS,
            height=220,
            alt=said.CHART_ALT,
        )
    with right:
        # No line chart: its points have no name for a screen reader.
        st.bar_chart(
            rates,
            x="day",
            y=said.LIKE_RATE,
            x_label="",
            y_label=said.RATE_AXIS,
            height=220,
            alt=said.RATE_ALT,
        )


def _ahead() -> int:
    """Whole hours that the reader's clock is ahead of UTC."""
    offset = datetime.now(visitor.zone()).utcoffset() or timedelta()
    return round(offset.total_seconds() / HOUR)
