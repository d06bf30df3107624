"""Taking conversations along: one's own, and others' where one may look at them, each written down."""

from __future__ import annotations

from collections.abc import Sequence

from services.apps import App
from services.exports.jobs import Exports, Job
from services.identity import Identity
from services.variable_log import Place
from services.work.case import MOST_AT_ONCE
from services.work.reach import Reach


class WorkExports:
    def __init__(self, exports: Exports, reach: Reach) -> None:
        self._exports, self._reach = exports, reach

    def request(
        self, identity: Identity, app: App, places: Sequence[Place], kind: str, *, mask: bool = False
    ) -> Job:
        """Have these written into a file of one of the exports' formats; the staff's notes are not in it.

        Raises Denied, ValueError, and StoreError where a look at somebody else's cannot be written down.
        """
        if not 0 < len(places) <= MOST_AT_ONCE:
            raise ValueError(f"1 to {MOST_AT_ONCE} conversations")
        for user in {place.user for place in places}:
            self._reach.require(identity, user)
        ids = [place.conversation_id for place in places]
        job = self._exports.request(identity, app, ids, kind, mask=mask)
        for place in places:
            if place.user != identity.user:
                self._reach.audit.record(
                    identity,
                    "export.conversation",
                    app=app.slug,
                    about=place.conversation_id,
                    user=place.user,
                )
        job.users = {place.conversation_id: place.user for place in places}
        return job
