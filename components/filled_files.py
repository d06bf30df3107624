"""The files that a form's control holds, and those that it held before a reload."""

from __future__ import annotations

from typing import Any

from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import session
from services.dify.parameters import InputField
from services.pending import Pending, picked
from services.unsent_form import UnsentForm
from services.uploads import Rules

UNDRAWN = object()


def of(unsent: UnsentForm, field: InputField, widget: str, rules: Rules) -> list[Pending]:
    """All of a field, in the order of picking.

    What was picked in its control, or taken out of it, since the last time is known from here on. For the
    first time before it is drawn: one that another page has emptied says nothing of what was picked.
    """
    held = _held(widget)
    here = {each.file_id for each in held}
    before = set(session.kept(widget, ())) if session.value(widget, UNDRAWN) is not UNDRAWN else set()
    known = {each.id for each in unsent.files(field.variable)}
    for file in held:
        # Streamlit may have lost one that it still lists.
        if file.file_id not in known and isinstance(file, UploadedFile):
            unsent.put(field.variable, picked(file.file_id, file.name, file.getvalue(), rules))
    # In a control for one file another one takes its place.
    gone = known if here and field.kind == "file" else known & before
    for file_id in gone - here:
        unsent.remove(field.variable, file_id)
    session.keep(widget, tuple(here))
    return unsent.files(field.variable)


def earlier(unsent: UnsentForm, field: InputField, widget: str) -> list[Pending]:
    """Those that the control cannot show: nobody but a person can put a file into it."""
    here = {each.file_id for each in _held(widget)}
    return [each for each in unsent.files(field.variable) if each.id not in here]


def _held(widget: str) -> list[Any]:
    value = session.value(widget)
    return value if isinstance(value, list) else [value] if value else []
