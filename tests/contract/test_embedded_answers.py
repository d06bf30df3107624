"""What the embedded guide answers: the right passage, an honest nothing, and the demo questions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from embedded.answer import FOUND, Guide
from embedded.backend import PAGES as MANUAL
from embedded.demo import DEMOS, SHOWCASE, demonstrate
from embedded.knowledge import Knowledge
from embedded.personas import CONSOLE_GUIDE
from embedded.reply import by_words

KNOWLEDGE = Knowledge(MANUAL, "Console manual")
GUIDE = Guide(KNOWLEDGE, CONSOLE_GUIDE.suggested_questions)

PASSAGES = {
    "can i cancel it": "How do I stop an answer?",
    "how to abort a response": "How do I stop an answer?",
    "refresh the page": "What happens when I reload while an answer is running?",
    "is my text lost if I close the browser": "What happens when I reload while an answer is running?",
    "two tabs": "Can I open the same conversation in several tabs?",
    "where do I get an api key": "Where do I find the API key?",
    "my key is refused": "Why is my API key refused?",
    "401 unauthorized": "Why is my API key refused?",
    "server not reachable": "Why can the server not be reached?",
    "where is data stored": "Where is my data kept?",
    "who can read my chats": "Who can see my conversations?",
    "keyboard shortcuts": "Which keyboard shortcuts are there?",
    "dark mode": "Is there a dark theme?",
    "annotation threshold": "How close must a question be to an annotation?",
    "edit a variable": "How do I see or change a conversation variable?",
    "search old conversations": "How do I find an old conversation?",
    "rename chat": "How do I rename or delete a conversation?",
    "does it support latex": "Which formatting is supported?",
    "is there an AI model behind this": "Is there a language model behind the guide?",
    "what demo questions exist": "Which demo questions are there?",
    "run the backend alone": "How do I start the embedded backend alone?",
    "make run": "What does make run do?",
    "images not loading": "Why is an image not shown?",
    "where do sources come from": "What are citations?",
}
ELSEWHERE = (
    "What is the capital of France?",
    "how do I bake bread",
    "weather tomorrow",
    "write me a poem about the sea",
    "who won the world cup 2022",
    "tell me a joke",
    "python list comprehension",
    "what's the meaning of life",
    "solve 3x+4=10",
    "日本の首都はどこですか",
    '" OR heading : x* NEAR(',
    "?!",
    "",
)


def said(query: str, previous: str | None = None) -> str:
    return "".join(GUIDE.reply(query, previous, {}).chunks)


@pytest.mark.parametrize("query", [*PASSAGES, *(each.heading for each in KNOWLEDGE.segments)])
def test_passage(query: str) -> None:
    heading = PASSAGES.get(query, query)
    (cited, *_) = GUIDE.reply(query, None, {}).resources
    assert cited["content"].startswith(f"{heading}\n")
    assert cited["position"] == 1
    assert FOUND <= cited["score"] <= 1
    assert cited["content"].removeprefix(heading).strip() in said(query)


@pytest.mark.parametrize("query", ELSEWHERE)
def test_nothing_found_is_said(query: str) -> None:
    reply = GUIDE.reply(query, None, {})
    assert reply.resources == ()
    assert "I found nothing about that" in "".join(reply.chunks)


@pytest.mark.parametrize("query", CONSOLE_GUIDE.suggested_questions)
def test_suggested_questions_have_answers(query: str) -> None:
    reply = GUIDE.reply(query, None, {})
    assert reply.resources or query.startswith("demo:")


def test_a_short_question_leans_on_the_one_before() -> None:
    assert GUIDE.reply("and how?", "annotations", {}).resources
    assert "I found nothing" in said("and how?", "the capital of France")


def test_small_talk() -> None:
    assert said("Hello!").startswith("Hello!")
    assert "".join(GUIDE.reply("hi", None, {"name": "Ada"}).chunks).startswith("Hello Ada!")
    assert said("thanks a lot").startswith("You are welcome")
    assert said("what can you do?").startswith("I am the guide")


def test_titles() -> None:
    assert GUIDE.title("How do I stop an answer?") == "Stop an answer"
    assert GUIDE.title("  demo:\nmarkdown ") == "Demo: markdown"
    assert GUIDE.title("???") == "New conversation"
    assert len(GUIDE.title("word " * 100)) <= 49


@pytest.mark.parametrize(
    "text", [SHOWCASE.read_text(encoding="utf-8"), "  a  b\n\n", "x" * 100, "日本語の段落です。", ""]
)
def test_words_are_the_whole_text(text: str) -> None:
    assert "".join(by_words(text)) == text


def test_every_demo_replies_and_is_in_the_manual() -> None:
    manual = Path(MANUAL / "10-embedded.md").read_text(encoding="utf-8")
    for name in DEMOS:
        reply = demonstrate(f" Demo : {name.upper()} ")
        assert reply is not None
        assert reply.chunks or reply.refusal
        assert name == "bench" or f"`demo: {name}" in manual
    unknown = demonstrate("demo: nonsense")
    assert unknown is not None
    assert "`demo: markdown`" in "".join(unknown.chunks)
    assert demonstrate("what is a demo: markdown?") is None


@pytest.mark.parametrize(
    ("query", "chunks", "gap"),
    [
        ("demo: slow 60", 120, 0.5),
        ("demo: slow 9999999", 1200, 0.5),
        ("demo: slow -5", 120, 0.5),
        ("demo: slow 0", 2, 0.5),
        ("demo: bench 10 20 3", 10, 0.05),
    ],
)
def test_numbers_of_a_demo_are_bounded(query: str, chunks: int, gap: float) -> None:
    reply = demonstrate(query)
    assert reply is not None
    assert (len(reply.chunks), reply.gap) == (chunks, gap)


def test_the_showcase_shows_everything() -> None:
    text = SHOWCASE.read_text(encoding="utf-8")
    features = (
        *(rf"^{'#' * level} \S" for level in (1, 2, 3, 4)),
        r"^- \[x\]",
        r"\| :----: \|",
        "^~~~~",
        r"\$\$",
        r"\\\(",
        r"\\\[",
        r"It costs \$5 and \$10",
        "^```mermaid",
        r"!\[.*\]\(https://example\.com/\S+\.png",
        "<script>",
        r"^\[late\]: ",
        r"^\[\^1\]: ",
        "[\u3040-\u30ff]",
        "[\u0600-\u06ff]",
        r"^> > ",
        "^---$",
        r"  $",
    )
    missing = [each for each in features if not re.search(each, text, re.MULTILINE)]
    assert missing == []
