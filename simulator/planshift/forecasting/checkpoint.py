"""What is kept of a run that may be stopped: finished blocks, by a digest of everything that decides the result."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from planshift.disk import hidden
from planshift.plans.documents import Document
from planshift.problems import OutputError, Place

_PLAIN = (str, int, float, date, Decimal, Fraction, PurePath, type(None))
_PLACES = (Document, Place)


def fingerprint(*values: object) -> str:
    """The SHA-256 of values in hexadecimal: dataclasses field by field, mappings in their order, arrays by their bytes.

    Where something stands in a file does not count. Raises TypeError for anything that has no such order.
    """
    digest = hashlib.sha256()
    _add(digest, values)
    return digest.hexdigest()


def _add(digest: Any, value: object) -> None:
    kind = type(value).__name__
    if isinstance(value, _PLACES):
        return
    if isinstance(value, _PLAIN):
        _text(digest, kind, str(value))
    elif isinstance(value, np.ndarray):
        _text(digest, str(value.dtype), str(value.shape))
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, Mapping):
        _text(digest, "mapping", str(len(value)))
        for key, item in value.items():
            _add(digest, key)
            _add(digest, item)
    elif isinstance(value, Set):
        _add(digest, sorted(value, key=str))
    elif isinstance(value, Sequence):
        _text(digest, "sequence", str(len(value)))
        for item in value:
            _add(digest, item)
    elif dataclasses.is_dataclass(value):
        _text(digest, kind, "")
        for field in dataclasses.fields(value):
            _text(digest, "field", field.name)
            _add(digest, getattr(value, field.name))
    else:
        raise TypeError(f"what a result depends on must have an order (got {kind})")


def _text(digest: Any, kind: str, text: str) -> None:
    encoded = f"{kind}\0{text}".encode()
    digest.update(f"{len(encoded)}:".encode())
    digest.update(encoded)


_MARK = b"planshift block\n"
_DIGITS = 6
_SHOWN = 16


@dataclass(frozen=True)
class WorkFolder:
    """Where the finished blocks of a command's runs are kept until all of its output is written.

    Each run has a folder in it, named by a digest of everything that decides its result: whoever changes an input
    starts anew.
    """

    path: Path

    @classmethod
    def beside(cls, out: Path, *, resume: bool) -> WorkFolder:
        """The work folder of what will be written to ``out``, next to it; empty unless a run is to be resumed.

        Raises OutputError where it cannot be made.
        """
        place = out.resolve()
        folder = cls(place.parent / f".{place.name}.work")
        if not resume:
            folder.remove()
        return folder

    def run(self, digest: str) -> Kept:
        """What is kept of the run that a digest stands for."""
        return Kept(self.path / digest[:_SHOWN])

    def remove(self) -> None:
        """Forget everything: the output is written, or is to be made anew."""
        with _told(self.path):
            if self.path.exists():
                shutil.rmtree(self.path)


@contextlib.contextmanager
def passing() -> Iterator[WorkFolder]:
    """A work folder that is gone afterwards, whatever happens."""
    with hidden(Path(tempfile.gettempdir())) as folder:
        folder.mkdir(mode=0o700)
        yield WorkFolder(folder)


@dataclass(frozen=True)
class Kept:
    """The finished blocks of a run, by number."""

    path: Path

    def has(self, number: int) -> bool:
        """Is a block there, whole? One that is not is removed."""
        return self._read(number) is not None

    def keep(self, number: int, data: bytes) -> None:
        """Write a finished block, all of it or nothing. Raises OutputError where the disk refuses it."""
        with _told(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            half = self.path / f"{number}.half"
            with half.open("wb") as file:
                file.write(_MARK)
                file.write(hashlib.sha256(data).digest())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._file(number))

    def read(self, number: int) -> bytes:
        """A block that is there; raises OutputError where it has gone."""
        data = self._read(number)
        if data is None:
            raise OutputError(f"{self._file(number)}: a finished block has gone - run again with --resume")
        return data

    def _read(self, number: int) -> bytes | None:
        file = self._file(number)
        if not file.is_file():
            return None
        with _told(file):
            content = file.read_bytes()
        start = len(_MARK) + hashlib.sha256().digest_size
        mark, digest, data = content[: len(_MARK)], content[len(_MARK) : start], content[start:]
        if mark == _MARK and hashlib.sha256(data).digest() == digest:
            return data
        file.unlink(missing_ok=True)
        return None

    def _file(self, number: int) -> Path:
        return self.path / f"{number:0{_DIGITS}d}.part"


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Within it, what the disk refuses is an OutputError."""
    try:
        yield
    except OSError as error:
        fact = f"finished blocks cannot be kept there ({error.strerror})"
        raise OutputError(f"{path}: {fact} - make room, or choose another --out") from error
