"""Beside the composer: what may go with a question, files by their address, and existing recordings."""

from __future__ import annotations

import uuid

import streamlit as st

from components import pending_files, session, words, words_question
from components.asker import Asker
from services.pending import Pending
from services.speech_in import ENDINGS, LARGEST
from services.uploads import kind, linked_name, unlinkable


def show(asker: Asker) -> None:
    with st.popover(words_question.MORE, type="tertiary", help=words_question.MORE_WAYS, key="more-ways"):
        st.caption(_taken(asker))
        upload = asker.profile.parameters.file_upload
        if upload.enabled and "remote_url" in upload.transfer_methods:
            _by_address(asker)
        if asker.profile.parameters.speech_to_text:
            _recording(asker)
        else:
            st.caption(words_question.SPEECH_OFF)


def _taken(asker: Asker) -> str:
    rules, methods = pending_files.rules(asker), asker.profile.parameters.file_upload.transfer_methods
    if not rules.types:
        return words_question.TAKES_NONE
    endings = ", ".join(sorted(rules.extensions)) if "custom" in rules.types else ""
    kinds = (
        text.format(mb=rules.megabytes.get(name, 0), endings=words.plain(endings, 60))
        for name, text in words_question.KINDS.items()
        if name in rules.types
    )
    text = words_question.TAKES if "local_file" in methods else words_question.TAKES_LINKED
    return text.format(most=rules.most, kinds=", ".join(kinds))


def _by_address(asker: Asker) -> None:
    place, rules = asker.conversation, pending_files.rules(asker)
    address, chosen = f"link-{place.key}", f"link-kind-{place.key}"

    def add() -> None:
        url, wanted = str(session.value(address) or "").strip(), str(session.value(chosen) or "")
        if wrong := unlinkable(url, wanted, rules):
            return session.refused("link", reason=wrong.code)
        name = linked_name(url)
        known = Pending(uuid.uuid4().hex, name, url=url, kind=wanted or kind(name, rules) or "")
        asker.site.pending.put(place, known)
        session.put(address, "")
        return session.refused(None)

    st.text_input(words_question.LINK, key=address, placeholder="https://", help=words_question.LINK_HELP)
    kinds = ["", *sorted(rules.types)]
    st.selectbox(words_question.LINK_KIND, kinds, key=chosen, format_func=_named)
    st.button(words_question.LINK_ADD, icon=":material/add_link:", key=f"link-add-{place.key}", on_click=add)
    refused = session.refusal()
    if refused.get("code") == "link":
        st.caption(f":red[{words_question.LINK_UNFIT[refused['reason']]}]")


def _named(found: str) -> str:
    return words_question.LINK_KINDS.get(found, found)


def _recording(asker: Asker) -> None:
    widget = f"recording-{asker.conversation.key}"

    def listen() -> None:
        if file := session.value(widget):
            speech = session.Outgoing("", uuid.uuid4().hex, file.getvalue())
            session.send_later(asker.conversation, speech)

    st.caption(words_question.SPEAK)
    st.file_uploader(
        words_question.RECORDING,
        ENDINGS,
        key=widget,
        on_change=listen,
        help=words_question.RECORDING_HELP,
        max_upload_size=LARGEST,
    )
