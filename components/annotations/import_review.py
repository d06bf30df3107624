"""What an import would do: the rows by kind, a choice for each kind, and those that have to be mended."""

from __future__ import annotations

import streamlit as st

from components import session, words
from components import words_annotation_files as said
from components.annotations import mending
from components.annotations.import_desk import ImportDesk
from services.annotations.comparing import KINDS
from services.annotations.imported import ImportRow
from services.annotations.standing import ACTIONS, Standing

SHOWN = 50
PAIRS = 20
SAMPLE = 300


def show(work: ImportDesk, standing: Standing) -> None:
    """Before it is begun: everything that can still be decided."""
    st.markdown(f"**{words.plain(standing.about.name)}**")
    choices = decide(work, standing)
    mending.show(work, standing)
    _begin(work, standing, choices, discard=standing.about.state == "prepared")


def again(work: ImportDesk, standing: Standing) -> None:
    """After it was done: rows that were mended or left out may follow."""
    choices = decide(work, standing)
    mending.show(work, standing)
    if any(state == "waiting" for _, state in standing.rows) or standing.of("skipped"):
        _begin(work, standing, choices, discard=False)


def decide(work: ImportDesk, standing: Standing) -> dict[str, str]:
    """The kinds that there are, and what the curator wants done with each."""
    kinds = standing.kinds()
    choices: dict[str, str] = {}
    for kind in KINDS:
        if kind == "invalid" or not kinds.get(kind):
            continue
        name, meaning = said.KINDS[kind]
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{name}: {kinds[kind]:,}**  \n{meaning}", width="stretch")
                widget = f"im-do-{standing.about.id}-{kind}"
                options = ACTIONS[kind]
                kept = session.kept(widget, options[0])
                choice = st.selectbox(
                    said.WHAT_TO_DO.format(kind=name.lower()),
                    options,
                    index=options.index(kept),
                    format_func=said.ACTIONS.__getitem__,
                    key=widget,
                    label_visibility="collapsed",
                    width=240,
                )
                session.keep(widget, choice)
                choices[kind] = choice
            with st.expander(said.SHOW_ROWS.format(n=f"{kinds[kind]:,}")):
                _rows(work, standing, kind)
    return choices


def _begin(work: ImportDesk, standing: Standing, choices: dict[str, str], *, discard: bool) -> None:
    kinds = standing.kinds()
    count = sum(kinds[kind] for kind, action in choices.items() if action != "skip")
    if not count and not discard:
        return  # all that may follow is left out
    with st.container(horizontal=True):
        st.button(
            said.START.format(n=f"{count:,}") if count else said.START_NONE,
            key="im-start",
            type="primary",
            icon=":material/upload:",
            disabled=not count,
            on_click=work.attempt,
            args=(lambda: work.imports.start(work.identity, work.app, standing.about.id, choices),),
        )
        if discard:
            st.button(said.DISCARD, key="im-discard", type="tertiary", on_click=_discard, args=(work,))


def _discard(work: ImportDesk) -> None:
    import_id = work.current
    work.close()
    work.attempt(lambda: work.imports.discard(work.identity, work.app, import_id))


def _rows(work: ImportDesk, standing: Standing, kind: str) -> None:
    most = PAIRS if kind in {"near", "changed"} else SHOWN
    rows = work.imports.rows(
        work.identity, work.app, standing.about.id, kinds=(kind,), states=("waiting", "skipped"), limit=most
    )
    if kind in {"near", "changed"}:
        for row in rows:
            _pair(row)
    else:
        table: dict[str, list[object]] = {
            said.ROW: [row.number for row in rows],
            said.QUESTION: [row.question[:SAMPLE] for row in rows],
            said.ANSWER: [row.answer[:SAMPLE] for row in rows],
        }
        if kind == "duplicate":
            table[said.EARLIER_ROW] = [row.other_row for row in rows]
        st.dataframe(table, hide_index=True)
    if standing.kinds()[kind] > len(rows):
        st.caption(said.SHOWN.format(n=len(rows)))


def _pair(row: ImportRow) -> None:
    with st.container(border=True):
        mine, theirs = st.columns(2)
        with mine:
            st.caption(said.IN_FILE.format(row=row.number))
            _texts(row.question, row.answer)
        with theirs:
            st.caption(said.THERE.format(percent=row.likeness))
            _texts(row.other_question, row.other_answer)


def _texts(question: str, answer: str) -> None:
    st.markdown(f"**{words.plain(question, SAMPLE)}**")
    st.markdown(words.plain(answer, SAMPLE))
