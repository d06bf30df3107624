"""In which encoding a text file is written; asked of its bytes, since nothing else tells."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark its own begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHOICES = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "cp1252", "cp1251")
"""What a person may say instead of what was found."""
PIECE = 1 << 16
HIGH = re.compile(rb"[\x80-\xff]")
HANZI = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")
"""The Chinese characters of GB 2312; Western text in cp1252 hardly ever has two such bytes in a row."""
ESCAPED = re.compile("[\udc80-\udcff]")
OTHER = re.compile("[^\x00-\x7f\udc80-\udcff]")


def found(data: bytes) -> str:
    """The name of a codec of Python's. UTF-8 with some broken characters in it is UTF-8."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    head = data[:PIECE]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    if _is_utf8(data):
        return "utf-8"
    high, hanzi = len(HIGH.findall(data)), len(HANZI.findall(data))
    return "gb18030" if 2 * hanzi > 0.6 * high else "cp1252"


def errors(encoding: str) -> str:
    """How its decoder marks what it cannot read, so that BROKEN finds the rows."""
    return "surrogateescape" if encoding.startswith("utf-8") else "replace"


def broken(encoding: str, text: str) -> bool:
    """Whether a piece of the file was no text; half of a surrogate pair is none in any encoding."""
    return bool(re.search("[\ud800-\udfff]", text)) or (not encoding.startswith("utf-8") and "\ufffd" in text)


def _is_utf8(data: bytes) -> bool:
    strict = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), PIECE):
            strict.decode(data[start : start + PIECE])  # what is cut off at the very end is no error here
    except UnicodeDecodeError:
        lax = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        good = bad = 0
        for start in range(0, len(data), PIECE):
            text = lax.decode(data[start : start + PIECE])
            if not text.isascii():
                bad += len(ESCAPED.findall(text))
                good += len(OTHER.findall(text))
        return good > 2 * bad
    return True
