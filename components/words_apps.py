"""Words about the site's apps: which one to use, and how each of them stands."""

from __future__ import annotations

from typing import Final

SWITCH: Final = "Change to another app"
CHOOSE: Final = "Choose an app"
NO_SUCH_APP: Final = (
    "There is no such app on this site, or it is not for you. Choose another one in the sidebar, or ask the "
    "administrator."
)
NO_APP: Final = "No app of this site is for you yet. Ask the administrator to let you use one."
ASKING: Final = "Asking the app what it is …"
MARKS: Final = {
    "too_old": "cannot be served",
    "unreachable": "cannot be reached",
    "refused": "key refused",
    "kind": "not a chat app",
    "failing": "answers with an error",
}
"""Beside the name of an app that cannot be used now, by code of services.standing."""
STANDS: Final = {
    "unasked": "It was not asked yet.",
    "fine": "It answers.",
    "old": "It answers, but its Dify is older than parts of this console. Missing are:",
    "too_old": (
        "It cannot be served: the server does not know /parameters. Either the app's base_url is wrong, or "
        "this Dify is too old; 1.0 or newer is needed."
    ),
    "unreachable": "It cannot be reached. Conversations that this site has seen are kept meanwhile.",
    "refused": "Dify does not accept its API key. An administrator must replace it.",
    "kind": "It is a {detail} app. The console serves chat apps, agents and chatflows.",
    "failing": "It answers with an error ({detail}).",
}
SINCE: Final = "Since {since} · asked last {asked}"
LACKS: Final = {
    "annotations": "annotations, which need Dify 1.2",
    "site": "icon, colour and what its maker says of it, which need Dify 1.4",
    "set_variables": "changing variables, which needs Dify 1.8",
    "human_input": "forms in the middle of an answer, which need Dify 1.14",
    "info": "its name and its kind, which a newer Dify tells",
}
"""What an older Dify does not have, by what services.standing names."""
