"""Whether the gallery is what planshift makes today: what is out of date, one thing a line.

Of every organization it is held against the manifest in its folder: what was asked for, every file that the page was
made from, and every file that is there. Those that are `in_full` are made anew, so that a change of the program shows.
The index is always made anew. Numbers may differ in their last digit, and pictures by the edge of a letter: processors
round differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from planshift.plans.bundled import folder
from planshift.reports.folder import MANIFEST, digest, write_folder
from planshift.reports.gallery.index import index
from planshift.reports.gallery.lighter import PICTURE_INSIDE, look_alike
from planshift.reports.gallery.made import make
from planshift.reports.gallery.organizations import Gallery, Organization
from planshift.reports.manifest import shown_path

Alike = Callable[[str, str], bool]


def out_of_date(gallery: Gallery, place: Path, scratch: Path, alike: Alike, *, everything: bool) -> Iterator[str]:
    """What is out of date in ``place``; ``scratch`` is an empty folder for what is made anew, all where asked for."""
    listed = {one.scenario for one in gallery.organizations}
    for path in sorted(place.iterdir()):
        if path.is_dir() and path.name not in listed:
            yield f"{path.name}: is not in the gallery any more"
    whole = True
    for one in gallery.organizations:
        found = list(_of_folder(one, gallery.draws, place / one.scenario))
        whole = whole and not found
        if not found and (one.in_full or everything):
            made = make(one, gallery.draws)
            write_folder(scratch / one.scenario, made.files, made.manifest)
            found = list(_different(place / one.scenario, scratch / one.scenario, alike))
        yield from (f"{one.scenario}: {each}" for each in found)
    if not whole:
        return
    for name, text in index(gallery, place).items():
        path = place / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{name}: is not the index of these folders"


def _of_folder(organization: Organization, draws: int, own: Path) -> Iterator[str]:
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
    asked = {
        "scenario": shown_path(organization.path),
        "report": organization.report,
        "language": organization.language,
        **({"customer": organization.customer} if organization.customer else {}),
        **({"draws": draws} if "draws" in run else {}),
    }
    for name, value in asked.items():
        if run.get(name) != value:
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
    return alike(_text(one), _text(other))


def _text(path: Path) -> str:
    """A file's text without what follows from other files: pictures inside, and the digests of files beside it."""
    text = path.read_text(encoding="utf-8")
    if path.name != MANIFEST:
        return PICTURE_INSIDE.sub("", text)
    return json.dumps({**json.loads(text), "files": []}, ensure_ascii=False)
