"""From the `usage` of a scenario to what it names: a usage file, or an organization whose usage is drawn at random."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from planshift.plans.bounds import MOST_DRAWS, MOST_SEED
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import is_file
from planshift.problems import InputError, Place, Problem, did_you_mean, nearest
from planshift.usage.measure import UsageSource
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Organization
from planshift.usage.synthetic.reading import Setting, read_organization

ONE_DRAW = "`planshift usage fit` makes a scenario with draws of a usage file"


def read_usage(
    document: Document, catalogue: Catalogue, folder: Path, setting: Setting
) -> tuple[UsageSource | Organization, tuple[Path, ...]]:
    """The usage of a scenario, and the files that it was read from; a usage file is looked for in ``folder``.

    Raises InputError with everything that is wrong with it.
    """
    data: Any = document.data
    if "file" not in data["usage"]:
        organization = read_organization(document, setting)
        return organization, organization.files
    source = _file(document, catalogue, folder)
    return source, (source.path,)


def _file(document: Document, catalogue: Catalogue, folder: Path) -> UsageSource:
    whole: Any = document.data
    data = whole["usage"]
    remedy = "name a usage file, CSV or Parquet, from the scenario's folder"
    path = beside(folder, data["file"], document.place("usage", "file"), remedy)
    known = {name for card in catalogue.cards.values() for name in card.modifiers}
    for number, name in enumerate(data.get("modifiers", ())):
        if name not in known:
            place = document.place("usage", "modifiers", number)
            raise InputError.at(place, f"'{name}' is not a modifier of the rate card", did_you_mean(name, known))
    return UsageSource(path, tuple(data.get("modifiers", ())), read_products().titles)


def beside(folder: Path, name: str, place: Place, remedy: str) -> Path:
    """The file of a name in a folder; InputError at ``place`` where there is none."""
    path = folder / name
    if is_file(path):
        return path
    with contextlib.suppress(OSError, ValueError):
        if path.is_dir():
            raise InputError.at(place, f"{path} is a folder", remedy)
        others = [other.name for other in path.parent.iterdir() if other.is_file()]
        near = nearest(path.name, others)
        remedy = f"did you mean '{near}'?" if near else remedy
    raise InputError.at(place, f"there is no file {path}", remedy)


def no_draws_of_a_file(document: Document, draws: int | None, seed: int | None) -> InputError:
    """The error for a scenario of which draws, or a seed, are asked, although nothing in it is drawn at random."""
    asked = {"--draws": draws, "--seed": seed}
    what = "one draw, and no seed" if "usage" in document.data else "no usage, and nothing to draw"
    return InputError(
        Problem(Place(option), f"{document.name} has {what}", f"leave {option} out; {ONE_DRAW}")
        for option, value in asked.items()
        if value is not None
    )


def check_draws(draws: int | None, seed: int | None) -> None:
    """InputError for a number of draws, or a seed, that cannot be."""
    bounds = {"--draws": (draws, 1, MOST_DRAWS), "--seed": (seed, 0, MOST_SEED)}
    problems = [
        Problem(Place(option), f"it must be from {low} to {high} (got {value})", "give another number")
        for option, (value, low, high) in bounds.items()
        if value is not None and not low <= value <= high
    ]
    if problems:
        raise InputError(problems)
