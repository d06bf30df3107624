"""What whoever has started the site may want to do next: sentences for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from services.identities.accounts import LocalAccounts
from services.site import Site
from services.store import StoreError

DEMO = (
    "No Dify is configured, so this is the demo: it answers from its own manual. For an app of yours stop "
    "the site with Ctrl+C, set DIFY_BASE_URL and DIFY_API_KEY, and start it again."
)
NO_ACCOUNT = (
    "Nobody can sign in yet. Make the first account, with the same DATA_DIR and while the site runs: "
    ".venv/bin/python -m services.accounts admin <name>"
)


def next_steps(site: Site) -> Iterator[str]:
    if site.backend:
        yield DEMO
    with suppress(StoreError):  # it is told elsewhere
        if isinstance(site.identities, LocalAccounts) and site.identities.book.empty:
            yield NO_ACCOUNT
