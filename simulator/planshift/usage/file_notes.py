"""What reading a usage file showed and nobody asked: columns that are not read, and rows that stand there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import SpooledTemporaryFile

import numpy as np
import numpy.typing as npt

from planshift.plans.scalars import shown
from planshift.usage.rows import Block, read_blocks

_SHOWN = 5
_BYTES = 8
_IN_MEMORY = 1 << 23
_READ = 1 << 20
_NONE = np.empty(0, dtype=np.uint64)


class FileNotes:
    """Gathers the notes on a usage file, whose blocks are read with digests, block by block."""

    def __init__(self) -> None:
        self._unread: tuple[str, ...] = ()
        # A large file's digests wait on disk: in memory they would grow with it.
        self._digests = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._rows = 0
        self._lines: list[tuple[int, int]] = []

    def add(self, block: Block) -> None:
        """Look at a block."""
        self._unread = block.unread
        if block.digests is not None:
            self._lines.append((self._rows, block.line))
            self._rows += len(block.digests)
            self._digests.write(block.digests.tobytes())

    def close(self) -> None:
        """Let go of what waits on disk."""
        self._digests.close()

    def notes(self) -> Iterator[str]:
        """The notes, each as a sentence's part, without a full stop."""
        if self._unread:
            names = ", ".join(shown(name) for name in self._unread)
            yield f"columns of the usage file that are not read: {names}"
        bits = (self._rows * _BYTES // _IN_MEMORY).bit_length()
        repeats = [self._repeats(part, bits) for part in range(1 << bits)]
        repeated = sum(len(rows) for rows in repeats)
        if repeated:
            rows = np.sort(np.concatenate(repeats))[:_SHOWN]
            where = ", ".join(str(self._line(row)) for row in rows.tolist()) + (", …" if repeated > len(rows) else "")
            stand = "1 row of the usage file stands" if repeated == 1 else f"{repeated:,} rows of the usage file stand"
            place = "line" if repeated == 1 else "lines"
            yield f"{stand} there more than once, all cells alike ({place} {where}); every one counts"

    def _repeats(self, part: int, bits: int) -> npt.NDArray[np.int64]:
        """The rows whose digest a row before has, of the digests whose first bits are those of ``part``."""
        digests = np.concatenate([block[chosen] for block, chosen, _ in self._chosen(part, bits)] or [_NONE])
        in_order = np.sort(digests)
        if not (in_order[1:] == in_order[:-1]).any():
            return np.empty(0, dtype=np.int64)
        rows = np.concatenate([start + np.flatnonzero(chosen) for _, chosen, start in self._chosen(part, bits)])
        return np.delete(rows, np.unique(digests, return_index=True)[1])

    def _chosen(self, part: int, bits: int) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_], int]]:
        """The digests, some at a time: which of them are of a part, and the row of the first."""
        self._digests.seek(0)
        start = 0
        while data := self._digests.read(_READ):
            block = np.frombuffer(data, dtype=np.uint64)
            yield block, block >> np.uint64(64 - bits) == part, start
            start += len(block)

    def _line(self, row: int) -> int:
        start, line = max(found for found in self._lines if found[0] <= row)
        return line + row - start


def notes_of(path: Path) -> tuple[str, ...]:
    """The notes on a usage file, which is read for them; InputError with every mistake in it."""
    with closing(FileNotes()) as found:
        for block in read_blocks(path, digests=True):
            found.add(block)
        return tuple(found.notes())
