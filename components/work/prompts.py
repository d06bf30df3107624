"""Ready prompts beside the composer."""

from __future__ import annotations

from components.asker import Asker
from components.mounted import component
from services import frontend, inputs

LONGEST = 500
"""Characters of an input that fills a gap by itself."""


def show(asker: Asker) -> None:
    """The button that opens the chooser, as does "/" in an empty composer. What it lists comes by
    routes/prompts.py, when it is opened.
    """
    component("work_prompts", "work/prompts.js")(
        key="work-prompts",
        data=[
            {
                "assets": frontend.path(),
                "app": asker.app.slug,
                "composer": asker.conversation.key,
                "inputs": _inputs(asker),
            }
        ],
        width="content",
    )


def _inputs(asker: Asker) -> dict[str, str]:
    """What fills gaps of the same name: the form, or what the conversation was started with."""
    if not asker.form:
        return {}
    place = asker.conversation
    started = place.conversation_id or place.busy
    values = (place.inputs or asker.listed_inputs()) if started else inputs.sent(asker.form, asker.values)
    return {
        name: str(value)
        for name, value in values.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and len(str(value)) <= LONGEST
    }
