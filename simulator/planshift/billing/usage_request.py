"""What the members of a scenario ask for: read from its file, drawn once, measured when it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from planshift.plans.rates import RateCard
from planshift.usage.demand import Which
from planshift.usage.measure import Carried, Measured, UsageSource, measure, nothing_measured
from planshift.usage.synthetic.persona import Organization

if TYPE_CHECKING:
    from planshift.usage.synthetic.generate import UsageRows, Volumes


import contextlib
from pathlib import Path
from typing import Any

from planshift.plans.bounds import MOST_DRAWS, MOST_SEED
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import is_file
from planshift.problems import InputError, Place, Problem, did_you_mean, nearest
from planshift.usage.products import read_products
from planshift.usage.synthetic.reading import Setting, read_organization


@dataclass(frozen=True)
class UsageRequest:
    """What ``people`` ask for up to, not including, ``end`` in some draws.

    Usage drawn at random is drawn once, whatever is measured of it. A usage file is one draw; ``carried`` says what of
    it is repeated after its last day. ``like``: the same usage at the prices of another card, whose tokens these are;
    without it they are drawn at the prices of ``card``, which say how many tokens a level in dollars is.
    """

    usage: UsageSource | Organization | None
    card: RateCard
    people: tuple[str, ...]
    end: date
    draws: range = range(1)
    carried: Carried | None = None
    like: UsageRequest | None = None
    _measured: dict[tuple[date, date, date | None], Measured] = field(default_factory=dict, repr=False, compare=False)

    def measured(self, start: date, end: date, metered_from: date | None = None, *, keep: bool = True) -> Measured:
        """The demand from ``start`` up to, not including, ``end``, which is not behind the end of what is asked.

        From the day ``metered_from`` on, usage that was drawn at random answers to being metered (`behaviour`); what a
        file holds has happened. ``keep``: whether it is kept for whoever asks for the same again. See
        `planshift.usage.measure.measure` for what is raised.
        """
        if self.usage is None:
            return nothing_measured(self.people, start, end)
        since = metered_from if self.answers else None
        if (start, end, since) in self._measured:
            return self._measured[start, end, since]
        found = self._measure(start, end, since)
        if keep:
            self._measured[start, end, since] = found
        return found

    def active(self, start: date, end: date, metered_from: date | None = None) -> Which:
        """Who asks for anything at all in the days that `measured` has, shape (draws, members)."""
        if isinstance(self.usage, Organization):
            return self._volumes.active(start, end, self.people, metered_from)
        return self.measured(start, end).demand.active

    def priced_as(self, other: UsageRequest) -> UsageRequest:
        """The same usage, token by token, at the prices of another's card, for the other's days and draws."""
        return replace(other, like=self, _measured={})

    def _measure(self, start: date, end: date, metered_from: date | None) -> Measured:
        if isinstance(self.usage, Organization):
            demand = self._volumes.demand(start, end, self.people, metered_from)
            return Measured(demand, rows=0, outside=0)
        assert self.usage is not None
        return measure(self.usage, self.card, self.people, start, end, carried=self.carried)

    def rows(self, draw: int, metered_from: date | None = None) -> UsageRows:
        """One of the draws as rows of a usage file, from the organization's first day on; see `measured`."""
        return self._volumes.rows(draw, metered_from)

    @property
    def answers(self) -> bool:
        """Does anybody's usage answer to being metered? If not, one demand does for every plan."""
        populations = self.usage.populations if isinstance(self.usage, Organization) else ()
        return any(population.metered != 1 for population in populations)

    @cached_property
    def _volumes(self) -> Volumes:
        from planshift.usage.synthetic.generate import Generator

        assert isinstance(self.usage, Organization)
        generator = Generator(self.usage, self.card, self.end)
        return generator.draw(self.draws) if self.like is None else generator.priced(self.like._volumes)


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
