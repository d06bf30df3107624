"""The work on conversations, put together; and the list of it, with those nobody has begun to work on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from services.apps import App
from services.archive import Archive
from services.audit import Audit
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.identity import Identity
from services.listing import Listing
from services.looks import Looks
from services.naming import Naming
from services.passages import folded
from services.store import Store
from services.titles import Titles
from services.variable_log import Place
from services.work.case import Case, Filters
from services.work.cases import Cases
from services.work.exporting import WorkExports
from services.work.notes import Notes
from services.work.prompts import Prompts
from services.work.reach import Reach
from services.work.reading import PAGE, After, CaseList, recent
from services.work.staff import Staff
from services.work.views import Views

NEWEST = 30
"""Of one's own conversations, listed although nothing is kept of them yet."""
LOOKED_UP = 1_000
"""Names of other people's conversations that are remembered."""


class Named:
    """What conversations are called, as this site last heard it."""

    def __init__(
        self, store: Store, naming: Naming, titles: Titles, looks: Looks, app: Callable[[str], App]
    ) -> None:
        """`app` gives the app of a slug; raises NoSuchApp."""
        self._listing, self._naming, self._titles, self._app = Listing(store), naming, titles, app
        self._looks = looks
        self._looked_up: OrderedDict[Place, str] = OrderedDict()

    def of(self, places: Sequence[Place]) -> dict[Place, str]:
        """Those of which it knows a name; asks no Dify. Raises StoreError."""
        found = {place: self._looked_up[place] for place in places if place in self._looked_up}
        for app, user in {(place.app, place.user) for place in places}:
            ids = {place.conversation_id for place in places if (place.app, place.user) == (app, user)}
            rows = {row.id: row for row in self._listing.rows(app, user, ids)}
            rows |= {row.id: row for row in self._titles.known(app, user) if row.id in ids}
            found |= {Place(app, user, row.id): row.name for row in self.shown(app, user, rows.values())}
        return found

    def shown(self, app: str, user: str, rows: Iterable[Conversation]) -> list[Conversation]:
        return self._naming.shown(self._app(app), user, rows)

    def look_up(self, identity: Identity, place: Place) -> None:
        """Ask Dify for the name of somebody else's conversation, if this site has never heard it; blocks.

        Nothing comes of it where Dify does not answer, or the conversation is not among the latest. Raises
        Denied, StoreError.
        """
        if place in self.of([place]):
            return
        try:
            rows = self._looks.conversations(identity, self._app(place.app), place.user).data
        except DifyError:
            return
        for row in (row for row in rows if row.id == place.conversation_id):
            self._looked_up[place] = row.name
        while len(self._looked_up) > LOOKED_UP:
            self._looked_up.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Work:
    """Every method raises Denied, and StoreError where the database cannot be read or written."""

    reach: Reach
    staff: Staff
    cases: Cases
    notes: Notes
    views: Views
    prompts: Prompts
    listed: CaseList
    named: Named
    exports: WorkExports
    titles: Titles

    @classmethod
    def over(
        cls,
        store: Store,
        looks: Looks,
        audit: Audit,
        archive: Archive,
        titles: Titles,
        app: Callable[[str], App],
    ) -> Work:
        """`app` gives the app of a slug; raises NoSuchApp."""
        reach, staff, named = (
            Reach(looks, audit),
            Staff(store),
            Named(store, archive.naming, titles, looks, app),
        )
        cases = Cases(store, reach, staff, named.of)
        return cls(
            reach=reach,
            staff=staff,
            cases=cases,
            notes=Notes(store, reach, cases),
            views=Views(store, reach),
            prompts=Prompts(store, reach),
            listed=CaseList(store, reach),
            named=named,
            exports=WorkExports(archive.exports, reach),
            titles=titles,
        )

    def page(
        self, identity: Identity, app: App, filters: Filters, after: After | None = None
    ) -> tuple[list[Case], After | None]:
        """Case files and one's own newest conversations that have none, the latest changed first; and where
        the next page begins. Only for the beginning of the whole list is Dify asked, and can be away.
        """
        rows = self.listed.page(identity, app.slug, filters, after, PAGE + 1)
        rows += self._untouched(identity, app, filters, after)
        rows.sort(key=key, reverse=True)
        mine = [case.place for case in rows if case.place.user == identity.user]
        called = self.named.of(mine)
        shown = [replace(case, title=called.get(case.place) or case.title) for case in rows[:PAGE]]
        return shown, key(shown[-1]) if len(rows) > PAGE else None

    def _untouched(self, identity: Identity, app: App, filters: Filters, after: After | None) -> list[Case]:
        plain = filters.status in {"", "open", "new"} and filters.assignee in {"", "nobody"}
        if not plain or filters.tag:
            return []
        beginning = filters == Filters() and after is None
        read = self.titles.of(app, identity.user, NEWEST) if beginning else None
        newest = (read or self.titles.known(app.slug, identity.user))[:NEWEST]
        kept = self.listed.known(identity, app.slug, [row.id for row in newest])
        words = [folded(word) for word in filters.text.split()]
        found: list[Case] = []
        for row in self.named.shown(app.slug, identity.user, (row for row in newest if row.id not in kept)):
            case = Case(Place(app.slug, identity.user, row.id), row.name)
            case = replace(case, changed_at=row.updated_at or row.created_at or 0.0)
            wanted = all(word in folded(row.name) for word in words) and recent(case, filters)
            if wanted and (after is None or key(case) < after):
                found.append(case)
        return found


def key(case: Case) -> After:
    """Where a case stands in the list."""
    return After(case.changed_at, case.place.user, case.place.conversation_id)
