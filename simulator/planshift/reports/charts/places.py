"""Places for texts beside each other: as near to where they belong as it goes, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence


def apart(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near to the wanted ones as it goes, without overlaps, between low and high."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    centres = list(wanted)
    floor = low
    for place in order:
        centres[place] = max(wanted[place], floor + heights[place] / 2)
        floor = centres[place] + heights[place] / 2
    ceiling = high
    for place in reversed(order):
        centres[place] = min(centres[place], ceiling - heights[place] / 2)
        ceiling = centres[place] - heights[place] / 2
    return centres


def beside(wanted: Sequence[float], widths: Sequence[float], low: float, high: float) -> list[float]:
    """Centres apart from left to right, the middle one where it belongs and the others beside it."""
    middle = len(wanted) // 2
    centres = list(wanted)
    for place in range(middle + 1, len(wanted)):
        centres[place] = max(wanted[place], centres[place - 1] + (widths[place - 1] + widths[place]) / 2)
    for place in range(middle - 1, -1, -1):
        centres[place] = min(wanted[place], centres[place + 1] - (widths[place] + widths[place + 1]) / 2)
    over = max(0.0, centres[-1] + widths[-1] / 2 - high)
    under = max(0.0, low - (centres[0] - widths[0] / 2))
    return [centre - over + under for centre in centres]
