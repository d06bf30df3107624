"""The component that draws turns, live and past alike; everything around it is plain Streamlit.

Its data is fixed for a mount: turns travel over the live stream of routes/live.py, never as component data,
because Streamlit sends that again with each change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from components import session
from components.transcript import look
from services.apps import Profile
from services.conversations import Conversation

STUB = """
export default function (component) {
  const { parentElement, data: [data], setTriggerValue } = component;
  let host = parentElement.querySelector(":scope > .transcript-host");
  if (!host) {
    host = document.createElement("div");
    host.className = "transcript-host";
    parentElement.appendChild(host);
  }
  let unmount = () => {};
  let gone = false;
  import(new URL(data.assets + "transcript.js", document.baseURI).href).then((transcript) => {
    if (!gone) unmount = transcript.mount(host, data, setTriggerValue);
  });
  return () => { gone = true; unmount(); };
}
"""
"""Streamlit imports a component's script from a blob, from where nothing relative can be: hence a stub."""

Act = Callable[[dict[str, object]], None]


@cache
def _component() -> Any:
    return st.components.v2.component("transcript", js=STUB, isolate_styles=False)


def show(
    conversation: Conversation,
    profile: Profile,
    statement: str,
    assets: str,
    on_act: Act,
    *,
    find: str | None = None,
    newline: bool = False,
    annotate: bool = False,
    ask: bool = True,
) -> None:
    """Draw the conversation, below the app's opening `statement` (markdown).

    `on_act` gets what the reader asks for: {"act": "ask" | …}, "annotate" where they may `annotate`;
    `assets` is the path of the transcript's files below the site's root; `find` the id of a message to go to;
    without `ask` they only read; with `newline`, Enter begins a new line in the composer instead of sending.
    """
    # Two underscores in a component's key are Streamlit's own delimiter; no key of ours holds a dot.
    key = f"transcript-{conversation.key.replace('_', '.')}"

    def do(intent: object) -> None:
        if isinstance(intent, dict):
            on_act(dict(intent))

    def act() -> None:
        session.take(key)
        do(session.intent(key, "act"))

    sent = _component()(
        key=key,
        # In a list: in an object Streamlit would look for data frames, and load 66 MB of libraries for it.
        data=[
            {
                "key": conversation.key,
                "live": f"live/{conversation.key}",
                "turns": f"turns/{conversation.key}",
                "stop": f"stop/{conversation.key}",
                "files": f"files/{conversation.key}",
                "assets": assets,
                "app": look.of(conversation.app, profile),
                "opening": {
                    "statement": statement,
                    "questions": list(profile.parameters.suggested_questions) if ask else [],
                },
                "speech": _speech(conversation, profile, allowed=ask),
                **({"find": find} if find else {}),
                "allow": {
                    **({} if ask else {"retry": False, "stop": False, "rate": False}),
                    "follow_ups": ask and profile.parameters.suggested_questions_after_answer,
                    "newline": newline,
                    "citations": profile.parameters.retriever_resource,
                    "steps": profile.site.show_workflow_steps,
                    "annotate": annotate,
                },
            }
        ],
        on_act_change=act,
        on_done_change=_nothing,
    )
    if not session.taken(key) and sent.act:
        # After a restart of the site the first run knows no callback yet: the intent is only returned.
        do(sent.act)
        st.rerun()


def _speech(conversation: Conversation, profile: Profile, *, allowed: bool) -> dict[str, object]:
    parameters = profile.parameters
    return {
        "url": f"speech/{conversation.key}",
        "app": conversation.app,
        "on": allowed and parameters.text_to_speech,
        "autoplay": parameters.speech_autoplay,
        "voice": parameters.voice,
    }


def _nothing() -> None:
    """`done` says that an answer has ended: the rerun it causes draws titles and address anew."""
