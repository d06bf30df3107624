"""Text in files that a spreadsheet opens: none of it may run as a formula."""

from __future__ import annotations

STARTS = "=+-@＝＋－＠\t\r\n\0"
"""What a spreadsheet may take for the beginning of a formula, or drop before one."""
BEGINNINGS = tuple(STARTS)


def guarded(cell: object) -> object:
    """Text that begins like a formula gets an apostrophe before it; a spreadsheet then shows it as text."""
    if isinstance(cell, str) and (cell.startswith(BEGINNINGS) or cell.lstrip().startswith(BEGINNINGS)):
        return f"'{cell}"
    return cell
