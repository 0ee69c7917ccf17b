"""What is kept for whoever asks twice: usage that was read and measured, up to so many bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

_Kept = TypeVar("_Kept")

MOST_BYTES = 1 << 29
"""What a session keeps, unless it is told otherwise."""
LARGEST_FILE = 1 << 26
"""The size of a file beyond which its rows are read again rather than kept, bytes."""


class Session:
    """Keeps what it is asked for, and lets go of what nobody has asked for longest; ``most`` bytes in all."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most, self.bytes = most, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def kept(self, key: Hashable, make: Callable[[], _Kept], size: Callable[[_Kept], int]) -> _Kept:
        """What is kept under a key, or what is made and kept from then on; ``size`` is how many bytes it takes."""
        if key in self._kept:
            self._kept.move_to_end(key)
            found: _Kept = self._kept[key][0]
            return found
        made = make()
        taken = size(made)
        if taken <= self.most:
            self._kept[key] = made, taken
            self.bytes += taken
        while self.bytes > self.most:
            self.bytes -= self._kept.popitem(last=False)[1][1]
        return made


_open: ContextVar[Session | None] = ContextVar("_open", default=None)


@contextmanager
def session(most: int = MOST_BYTES) -> Iterator[Session]:
    """The session within which nothing is read and measured twice: the one that is open, or a new one."""
    found = _open.get()
    if found is not None:
        yield found
        return
    opened = Session(most)
    token = _open.set(opened)
    try:
        yield opened
    finally:
        _open.reset(token)


def kept(key: Callable[[], Hashable], make: Callable[[], _Kept], size: Callable[[_Kept], int]) -> _Kept:
    """What the open session keeps under a key; made anew where none is open."""
    found = _open.get()
    return make() if found is None else found.kept(key(), make, size)


def in_session() -> bool:
    """Is one open?"""
    return _open.get() is not None


def edition(path: Path) -> Hashable:
    """What tells a file from what stood in its place before; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return str(path.absolute()), about.st_size, about.st_mtime_ns, about.st_ino
