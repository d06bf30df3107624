"""What the page of people says. The words of its list: lists/labels.js."""

from __future__ import annotations

from typing import Final

TITLE: Final = "People"
SECTIONS: Final = {"directory": "Directory", "privacy": "Privacy"}
SECTION: Final = "Section"
ONLY_SEEN: Final = (
    "Dify's API lists no end users. So these are only the people of {app} who were seen here: who asked, "
    "uploaded or had a conversation read on this site, and who rated an answer. People of Dify's own web "
    "app are not among them."
)
LOOK_UP: Final = "Look up an end user by id"
LOOK_UP_LABEL: Final = "Dify's id of an end user"
LOOK_UP_HELP: Final = "It stands in Dify's logs and with uploads and ratings. The look-up is written down."
LOOK_UP_GO: Final = "Look up"
NO_ID: Final = "That is not an id: it looks like 8-4-4-4-12 hexadecimal digits."
NO_END_USER: Final = "This is not an end user of this app."
NO_ENDPOINT: Final = "This Dify is older than 1.13 and cannot say who an end user is."
GONE: Final = "This person is not in the directory, or not any more."
BACK: Final = "All people"
EXTERNAL: Final = "External id (the user of requests)"
END_USER: Final = "Dify's id"
NAME: Final = "Name"
TYPE: Final = "Type"
ANONYMOUS: Final = "Anonymous"
SESSION: Final = "Session"
CREATED: Final = "Created at Dify"
UPDATED: Final = "Updated at Dify"
FIRST: Final = "First seen here"
LAST: Final = "Last seen here"
KNOWN: Final = "Known from"
UNKNOWN: Final = "not known"
HOW: Final = {
    "question": "a question asked here",
    "reading": "a conversation read here",
    "upload": "an upload",
    "feedback": "a rating",
    "lookup": "a look-up",
}
NO_DIFY_ID: Final = (
    "Dify's id of this person is not known here yet, so Dify cannot be asked about them: an upload or a "
    "rating tells it."
)
NO_USER: Final = "Nobody has told the external id of this person, so their conversations cannot be listed."
CONVERSATIONS: Final = "Conversations"
UNNAMED: Final = "New conversation"
NO_CONVERSATIONS: Final = (
    "No conversations can be read. Those made in Dify's own web app are not told through the API."
)
MORE: Final = "Show more"
AGAIN: Final = "Read again"
CHANGED: Final = "changed {time}"
BACK_TO: Final = "Back to {name}"
READ_ONLY: Final = (
    "You are reading somebody else's conversation: {name}'s. That you look at it was written down. Nothing "
    "can be asked, rated or deleted here."
)
NOT_THERE: Final = "This conversation does not exist any more, or it is not this person's."
STORE: Final = (
    "This site's database cannot be used now. A look that cannot be written down is not shown; try again in "
    "a moment."
)
