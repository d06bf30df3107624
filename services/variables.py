"""The conversation variables of one conversation: all that can be listed, found, and changed by type.

Sources: the heading "Conversations" of the API document, recordings 70_* and 71_*. The server's filter fails
on many databases (70_variables_filter) and its pages lose rows (70_variables_last_id), so all are listed once
and looked through here. It keeps no version of a value: the last write wins, and only what this module reads
just before it writes tells of somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.variables import Variable
from services.identity import Identity, Role
from services.variable_log import Place, VariableLog
from services.variable_types import EDITABLE, brief, kind_of

MOST = 100
"""Of a page; no server gives more."""
PAGES = 10
"""Asked for at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    variables: tuple[Variable, ...]
    cut: bool = False
    """There are more, which the server does not list."""

    def one(self, variable_id: str) -> Variable | None:
        return next((each for each in self.variables if each.id == variable_id), None)


class Gone(LookupError):
    """The conversation has no such variable any more."""


class ReadOnly(ValueError):
    """Values of this type cannot be set."""


class Meanwhile(Exception):
    """The value is not the one that was shown any more: `now` is what it is."""

    def __init__(self, now: Variable) -> None:
        super().__init__(now.name)
        self.now = now


def listed(client: Client, place: Place) -> Listing:
    """All variables that the server lists. Raises DifyError."""
    found: dict[str, Variable] = {}
    last_id = None
    for _ in range(PAGES):
        page = client.variables.list(place.conversation_id, place.user, last_id=last_id, limit=MOST)
        fresh = {each.id: each for each in page.data if each.id not in found}
        found |= fresh
        if not page.has_more:
            # A second page that is empty was asked for because the first one said that there are more.
            return Listing(tuple(found.values()), cut=last_id is not None and not fresh)
        if not fresh:
            break
        last_id = page.data[-1].id
    return Listing(tuple(found.values()), cut=True)


def found(variables: tuple[Variable, ...], words: str = "", value_type: str = "") -> tuple[Variable, ...]:
    """Those of that type ("" for any) with the words in name, description or value; never in a secret."""
    sought = words.strip().casefold()

    def fits(each: Variable) -> bool:
        secret = kind_of(each.value_type) == "secret"
        # As the server writes it, and as it is shown.
        values = () if secret else (str(each.raw), brief(each.value))
        text = "\n".join((each.name, each.description, *values)).casefold()
        return sought in text and value_type in ("", each.value_type)

    return tuple(filter(fits, variables))


def change(
    identity: Identity, client: Client, log: VariableLog, place: Place, shown: Variable, value: object
) -> Variable:
    """Set the variable that was `shown` to a value of its type; returns what the server then says it is.

    Raises Denied, ReadOnly, Gone, Meanwhile where it is not as shown any more, and DifyError: Invalid with
    the server's words for a value that it does not take.
    """
    identity.require(Role.AGENT)
    if kind_of(shown.value_type) not in EDITABLE:
        raise ReadOnly(shown.value_type)
    before = listed(client, place)
    log.note(place, before.variables, "seen", whole=not before.cut)
    now = before.one(shown.id)
    if now is None:
        raise Gone(shown.name)
    if now.raw != shown.raw:
        raise Meanwhile(now)
    try:
        after = client.variables.update(place.conversation_id, shown.id, place.user, value)
    except DifyError as error:
        after = _taken_all_the_same(client, place, shown, value, error)
    log.note(place, (after,), "edit", whole=False)
    about = place.conversation_id
    log.audit.note(identity, "variable.changed", app=place.app, about=about, variable=shown.name)
    return after


def _taken_all_the_same(
    client: Client, place: Place, shown: Variable, value: object, error: DifyError
) -> Variable:
    """The variable, where a request whose answer was lost has been carried out; else raises the error."""
    if not error.undone:
        try:
            now = listed(client, place).one(shown.id)
        except DifyError:
            raise error from None
        if now is not None and now.value == value:
            return now
    raise error
