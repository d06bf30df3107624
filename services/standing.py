"""How an app stands: whether it answered when it was last asked, since when that is so, and why not."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from services.dify.application import Info, Site
from services.dify.errors import DifyError, NotFound, Unauthorized, Unreachable

if TYPE_CHECKING:
    from services.apps import Profile

Code = Literal["unasked", "fine", "old", "too_old", "unreachable", "refused", "kind", "failing"]
ANSWERS = frozenset({"fine", "old"})
NEEDS = {"annotations": (1, 2), "site": (1, 4), "set_variables": (1, 8), "human_input": (1, 14)}
"""The first Dify that has it, after the history of its source."""
SAID: dict[Code, str] = {
    "unasked": "was not asked yet",
    "fine": "answers",
    "old": "answers, but its Dify is too old for: {detail}",
    "too_old": "cannot be served: the server has no /parameters; its address is wrong, or its Dify too old",
    "unreachable": "cannot be reached ({detail}): its address may be wrong, or its Dify not running",
    "refused": "refuses its API key; replace the key",
    "kind": "cannot be served: it is a {detail} app, not a chat app, an agent or a chatflow",
    "failing": "answers with an error ({detail})",
}
"""For the log. The page has words of its own."""


@dataclass(frozen=True, slots=True)
class Standing:
    code: Code = "unasked"
    detail: str = ""
    """old: what is lacking, with commas; kind: Dify's name of it; unreachable, failing: the error's code."""
    since: float = 0.0
    """Unix seconds: since when it is so."""
    asked_at: float = 0.0

    @property
    def answers(self) -> bool:
        return self.code in ANSWERS

    @property
    def broken(self) -> bool:
        return not self.answers and self.code != "unasked"

    def then(self, code: Code, detail: str = "") -> Standing:
        """How it stands now that it was asked again."""
        now = time.time()
        if (code, detail) == (self.code, self.detail):
            return replace(self, asked_at=now)
        return Standing(code, detail, now, now)

    def __str__(self) -> str:
        return SAID[self.code].format(detail=self.detail)


def of(profile: Profile, version: str) -> tuple[Code, str]:
    """Code and detail of an app that answers; `version` is its server's, empty where that is unknown."""
    lacking = ", ".join(_lacking(profile, version))
    return ("old", lacking) if lacking else ("fine", "")


def after(error: DifyError) -> tuple[Code, str]:
    """Code and detail where it could not be asked."""
    match error:
        case Unauthorized():
            return "refused", ""
        case Unreachable():
            return "unreachable", error.code
        case NotFound():
            return "too_old", ""
        case _:
            return "failing", error.code


def _lacking(profile: Profile, version: str) -> list[str]:
    if known := re.match(r"(\d{1,4})\.(\d{1,4})", version):
        number = int(known[1]), int(known[2])
        return [name for name, first in NEEDS.items() if number < first]
    # A server that tells no version shows its age by what it does not know.
    return [
        name for name, lacks in (("info", profile.info == Info()), ("site", _empty(profile.site))) if lacks
    ]


def _empty(site: Site) -> bool:
    """But for a title, which may be ours."""
    return replace(site, title="") == Site()
