"""A picture as a file of its own: written whole or not at all, and never over a file that is no picture."""

from __future__ import annotations

import os
from pathlib import Path

from planshift.disk import replacing
from planshift.problems import OutputError

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
