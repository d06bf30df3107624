"""Where a question is typed, and where its files and its speech are handed over."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from typing import Any

import streamlit as st

from components import more_ways, pending_files, session, voice, words, words_account, words_question
from components.asker import Asker
from components.work import prompts
from services.draft import Draft
from services.pending import picked


def show(asker: Asker) -> None:
    """Draw the composer; what is submitted is sent before anything is drawn again."""
    # In st.bottom, not pinned by itself: a pinned chat input pulls a reader back down to the end.
    with st.bottom:
        if asker.may_ask:
            _composer(asker, _shown_elsewhere(asker))
        else:
            st.info(words_account.READ_ONLY, icon=":material/lock:")


def _shown_elsewhere(asker: Asker) -> tuple[object, ...]:
    """What the rest of the page is drawn from and a question may change."""
    return session.notices(), asker.form_stands


@st.fragment
def _composer(asker: Asker, drawn: tuple[object, ...]) -> None:
    """A question draws this alone, since its answer comes past Streamlit; `drawn` is what the page shows."""
    if _shown_elsewhere(asker) != drawn:
        st.rerun()
    place = asker.conversation
    widget = session.composer(place)

    def submit() -> None:
        session.take(widget)
        take_in(asker, session.value(widget))

    # What comes and goes has a box of its own: elsewhere the browser would make another
    # composer, and what is typed and picked in this one would be gone.
    above = st.container()
    beside = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="composer")
    with above:
        if outgoing := session.outgoing(place):
            work(asker, outgoing)
            st.rerun()
        _refusal()
        pending_files.show(asker)
    session.fill_composer(place)
    with beside:
        more_ways.show(asker)
        prompts.show(asker)
        # Streamlit keeps the other conversation's composer beside this one until the run has ended, unless
        # both take the one place of an empty.
        with st.empty():
            given = _input(asker, widget, submit)
    if not session.taken(widget) and given:
        # After a restart of the site the first run knows no callback yet: the text is only returned.
        take_in(asker, given)
        st.rerun()


def _input(asker: Asker, widget: str, submit: Any) -> Any:
    parameters, rules = asker.profile.parameters, pending_files.rules(asker)
    local = bool(rules.types) and "local_file" in parameters.file_upload.transfer_methods
    return st.chat_input(
        asker.profile.site.input_placeholder or words.ASK,
        key=widget,
        on_submit=submit,
        accept_file="multiple" if local else False,
        file_type=list(rules.all_extensions) if local else None,
        accept_audio=parameters.speech_to_text,
    )


def take_in(asker: Asker, given: Any) -> None:
    """What the composer was given: text, or text with files and speech."""
    plain = given is None or isinstance(given, str)
    text = (given if plain else given.text) or ""
    files, speech = ([], None) if plain else (given.get("files") or [], given.get("audio"))
    pending, place = asker.site.pending, asker.conversation
    for file in files:
        pending.put(place, picked(file.file_id, file.name, file.getvalue(), pending_files.rules(asker)))
    if speech or pending.of(place) or (text.strip() and asker.form_brings_files):
        recorded = speech.getvalue() if speech else None
        session.send_later(place, session.Outgoing(text, uuid.uuid4().hex, recorded))
    elif text.strip():
        asker.ask(Draft(text), uuid.uuid4().hex)


def work(asker: Asker, outgoing: session.Outgoing) -> None:
    """Bring the files to Dify and ask, or write the speech down. What cannot go is kept, with the reason."""
    place = asker.conversation
    if outgoing.speech is not None:
        voice.write_down(asker, outgoing)
    elif not outgoing.text.strip():
        session.refused("wordless")
    else:
        files = pending_files.uploaded(asker)
        if files is None:
            asker.keep(outgoing.text, "files")
        else:
            with st.spinner(words_question.UPLOADING_FORM) if asker.form_brings_files else nullcontext():
                asked = asker.ask(Draft(outgoing.text, files=files), outgoing.send_id)
            if asked:
                asker.site.pending.clear(place)
    session.send_later(place, None)


def _refusal() -> None:
    refusal = session.refusal()
    match refusal.get("code"):
        case None | "link":  # that is said at its field
            return
        case "unheard":
            text = words_question.unheard(refusal["reason"])
        case code if code in words_question.REFUSALS:
            text = words_question.REFUSALS[code]
        case _:
            text = words.refusal(refusal)
    st.warning(text, icon=":material/info:")
