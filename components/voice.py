"""Speech -> text in the composer, to be read over and sent by the person."""

from __future__ import annotations

import streamlit as st

from components import session, words_question
from components.asker import Asker
from services.dify.errors import DifyError
from services.speech_in import LARGE, MEGABYTE, Unheard, heard


def write_down(asker: Asker, outgoing: session.Outgoing) -> None:
    """What was recorded comes into the composer, after what was typed; or the reason why there is nothing."""
    speech = outgoing.speech or b""
    if len(speech) > LARGE * MEGABYTE:
        st.info(words_question.LARGE, icon=":material/mic:")
    said = ""
    session.refused(None)
    with st.spinner(words_question.LISTENING):
        try:
            said = heard(asker.app.client, asker.identity, speech)
        except Unheard as reason:
            session.refused("unheard", reason=reason.code)
        except DifyError as error:
            session.refused("unheard", reason=error.code)
    text = f"{outgoing.text.rstrip()} {said}" if outgoing.text.strip() and said else said or outgoing.text
    session.keep_text(asker.conversation, text)
