"""Text on pictures: what a file says, letter by letter, broken into lines that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planshift.problems import printable

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

_MAY_END_A_LINE = "-_.@/+"
"""Behind these, a word that is too long for a line is broken rather than anywhere."""
_KEPT_AT_LEAST = 4


class Ruler:
    """Measures text by adding up its letters, each measured once: near enough to break lines by, and fast."""

    def __init__(self, renderer: RendererAgg) -> None:
        self._renderer = renderer
        self._letters: dict[tuple[str, float, str], float] = {}

    def width(self, text: str, size: float, weight: str = "normal") -> float:
        """The width of a text without line breaks, pixels."""
        return sum(self._letter(letter, size, weight) for letter in text)

    def wrapped(self, text: str, width: float, size: float, weight: str = "normal") -> str:
        """A text with line breaks, so that no line is wider than ``width`` pixels; a word that is, is broken itself."""
        lines = [""]
        for word in printable(text).split():
            rest = word
            while rest:
                joined = f"{lines[-1]} {rest}" if lines[-1] else rest
                if self.width(joined, size, weight) <= width:
                    lines[-1], rest = joined, ""
                elif lines[-1]:
                    lines.append("")
                else:
                    lines[-1], rest = self._broken(rest, width, size, weight)
                    lines.append("")
        return "\n".join(line for line in lines if line)

    def within(self, text: str, width: float, size: float, lines: int, weight: str = "normal") -> str:
        """The same on at most so many lines; what goes beyond them is left out before its end."""
        whole = printable(text)
        shown = self.wrapped(whole, width, size, weight)
        kept = len(whole)
        while shown.count("\n") >= lines and kept > _KEPT_AT_LEAST:
            kept -= 1 + kept // 20
            shown = self.wrapped(f"{whole[: kept - kept // 4]}…{whole[-(kept // 4) :]}", width, size, weight)
        return shown

    def _broken(self, word: str, width: float, size: float, weight: str) -> tuple[str, str]:
        """The longest beginning of a word that fits, where it can behind a mark at which words part, and the rest."""
        count, wide = 1, self._letter(word[0], size, weight)
        while count < len(word) and (wide := wide + self._letter(word[count], size, weight)) <= width:
            count += 1
        marks = [place + 1 for place, mark in enumerate(word[:count]) if mark in _MAY_END_A_LINE]
        if count < len(word) and marks and marks[-1] > count // 2:
            count = marks[-1]
        return word[:count], word[count:]

    def _letter(self, letter: str, size: float, weight: str) -> float:
        """How much further the next letter stands."""
        key = (letter, size, weight)
        if key not in self._letters:
            self._letters[key] = self._measured(f"|{letter}|", size, weight) - self._bars(size, weight)
        return self._letters[key]

    def _bars(self, size: float, weight: str) -> float:
        key = ("||", size, weight)
        if key not in self._letters:
            self._letters[key] = self._measured("||", size, weight)
        return self._letters[key]

    def _measured(self, text: str, size: float, weight: str) -> float:
        from matplotlib.font_manager import FontProperties

        font = FontProperties(size=size, weight=weight)
        measure = self._renderer.get_text_width_height_descent
        return float(measure(text, font, ismath=False)[0])  # type: ignore[no-untyped-call]
