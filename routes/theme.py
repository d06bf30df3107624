"""What Streamlit would work out at each run of a page, and need not."""

from __future__ import annotations

from typing import Any

from streamlit.commands import page_config
from streamlit.runtime import app_session

WORKED_OUT_BY = "_populate_theme_msg"


ICON_BY = "_get_favicon_string"


def take_icon() -> None:
    """Have Streamlit pass on the page's icon as it is, an address. It would import numpy for a look at it: an
    eighth of a second at the first page, and 5 MB. A version that does it otherwise is left alone.
    """
    if hasattr(page_config, ICON_BY):
        setattr(page_config, ICON_BY, str)


def keep() -> None:
    """Have Streamlit remember what it makes of the theme's settings.

    It goes through 2,000 settings for it at each run of a page, a fifth of the run's time, and they cannot
    change while the site runs. A version that does it otherwise is left alone.
    """
    work_out = getattr(app_session, WORKED_OUT_BY, None)
    if work_out is None or work_out.__module__ == __name__:
        return
    known: dict[str, bytes] = {}

    def populate(message: Any, section: str = "theme") -> None:
        if section in known:
            message.MergeFromString(known[section])
        else:
            work_out(message, section)
            known[section] = message.SerializeToString()

    setattr(app_session, WORKED_OUT_BY, populate)
