"""Prompts with gaps: `{{name}}` is a variable, whatever else stands in braces is text."""

from __future__ import annotations

import re
from collections.abc import Mapping

GAP = re.compile(r"\{\{[ \t]*([^{}\s](?:[^{}\n]*[^{}\s])?)[ \t]*\}\}")


def variables(text: str) -> tuple[str, ...]:
    """Their names, each once, in the order of the text."""
    return tuple(dict.fromkeys(GAP.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """With these values in the gaps; a gap without a value stays. Braces in a value are text."""
    return GAP.sub(lambda gap: values.get(gap[1], gap[0]), text)
