"""A usage file, or what an organization generates, as what a fit looks at: dollars by day and member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import TOKEN_CLASSES, RateCard
from planshift.problems import InputError
from planshift.usage.fit.volume import Floats
from planshift.usage.measure import UsageSource, measure
from planshift.usage.pricing import UnpricedRowsError, UsageColumns, row_costs
from planshift.usage.rows import Block, read_blocks
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Organization
from planshift.usage.synthetic.volumes import Volumes

_EPOCH = date(1970, 1, 1).toordinal()
_NANO = 1e9


@dataclass(frozen=True)
class Panel:
    """The usage of a file from its first day to its last, of the members who have any.

    ``costs`` and ``volumes`` are US dollars of shape (days, members): at list price of the day, and at that of one day
    for all, so that a change of prices is none of volumes. ``surfaces``: surface → dollars of shape (members,);
    ``tokens``: (surface, model) → tokens of shape (members, token classes), in the order of the rate card.
    ``nanos`` is the exact total at list price, ``searches`` the share of it that web searches cost, ``modified`` the
    share of it in rows with modifiers.
    """

    path: Path
    start: date
    members: tuple[str, ...]
    idle: tuple[str, ...]
    costs: Floats
    volumes: Floats
    surfaces: Mapping[str, Floats]
    tokens: Mapping[tuple[str, str], Floats]
    nanos: int
    searches: float
    modified: float

    @property
    def days(self) -> int:
        """How many days there are from the first to the last."""
        return len(self.costs)

    @property
    def last(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)


def read_panel(source: UsageSource, card: RateCard, members: Iterable[str] | None) -> Panel:
    """The panel of a usage file; ``members`` are who may be in it, None for whoever is.

    Volumes are at the prices of the file's first day. Raises InputError with every mistake of
    the file, rows of others than ``members``, unknown surfaces and models, and for a file in which nothing costs
    anything.
    """
    found, first, last = _who_when(source.path)
    known = found if members is None else tuple(sorted(members))
    end = last + timedelta(days=1)
    measured = measure(source, card, known, first, end)
    nanos = measured.demand.total[:, 0, :]
    active = np.asarray(nanos.any(axis=0), dtype=np.bool_)
    if not active.any():
        fact = "nothing in the file costs anything, so there is nothing to fit"
        raise InputError.at(str(source.path), fact, "name a file with tokens in it")
    counted = _Counted(card, known, first, (last - first).days + 1)
    for block in read_blocks(source.path):
        counted.add(block)
    total = int(nanos.sum())
    return Panel(
        path=source.path,
        start=first,
        members=tuple(name for name, uses in zip(known, active.tolist(), strict=True) if uses),
        idle=tuple(name for name, uses in zip(known, active.tolist(), strict=True) if not uses),
        costs=nanos[:, active] / _NANO,
        volumes=counted.volumes[:, active] / _NANO,
        surfaces={name: array[:, 0, active].sum(axis=0) / _NANO for name, array in measured.demand.by_surface.items()},
        tokens={key: array[active] for key, array in sorted(counted.tokens.items())},
        nanos=total,
        searches=counted.searches / total,
        modified=counted.modified / total,
    )


def _who_when(path: Path) -> tuple[tuple[str, ...], date, date]:
    """The members of a usage file, its first and its last day."""
    names: set[str] = set()
    first, last = date.max.toordinal(), date.min.toordinal()
    for block in read_blocks(path):
        present = np.flatnonzero(np.bincount(block.users, minlength=len(block.user_names)))
        names.update(block.user_names[code] for code in present.tolist())
        first = min(first, int(block.columns.day.min()) + _EPOCH)
        last = max(last, int(block.columns.day.max()) + _EPOCH)
    return tuple(sorted(names)), date.fromordinal(first), date.fromordinal(last)


class _Counted:
    """Volumes at one day's prices, and tokens, added up block by block."""

    def __init__(self, card: RateCard, members: Sequence[str], first: date, days: int) -> None:
        self._card, self._priced_on = card, first
        self._first = first.toordinal() - _EPOCH
        self._members = {member: code for code, member in enumerate(members)}
        self.volumes = np.zeros((days, len(members)), dtype=np.int64)
        self.tokens: dict[tuple[str, str], Floats] = {}
        self.searches = self.modified = 0.0

    def add(self, block: Block) -> None:
        """Take a block's rows in."""
        columns = block.columns
        users = np.array([self._members.get(name, -1) for name in block.user_names])[block.users]
        costs = self._costs(columns)
        np.add.at(self.volumes, (columns.day - self._first, users), costs)
        if columns.web_searches is not None and columns.web_searches.any():
            self.searches += float(costs.sum() - self._costs(replace(columns, web_searches=None)).sum())
        if columns.modifiers is not None:
            marked = np.array([bool(names.strip()) for names in columns.modifier_names])[columns.modifiers]
            self.modified += float(costs[marked].sum())
        models = [self._card.resolve(name) or name for name in columns.model_names]
        kinds = block.surfaces.astype(np.int64) * len(models) + columns.model
        for kind in np.unique(kinds).tolist():
            rows = kinds == kind
            key = block.surface_names[kind // len(models)], models[kind % len(models)]
            held = self.tokens.setdefault(key, np.zeros((len(self._members), len(TOKEN_CLASSES))))
            for place, name in enumerate(TOKEN_CLASSES):
                if name in columns.tokens:
                    np.add.at(held[:, place], users[rows], columns.tokens[name][rows].astype(np.float64))

    def _costs(self, columns: UsageColumns) -> npt.NDArray[np.int64]:
        """The rows at the prices of one day, or of the first on which a model has one; where it has none, their own."""
        models = [self._card.resolve(name) or name for name in columns.model_names]
        # A block's list of names may hold some that none of its rows has.
        known = [self._card.models.get(model) for model in models]
        on = [max(self._priced_on, model.first_day) if model else self._priced_on for model in known]
        days = np.array([day.toordinal() - _EPOCH for day in on], dtype=np.int32)[columns.model]
        try:
            return row_costs(replace(columns, day=days), self._card)
        except UnpricedRowsError:
            return row_costs(columns, self._card)


Dollars = npt.NDArray[np.float64]

_CELLS = 4_000_000
"""Members' days generated at once."""


def drawn(organization: Organization, card: RateCard, days: int, draws: int) -> Iterator[Dollars]:
    """Draw after draw, each of the shape (days, members), members in the order of their ids."""
    generator = Generator(organization, card, organization.start + timedelta(days=days))
    block = max(1, _CELLS // (days * len(generator.members)))
    for first in range(0, draws, block):
        volumes = generator.draw(range(first, min(first + block, draws)))
        dollars = _dollars(volumes)
        for number in range(dollars.shape[1]):
            yield dollars[:, number]


def _dollars(volumes: Volumes) -> Dollars:
    """Whole steps at the first day's prices, shape (days, draws, members)."""
    result = np.zeros(volumes.volumes.shape)
    for surface in volumes.surfaces:
        for run in surface.runs:
            steps = volumes.volumes[:, :, run]
            if surface.ratio is not None:
                steps = steps * surface.ratio[:, run]
            result[:, :, run] += np.rint(steps) * surface.costs[0].dollars()[:, run]
    return result
