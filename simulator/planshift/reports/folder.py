"""A run's folder: written all of it or not at all, and replaced only when everything in it is planshift's own.

Files go into a hidden folder on the same filesystem first, which is then renamed into place. Whatever happens before
that, an interruption and a full disk included, leaves the disk as it was.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, TypeAlias

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
    made or replaced where it is, or when it holds anything that planshift did not write there.
    """
    _check(_real_place(out))


def write_folder(out: Path, files: Mapping[str, Content], manifest: Mapping[str, object]) -> None:
    """The folder ``out``, holding ``files`` and a ``manifest.json`` that lists them, and nothing else.

    A file's name may lead into folders (``charts/seats.png``). ``manifest`` says the ``command``, the ``seed``, the
    ``inputs`` (see InputFile) and whatever else the reader should know; ``made_by``, ``version`` and ``files`` are
    filled in here. Missing parents of ``out`` are made. Raises OutputError, with the disk as it was, when ``out``
    cannot be used (see check_target) or the disk is full; anything that a file's writer raises goes through.
    """
    place = _real_place(out)
    _check(place)
    for name in files:
        _check_name(place, name)
    with _disk_errors_told(place), _hidden_folder(_nearest_folder(place.parent)) as hidden:
        for name, content in files.items():
            _write(hidden / name, content)
        _write(hidden / MANIFEST, _manifest(hidden, manifest))
        if os.path.lexists(place):
            _check(place)
            _replace(place, hidden)
        else:
            _put(place, hidden)


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
        found = sorted(_entries(folder))
        listed = _listed(folder)
        foreign = [name for name in found if name not in listed or not _is_plain_file(folder / name)]
        changed = [name for name in found if name not in foreign and listed[name] not in {"", digest(folder / name)}]
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


@contextlib.contextmanager
def _hidden_folder(parent: Path) -> Iterator[Path]:
    """A new folder in ``parent`` that is gone afterwards, unless it was renamed."""
    # Not tempfile.mkdtemp, whose folders only their owner may read.
    hidden = _hidden_name(parent)
    try:
        hidden.mkdir()
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _hidden_name(parent: Path) -> Path:
    return parent / f".{MADE_BY}-{secrets.token_hex(6)}"


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


def _put(place: Path, hidden: Path) -> None:
    """``hidden`` renamed to ``place``, where nothing was; parents made for it are removed again when that fails."""
    missing = [folder for folder in (place.parent, *place.parent.parents) if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
        hidden.rename(place)
    except BaseException:
        _remove_empty(missing)
        raise


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _replace(place: Path, hidden: Path) -> None:
    """``hidden`` renamed to ``place``; the folder that was there is put back when that fails, and else removed."""
    shutil.copymode(place, hidden)
    aside = _hidden_name(place.parent)
    try:
        place.rename(aside)
        # Once more, now that nobody can reach it by its name: a file may have come since the last look.
        _check_ours(aside, place)
        hidden.rename(place)
    finally:
        if not hidden.exists():
            shutil.rmtree(aside, ignore_errors=True)
        elif aside.exists() and not os.path.lexists(place):
            aside.rename(place)
