"""How wide texts are, in the fonts that planshift brings, and where they break into lines."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache

from planshift.plans.files import folder
from planshift.problems import printable

FAMILY = "Source Sans Pro, DejaVu Sans, Droid Sans Fallback"
REGULAR, BOLD = "SourceSansPro-Regular.otf", "SourceSansPro-Semibold.otf"
ASCENT, DESCENT, LINE_HEIGHT = 0.74, 0.22, 1.2
"""Of a letter's size: how high letters reach above their line and below it, and from one line to the next."""
_MAY_END_A_LINE = "-_.@/+"
"""Behind these, a word that is too long for a line is broken rather than anywhere."""
_KEPT_AT_LEAST = 4


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text without line breaks, points; a letter that the font lacks counts as wide as it is high."""
    widths = advances(BOLD if bold else REGULAR)
    return sum(widths.get(letter, 1.0) for letter in text) * size


def widest(texts: list[str], size: float, bold: bool = False) -> float:
    """The width of the widest line of some texts."""
    return max((width(line, size, bold) for text in texts for line in text.split("\n")), default=0.0)


def height(text: str, size: float) -> float:
    """The height of a text with its line breaks, points."""
    return (text.count("\n") * LINE_HEIGHT + ASCENT + DESCENT) * size if text else 0.0


def wrapped(text: str, room: float, size: float, bold: bool = False) -> str:
    """A text with line breaks, so that no line is wider than ``room`` points; a word that is, is broken itself."""
    lines = [""]
    for word in printable(text).split():
        rest = word
        while rest:
            joined = f"{lines[-1]} {rest}" if lines[-1] else rest
            if width(joined, size, bold) <= room:
                lines[-1], rest = joined, ""
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = _broken(rest, room, size, bold)
                lines.append("")
    return "\n".join(line for line in lines if line)


def within(text: str, room: float, size: float, lines: int, bold: bool = False) -> str:
    """The same on at most so many lines; what goes beyond them is left out before its end."""
    whole = printable(text)
    shown = wrapped(whole, room, size, bold)
    kept = len(whole)
    while shown.count("\n") >= lines and kept > _KEPT_AT_LEAST:
        kept -= 1 + kept // 20
        shown = wrapped(f"{whole[: kept - kept // 4]}…{whole[-(kept // 4) :]}", room, size, bold)
    return shown


def _broken(word: str, room: float, size: float, bold: bool) -> tuple[str, str]:
    """The longest beginning of a word that fits, where it can behind a mark at which words part, and the rest."""
    count = 1
    while count < len(word) and width(word[: count + 1], size, bold) <= room:
        count += 1
    marks = [place + 1 for place, mark in enumerate(word[:count]) if mark in _MAY_END_A_LINE]
    if count < len(word) and marks and marks[-1] > count // 2:
        count = marks[-1]
    return word[:count], word[count:]


@cache
def advances(name: str) -> Mapping[str, float]:
    """Every character that a font of ours has, with how far the next one stands, as a share of the size."""
    data = (folder("reports") / "fonts" / name).read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4s4xLL", data, 12 + 16 * number) for number in range(count))
    tables = {tag: data[start : start + length] for tag, start, length in records}
    units, last = struct.unpack_from(">H", tables[b"head"], 18)[0], struct.unpack_from(">H", tables[b"hhea"], 34)[0] - 1
    glyphs = _characters(tables[b"cmap"])
    return {
        chr(code): struct.unpack_from(">H", tables[b"hmtx"], 4 * min(glyph, last))[0] / units
        for code, glyph in glyphs.items()
    }


def _characters(table: bytes) -> dict[int, int]:
    """The glyph of each character code, from the table's parts of the formats 4 and 12."""
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(">H", table, 2)[0]):
        part = table[struct.unpack_from(">L", table, 8 + 8 * number)[0] :]
        kind = struct.unpack_from(">H", part)[0]
        if kind == 4:
            found |= _segments(part)
        elif kind == 12:
            for group in range(struct.unpack_from(">L", part, 12)[0]):
                first, end, glyph = struct.unpack_from(">3L", part, 16 + 12 * group)
                found |= {code: glyph + code - first for code in range(first, end + 1)}
    return found


def _segments(part: bytes) -> dict[int, int]:
    """Codes and glyphs of a table part of format 4."""
    length, double = struct.unpack_from(">H", part, 2)[0], struct.unpack_from(">H", part, 6)[0]
    words = struct.unpack(f">{length // 2}H", part[: length // 2 * 2])
    count, found = double // 2, {}
    ends, starts = words[7 : 7 + count], words[8 + count : 8 + 2 * count]
    deltas, offsets = words[8 + 2 * count : 8 + 3 * count], words[8 + 3 * count : 8 + 4 * count]
    for place, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code if not offset else words[8 + 3 * count + place + offset // 2 + code - start]
            if not offset or glyph:
                found[code] = (glyph + delta) % 0x10000
    return {code: glyph for code, glyph in found.items() if glyph}


def letters() -> frozenset[str]:
    """Every character that one of our fonts has."""
    fonts = sorted(path.name for path in (folder("reports") / "fonts").iterdir() if path.suffix in {".otf", ".ttf"})
    return frozenset(letter for name in fonts for letter in advances(name))
