"""What the history page and its dialogs say. The words of the lists themselves: lists/labels.js."""

from __future__ import annotations

from typing import Final

TITLE: Final = "History"
SHARE: Final = "Share"
SHARE_MEANS: Final = (
    "Whoever can reach this site and has the link can read a copy of these messages, as they are now: "
    "questions, answers and sources, without your name or anything else of yours."
)
SHARE_WHICH: Final = "Messages to share"
SHARE_CHOICE: Final = {"all": "All {n}", "some": "Some of them"}
SHARE_NO_WORDS: Final = "A question without words"
SHARE_ENDS: Final = "The link ends after"
LIFETIMES: Final = {"day": "One day", "week": "One week", "month": "30 days"}
SHARE_MAKE: Final = "Create link"
SHARE_MADE: Final = (
    "This link works until {end}. You can take it back on the history page, under Shared links."
)
SHARE_NOTHING: Final = "There is no finished answer to share yet."
SHARE_UNREAD: Final = "The conversation cannot be read now: {message}"
SHARE_LATEST: Final = "These are the latest {n} messages; older ones cannot be shared."
SHARES: Final = "Shared links"
SHARES_NONE: Final = "You have not shared anything. Share is in the menu of each conversation."
SHARES_ROW: Final = "Made {made}, ends {end}"
REVOKE: Final = "Take back"
REVOKED: Final = "This link no longer works."
OPEN: Final = "Open"
FORBIDDEN: Final = "Your role does not allow this."
STORE: Final = "This site's database cannot be used now, so links can neither be made nor opened."
TITLES: Final = "Titles of conversations"
TITLINGS: Final = {
    "automatic": "Automatic",
    "request": "After the first answer",
    "mine": "My own",
}
TITLES_MEAN: Final = {
    "automatic": "Dify names a new conversation while it answers.",
    "request": "Dify names nothing by itself; this site asks it for a title once the first answer is there.",
    "mine": "A conversation is called by its first question until you rename it.",
}
