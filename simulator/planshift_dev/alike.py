"""Generated texts that are the same but for how a processor rounds, and the folder that they stand in."""

from __future__ import annotations

import re

GALLERY = "gallery"
"""The folder below `reports`."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def alike(one: str, other: str) -> bool:
    """Whether two texts are the same but for the last digit of numbers, which may be one more or less.

    Processors round differently in the last bit; a figure at the edge may then fall to either side.
    """
    if _NUMBER.split(one) != _NUMBER.split(other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(first == second or _near(first, second) for first, second in pairs)


def _near(one: str, other: str) -> bool:
    decimals = len(one.partition(".")[2])
    if decimals != len(other.partition(".")[2]) or not decimals:
        return False
    return abs(int(one.replace(".", "")) - int(other.replace(".", ""))) <= 1
