"""Groups of questions that are alike: by letters, whatever the language, and by meaning where that is known.

Each question becomes a vector of its words' trigrams, with less weight for what is short or in many
questions; scripts without spaces count by letters and pairs of letters. The features are hashed into WIDTH
numbers, so that ten thousand questions are compared by products of small matrices, block by block. The same
questions and meanings give the same groups in every order and every process.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

from services.passages import UNSPACED_RUN, WORD, folded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ALIKE = 0.45
"""Cosine from which two questions are of one group."""
MEANT = 0.55
"""The same of their meanings (services/gaps/meanings.py)."""
WIDTH = 512
BLOCK = 128
"""Questions compared with all groups at once: bounds the memory."""
LONGEST = 500
"""Characters of a question that are compared."""
SHORT = {1: 0.15, 2: 0.2, 3: 0.4, 4: 0.7}
"""Weight of words of so few letters: they are mostly those of every question. Numbers are not."""


def key(question: str) -> str:
    """The same for questions that differ in case, accents, spaces and signs alone; "" for one of no words."""
    return " ".join(WORD.findall(folded(question[:LONGEST])))


def groups(counts: Mapping[str, int], meanings: Mapping[str, bytes] | None = None) -> list[list[str]]:
    """Keys in groups, by how often each was asked; the first of a group stands for it.

    Groups and their members come with the most asked first. `meanings` are vectors of signed bytes, of some.
    """
    import numpy as np  # where it is needed: it is a fifth of the start

    order = by_count(counts)
    if not order:
        return []
    space = _Space(order, meanings or {})
    group = np.empty(len(order), dtype=np.int64)
    leaders: list[int] = []
    for start in range(0, len(order), BLOCK):
        block = range(start, min(start + BLOCK, len(order)))
        nearest = np.full(len(block), -1, dtype=np.int64)
        if leaders:
            nearness = space.nearness(block, leaders)
            best = nearness.argmax(axis=1)
            near = nearness[np.arange(len(block)), best] >= 1
            nearest[near] = best[near]
        leaders += [start + place for place in _lead(space, block, nearest, len(leaders))]
        group[start : start + BLOCK] = nearest
    members: list[list[int]] = [[] for _ in leaders]
    for place, number in enumerate(group.tolist()):
        members[number].append(place)
    found = [[order[place] for place in _by_middle(space.letters, each, order, counts)] for each in members]
    return sorted(found, key=lambda each: (-sum(counts[one] for one in each), each[0]))


def by_count(counts: Mapping[str, int]) -> list[str]:
    """Keys, the most asked first."""
    return sorted(counts, key=lambda each: (-counts[each], each))


class _Space:
    """Where questions stand: `letters`, and what is known of their meanings."""

    def __init__(self, order: Sequence[str], meanings: Mapping[str, bytes]) -> None:
        import numpy as np

        self.letters = _vectors(order)
        self._row = {
            place: row for row, place in enumerate(p for p, key in enumerate(order) if key in meanings)
        }
        known = [np.frombuffer(meanings[order[place]], dtype=np.int8) for place in self._row]
        self._meanings = np.array(known).astype(np.float32) if known else np.empty((0, 1), dtype=np.float32)
        self._meanings /= np.maximum(np.linalg.norm(self._meanings, axis=1, keepdims=True), 1e-9)

    def nearness(self, some: Sequence[int], others: Sequence[int]) -> Floats:
        """By places in the order; from 1 on two are alike, by letters or by meaning."""
        import numpy as np

        near: Floats = self.letters[some] @ self.letters[others].T / np.float32(ALIKE)
        rows, columns = (
            [at for at, place in enumerate(each) if place in self._row] for each in (some, others)
        )
        if rows and columns:
            left = self._meanings[[self._row[some[at]] for at in rows]]
            right = self._meanings[[self._row[others[at]] for at in columns]]
            places = np.ix_(rows, columns)
            near[places] = np.maximum(near[places], left @ right.T / np.float32(MEANT))
        return near


def _lead(space: _Space, block: Sequence[int], nearest: NDArray[np.int64], known: int) -> list[int]:
    """Groups begun by what is near none: fills in `nearest`; the places of those that begin one."""
    left = [place for place, number in enumerate(nearest.tolist()) if number < 0]
    theirs = [block[place] for place in left]
    nearness = space.nearness(theirs, theirs)
    begun: list[int] = []
    columns: list[int] = []
    for row, place in enumerate(left):
        near = nearness[row, columns]
        best = int(near.argmax()) if columns else -1
        if best >= 0 and near[best] >= 1:
            nearest[place] = known + best
        else:
            nearest[place] = known + len(begun)
            begun.append(place)
            columns.append(row)
    return begun


def _by_middle(
    vectors: Floats, members: list[int], order: Sequence[str], counts: Mapping[str, int]
) -> list[int]:
    """The most asked first; of those asked as often, what is nearest to all others."""
    middle = vectors[members].sum(axis=0)
    near = {place: round(float(vectors[place] @ middle), 3) for place in members}
    return sorted(members, key=lambda place: (-counts[order[place]], -near[place], order[place]))


def _vectors(keys: Sequence[str]) -> Floats:
    import numpy as np

    texts = [Counter(_features(each)) for each in keys]
    often: Counter[str] = Counter()
    for text in texts:
        often.update(text.keys())
    rarity = {feature: math.log(1 + len(keys) / count) for feature, count in often.items()}
    places = {feature: crc32(feature.encode()) for feature in often}
    vectors = np.zeros((len(keys), WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        for feature, count in text.items():
            place = places[feature]
            weight = math.sqrt(count) * rarity[feature] * _weight(feature)
            vectors[row, place % WIDTH] += weight if place & 0x8000_0000 else -weight
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Any = vectors / np.maximum(lengths, 1e-9)
    return result  # type: ignore[no-any-return]


def _features(text: str) -> Iterator[str]:
    """`<word length>:<piece>` of each word; of scripts without spaces letters and pairs."""
    for word in text.split():
        if UNSPACED_RUN.search(word):
            yield from (f"9:{letter}" for letter in word)
            yield from (f"9:{a}{b}" for a, b in pairwise(word))
            continue
        size = 9 if any(letter.isdigit() for letter in word) else min(len(word), 9)
        whole = f" {word} "
        yield f"{size}:{whole}"
        yield from (f"{size}:{whole[at : at + 3]}" for at in range(len(whole) - 2))


def _weight(feature: str) -> float:
    return SHORT.get(int(feature[0]), 1.0)
