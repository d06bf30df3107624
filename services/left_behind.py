"""Answers that a dead process left unfinished: taken up again as soon as the database can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.store import Owned, Store, StoreError
from services.turn import Turn

if TYPE_CHECKING:
    from services.site import Site

LOOK_AGAIN = 1.0
"""Seconds until the database that could not be read is asked again."""


def take_up(site: Site) -> None:
    """For the start, in a thread of its own. Returns when all are being looked for, or the site ends."""
    while (left := _unfinished(site.store)) is None:
        if site.ending.wait(LOOK_AGAIN):
            return
    # First, so that an answer that is found goes on with what waits for it.
    site.queue.restore(site.directory)
    served = {app.slug: app.client for app in site.apps}
    for owned, turn in left:
        # What belongs to an app that is not configured now waits until it is again.
        if client := served.get(owned.app):
            site.runs.reconcile(client, site.directory.adopt(owned), turn)
    site.annotation_work.go_on(site.apps)


def _unfinished(store: Store) -> list[tuple[Owned, Turn]] | None:
    """None where the database cannot be read yet."""
    try:
        return store.unfinished()
    except StoreError:
        return None
