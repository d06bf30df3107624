"""How the site itself looks, apart from any app."""

from __future__ import annotations

from pathlib import Path

ICON = Path(__file__).parent / "icon.svg"
"""Its own file, for a Material icon would be fetched from a foreign host."""
