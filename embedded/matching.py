"""Matching: the annotation that a question comes near enough to, by the likeness of sentences."""

from __future__ import annotations

from embedded import worker
from embedded.likeness import TOGETHER, Likeness, similarity
from embedded.tables.annotations import Annotation, Annotations
from embedded.tables.vectors import Vectors


class Matcher:
    """Annotation reply of every app; safe to call from any thread."""

    def __init__(self, annotations: Annotations, vectors: Vectors, likeness: Likeness) -> None:
        self._annotations = annotations
        self._vectors = vectors
        self._likeness = likeness

    def index(self, app_id: str) -> None:
        """Get ready for all of an app's annotations. Raises worker.Broken, worker.Missing."""
        while self._some(app_id):
            continue

    def match(self, app_id: str, query: str) -> Annotation | None:
        """The nearest annotation; None if it is not near enough, the reply is off, or the engine fails.

        Annotations that were written since it was switched on are looked at too, a bounded number at a time.
        """
        settings = self._annotations.settings(app_id)
        if settings is None:
            return None
        try:
            self._some(app_id)
            known = self._vectors.of_app(app_id, self._likeness.name)
            asked = self._likeness.vectors([query]) if known else []
        except (worker.Broken, worker.Missing):
            return None
        for vector in asked:
            score, nearest = max((similarity(vector, each), annotation_id) for annotation_id, each in known)
            if score >= settings.threshold:
                return self._annotations.one(app_id, nearest)
        return None

    def _some(self, app_id: str) -> bool:
        """Embed the next annotations; False if all are."""
        model = self._likeness.name
        missing = self._vectors.missing(app_id, model, TOGETHER)
        made = self._likeness.vectors([question for _, question in missing])
        found = zip(missing, made, strict=True)
        self._vectors.keep(model, ((*annotation, vector) for annotation, vector in found))
        return len(missing) == TOGETHER
