"""Speech of answers: what came along with one while it was written, and what is asked of Dify for any other.

Either grows while it is listened to, and any number of listeners may read it from its beginning. What was
asked for is kept for a while, since each asking costs the app's owner.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

from services.afterwards import NoSuchAnswer
from services.apps import App
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError, TooLarge, Unintelligible
from services.identity import Identity, Role
from services.rope import Rope
from services.turn import Turn

log = logging.getLogger(__name__)
KEPT = 64 * 1024 * 1024
"""Bytes of all speech that was asked for."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one; at 64 kbit/s more than an hour."""
AT_ONCE = 16
"""Speeches that Dify is asked for at the same time."""
UNSPEAKABLE = re.compile(
    r"<(think|details)\b.*?(?:</\1>|\Z)|^[ \t]*(```|~~~).*?(?:^[ \t]*\2[`~]*[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


class SpeechOff(Exception):
    """The app has no text to speech."""


class Crowded(Exception):
    """Too many speeches are on their way."""


class Sound(Protocol):
    """Speech that grows."""

    @property
    def media_type(self) -> str:
        """As the server says, untrusted; known with the first byte."""

    @property
    def data(self) -> Rope[bytes]: ...
    @property
    def over(self) -> bool:
        """Nothing more will come. To be read before `data`."""

    @property
    def failure(self) -> DifyError | None: ...
    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each change, from any thread."""

    def unwatch(self, wake: Callable[[], None]) -> None: ...


class Along:
    """What comes with a running answer: MP3, ended by the answer's end at the latest."""

    media_type = "audio/mpeg"
    failure = None

    def __init__(self, conversation: Conversation, turn: Turn) -> None:
        self._conversation, self._turn = conversation, turn
        self.watch, self.unwatch = conversation.watch, conversation.unwatch

    @property
    def over(self) -> bool:
        turn = self._conversation.turn(self._turn.id)
        if turn is None or not turn.sound.continues(self._turn.sound):
            return True  # moderation took the answer back
        self._turn = turn
        return turn.final or turn.spoken == "whole"

    @property
    def data(self) -> Rope[bytes]:
        return self._turn.sound


class Requested:
    """What Dify was asked for, read in a thread of its own: listeners come and go."""

    def __init__(self, client: Client, user: str, *, message_id: str, words: str, voice: str) -> None:
        self.media_type = ""
        self.data = Rope(b"")
        self.over = False
        self.failure: DifyError | None = None
        self._wakes: set[Callable[[], None]] = set()
        known = {"message_id": message_id or None, "words": words or None, "voice": voice or None}
        self._open = partial(client.audio.speech, user, **known)
        threading.Thread(target=self._read, name="speech", daemon=True).start()

    def watch(self, wake: Callable[[], None]) -> None:
        self._wakes = self._wakes | {wake}

    def unwatch(self, wake: Callable[[], None]) -> None:
        self._wakes = self._wakes - {wake}

    def _read(self) -> None:
        try:
            with self._open() as download:
                self.media_type = download.media_type
                for chunk in download.chunks:
                    self.data = self.data.plus(chunk)
                    if len(self.data) > LARGEST:
                        raise TooLarge("speech_too_large", "The speech is too large.")
                    self._wake()
            if not self.data:
                raise Unintelligible("not_audio", "The app sent no sound.")
        except DifyError as error:
            self.failure = error
        except Exception:
            log.exception("speech failed")
            self.failure = DifyError("internal_error", "The site failed while it read the speech.")
        finally:
            self.over = True
            self._wake()

    def _wake(self) -> None:
        for wake in self._wakes:
            wake()


class Speeches:
    """All speech of this process that was asked for. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested: OrderedDict[tuple[str, ...], Requested] = OrderedDict()

    def of(
        self, identity: Identity, app: App, conversation: Conversation, turn_id: str, voice: str = ""
    ) -> Sound:
        """The speech of an answer; `voice` "" is the app's own. Blocks on Dify where its app is not known.

        Raises NoSuchAnswer, Denied, SpeechOff, Crowded, DifyError; what fails later is in the Sound.
        """
        turn = conversation.turn(turn_id)
        if turn is None:
            raise NoSuchAnswer(turn_id)
        if turn.spoken and not voice and (turn.spoken == "whole" or not turn.final):
            return Along(conversation, turn)
        identity.require(Role.AGENT)
        if not app.profile().parameters.text_to_speech:
            raise SpeechOff
        # The text of an answer that did not end by itself is not, or not so, in Dify's history.
        message_id = turn.message_id if turn.state == "complete" else ""
        words = "" if message_id else speakable(turn.answer)
        if turn.running or not (message_id or words):
            raise NoSuchAnswer(turn_id)
        name = (conversation.key, turn.id, voice, message_id, words)
        with self._lock:
            known = self._requested.get(name)
            if known is None or known.failure:
                if sum(not each.over for each in self._requested.values()) >= AT_ONCE:
                    raise Crowded
                user = conversation.user
                known = Requested(app.client, user, message_id=message_id, words=words, voice=voice)
                self._requested[name] = known
            self._requested.move_to_end(name)
            self._let_go()
            return known

    def forget(self) -> None:
        """Keep nothing of what was spoken; whoever listens still hears the rest."""
        with self._lock:
            self._requested = OrderedDict((n, each) for n, each in self._requested.items() if not each.over)

    def _let_go(self) -> None:
        size = sum(len(each.data) for each in self._requested.values())
        for name, each in list(self._requested.items())[:-1]:
            if size <= KEPT and not each.failure:
                continue
            if each.over:
                size -= len(each.data)
                del self._requested[name]


def speakable(answer: str) -> str:
    """An answer's text without its code and what the model thought."""
    return UNSPEAKABLE.sub("", answer).strip()
