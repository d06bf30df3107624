"""How this page puts questions: for whom, to which app, into which conversation. Nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from components import filled_files, session, words
from components.filled_files import NotReady
from services import attempts, inputs, newest, uploads
from services.apps import App, Profile
from services.conversations import Conversation
from services.dify.errors import DifyError
from services.dify.parameters import InputField
from services.draft import Draft
from services.identity import Identity, Role
from services.inputs import FILES
from services.limits import TooMuch
from services.pending import Pending, brought
from services.queue import Full
from services.runs import TooLong
from services.site import Site
from services.unsent_form import UnsentForm


@dataclass(frozen=True, slots=True)
class Asker:
    site: Site
    identity: Identity
    app: App
    profile: Profile
    conversation: Conversation

    @property
    def may_ask(self) -> bool:
        """Viewers only read."""
        return self.identity.role >= Role.AGENT

    @property
    def form(self) -> inputs.Form:
        return self.profile.parameters.user_input_form

    def listed_inputs(self) -> Mapping[str, Any]:
        """What the list of conversations says this one was started with, before its turns are read."""
        rows = self.site.titles.of(self.app, self.identity.user, newest.SHOWN) or ()
        return next((row.inputs for row in rows if row.id == self.conversation.conversation_id), {})

    def widget(self, field: InputField) -> str:
        """The key of a field's control."""
        return f"input-{self.conversation.key}-{field.variable}"

    def first(self, field: InputField, typed: Mapping[str, Any]) -> Any:
        """What a field's control begins with: what was typed, by variable, else what the address says."""
        given = {**session.address(), **_addressed(typed)}
        return session.kept(self.widget(field), inputs.first(field, given))

    @property
    def unsent(self) -> UnsentForm:
        return UnsentForm(self.site.pending, self.conversation)

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the form, by variable, as its widgets have it."""
        typed = self.unsent.values()
        return {field.variable: self._value(field, typed) for field in self.form}

    @property
    def form_stands(self) -> bool:
        """There is a form, and nothing was asked with it yet."""
        return bool(self.form) and not (self.conversation.conversation_id or self.conversation.busy)

    @property
    def form_brings_files(self) -> bool:
        """Files picked in the form have to go to Dify before the question."""
        return self.form_stands and any(self.files(field) for field in self.form if field.kind in FILES)

    def ask(self, draft: Draft, send_id: str) -> bool:
        """Put a question, or line it up behind the running answer.

        False where that is refused: its text then goes back into the composer with the reason.
        """
        session.refused(None)
        try:
            draft = self._with_form(draft)
            self.site.queue.ask(self.identity, self.conversation, draft, send_id)
        except NotReady:
            return self.keep(draft.query)
        except Full:
            return self.keep(draft.query, "full")
        except TooLong:
            return self.keep(draft.query, "too_long")
        except TooMuch as limit:
            self.keep(draft.query)
            session.refused(limit.code, wait=str(limit.retry_after or 0))
            return False
        return True

    def keep(self, text: str, refusal: str | None = None) -> Literal[False]:
        """Nothing was sent: the text goes back into the composer; `refusal` is the code of the reason."""
        session.keep_text(self.conversation, text)
        if refusal:
            session.refused(refusal)
        return False

    def take_back(self, *waiting_ids: str) -> None:
        """Questions that wait come back into the composer, with their files."""
        place = self.conversation
        taken = [self.site.queue.take(self.identity, place, each) for each in waiting_ids]
        drafts = [draft for draft in taken if draft]
        for file in (file for draft in drafts for file in draft.files):
            self.site.pending.put(place, Pending(file.id, file.name, url=file.url, file=file))
        if drafts:
            session.keep_text(place, "\n\n".join(draft.query for draft in drafts))

    def ask_anew(self, draft: Draft, send_id: str) -> None:
        """Put a question into a new conversation, and turn to that."""
        place = self._new_place()
        replace(self, conversation=place).ask(draft, send_id)
        session.go_to(self.app, place.address)

    def ask_path_anew(self, turn_id: str, query: str, send_id: str) -> None:
        """The same questions up to this one in a new conversation, and turn to that; `query` is its text."""
        try:
            drafts = attempts.path(self.site.directory, self.app, self.conversation, turn_id, query)
        except DifyError as error:
            session.keep_text(self.conversation, query)
            session.refused("path", problem=words.ERRORS.get(error.code, {}).get("title", error.message))
            return
        place = self._new_place()
        whole = self.site.preferences.whole_answers(self.identity.user, self.profile.info.mode)
        drafts = [replace(draft, whole=whole) for draft in drafts]
        try:
            self.site.queue.ask_all(self.identity, place, drafts, send_id)
        except TooLong:
            self.keep(query, "too_long")
            return
        session.go_to(self.app, place.address)

    def start_anew(self, values: Mapping[str, Any]) -> None:
        """Turn to a new conversation whose form holds these values."""
        there = replace(self, conversation=self._new_place())
        known = _addressed({name: value for name, value in values.items() if value is not None})
        plain = (field for field in self.form if field.kind not in FILES)
        there.unsent.keep({field.variable: inputs.first(field, known) for field in plain})
        session.refused(None)
        session.go_to(self.app, there.conversation.address)

    def _new_place(self) -> Conversation:
        directory = self.site.directory
        return directory.open(self.identity, self.app, directory.new_address())

    def _with_form(self, draft: Draft) -> Draft:
        """What the form holds, where Dify does not know the conversation yet. Raises NotReady."""
        whole = self.site.preferences.whole_answers(self.identity.user, self.profile.info.mode)
        auto_name = self.site.preferences.titles(self.identity.user) == "automatic"
        draft = replace(draft, whole=whole, auto_name=auto_name)
        if not self.form or self.conversation.conversation_id or draft.inputs:
            return draft
        if self.conversation.busy:  # the form went with the question before, which Dify has not named yet
            return replace(draft, inputs=self.conversation.inputs)
        values = self.values
        if inputs.problems(self.form, values):
            session.refused("inputs")
            raise NotReady
        for field in (field for field in self.form if field.kind in FILES):
            rules = self.rules(field)
            bring = partial(brought, self.app.client, self.identity, rules=rules, meter=self.site.meter)
            values[field.variable] = filled_files.uploaded(
                self.unsent, field, values[field.variable], rules, bring
            )
        return replace(draft, inputs=inputs.sent(self.form, values))

    def _value(self, field: InputField, typed: Mapping[str, Any]) -> Any:
        if field.kind in FILES:
            return self.files(field)
        return session.value(self.widget(field), self.first(field, typed))

    def files(self, field: InputField) -> list[Pending]:
        """What stands in a field of files."""
        return filled_files.of(self.unsent, field, self.widget(field), self.rules(field))

    def rules(self, field: InputField) -> uploads.Rules:
        """What a field of files takes."""
        return uploads.Rules.of_field(field, self.profile.parameters.file_upload)


def _addressed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{inputs.ADDRESS}{name}": value for name, value in values.items()}
