"""Words about an app: what it can do, and what its maker says of it."""

from __future__ import annotations

from typing import Final

ABOUT: Final = "About this app"
ABILITIES: Final = "What it can do"
PRIVACY: Final = "Privacy policy"
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
}
"""What is said where a feature is on, and where it is off."""
FLOW_ANNOTATIONS: Final = "Dify does not say whether this chatflow answers from annotations"
