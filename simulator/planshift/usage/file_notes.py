"""What reading a usage file showed and nobody asked: columns that are not read, and rows that stand there twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.scalars import shown
from planshift.usage.rows import Block, read_blocks

_SHOWN = 5


class FileNotes:
    """Gathers the notes on a usage file, whose blocks are read with digests, block by block."""

    def __init__(self) -> None:
        self._unread: tuple[str, ...] = ()
        self._digests: list[npt.NDArray[np.uint64]] = []
        self._lines: list[tuple[int, int]] = []

    def add(self, block: Block) -> None:
        """Look at a block."""
        self._unread = block.unread
        if block.digests is not None:
            self._lines.append((sum(map(len, self._digests)), block.line))
            self._digests.append(block.digests)

    def notes(self) -> Iterator[str]:
        """The notes, each as a sentence's part, without a full stop."""
        if self._unread:
            names = ", ".join(shown(name) for name in self._unread)
            yield f"columns of the usage file that are not read: {names}"
        digests = np.concatenate(self._digests) if self._digests else np.empty(0, dtype=np.uint64)
        in_order = np.sort(digests)
        repeated = int((in_order[1:] == in_order[:-1]).sum())
        if repeated:
            _, first = np.unique(digests, return_index=True)
            mask = np.ones(len(digests), dtype=np.bool_)
            mask[first] = False
            lines = [self._line(int(row)) for row in np.flatnonzero(mask)[:_SHOWN]]
            where = ", ".join(map(str, lines)) + (", …" if repeated > len(lines) else "")
            rows = "1 row of the usage file stands" if repeated == 1 else f"{repeated:,} rows of the usage file stand"
            place = "line" if repeated == 1 else "lines"
            yield f"{rows} there more than once, all cells alike ({place} {where}); every one counts"

    def _line(self, row: int) -> int:
        start, line = max(found for found in self._lines if found[0] <= row)
        return line + row - start


def notes_of(path: Path) -> tuple[str, ...]:
    """The notes on a usage file, which is read for them; InputError with every mistake in it."""
    found = FileNotes()
    for block in read_blocks(path, digests=True):
        found.add(block)
    return tuple(found.notes())
