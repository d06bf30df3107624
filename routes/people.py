"""The directory of end users, a page at a time.

GET /people/rows?app=&q=&sort=&after= gives `{rows, after, total}`, times in unix seconds. For those alone who
may look at other people's conversations.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import aside, plainly
from routes.asking import asked_site
from services.people.people import SORTS
from services.people.table import Person

LONGEST = 200
"""Characters of what is searched for."""


@plainly
async def rows(request: Request) -> Response:
    site, identity, app = asked_site(request)
    asked = request.query_params
    sort = asked.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise ValueError(f"sort is one of {', '.join(SORTS)}")
    words, after = asked.get("q", "")[:LONGEST], asked.get("after") or None
    page = await aside(app, site.people.page, identity, app, words, sort, after)
    told = {"rows": list(map(_row, page.rows)), "after": page.after, "total": page.total}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _row(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "user": person.user,
        "end_user_id": person.end_user_id,
        "name": person.name,
        "type": person.type,
        "anonymous": person.anonymous,
        "how": person.how,
        "first_seen": person.first_seen,
        "last_seen": person.last_seen,
        "conversations": person.conversations,
    }


ROUTES = [Route("/people/rows", rows)]
