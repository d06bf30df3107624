"""What a page of this site may load and run: the Content-Security-Policy of each path."""

from __future__ import annotations

import base64
import hashlib
import re

MEDIA_POLICY = "sandbox; default-src 'none'"
"""For files: whatever they are, they run nothing and load nothing."""
FILES = ("/media/", "/files/", "/icons/")
READING = ("/share/", "/export/")
READING_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:"
)
"""For pages made of what models and people have written: they run nothing, load nothing and are nobody."""
SIGNING = ("/signin", "/password")
SIGNING_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""For the pages where passwords are typed: nothing runs there but one script of ours."""


def of(path: str, usual: str) -> str:
    """The policy of a path; `usual` is that of Streamlit's pages."""
    if path.startswith(FILES):
        return MEDIA_POLICY
    if path in SIGNING:
        return SIGNING_POLICY
    return READING_POLICY if path.startswith(READING) else usual


def policy(index: str) -> str:
    """The Content-Security-Policy for this index.html: its own inline scripts by hash, and nothing foreign.

    `blob:` among the scripts, because components v2 import their stub from a blob URL; inline styles,
    because Streamlit's emotion makes them; `data:` fonts, because Streamlit ships some so; `blob:` among the
    connections, because its recorder reads what it has recorded from one.
    """
    inline = re.findall(r"<script>(.*?)</script>", index, re.S)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' blob:",
            "worker-src 'self' blob:",
            "frame-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        )
    )
