"""Groups of questions that are alike: by letters, whatever the language, in one thread and little memory.

Each question becomes a vector of its words' trigrams, with less weight for what is short or in many
questions; scripts without spaces count by letters and pairs of letters. The features are hashed into WIDTH
numbers, so that ten thousand questions are compared by products of small matrices, block by block. The same
questions give the same groups in every order and every process.
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
WIDTH = 512
BLOCK = 512
"""Questions compared with all groups at once: bounds the memory."""
LONGEST = 500
"""Characters of a question that are compared."""
SHORT = {1: 0.15, 2: 0.2, 3: 0.4, 4: 0.7}
"""Weight of words of so few letters: they are mostly those of every question. Numbers are not."""


def key(question: str) -> str:
    """The same for questions that differ in case, accents, spaces and signs alone; "" for one of no words."""
    return " ".join(WORD.findall(folded(question[:LONGEST])))


def groups(counts: Mapping[str, int]) -> list[list[str]]:
    """Keys in groups, by how often each was asked; the first of a group stands for it.

    Groups and their members come with the most asked first.
    """
    import numpy as np  # where it is needed: it is a fifth of the start

    order = sorted(counts, key=lambda each: (-counts[each], each))
    if not order:
        return []
    vectors = _vectors(order)
    group = np.empty(len(order), dtype=np.int64)
    leaders = np.empty((0, WIDTH), dtype=np.float32)
    for start in range(0, len(order), BLOCK):
        block = vectors[start : start + BLOCK]
        nearest = np.full(len(block), -1, dtype=np.int64)
        if len(leaders):
            likeness = block @ leaders.T
            best = likeness.argmax(axis=1)
            near = likeness[np.arange(len(block)), best] >= ALIKE
            nearest[near] = best[near]
        new = _lead(block, nearest, len(leaders))
        leaders = np.concatenate((leaders, block[new]))
        group[start : start + BLOCK] = nearest
    members: list[list[int]] = [[] for _ in range(len(leaders))]
    for place, number in enumerate(group.tolist()):
        members[number].append(place)
    found = [[order[place] for place in _by_middle(vectors, each, order, counts)] for each in members]
    return sorted(found, key=lambda each: (-sum(counts[one] for one in each), each[0]))


def _lead(block: Floats, nearest: NDArray[np.int64], known: int) -> list[int]:
    """Groups begun by what is near none: fills in `nearest`; the places of those that begin one."""
    left = [place for place, number in enumerate(nearest.tolist()) if number < 0]
    likeness = block[left] @ block[left].T
    begun: list[int] = []
    columns: list[int] = []
    for row, place in enumerate(left):
        near = likeness[row, columns]
        best = int(near.argmax()) if columns else -1
        if best >= 0 and near[best] >= ALIKE:
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
