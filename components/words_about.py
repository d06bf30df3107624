"""Words about an app: what it can do, and what its maker says of it."""

from __future__ import annotations

from typing import Final

ABOUT: Final = "About this app"
ABILITIES: Final = "What it can do"
MAKER: Final = "From its maker"
PRIVACY: Final = "Privacy policy"
KINDS: Final = {
    "chat": "A chat app: a model answers each question",
    "agent-chat": "An agent: it calls tools while it answers",
    "agent": "An agent: it calls tools while it answers",
    "advanced-chat": "A chatflow: steps of a workflow write each answer",
    "": "Dify does not say which kind of app it is",
}
FORM: Final = "Asks before the first question for: {names}"
TOOLS: Final = "Its tools: {names}"
TAKES: Final = "Takes files with a question: {kinds}, {most} at most"
FILE_KINDS: Final = {
    "image": "pictures",
    "document": "documents",
    "audio": "audio",
    "video": "video",
    "custom": "other files",
}
FEATURES: Final = {
    "files": ("Takes files with a question", "Files are off for this app"),
    "voice": ("Turns speech into text", "Speech input is off for this app"),
    "speech": ("Reads its answers aloud", "Speech is off for this app"),
    "citations": ("Says which passages an answer rests on", "Citations are off for this app"),
    "follow_ups": ("Suggests questions that may follow", "Suggested questions are off for this app"),
    "annotations": (
        "Answers some questions with annotations that people wrote",
        "Answers from annotations are off for this app",
    ),
    "variables": (
        "Can remember variables from answer to answer",
        "Conversation variables are for chatflows alone",
    ),
}
"""What is said where a feature is on, and where it is off."""
FLOW_ANNOTATIONS: Final = "Dify does not say whether this chatflow answers from annotations"
UNKNOWN_VARIABLES: Final = "Dify does not say whether this app has conversation variables"
