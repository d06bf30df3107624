"""Personal data replaced by placeholders that stay the same within one export: "[e-mail 1]" is one address,
wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from services.privacy.findings import Finding, blanked, found
from services.rope import Rope

T = TypeVar("T")
SHORTEST_NAME = 3
"""Letters; shorter parts of a name are in too many other words."""
MEANT_FOR_MACHINES = frozenset(
    {
        *(
            "id",
            "message_id",
            "conversation_id",
            "task_id",
            "workflow_run_id",
            "upload_file_id",
            "attempt_of",
        ),
        *("document_id", "dataset_id", "segment_id", "node_id", "form_id", "run_id", "parent"),
        *("state", "kind", "type", "value_type", "node_type", "status", "code", "mime_type", "belongs_to"),
        *("data_source_type", "currency", "outcome", "spoken"),
        *("prompt_unit_price", "prompt_price_unit", "prompt_price", "completion_unit_price"),
        *("completion_price_unit", "completion_price", "total_price"),
    }
)
"""Fields that hold no words of people; of any other field every text is looked through."""


class Masker:
    """One export's; not for two threads at once."""

    def __init__(self, names: Iterable[str] = (), users: Iterable[str] = ()) -> None:
        """`names` and `users` are what the end user is called and known by: they are hidden as such."""
        self._numbers: dict[tuple[str, str], int] = {}
        self._counts: dict[str, int] = {}
        parts = (part for name in names for part in (name, *name.split()))
        self._own = {
            kind: own for kind, words in (("user", users), ("name", parts)) if (own := _words(words))
        }

    @property
    def counts(self) -> Mapping[str, int]:
        """Different values by kind, so far."""
        return self._counts

    def text(self, text: str) -> str:
        pieces, at = [], 0
        for finding in self._found(text):
            pieces += [text[at : finding.start], self._placeholder(finding)]
            at = finding.end
        return "".join((*pieces, text[at:])) if pieces else text

    def value(self, value: Any) -> Any:
        """The same in everything that JSON can hold, names of fields and long numbers included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(held) for key, held in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.value, value))
        if isinstance(value, int) and not isinstance(value, bool):
            shown = str(value)
            masked = self.text(shown)
            return value if masked == shown else masked
        return value

    def record(self, record: T) -> T:
        """A frozen dataclass, and those in it, with every text masked that is not meant for machines."""
        assert is_dataclass(record) and not isinstance(record, type)
        changed: dict[str, Any] = {}
        for field in fields(record):
            if field.name not in MEANT_FOR_MACHINES:
                before = getattr(record, field.name)
                after = self.value(before) if field.name == "value" else self._part(before)
                if after is not before:
                    changed[field.name] = after
        return replace(record, **changed) if changed else record

    def _part(self, part: Any) -> Any:
        if isinstance(part, Rope):
            before = part.whole()
            after = self.text(before) if isinstance(before, str) else before
            return part if after is before else Rope(after)
        if is_dataclass(part) and not isinstance(part, type):
            return self.record(part)
        if isinstance(part, tuple) and any(map(is_dataclass, part)):
            return tuple(map(self._part, part))
        return self.value(part) if isinstance(part, str | Mapping | list | tuple) else part

    def _found(self, text: str) -> list[Finding]:
        taken = found(text)
        for kind, words in self._own.items():
            rest = blanked(text, taken)
            taken += [Finding(*m.span(), kind, m[0].casefold()) for m in words.finditer(rest)]
        return sorted(taken, key=lambda finding: finding.start)

    def _placeholder(self, finding: Finding) -> str:
        key = (finding.kind, finding.value)
        if key not in self._numbers:
            self._counts[finding.kind] = self._counts.get(finding.kind, 0) + 1
            self._numbers[key] = self._counts[finding.kind]
        return f"[{finding.kind} {self._numbers[key]}]"


def _words(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted({word for word in words if len(word) >= SHORTEST_NAME}, key=len, reverse=True)
    either = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if either else None
