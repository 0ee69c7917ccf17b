"""Rows that an import meets twice: the same page or file given again, or given again with other numbers."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import cast

from planshift.problems import Place
from planshift.usage.formats.reading import Reading

_NOTHING: Mapping[str, str] = {}

MERGED = "Rows given more than once (the same page or file again, a repeated line) are counted once ({rows} merged)."


@dataclass
class Repeats:
    """Remembers every row: what it is about (its fields but for the ``measures``) and what it says (all of them)."""

    reading: Reading
    measures: Container[str]
    _everything: dict[bytes, list[_Seen]] = field(default_factory=dict)
    _first: dict[bytes, list[_Seen]] = field(default_factory=dict)

    def again(
        self,
        values: Mapping[str, object],
        source: object,
        place: Place,
        weight: int = 1,
        why: str = MERGED,
        beside: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether this row was read before; if so, it counts as ``weight`` rows merged, and ``why`` is said.

        The same subject with other numbers from another ``source`` (a page, a file) is a problem: one of the two was
        downloaded before its numbers were complete, and counting both would count usage twice. Inside one source such
        rows are parts of a whole, and all count.

        ``beside`` is what stands in columns that are not read: rows that differ there are no copies of each other.
        """
        row = _Seen(source, place, beside or _NOTHING)
        before = self._everything.setdefault(_key(values), [])
        if any(row.may_copy(other) for other in before):
            self.reading.merged += weight
            self.reading.warned[why] += weight
            return True
        before.append(row)
        subject = _key({name: value for name, value in values.items() if name not in self.measures})
        others = self._first.setdefault(subject, [])
        told = next((other for other in others if other.source != source and row.may_copy(other)), None)
        if told:
            fact = f"the same row stands with other numbers at {told.place}"
            self.reading.wrong(place, fact, "import one download of these days, the newer one")
        if not any(other.source == source and other.beside == row.beside for other in others):
            others.append(row)
        return False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A row that was read: from where, and what its unread columns say."""

    source: object
    place: Place
    beside: Mapping[str, str]

    def may_copy(self, other: _Seen) -> bool:
        """Whether the two may be one row: nothing that both say is different, and in one source they say the same."""
        if self.source == other.source:
            return self.beside == other.beside
        return all(self.beside[name] == other.beside[name] for name in self.beside.keys() & other.beside.keys())


def _key(values: Mapping[str, object]) -> bytes:
    """A digest of fields: they themselves would take more memory than anything else of an import."""
    parts = [each for pair in sorted(values.items()) for each in pair]
    try:
        text = "\0".join(cast(list[str], parts))
    except TypeError:
        text = json.dumps(values, sort_keys=True, default=str)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
