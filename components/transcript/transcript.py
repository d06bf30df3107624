"""The component that draws turns, live and past alike; everything around it is plain Streamlit.

Its data is fixed for a mount: turns travel over the live stream of routes/live.py, never as component data,
because Streamlit sends that again with each change.
"""

from __future__ import annotations

from components import mounted
from components.transcript import look
from services.apps import Profile
from services.conversations import Conversation


def show(
    conversation: Conversation,
    profile: Profile,
    statement: str,
    assets: str,
    on_act: mounted.Act,
    *,
    find: str | None = None,
    newline: bool = False,
    annotate: bool = False,
    ask: bool = True,
    note: bool = False,
    key: str | None = None,
    hears: bool = False,
) -> None:
    """Draw the conversation, below the app's opening `statement` (markdown).

    `on_act` gets what the reader asks for: {"act": "ask" | …}, "annotate" where they may `annotate`; with
    `note` each answer has a button for the panel of private notes, which is on the same page;
    `assets` is the path of the transcript's files below the site's root; `find` the id of a message to go to;
    without `ask` they only read; with `newline`, Enter begins a new line in the composer instead of sending;
    `key` is that of a look at somebody else's conversation; `hears`: the page is run when an answer ends.
    """
    # Two underscores in a component's key are Streamlit's own delimiter; no key of ours holds a dot.
    at = key or conversation.key
    mount = f"transcript-{at.replace('_', '.')}"
    data: dict[str, object] = {
        "key": at,
        "live": f"live/{at}",
        "turns": f"turns/{at}",
        "stop": f"stop/{at}",
        "files": f"files/{at}",
        "assets": assets,
        "hears": hears,
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
            **({"note": True} if note else {}),
        },
    }
    mounted.draw("transcript", "transcript.js", mount, data, on_act, on_done_change=_nothing)


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
    """`done` says that an answer has ended: the run that it causes reads again what the answer changed."""
