"""Matching: the annotation that a question comes near enough to, by the likeness of sentences."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from embedded.likeness import Likeness, Vector, similarity
from embedded.tables.annotations import Annotation, Annotations

MOST_KEPT = 20_000  # vectors


class Matcher:
    """Annotation reply of every app. Vectors are kept in memory, by text; safe to call from any thread."""

    def __init__(self, annotations: Annotations, likeness: Likeness) -> None:
        self._annotations = annotations
        self._likeness = likeness
        self._lock = threading.Lock()
        self._vectors: dict[str, Vector] = {}

    def index(self, app_id: str) -> None:
        """Get ready for an app's annotations."""
        self._known([each.question for each in self._annotations.all(app_id)])

    def match(self, app_id: str, query: str) -> Annotation | None:
        """The nearest annotation, None if it is not near enough or annotation reply is off."""
        settings = self._annotations.settings(app_id)
        if settings is None:
            return None
        annotations = [each for each in self._annotations.all(app_id) if each.question.strip()]
        if not annotations:
            return None
        asked, *stored = self._known([query, *(each.question for each in annotations)])
        scores = [similarity(asked, vector) for vector in stored]
        best = max(range(len(scores)), key=scores.__getitem__)
        return annotations[best] if scores[best] >= settings.threshold else None

    def _known(self, texts: Sequence[str]) -> list[Vector]:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        # Not behind the lock: many texts take seconds.
        found = dict(zip(missing, self._likeness.vectors(missing), strict=True))
        with self._lock:
            if len(self._vectors) + len(found) > MOST_KEPT:
                self._vectors.clear()
            self._vectors.update(found)
        known |= found
        return [known[text] for text in texts]
