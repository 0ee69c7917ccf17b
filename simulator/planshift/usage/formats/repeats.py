"""Rows that an import meets twice: the same page or file given again, or given again with other numbers."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from planshift.problems import Place
from planshift.usage.formats.reading import Reading

MERGED = "Rows given more than once (the same page or file again, a repeated line) are counted once ({rows} merged)."


@dataclass
class Repeats:
    """Remembers every row: what it is about (its fields but for the ``measures``) and what it says (all of them)."""

    reading: Reading
    measures: Container[str]
    _everything: set[str] = field(default_factory=set)
    _first: dict[str, tuple[object, Place]] = field(default_factory=dict)

    def again(
        self, values: Mapping[str, object], source: object, place: Place, weight: int = 1, why: str = MERGED
    ) -> bool:
        """Whether this row was read before; if so, it counts as ``weight`` rows merged, and ``why`` is said.

        The same subject with other numbers from another ``source`` (a page, a file) is a problem: one of the two was
        downloaded before its numbers were complete, and counting both would count usage twice. Inside one source such
        rows are parts of a whole, and all count.
        """
        everything = _key(values)
        if everything in self._everything:
            self.reading.merged += weight
            self.reading.warned[why] += weight
            return True
        self._everything.add(everything)
        subject = _key({name: value for name, value in values.items() if name not in self.measures})
        before, where = self._first.setdefault(subject, (source, place))
        if before != source:
            fact = f"the same row stands with other numbers at {where}"
            self.reading.wrong(place, fact, "import one download of these days, the newer one")
        return False


def _key(values: Mapping[str, object]) -> str:
    return json.dumps(values, sort_keys=True, default=str)
