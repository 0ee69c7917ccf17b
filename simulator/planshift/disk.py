"""What is written stands whole or not at all, at whatever moment a run is stopped, and nothing else stays on the disk.

Files and folders are made under a hidden name beside their place and then take it in one step. While a process uses
such a name it holds the lock beside it, which the system lets go of when the process dies: the next one clears what is
left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Final, TypeAlias

from planshift.problems import OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

Ours: TypeAlias = Callable[[Path], bool]
"""May a folder that a run left behind, and that may have been in its place, be removed: is all of it planshift's?"""

_HIDDEN: Final = ".planshift-"
_LOCK, _ASIDE = ".lock", ".old"
_CANNOT_EXCHANGE: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM})
_HERE, _EXCHANGE, _SWAP = -100, 2, 2
"""``AT_FDCWD`` and ``RENAME_EXCHANGE`` of Linux, ``RENAME_SWAP`` of macOS."""

_Placed: TypeAlias = list[tuple[Path, tuple[int, int]]]
_placed: ContextVar[_Placed | None] = ContextVar("_placed", default=None)


@contextlib.contextmanager
def hidden(parent: Path, place: str = "", ours: Ours | None = None) -> Iterator[Path]:
    """A name in ``parent`` that nobody else uses; whatever has it afterwards, also with an ending, is removed.

    ``place``: the name of the folder whose place it will take, if any; ``ours``: see `clear`, which comes first.
    """
    clear(parent, ours)
    path, lock = _claimed(parent, place)
    try:
        yield path
    finally:
        for left in _with_name(path):
            if left not in {_lock_of(path), _aside(path)}:
                _remove(left)
        lock.close()
        if not os.path.lexists(_aside(path)):
            with contextlib.suppress(OSError):
                _lock_of(path).unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A hidden file beside ``path`` that takes its place in the end; what goes wrong before leaves all as it was.

    Raises OutputError where the disk refuses it.
    """
    try:
        with hidden(path.parent) as name:
            temporary = name.with_name(name.name + path.suffix)
            yield temporary
            put(temporary, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}) - choose another place") from error


def put(new: Path, place: Path) -> None:
    """``new`` in ``place``, where nothing is, or a file, or an empty folder."""
    _note(new, place)
    if sys.platform == "win32" and place.is_dir():
        place.rmdir()
    new.replace(place)


def exchange(new: Path, place: Path, check: Callable[[Path], None]) -> None:
    """The folder ``new`` in ``place``, and that which was there under the name ``new``, to be removed.

    ``check`` is called with where the old folder is, once nobody can reach it in its place any more; what it raises
    goes through, with everything as it was.
    """
    _note(new, place)
    made = _identity(new)
    try:
        exchanged = _exchanged(new, place)
        if exchanged:
            check(new)
    except BaseException:
        if _identity(place) == made:
            _exchanged(new, place)
        raise
    if not exchanged:
        _move(new, place, check)


def clear(parent: Path, ours: Ours | None = None) -> None:
    """Put right what runs that died left in ``parent``.

    A folder goes back to its place if nothing took it, and all else is removed, what may have been in the place of a
    folder only where ``ours`` says so.
    """
    with contextlib.suppress(OSError):
        locks = [path for path in parent.iterdir() if path.name.startswith(_HIDDEN) and path.name.endswith(_LOCK)]
        for lock in locks:
            with contextlib.suppress(OSError):
                _clear(lock, ours or (lambda _: False))


@contextlib.contextmanager
def placed() -> Iterator[Callable[[], list[Path]]]:
    """What was put in place within it: exactly that which stands there, also when somebody interrupts it."""
    outside = _placed.get()
    found: _Placed = [] if outside is None else outside
    token = _placed.set(found)
    try:
        yield lambda: [place for place, made in found if os.path.lexists(place) and _identity(place) == made]
    finally:
        _placed.reset(token)


def _aside(path: Path) -> Path:
    """Where an old folder waits until that with the hidden name ``path`` has taken its place."""
    return path.with_name(path.name + _ASIDE)


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + _LOCK)


def _note(new: Path, place: Path) -> None:
    # Before it is done, and checked by who asks: an interruption may come at any moment.
    found = _placed.get()
    if found is not None:
        found.append((place, _identity(new)))


def _identity(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino


def _claimed(parent: Path, place: str) -> tuple[Path, IO[bytes]]:
    """A new hidden name, and its lock."""
    while True:
        path = parent / f"{_HIDDEN}{os.urandom(6).hex()}"
        lock = _lock_of(path).open("xb")
        # Until it is held, whoever clears may have taken it for one that a dead run left.
        if _held(lock) is not False and _lock_of(path).exists():
            lock.write(os.fsencode(place))
            lock.flush()
            return path, lock
        lock.close()


def _held(lock: IO[bytes]) -> bool | None:
    """Whether this process holds a lock now; None where the disk knows no locks."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in {errno.EACCES, errno.EAGAIN, errno.EDEADLK} else None
    return True


def _clear(lock: Path, ours: Ours) -> None:
    with lock.open("r+b") as file:
        if not _held(file):
            return
        path = lock.with_suffix("")
        place = os.fsdecode(file.read())
        if place and _aside(path).is_dir() and not os.path.lexists(lock.with_name(place)):
            _aside(path).rename(lock.with_name(place))
        for left in _with_name(path):
            folder = left.is_dir() and not left.is_symlink()
            # Only what was in somebody's place can hold what is somebody's.
            if left != lock and not (folder and place and not ours(left)):
                _remove(left)
        if _with_name(path) != [lock]:
            return
    lock.unlink()


def _with_name(path: Path) -> list[Path]:
    """What has a hidden name, and that with an ending."""
    with contextlib.suppress(OSError):
        return [one for one in path.parent.iterdir() if one == path or one.name.startswith(f"{path.name}.")]
    return []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two names in one step; False, with nothing done, where the system or the disk cannot."""
    if sys.platform == "win32":
        return False
    # Only whoever replaces a folder waits for its import.
    import ctypes

    library, names = ctypes.CDLL(None, use_errno=True), [os.fsencode(path) for path in (one, other)]
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _SWAP)
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in _CANNOT_EXCHANGE:
        raise OSError(number, os.strerror(number), str(one), None, str(other))
    return not failed


def _move(new: Path, place: Path, check: Callable[[Path], None]) -> None:
    """The same in two steps: of a process that dies between them, `clear` puts the old folder back."""
    old = _aside(new)
    try:
        place.rename(old)
        check(old)
        new.rename(place)
    finally:
        if old.exists() and not os.path.lexists(place):
            old.rename(place)
    _remove(old)
