"""Personas: the apps of this backend, and the API key that opens each."""

from __future__ import annotations

import hmac

from embedded.app import NONE, App, Features, Moderation
from embedded.controls import Control
from embedded.tables.variables import VariableSpec

MANUAL = "Console manual"  # the one dataset

CONSOLE_GUIDE = App(
    key="",
    name="Console guide",
    description="Answers questions about this console from its own manual, without an account or a model.",
    icon="\N{COMPASS}",
    icon_background="#E4F2FF",
    opening_statement=(
        "Hello {{name}}\n\n"
        "I am the guide built into this console. I know its manual and nothing else, and every answer "
        "names the passage it comes from. Ask me something, or start with one of these."
    ),
    suggested_questions=(
        "How do I connect a real Dify?",
        "What happens when I reload while an answer is running?",
        "How do I stop an answer?",
        "demo: markdown",
    ),
    placeholder="Ask about this console",
    controls=(Control("text-input", "name", "Your name"),),
)

PLAIN = App(key="off", name="Plain chat", features=NONE)

AGENT = App(
    key="agent",
    name="Agent",
    mode="agent-chat",
    description="Calls tools: a clock, a calculator, a pencil, and a search in the console's manual.",
    icon="\N{HAMMER AND WRENCH}\N{VARIATION SELECTOR-16}",
    icon_background="#E8F5E4",
    suggested_questions=(
        "What time is it?",
        "What is 12.5 * (7 + 3)?",
        "Draw a red circle",
        "Search the manual for annotations",
    ),
)

CHATFLOW = App(
    key="flow",
    name="Chatflow",
    mode="advanced-chat",
    description="A workflow with a search, an iteration, a retried request and a human who approves.",
    icon="\N{TWISTED RIGHTWARDS ARROWS}\N{VARIATION SELECTOR-16}",
    icon_background="#F3E8FF",
    opening_statement="Welcome to the chatflow. Its variables remember you: say `my name is Ada`.",
    suggested_questions=(
        "my name is Ada",
        "each: apples, pears, plums",
        "approve the travel expenses",
        "retry",
        "fail",
    ),
    controls=(Control("text-input", "nick", "Nick", max_length=20),),
    variables=(
        VariableSpec("customer_name", "string", "", "Who is asking, from `my name is …`"),
        VariableSpec("visits", "number", 0, "Questions of this conversation"),
        VariableSpec("prefs", "object", {"theme": "dark"}, "Wishes, from `theme: light` and the like"),
        VariableSpec("topics", "array[string]", [], "Passages that answered"),
        VariableSpec("vip", "boolean", False, "Whether `vip` was said"),
        VariableSpec("scores", "array[number]", [], "How well each passage fitted, 0 to 1"),
        VariableSpec("items", "array[object]", [], "Every question with its number"),
    ),
)

MODERATED = App(
    key="moderated",
    name="Moderated chat",
    description="Refuses some words in questions, and replaces answers that hold them.",
    icon="\N{SHIELD}\N{VARIATION SELECTOR-16}",
    icon_background="#FFE4E8",
    suggested_questions=("How do I stop an answer?", "blockme, please", "demo: moderation"),
    controls=(
        Control("text-input", "name", "Name", max_length=8, required=True),
        Control("select", "lang", "Language", options=("en", "de"), required=True),
    ),
    moderation=Moderation(("blockme", "forbidden"), "Your input was blocked.", "Sorry, I cannot say that."),
)

SPEAKING = App(
    key="speaking",
    name="Speaking guide",
    description="Reads its answers aloud while it writes them.",
    icon="\N{SPEAKER WITH THREE SOUND WAVES}",
    icon_background="#FFF6D6",
    suggested_questions=("How do I stop an answer?", "What are annotations?"),
    features=Features(autoplay=True),
)

FORM = App(
    key="form",
    name="Form chat",
    description="Asks for one value of each kind before the first question.",
    opening_statement="Hello {{nick}}, how can I help?",
    suggested_questions=("How do I stop an answer?",),
    controls=(
        Control("text-input", "nick", "Nick name", max_length=10),
        Control("paragraph", "bg", "Background", max_length=200),
        Control("select", "tone", "Tone", default="formal", options=("formal", "casual")),
        Control("number", "age", "Age"),
        Control("checkbox", "verbose", "Verbose", default=False),
    ),
)

READER = App(
    key="reader",
    name="Document reader",
    mode="advanced-chat",
    description="Asks for files before the first question, and says what is in them.",
    icon="\N{PAGE FACING UP}",
    icon_background="#FFEFE0",
    opening_statement="Pick a document above, and others beside it if you like. Then ask me what they say.",
    suggested_questions=("What do my files say?",),
    controls=(
        Control("file", "document", "A document", required=True, file_types=("document",)),
        Control("file-list", "others", "Others beside it", max_length=3, file_types=("document", "image")),
    ),
    features=Features(files=False),
)

LIMITED = App(key="limited", name="Limited chat", features=NONE, most_at_once=1)
DISABLED = App(key="disabled", name="Disabled chat", features=NONE, enabled=False)
UNPUBLISHED = App(key="unpublished", name="Draft", mode="advanced-chat", features=NONE, published=False)
COMPLETION = App(key="completion", name="Completion", mode="completion", features=NONE)

PERSONAS = (
    CONSOLE_GUIDE,
    PLAIN,
    AGENT,
    CHATFLOW,
    MODERATED,
    SPEAKING,
    FORM,
    READER,
    LIMITED,
    DISABLED,
    UNPUBLISHED,
    COMPLETION,
)


def key_of(app: App, api_key: str) -> str:
    """The key of an app, where `api_key` is that of the first one."""
    return f"{api_key}-{app.key}" if app.key else api_key


def opened(sent: str, api_key: str) -> App | None:
    """The app that a key opens, compared in constant time."""
    found = None
    for app in PERSONAS:
        if hmac.compare_digest(key_of(app, api_key).encode(), sent.encode()):
            found = app
    return found
