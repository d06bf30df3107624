"""One group of questions: how often, why, how it was asked, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import words
from components import words_gaps as said
from components.annotations import telling
from components.gaps import writing
from components.gaps.acting import cover, dismiss, take_back
from components.gaps.asked import Asked
from services.annotations.comparing import Comparison, Near
from services.apps import App
from services.gaps.miss import WHYS, Gap

ALIKE = 80
"""Percent of equal letters from which an annotation may answer a gap already."""
MOST = 12
"""Phrasings, and reasons, that are shown."""


def show(asked: Asked, gap: Gap, comparisons: Mapping[str, Comparison | None]) -> None:
    with st.container(border=True, key=f"ga-gap-{gap.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.plain(gap.question, 300)}**", width="stretch")
            if gap.standing in said.STANDINGS:
                st.badge(said.STANDINGS[gap.standing], icon=":material/check:", color="gray")
            count = len(gap.open or gap.misses)
            st.badge(said.TIMES.format(n=f"{count:,}") if count > 1 else said.ONCE, color="blue")
        st.caption(_about(asked, gap))
        apps = asked.of(gap)
        for app, each in _near(gap, apps, comparisons):
            _alike(asked, gap, app, each)
        _examples(asked, gap, apps)
        if gap.standing in {"open", "back"}:
            _buttons(asked, gap, apps)
        else:
            st.button(said.BRING_BACK, key=f"ga-back-{gap.id}", on_click=take_back, args=(asked, gap.marks))


def _about(asked: Asked, gap: Gap) -> str:
    parts = [said.WHYS[why].format(n=f"{gap.whys[why]:,}") for why in WHYS if gap.whys[why]]
    earlier, later = gap.trend(asked.middle)
    if len(gap.misses) > 1:
        if later > earlier:
            icon, told = "trending_up", said.RISING
        elif later < earlier:
            icon, told = "trending_down", said.FALLING
        else:
            icon, told = "trending_flat", said.STEADY
        parts.append(f":material/{icon}: {told.format(earlier=earlier, later=later)}")
    if len(asked.apps) > 1:
        parts += [words.plain(app.name, 40) for app in asked.of(gap)]
    if gap.standing == "back":
        parts.append(said.BACK.format(when=telling.when(gap.marks[0].at)))
    elif gap.standing != "open":
        mark = gap.marks[0]
        parts.append(
            said.SETTLED.format(who=telling.who(mark.user, asked.identity), when=telling.when(mark.at))
        )
    return " · ".join(parts)


def _near(gap: Gap, apps: list[App], comparisons: Mapping[str, Comparison | None]) -> list[tuple[App, Near]]:
    found = []
    for app in apps:
        comparison = comparisons.get(app.slug)
        if comparison:
            found += [(app, each) for each in comparison.nearest(gap.question, 1, ALIKE)]
    return found


def _alike(asked: Asked, gap: Gap, app: App, near: Near) -> None:
    key = f"{gap.id}-{app.slug}"
    question = words.plain(near.row.question, 200)
    st.info(said.ALIKE.format(likeness=near.likeness, question=question), icon=":material/rate_review:")
    with st.container(horizontal=True):
        st.button(
            said.EDIT_ALIKE,
            key=f"ga-edit-{key}",
            on_click=writing.begin,
            args=(asked, app, gap, "", near.row),
        )
        st.button(
            said.ALIKE_COVERS,
            key=f"ga-covers-{key}",
            on_click=cover,
            args=(asked.site, asked.identity, app, gap, near.row),
        )


def _examples(asked: Asked, gap: Gap, apps: list[App]) -> None:
    reasons = list(dict.fromkeys(miss.reason for miss in gap.open if miss.reason.strip()))
    if len(gap.phrasings) < 2 and not reasons:
        return
    several = len(gap.phrasings) > 1
    with st.expander(said.PHRASINGS.format(n=f"{len(gap.phrasings):,}") if several else said.REASONS):
        for number, (phrasing, count) in enumerate(list(gap.phrasings.items())[:MOST]):
            with st.container(horizontal=True, vertical_alignment="center"):
                times = f" · {said.TIMES.format(n=count)}" if count > 1 else ""
                st.markdown(f"{words.plain(phrasing, 300)}{times}", width="stretch")
                if apps and gap.open and several:
                    st.button(
                        said.WRITE_THIS,
                        key=f"ga-this-{gap.id}-{number}",
                        type="tertiary",
                        on_click=writing.begin,
                        args=(asked, apps[0], gap, phrasing),
                    )
        if len(gap.phrasings) > MOST:
            st.caption(said.MORE.format(n=f"{len(gap.phrasings) - MOST:,}"))
        if reasons and several:
            st.caption(said.REASONS)
        for reason in reasons[:MOST]:
            st.markdown(f"“{words.plain(reason, 300)}”")


def _buttons(asked: Asked, gap: Gap, apps: list[App]) -> None:
    with st.container(horizontal=True):
        for app in apps:
            st.button(
                said.WRITE if len(apps) == 1 else said.WRITE_IN.format(app=words.label(app.name, 40)),
                key=f"ga-write-{gap.id}-{app.slug}",
                icon=":material/edit_note:",
                on_click=writing.begin,
                args=(asked, app, gap),
            )
        st.button(
            said.DISMISS, key=f"ga-dismiss-{gap.id}", type="tertiary", on_click=dismiss, args=(asked, gap)
        )
