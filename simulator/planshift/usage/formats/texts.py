"""The text of an export: decoded without its byte-order mark."""

from __future__ import annotations

import codecs
from pathlib import Path

from planshift.problems import InputError, Place

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes of a file say; UTF-8 where they say none.

    Text in UTF-16 without a mark is known by the empty half of its first letter.
    """
    half = {b"\0": "utf-16-be"}.get(start[:1]) or {b"\0": "utf-16-le"}.get(start[1:2])
    return next((name for mark, name in _MARKS if start.startswith(mark)), half or "utf-8")


def is_utf16(path: Path) -> bool:
    """Whether a file that can be read says that it is in UTF-16."""
    with path.open("rb") as file:
        return encoding_of(file.read(4)).startswith("utf-16")


def read_text(path: Path, *, cut_off: bool = False) -> str:
    """The whole text of a file. InputError when it is missing, empty or not text.

    ``cut_off`` allows a last line that ends inside a character; it is given without it.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError.at(path, f"cannot be read ({error.strerror})", "check the path") from None
    try:
        text = raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        if cut_off and error.reason == "unexpected end of data":
            return raw[: error.start].decode(encoding_of(raw))
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(
            Place(str(path), line), "is not UTF-8 text", "export it again, or save it as UTF-8"
        ) from None
    if not text.strip():
        raise InputError.at(path, "is empty", "export it again, or leave it out")
    return text
