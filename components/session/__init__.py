"""The only owner of st.session_state and st.query_params; the others say `session.…`.

`place`: which app and conversation this tab is at. `turning`: from page to page. `dialogs`: what stands open.
`asking`: what goes before a question. `widgets`: what stands in them. `keys`: all that is held.
"""

from components.session.asking import (
    Outgoing,
    composer,
    fill_composer,
    keep_text,
    notices,
    opening,
    outgoing,
    refusal,
    refused,
    send_later,
)
from components.session.dialogs import close_dialog, dialog, open_dialog
from components.session.place import (
    address,
    app,
    asked_conversation,
    conversation,
    go_to,
    leave,
    message,
    query,
    stay,
)
from components.session.turning import (
    go_on,
    open_about,
    open_app,
    open_conversation,
    open_page,
    open_variables,
    run_ended,
    turned,
)
from components.session.widgets import (
    begin_with,
    intent,
    keep,
    kept,
    put,
    take,
    taken,
    value,
)

__all__ = [
    "Outgoing",
    "address",
    "app",
    "asked_conversation",
    "begin_with",
    "close_dialog",
    "composer",
    "conversation",
    "dialog",
    "fill_composer",
    "go_on",
    "go_to",
    "intent",
    "keep",
    "keep_text",
    "kept",
    "leave",
    "message",
    "notices",
    "open_about",
    "open_app",
    "open_conversation",
    "open_dialog",
    "open_page",
    "open_variables",
    "opening",
    "outgoing",
    "put",
    "query",
    "refusal",
    "refused",
    "run_ended",
    "send_later",
    "stay",
    "take",
    "taken",
    "turned",
    "value",
]
