"""Demo questions: `demo: <name> <arguments>` shows what is hard to see otherwise. They take the same way as
every other question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

from embedded import faults
from embedded.codes import CODES
from embedded.errors import Refused
from embedded.reply import Cut, Failed, Reply, Stalled, by_words

ASKED = re.compile(r"\s*demo\s*:\s*(\w*)\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)
SHOWCASE = Path(__file__).with_name("showcase.md")
LONGEST = 600.0  # seconds of a slow answer
SLOW = 0.5  # seconds between two of its words
FLOOD = 20_000  # characters
MOST_CHUNKS, FASTEST, LARGEST = 100_000, 100_000.0, 10_000  # bounds of a bench
LARGEST_WHOLE = 16_000_000  # characters of a bench
RECOVERED_AFTER = 4.0  # seconds until history shows an answer whose connection was cut

BEGUN = "This answer begins well, but after a few words the model fails. "
PROSE = (
    "This answer takes its time on purpose, so that there is time to try things out. Reload the page and it "
    "is still being written. Open the same address in a second tab and both show it. Leave for the history "
    "page and come back. Press Stop and the part that is already here stays. Nothing of it is lost, because "
    "the server writes it down and every page only looks at it.\n\n"
)


def demonstrate(query: str) -> Reply | None:
    """The reply to a demo question, None if it is none."""
    asked = ASKED.fullmatch(query)
    if asked is None:
        return None
    return DEMOS.get(asked[1].lower(), _explained)(asked[2].split())


def _markdown(_arguments: list[str]) -> Reply:
    return Reply(by_words(SHOWCASE.read_text(encoding="utf-8")))


def _slow(arguments: list[str]) -> Reply:
    seconds = _number(arguments, 0, 60.0, LONGEST)
    return Reply(tuple(_prose(max(1, round(seconds / SLOW)))), gap=SLOW)


def _silent(arguments: list[str]) -> Reply:
    seconds = _number(arguments, 0, 25.0, LONGEST)
    text = f"There was nothing to say for {seconds:g} seconds. The connection was kept alive by pings."
    return Reply(by_words(text), silence=seconds)


def _cut(arguments: list[str]) -> Reply:
    spoken = (
        "This answer breaks off: in the middle of a word the server closes the connection, as a crash or a "
        "lost network would. What came so far stays"
    )
    whole = (
        f"{spoken} on the page, and the console asks the server's history for the rest.\n\n"
        "And here it is: the server had finished the answer after all. The question was not asked twice."
    )
    lost = "lost" in map(str.lower, arguments)
    return Reply(by_words(spoken), ending=Cut(whole, None if lost else RECOVERED_AFTER))


def _error(arguments: list[str]) -> Reply:
    code = arguments[0].lower() if arguments else ""
    if code not in CODES:
        code = "completion_request_error"
    status, message = CODES[code]
    if "http" in map(str.lower, arguments[1:]):
        return Reply(refusal=Refused(status, code, message))
    begun = () if "now" in map(str.lower, arguments[1:]) else by_words(BEGUN)
    return Reply(begun, ending=Failed(code, message, status))


def _http(arguments: list[str]) -> Reply:
    kind = arguments[0].lower() if arguments else "503"
    return Reply(refusal=faults.refusal(kind, arguments[1:]))


def _stall(arguments: list[str]) -> Reply:
    seconds = _number(arguments, 0, 60.0, LONGEST)
    spoken = "This answer stops here without a word, and the connection stays open"
    return Reply(by_words(spoken), ending=Stalled(seconds))


def _malformed(_arguments: list[str]) -> Reply:
    before = by_words("The next frames are broken on purpose: ")
    after = by_words("and this is what came after them.")
    return Reply((*before, *faults.MALFORMED, *after))


def _moderation(_arguments: list[str]) -> Reply:
    return Reply(
        by_words(
            "A moderated app lets this answer run to its end, and then replaces it, because it says a word "
            "that is not to be said: forbidden. Any other app lets it stand."
        )
    )


def _flood(_arguments: list[str]) -> Reply:
    return Reply(tuple(_pieces(PROSE, FLOOD, 8)), gap=0)


def _bench(arguments: list[str]) -> Reply:
    chunks = int(_number(arguments, 0, 2000, MOST_CHUNKS))
    rate = _number(arguments, 1, 200, FASTEST)
    size = int(_number(arguments, 2, 4, LARGEST))
    return Reply(tuple(_pieces(PROSE, min(chunks * size, LARGEST_WHOLE), size)), gap=1 / rate)


def _explained(_arguments: list[str]) -> Reply:
    return Reply(
        by_words(
            "These demo questions are known:\n\n"
            "| Question | What it shows |\n"
            "| --- | --- |\n"
            "| `demo: markdown` | everything an answer may be formatted with |\n"
            "| `demo: slow 60` | an answer that takes 60 seconds |\n"
            "| `demo: silent 25` | a server that says nothing for 25 seconds |\n"
            "| `demo: cut` | a broken connection whose answer is found again |\n"
            "| `demo: cut lost` | a broken connection whose answer is lost |\n"
            "| `demo: error` | an answer that fails half-way; a code may follow |\n"
            "| `demo: error CODE now` | a failure before the first word |\n"
            "| `demo: error CODE http` | a request that is refused with that code |\n"
            "| `demo: http 429` | a status of a gateway: 429, 500, 502, 503, 504, or `html` |\n"
            "| `demo: stall 60` | an open connection without a byte for 60 seconds |\n"
            "| `demo: moderation` | an answer that a moderated app replaces |\n"
            "| `demo: malformed` | frames that are no JSON, or no frames |\n"
            "| `demo: flood` | 20,000 characters at once |\n"
            "| `demo: bench 2000 200 4` | 2,000 chunks, 200 a second, 4 characters each |\n"
        )
    )


DEMOS: dict[str, Callable[[list[str]], Reply]] = {
    "markdown": _markdown,
    "slow": _slow,
    "silent": _silent,
    "cut": _cut,
    "error": _error,
    "http": _http,
    "stall": _stall,
    "malformed": _malformed,
    "moderation": _moderation,
    "flood": _flood,
    "bench": _bench,
}


def _number(arguments: list[str], place: int, default: float, most: float) -> float:
    # Plain digits only: no sign, no exponent, so that the bounds are all there is to check.
    if place < len(arguments) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", arguments[place]):
        return min(float(arguments[place]), most) or 1.0
    return default


def _prose(count: int) -> Iterator[str]:
    return islice(cycle(by_words(PROSE)), count)


def _pieces(text: str, length: int, size: int) -> Iterator[str]:
    whole = (text * (length // len(text) + 1))[:length]
    return (whole[start : start + size] for start in range(0, length, size))
