"""The gallery, ``reports/gallery``: the renewals of the shipped organizations, a forecast, and an index of them.

``python -m planshift_dev.gallery --write`` writes it (`make gallery`); ``--write NAME`` one folder and the index.
``--check`` says whether it is current, with those made anew that the gallery's file names; ``--check --all`` makes
everything anew.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.plans.files import folder
from planshift.problems import InputError, PlanshiftError, did_you_mean
from planshift.reports.words import counted
from planshift_dev.alike import GALLERY, alike

if TYPE_CHECKING:
    from planshift_dev.gallery.organizations import Gallery

_HOW = "make gallery"
_USAGE = "give --write, --write NAME, --check or --check --all"


def main(arguments: Sequence[str]) -> int:
    """Write the gallery, or say whether it is current; the exit status."""
    words = list(arguments)
    checks = words in (["--check"], ["--check", "--all"])
    names = [word for word in words[1:] if not word.startswith("-")]
    if not checks and words != ["--write", *names]:
        print(_USAGE, file=sys.stderr)
        return 2
    from planshift_dev.gallery.organizations import read_gallery

    try:
        gallery = read_gallery()
        if checks:
            return _check(gallery, everything="--all" in words)
        _write(gallery, names)
    except PlanshiftError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _write(gallery: Gallery, names: Sequence[str]) -> None:
    from planshift.reports.folder import write_folder
    from planshift_dev.gallery.forecast import make_forecast
    from planshift_dev.gallery.index import index
    from planshift_dev.gallery.made import make

    known = gallery.folders
    for name in names:
        if name not in known:
            raise InputError.at(name, "is not in the gallery", did_you_mean(name, known))
    place = folder("reports") / GALLERY
    place.mkdir(exist_ok=True)
    if not names:
        _remove([path for path in place.iterdir() if path.name not in known])
    renewals = {one.scenario: partial(make, one, gallery.draws) for one in gallery.organizations}
    forecasts = {one.portfolio: partial(make_forecast, one) for one in gallery.portfolios}
    for name, maker in {**renewals, **forecasts}.items():
        if names and name not in names:
            continue
        made = maker()
        own = place / name
        _remove([own])
        write_folder(own, made.files, made.manifest)
        print(f"reports/{GALLERY}/{name}", flush=True)
    for name, text in index(gallery, place).items():
        (place / name).write_text(text, encoding="utf-8", newline="\n")
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    has = f"{counted(len(renewals), 'organization')} and {counted(len(forecasts), 'portfolio')}"
    print(f"The gallery has {has}, {size / 1e6:.1f} MB.")


def _remove(places: Sequence[Path]) -> None:
    """Remove folders that planshift wrote, also where somebody changed a file in them; other folders are left alone."""
    from planshift.reports.folder import MADE_BY, MANIFEST

    for place in places:
        manifest = place / MANIFEST
        if manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8"))["made_by"] == MADE_BY:
            shutil.rmtree(place)


def _check(gallery: Gallery, *, everything: bool) -> int:
    from planshift_dev.gallery.current import out_of_date

    place = folder("reports") / GALLERY
    with tempfile.TemporaryDirectory() as scratch:
        found = list(out_of_date(gallery, place, Path(scratch), alike, everything=everything))
    for line in found:
        print(f"reports/{GALLERY}/{line}", file=sys.stderr)
    if found:
        print(f"The gallery is not current - write it anew: {_HOW}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
