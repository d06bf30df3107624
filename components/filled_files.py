"""The files that a form's controls hold, those that they held before a reload, and their way to Dify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import session, words, words_question
from services.dify.parameters import InputField
from services.dify.parts import File
from services.draft import sent
from services.pending import Pending, picked
from services.unsent_form import UnsentForm
from services.uploads import Rules

UNDRAWN = object()


class NotReady(Exception):
    """The form cannot be sent as it is; the refusal is told already."""


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


def uploaded(
    unsent: UnsentForm,
    field: InputField,
    files: Sequence[Pending],
    rules: Rules,
    bring: Callable[[Pending], Pending],
) -> Any:
    """A field's files as Dify wants them; `bring` uploads each that is not there yet. Raises NotReady."""
    if len(files) > rules.most:
        _refuse("many", limit=rules.most)
    there = [sent(_there(unsent, field, bring(each))) for each in files]
    return there if field.kind == "file-list" else next(iter(there), None)


def _there(unsent: UnsentForm, field: InputField, file: Pending) -> File:
    unsent.put(field.variable, file)
    if file.unfit:
        _refuse(file.unfit.code, file.name, file.unfit.limit)
    if file.file is None:
        _refuse_file(f"{file.name}: {words_question.upload_failed(file.failed)}")
    return file.file


def _refuse(code: str, name: str = "", limit: int = 0) -> NoReturn:
    _refuse_file(words.UNFIT[code].format(name=name, limit=limit))


def _refuse_file(problem: str) -> NoReturn:
    session.refused("file", problem=problem)
    raise NotReady


def _held(widget: str) -> list[Any]:
    value = session.value(widget)
    return value if isinstance(value, list) else [value] if value else []
