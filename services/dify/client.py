"""The Service API of one app: `Client(base_url, api_key)`, one attribute per heading of the API document."""

from __future__ import annotations

from types import TracebackType

import httpx

from services.dify.annotations import Annotations
from services.dify.application import Application
from services.dify.audio import Audio
from services.dify.chat import Chat
from services.dify.connection import Connection
from services.dify.conversations import Conversations
from services.dify.end_users import EndUsers, Heard
from services.dify.feedbacks import Feedbacks
from services.dify.files import Files
from services.dify.human_input import HumanInputs
from services.dify.messages import Messages
from services.dify.patience import Patience
from services.dify.variables import Variables
from services.dify.workflows import Workflows


class Client:
    """Threads may share it. Every call raises DifyError (services.dify.errors) and nothing else of its own.

    `base_url` is used as given and ends in /v1. `transport` replaces the network, in tests.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._connection = Connection(base_url, api_key, transport, patience)
        self.chat = Chat(self._connection)
        self.files = Files(self._connection)
        self.feedbacks = Feedbacks(self._connection)
        self.conversations = Conversations(self._connection)
        self.messages = Messages(self._connection)
        self.variables = Variables(self._connection)
        self.audio = Audio(self._connection)
        self.application = Application(self._connection)
        self.annotations = Annotations(self._connection)
        self.end_users = EndUsers(self._connection)
        self.workflows = Workflows(self._connection)
        self.human_input = HumanInputs(self._connection)

    def __repr__(self) -> str:
        return f"Client({self._connection!r})"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tell(self, heard: Heard) -> None:
        """Have `heard` called with the end users that uploads, ratings and look-ups name."""
        self.files.heard = self.feedbacks.heard = self.end_users.heard = heard

    def close(self) -> None:
        """Call it once no stream runs any more."""
        self._connection.close()
