"""Files that are picked and not sent yet, above the composer: each with its picture and its trouble."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import session, words, words_question
from components.asker import Asker
from services.dify.parts import File
from services.pending import Pending, brought
from services.uploads import Rules

NAME = 40
"""Characters of a file's name that are shown."""


def rules(asker: Asker) -> Rules:
    return Rules.of_chat(asker.profile.parameters.file_upload)


def uploaded(asker: Asker) -> tuple[File, ...] | None:
    """All of them as Dify has them, uploaded where need be; None where one cannot go. Draws how far it is."""
    place, pending, taken = asker.conversation, asker.site.pending, rules(asker)
    files = pending.of(place)
    if len(files) > taken.most:
        return None
    bar = st.progress(0.0)
    for number, each in enumerate(files, 1):
        name = words.plain(each.name, NAME)
        text = words_question.UPLOADING.format(name=name, number=number, count=len(files))
        bar.progress((number - 1) / len(files), text)
        pending.put(place, brought(asker.app.client, asker.identity, each, taken, asker.site.meter))
    bar.empty()
    there = [each.file for each in pending.of(place)]
    return None if None in there else tuple(file for file in there if file)


def show(asker: Asker) -> None:
    """Draw them; nothing where there are none."""
    files = asker.site.pending.of(asker.conversation)
    if not files:
        return
    most = rules(asker).most
    if len(files) > most:
        st.warning(words_question.MANY.format(limit=most), icon=":material/attach_file:")
    with st.container(horizontal=True, gap="small"):
        for each in files:
            _card(asker, each)


def _card(asker: Asker, pending: Pending) -> None:
    place, name = asker.conversation, words.plain(pending.name, NAME)
    again = bool(pending.failed)
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", width="content", gap="small"
    ):
        if pending.thumbnail:
            st.image(pending.thumbnail, width=40, alt="")
        with st.container(width="content", gap=None):
            st.markdown(name)
            st.markdown(f":small[{state(pending)}]")
        if again:
            st.button(
                words_question.AGAIN,
                icon=":material/refresh:",
                key=f"again-{place.key}-{pending.id}",
                on_click=_again,
                args=(asker, pending),
                type="tertiary",
            )
        st.button(
            words_question.REMOVE,
            icon=":material/close:",
            key=f"remove-{place.key}-{pending.id}",
            on_click=_remove,
            args=(asker, pending),
            type="tertiary",
        )


def _again(asker: Asker, pending: Pending) -> None:
    again = replace(pending, failed="")
    fresh = brought(asker.app.client, asker.identity, again, rules(asker), asker.site.meter)
    asker.site.pending.put(asker.conversation, fresh)
    session.refused(None)


def _remove(asker: Asker, pending: Pending) -> None:
    asker.site.pending.remove(asker.conversation, pending.id)
    session.refused(None)


def state(pending: Pending) -> str:
    """Its size, or its trouble, as markdown."""
    if pending.unfit:
        return f":red[{words_question.UNFIT[pending.unfit.code].format(limit=pending.unfit.limit)}]"
    if pending.failed:
        return f":red[{words_question.upload_failed(pending.failed)}]"
    return words_question.BY_ADDRESS if pending.url and not pending.content else _size(len(pending.content))


def _size(count: int) -> str:
    if count >= 1024 * 1024:
        return f"{count / 1024 / 1024:.1f} MB"
    if count >= 1024:
        return f"{round(count / 1024)} kB"
    return words_question.BYTES.format(n=count) if count else words_question.READY
