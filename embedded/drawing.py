"""Drawing: plain shapes as PNG files, for the agent's pencil."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

WIDTH, HEIGHT = 240, 180
MIDDLE = (WIDTH / 2, HEIGHT / 2)
SIZE = 70  # pixels from the middle to the edge of a shape
PAPER = (250, 250, 248)

COLORS = {
    "red": (214, 51, 51),
    "green": (46, 140, 74),
    "blue": (44, 96, 204),
    "yellow": (240, 196, 25),
    "orange": (236, 126, 28),
    "purple": (126, 61, 176),
    "black": (28, 28, 30),
    "grey": (128, 128, 132),
}
SHAPES: dict[str, Callable[[float, float], bool]] = {
    # Whether a pixel is inside, by its distance from the middle to the right and downwards.
    "circle": lambda x, y: x * x + y * y <= SIZE * SIZE,
    "square": lambda x, y: max(abs(x), abs(y)) <= SIZE * 0.85,
    "triangle": lambda x, y: abs(y) <= SIZE and abs(x) <= (y + SIZE) / 2,
    "diamond": lambda x, y: abs(x) + abs(y) <= SIZE,
    "ring": lambda x, y: SIZE * SIZE * 0.4 <= x * x + y * y <= SIZE * SIZE,
}


def understood(text: str) -> dict[str, str]:
    """The shape and the color that a text names, or a blue circle."""
    plain = text.lower()
    shape = next((each for each in SHAPES if each in plain), "circle")
    color = next((each for each in COLORS if each in plain), "blue")
    return {"shape": shape, "color": color}


def png(shape: str, color: str) -> bytes:
    """A picture of one shape on paper."""
    inside, ink = SHAPES[shape], bytes(COLORS[color])
    rows = []
    for y in range(HEIGHT):
        pixels = (ink if inside(x - MIDDLE[0], y - MIDDLE[1]) else bytes(PAPER) for x in range(WIDTH))
        rows.append(b"\0" + b"".join(pixels))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
