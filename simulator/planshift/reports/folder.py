"""A run's folder, or a picture: written whole or not at all, and replaced only when all in it is planshift's own.

Files go into a hidden folder beside it first, which then takes its place in one step (see `planshift.disk`). Whatever
happens before that, an interruption and a full disk included, leaves the disk as it was.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, TypeAlias

from planshift.disk import clear, exchange, hidden, put, replacing
from planshift.problems import OutputError
from planshift.version import __version__

MANIFEST: Final = "manifest.json"
MADE_BY: Final = "planshift"

Content: TypeAlias = Callable[[Path], object] | bytes | str
"""What a file holds, or what writes it when it is called with the path to write to."""

_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_REFUSES: Final = frozenset({errno.EACCES, errno.EFBIG, errno.EIO, errno.ENAMETOOLONG, errno.EPERM, errno.EROFS})
_LEFT_BY_FILE_BROWSERS: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_NAMED_AT_MOST: Final = 3


@dataclass(frozen=True)
class InputFile:
    """A file that a run was made from, as ``manifest.json`` lists it."""

    path: str
    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path, name: str | None = None) -> InputFile:
        """The entry of the file at ``path``, called ``name`` where its place on this machine says nothing."""
        return cls(name or path.as_posix(), digest(path), path.stat().st_size)


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_target(out: Path) -> None:
    """Nothing when a run can be written to ``out``; a long run asks this before it starts.

    Raises OutputError when ``out`` is a file, a link, a mount point or the folder the user is in, when it cannot be
    made or replaced where it is, or when it holds anything that planshift did not write there. What a run that died
    left beside it is put right first.
    """
    place = _real_place(out)
    clear(place.parent, _is_ours)
    _check(place)


def write_folder(out: Path, files: Mapping[str, Content], manifest: Mapping[str, object]) -> None:
    """The folder ``out``, holding ``files`` and a ``manifest.json`` that lists them, and nothing else.

    A file's name may lead into folders (``charts/seats.png``). ``manifest`` says the ``command``, the ``seed``, the
    ``inputs`` (see InputFile) and whatever else the reader should know; ``made_by``, ``version`` and ``files`` are
    filled in here. Missing parents of ``out`` are made. Raises OutputError, with the disk as it was, when ``out``
    cannot be used (see check_target) or the disk is full; anything that a file's writer raises goes through.
    """
    place = _real_place(out)
    check_target(out)
    for name in files:
        _check_name(place, name)
    with _disk_errors_told(place), _parents(place), hidden(place.parent, place.name, _is_ours) as new:
        # Not tempfile.mkdtemp, whose folders only their owner may read.
        new.mkdir()
        for name, content in files.items():
            _write(new / name, content)
        _write(new / MANIFEST, _manifest(new, manifest))
        _put(new, place)


def _real_place(out: Path) -> Path:
    """``out`` with every link before its last name followed, so that its parent is the folder it really is in."""
    if out.name in {"", ".."}:
        return Path(os.path.realpath(out))
    return Path(os.path.realpath(out.parent)) / out.name


def _nearest_folder(folder: Path) -> Path:
    """``folder``, or the nearest folder above it that is there."""
    while not os.path.exists(folder) and folder != folder.parent:  # noqa: PTH110 - Path.exists may raise
        folder = folder.parent
    return folder


def _check(place: Path) -> None:
    above = _nearest_folder(place.parent)
    if not above.is_dir():
        raise OutputError(f"{above}: is a file, so no folder can be made in it - choose another folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise OutputError(f"{above}: you may not write here - choose another folder, or ask for the right to write")
    if place.is_symlink():
        raise OutputError(f"{place}: is a link to {os.path.realpath(place)} - name that folder itself, or another")
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise OutputError(f"{place}: is a file - choose another folder, or move the file away")
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        raise OutputError(f"{place}: you may not read or write it - choose another folder")
    here = Path.cwd()
    if place == here or place in here.parents:
        raise OutputError(f"{place}: is the folder you are in - name a folder inside it, such as {place / 'run'}")
    if place.is_mount():
        raise OutputError(f"{place}: is a mount point - name a folder inside it, such as {place / 'run'}")
    _check_ours(place, place)


def _check_ours(folder: Path, shown: Path) -> None:
    """Nothing when ``folder`` is empty or holds only what planshift wrote; errors call it ``shown``."""
    try:
        listed = _listed(folder)
        foreign, changed = _not_ours(folder, listed)
    except OSError as error:
        raise OutputError(f"{shown}: cannot be read ({error.strerror}) - choose another folder") from error
    if foreign and not listed:
        raise OutputError(
            f"{shown}: holds {_some(foreign)} and was not made by planshift - choose another folder, or empty this one"
        )
    if foreign:
        raise OutputError(
            f"{shown}: holds {_some(foreign)}, which planshift did not write - "
            "move what you want to keep elsewhere, or choose another folder"
        )
    if changed:
        raise OutputError(
            f"{shown}: what planshift wrote there was changed since: {_some(changed)} - "
            "move what you want to keep elsewhere, or choose another folder"
        )


def _is_ours(folder: Path) -> bool:
    """May a hidden folder that a run left behind go: is it half written, or planshift's own and nothing but that?"""
    listed = _listed(folder)
    foreign, changed = _not_ours(folder, listed)
    # A run that died while it removed a folder may have left one in it without its files.
    return not listed or (not changed and all(name.endswith("/") for name in foreign))


def _not_ours(folder: Path, listed: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What is in ``folder`` and not listed, and what is listed and was changed."""
    found = sorted(_entries(folder))
    foreign = [name for name in found if name not in listed or not _is_plain_file(folder / name)]
    return foreign, [name for name in found if name not in foreign and listed[name] not in {"", digest(folder / name)}]


def _entries(folder: Path) -> Iterator[str]:
    """The names of everything below ``folder``: files, links, and folders with nothing in them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inner = list(_entries(Path(entry.path)))
                yield from (f"{entry.name}/{name}" for name in inner or [""])
            elif entry.name not in _LEFT_BY_FILE_BROWSERS:
                yield entry.name


def _listed(folder: Path) -> dict[str, str]:
    """Name and digest of what planshift wrote in ``folder``, by its manifest; the manifest's own digest is empty.

    Nothing when there is no manifest of planshift's.
    """
    path = folder / MANIFEST
    if not _is_plain_file(path):
        return {}
    try:
        manifest = json.loads(path.read_bytes())
        ours = manifest["made_by"] == MADE_BY
        files = {str(file["name"]): str(file["sha256"]) for file in manifest["files"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return {**files, MANIFEST: ""} if ours else {}


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    shown = ", ".join(names[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def _check_name(place: Path, name: str) -> None:
    """Nothing when ``name`` stays inside the folder and leaves the manifest alone."""
    path = PurePosixPath(name)
    plain = path.parts and path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    if not plain or "\\" in name or ":" in name or name == MANIFEST:
        raise OutputError(f"{place}: cannot hold a file called '{name}' - give the file a plain name")


@contextlib.contextmanager
def _disk_errors_told(place: Path) -> Iterator[None]:
    """Within it, what the disk refuses becomes an OutputError about ``place``; other errors go through."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            fact, remedy = "the disk is full", "make room, or choose a folder on another disk"
        elif error.errno in _DISK_REFUSES:
            fact, remedy = f"cannot be written ({error.strerror})", "choose another folder"
        else:
            raise
        raise OutputError(f"{place}: {fact}; nothing was written - {remedy}") from error


def _write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        path.write_bytes(content.encode())
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
        if not path.is_file():
            raise RuntimeError(f"the writer of {path.name} wrote no such file")


def _manifest(folder: Path, said: Mapping[str, object]) -> str:
    """The text of ``manifest.json`` for the files in ``folder``: sorted keys, the same bytes for the same run."""
    files = [{"name": name, "sha256": digest(folder / name)} for name in sorted(_entries(folder))]
    filled_in = {"made_by": MADE_BY, "version": __version__, "files": files}
    whole = {"command": None, "seed": None, "inputs": [], **said, **filled_in}
    return json.dumps(whole, allow_nan=False, default=_plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _plain(value: object) -> object:
    """``value`` as JSON can hold it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"a manifest cannot hold {value!r}")


@contextlib.contextmanager
def _parents(place: Path) -> Iterator[None]:
    """The missing folders above ``place`` are there within it; they are removed again when that fails."""
    missing = [folder for folder in (place.parent, *place.parent.parents) if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
        yield
    except BaseException:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _put(new: Path, place: Path) -> None:
    """The folder ``new`` in ``place``; the folder that was there goes, or stays where that fails."""
    if not os.path.lexists(place):
        put(new, place)
        return
    _check(place)
    shutil.copymode(place, new)
    if _listed(place):
        # Once more, when nobody can reach it by its name: a file may have come since the last look.
        exchange(new, place, lambda old: _check_ours(old, place))
        return
    for name in _LEFT_BY_FILE_BROWSERS:
        (place / name).unlink(missing_ok=True)
    try:
        put(new, place)
    except OSError:
        _check_ours(place, place)
        raise


ENDING = ".png"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def check_picture_target(path: Path) -> None:
    """Nothing when a picture can be written to ``path``; a long run asks this before it starts.

    Raises OutputError for another ending, a folder, a link, a place where nothing can be written, and a file that is
    no PNG: it is never written over.
    """
    if path.suffix != ENDING:
        raise OutputError(f"{path}: does not end in {ENDING} - name it usage.png")
    if path.is_symlink():
        raise OutputError(f"{path}: is a link to {os.path.realpath(path)} - name that file itself, or another")
    if path.is_dir():
        raise OutputError(f"{path}: is a folder - name a file in it, such as {path / 'usage.png'}")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: there is no such folder - make it first, or choose another")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path.parent}: you may not write here - choose another folder")
    if path.exists() and not _is_picture(path):
        raise OutputError(f"{path}: is there already and is no picture - choose another name, or move it away")


def write_picture(content: bytes, path: Path) -> None:
    """Write a picture; OutputError where it cannot be."""
    check_picture_target(path)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE
