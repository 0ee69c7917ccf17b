"""Whether the gallery is what planshift makes today: what is out of date, one thing a line.

Of every organization and portfolio it is held against the manifest in its folder: what was asked for, every file that
it was made from, and every file that is there. Those that are `in_full` are made anew, so that a change of the program
shows, but for the error of the coarse way, which takes longer than a check may. The index is always made anew. Numbers
may differ in their last digit, and pictures by the edge of a letter: processors round differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from planshift.plans.files import folder, shown_path
from planshift.reports.folder import MANIFEST, digest, write_folder
from planshift_dev.gallery.coarse import PAGE, TABLE
from planshift_dev.gallery.forecast import COARSE_DRAWS, make_forecast
from planshift_dev.gallery.index import index
from planshift_dev.gallery.lighter import PICTURE_INSIDE, look_alike
from planshift_dev.gallery.made import Made, make
from planshift_dev.gallery.organizations import Forecasted, Gallery, Organization

Alike = Callable[[str, str], bool]


@dataclass(frozen=True)
class _Folder:
    """A folder as it is to be: its name, what was asked for, whether the check makes it anew, and what makes it.

    ``make`` is told whether to make everything in it anew.
    """

    name: str
    asked: Mapping[str, object]
    in_full: bool
    make: Callable[[bool], Made]


def out_of_date(gallery: Gallery, place: Path, scratch: Path, alike: Alike, *, everything: bool) -> Iterator[str]:
    """What is out of date in ``place``; ``scratch`` is an empty folder for what is made anew, all where asked for."""
    for path in sorted(place.iterdir()):
        if path.is_dir() and path.name not in gallery.folders:
            yield f"{path.name}: is not in the gallery any more"
    whole = True
    for one in _folders(gallery, place):
        found = list(_of_folder(one, place / one.name))
        whole = whole and not found
        if not found and (one.in_full or everything):
            made = one.make(everything)
            write_folder(scratch / one.name, made.files, made.manifest)
            found = list(_different(place / one.name, scratch / one.name, alike))
        yield from (f"{one.name}: {each}" for each in found)
    if not whole:
        return
    for name, text in index(gallery, place).items():
        path = place / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{name}: is not the index of these folders"


def _folders(gallery: Gallery, place: Path) -> Iterator[_Folder]:
    for one in gallery.organizations:
        yield _organization(one, gallery.draws)
    for portfolio in gallery.portfolios:
        yield _portfolio(portfolio, place / portfolio.portfolio)


def _organization(one: Organization, draws: int) -> _Folder:
    asked = {
        "scenario": shown_path(one.path),
        "report": one.report,
        "language": one.language,
        **({"customer": one.customer} if one.customer else {}),
        "draws": draws,
    }
    return _Folder(one.scenario, asked, one.in_full, lambda _: make(one, draws))


def _portfolio(one: Forecasted, own: Path) -> _Folder:
    def made(everything: bool) -> Made:
        held = None if everything else {name: (own / name).read_bytes() for name in (PAGE, TABLE)}
        return make_forecast(one, held)

    asked = {"portfolio": shown_path(one.path), COARSE_DRAWS: one.coarse_draws}
    return _Folder(one.portfolio, asked, one.in_full, made)


def _of_folder(wanted: _Folder, own: Path) -> Iterator[str]:
    """What of a folder is not what its manifest says, or was made from something else than is there today."""
    if not (own / MANIFEST).is_file():
        yield "is not there"
        return
    try:
        manifest: Any = json.loads((own / MANIFEST).read_text(encoding="utf-8"))
    except ValueError:
        yield f"{MANIFEST} cannot be read"
        return
    run = manifest["run"]
    for name, value in wanted.asked.items():
        # Who has a usage file has no draws.
        if run.get(name) != value and (name in run or name != "draws"):
            yield f"was made with {name} {run.get(name)}, and is to be made with {value}"
    for made_from in manifest["inputs"]:
        top, _, rest = made_from["path"].partition("/")
        source = folder(top) / rest
        if not source.is_file() or digest(source) != made_from["sha256"]:
            yield f"{made_from['path']} is not what it was made from"
    listed = {file["name"]: file["sha256"] for file in manifest["files"]}
    there = {path.name for path in own.iterdir()} - {MANIFEST}
    yield from (f"{name} is missing" for name in sorted(listed.keys() - there))
    yield from (f"{name} was not written by planshift" for name in sorted(there - listed.keys()))
    changed = (name for name in sorted(there & listed.keys()) if digest(own / name) != listed[name])
    yield from (f"{name} was changed since it was made" for name in changed)


def _different(own: Path, anew: Path, alike: Alike) -> Iterator[str]:
    """The files of a folder that planshift makes differently today."""
    names = {path.name for folder in (own, anew) for path in folder.iterdir()}
    for name in sorted(names):
        before, now = own / name, anew / name
        if not (before.is_file() and now.is_file()) or not _same(before, now, alike):
            yield f"{name} is not what planshift makes of it today"


def _same(one: Path, other: Path, alike: Alike) -> bool:
    if one.read_bytes() == other.read_bytes():
        return True
    if one.suffix == ".png":
        return look_alike(one.read_bytes(), other.read_bytes())
    if one.suffix == ".xlsx":
        return alike(_workbook_text(one), _workbook_text(other))
    return alike(_text(one), _text(other))


def _workbook_text(path: Path) -> str:
    """The text of everything in a workbook, file by file."""
    with ZipFile(path) as book:
        return "\n".join(f"{name}\n{book.read(name).decode()}" for name in book.namelist())


def _text(path: Path) -> str:
    """A file's text without what follows from other files: pictures inside, and the digests of files beside it."""
    text = path.read_text(encoding="utf-8")
    if path.name != MANIFEST:
        return PICTURE_INSIDE.sub("", text)
    return json.dumps({**json.loads(text), "files": []}, ensure_ascii=False)
