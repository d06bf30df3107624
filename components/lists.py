"""The lists of conversations as components: one each, since Streamlit sends every element with every run.

What they show comes from routes/conversations.py, which also takes their changes; Python hears of what turns
to another page, or opens a dialog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import session
from components.mounted import component


def show(module: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Draw it; what its reader has just asked for: `{"act": "open" | "share" | …}`."""
    key = f"list-{module}"

    def act() -> None:
        """Kept, for a run that is interrupted before it comes here would lose it; and a page cannot be
        turned inside a callback."""
        session.keep(key, session.intent(key, "act"))

    sent = component(f"list_{module}", f"lists/{module}.js")(key=key, data=[dict(data)], on_act_change=act)
    wanted = session.kept(key, None) or sent.act
    session.keep(key, None)
    return wanted if isinstance(wanted, Mapping) else None
