"""Strangers' markdown as HTML that can do nothing: no HTML of theirs, no pictures fetched, safe links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

SCHEMES = frozenset({"http", "https", "mailto"})
SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def html(text: str) -> str:
    """Blocks of HTML; tables and strikethrough are known, maths and diagrams stay as they are written."""
    return str(_reader().render(text))


def escaped(text: str) -> str:
    """Plain text as one line of markdown that means nothing else."""
    return SIGNS.sub(r"\\\1", " ".join(text.split()))


@cache
def _reader() -> MarkdownIt:
    # Imported where it is needed, which few visits do: it takes a twentieth of the start.
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    def link(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        token.attrSet("rel", "noopener noreferrer nofollow")
        token.attrSet("target", "_blank")
        return str(self.renderToken(tokens, idx, options, env))

    def image(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A link to it: a page that is opened tells nobody."""
        token = tokens[idx]
        address = str(token.attrs.get("src", ""))
        words = self.renderInlineAsText(token.children, options, env) if token.children else ""
        name = Token("text", "", 0, content=words or address)
        around = Token("link_open", "a", 1, attrs={"href": address}), Token("link_close", "a", -1)
        return str(self.render([around[0], name, around[1]], options, env))

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.add_render_rule("link_open", link)
    reader.add_render_rule("image", image)
    setattr(reader, "validateLink", _safe)  # noqa: B010 - the library's own way
    return reader


def _safe(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False
