"""How the site itself looks, apart from any app."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

ICON = f"data:image/svg+xml;base64,{b64encode((Path(__file__).parent / 'icon.svg').read_bytes()).decode()}"
"""Its own, for a Material icon would be fetched from a foreign host."""
