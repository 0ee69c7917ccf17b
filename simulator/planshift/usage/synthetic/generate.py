"""The generator: from an organization to its members' usage in any draw, day by day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import NoPriceError, RateCard, lapse_days, lasting, successors
from planshift.problems import InputError
from planshift.usage.synthetic.calendar_effects import days_off, log_factors
from planshift.usage.synthetic.days import DayInputs, DayLaws, day_volumes
from planshift.usage.synthetic.members import (
    Members,
    Priced,
    Prices,
    StepCost,
    members_of,
    prices_on,
    step_tokens,
    traits,
)
from planshift.usage.synthetic.persona import Organization, Population, SurfaceUse
from planshift.usage.synthetic.streams import starts
from planshift.usage.synthetic.volumes import Portion, SurfaceVolumes, UsageRows, Volumes, usage_rows

__all__ = ["Generator", "UsageRows", "Volumes", "draw_together"]

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

TOGETHER = 1 << 12
"""Members' draws whose days are drawn at once, where organizations are small."""

_FINEST = 10**18
"""Parts of a nano-dollar that fit into 64 bits."""


class Generator:
    """Draws the usage of an organization's members from its start up to, not including, ``end``.

    A draw is a function of the organization's seed and the draw's number: neither other draws nor other members, nor a
    longer horizon, change a number of it. Raises InputError where a model has no price on a day of the horizon.
    """

    def __init__(self, organization: Organization, card: RateCard, end: date) -> None:
        self.organization = organization
        self.members = organization.members
        self._days = (end - organization.start).days
        if self._days < 1:
            raise ValueError(f"the end must be after {organization.start} (got {end})")
        # In the order of members; each population's follow one another.
        populations = (population for population in organization.populations if population.count)
        self._populations = tuple(sorted(populations, key=lambda population: population.members[0]))
        if (
            not self.members
            or tuple(chain.from_iterable(population.members for population in self._populations)) != self.members
        ):
            raise ValueError("there must be members, each of one population, and a population's ids follow one another")
        bounds = np.cumsum([0, *(population.count for population in self._populations)]).tolist()
        self._places = tuple(slice(*bound) for bound in pairwise(bounds))
        metered = [population.metered for population in self._populations]
        counts = [population.count for population in self._populations]
        self._metered = np.repeat(np.array(metered, dtype=np.float32), counts)
        self._source = str(organization.files[0]) if organization.files else "the organization"
        off = days_off(organization.country, organization.start, end - timedelta(days=1))
        self._laws = DayLaws.of(organization, self._populations, self._days, off)
        self._prices = _PriceList(organization, card, end, self._source)

    def draw(self, draws: range) -> Volumes:
        """The usage of a block of draws; memory for it is taken here and by what is asked of it, none beyond."""
        return draw_together([self], draws)[0]

    def priced(self, volumes: Volumes) -> Volumes:
        """Usage that was drawn at the prices of another rate card, token by token the same, at the prices of this one.

        It is this organization's, over the same days.
        """
        members = members_of(self._priced(), volumes.draws)
        surfaces = [replace(one, costs=self._costs(one.name, members)) for one in volumes.surfaces]
        return replace(volumes, surfaces=tuple(surfaces), since=self._prices.since, write=self._rows)

    def _priced(self) -> list[Priced]:
        return [Priced(self.organization, each, self._prices.of(each)) for each in self._populations]

    def _inputs(self, members: Sequence[Members], draws: range) -> DayInputs:
        """What the members' days depend on."""
        log_level = [_log(_main_steps(*pair)) for pair in zip(self._populations, members, strict=True)]
        return DayInputs(
            streams=starts(self.organization.seed, self.members, "days", draws),
            log_level=np.concatenate(log_level, axis=1).astype(np.float32),
            activity=np.concatenate([theirs.traits.activity for theirs in members], axis=1).astype(np.float32),
            joins=_joins(members),
            log_shared=log_factors(self.organization, self._days, draws).astype(np.float32)[:, :, None],
            sizes=(len(self.members),),
        )

    def _drawn(self, draws: range, members: Sequence[Members], volumes: Floats32, total: float) -> Volumes:
        names = sorted({use.surface for population in self._populations for use in population.persona.surfaces})
        return Volumes(
            draws=draws,
            start=self.organization.start,
            members=self.members,
            volumes=volumes,
            total=total,
            metered=self._metered,
            surfaces=tuple(self._surface(name, members) for name in names),
            since=self._prices.since,
            source=self._source,
            write=self._rows,
        )

    def _surface(self, name: str, members: Sequence[Members]) -> SurfaceVolumes:
        draws = len(members[0].traits.level)
        users = [number for number, theirs in enumerate(members) if name in theirs.costs]
        ratio = np.zeros((draws, len(self.members)), dtype=np.float32)
        for number in users:
            ratio[:, self._places[number]] = _ratio(self._populations[number], name, members[number])
        plain = all(bool((ratio[:, self._places[number]] == 1).all()) for number in users)
        places = [self._places[number] for number in users]
        return SurfaceVolumes(name, _runs(places), None if plain else ratio, self._costs(name, members))

    def _costs(self, name: str, members: Sequence[Members]) -> tuple[StepCost, ...]:
        """What a step on a surface costs all members, shape (draws, members), by price period."""
        users = [number for number, theirs in enumerate(members) if name in theirs.costs]
        places = [self._places[number] for number in users]
        shape = len(members[0].traits.level), len(self.members)
        return tuple(
            _side_by_side([members[number].costs[name][period] for number in users], places, shape)
            for period in range(len(self._prices.since))
        )

    def _rows(self, volumes: Volumes, draw: int, metered_from: date | None) -> UsageRows:
        portions = []
        for code, surface in enumerate(volumes.surfaces):
            steps = volumes.steps(surface, draw, metered_from)
            for population, place in zip(self._populations, self._places, strict=True):
                use = _use(population, surface.name)
                if use is None:
                    continue
                theirs = traits(self.organization, population, range(draw, draw + 1))
                tokens = step_tokens(population.persona, use.mix, theirs)[:, :, 0].transpose(2, 0, 1)
                models = np.array(self._prices.codes(population), dtype=np.int64)
                positions = np.arange(place.start, place.stop)
                portions.append(Portion(code, positions, models, steps[:, place], tokens))
        names = [surface.name for surface in volumes.surfaces]
        rows = usage_rows(self.organization.start, self.members, names, self._prices.models, portions)
        return self._prices.followed(rows)


def draw_together(generators: Sequence[Generator], draws: range) -> list[Volumes]:
    """What each generator draws, the days of many small organizations at once; the same numbers as one by one."""
    if not generators:
        return []
    priced = [generator._priced() for generator in generators]
    found = iter(members_of([*chain.from_iterable(priced)], draws))
    members = [[next(found) for _ in one] for one in priced]
    inputs = [generator._inputs(theirs, draws) for generator, theirs in zip(generators, members, strict=True)]
    groups: dict[object, list[int]] = {}
    for number, generator in enumerate(generators):
        groups.setdefault((generator._laws.kind, inputs[number].joins is None), []).append(number)
    drawn: dict[int, Volumes] = {}
    for group in chain.from_iterable(_few(numbers, generators, len(draws)) for numbers in groups.values()):
        laws = DayLaws.joined([generators[number]._laws for number in group])
        volumes, total = day_volumes(laws, DayInputs.joined([inputs[number] for number in group]))
        first = 0
        for number in group:
            part = volumes[:, :, first : first + len(generators[number].members)]
            first += part.shape[2]
            theirs = total if len(group) == 1 else float(np.add.reduce(part, axis=None))
            drawn[number] = generators[number]._drawn(draws, members[number], part, theirs)
    return [drawn[number] for number in range(len(generators))]


def _few(numbers: Sequence[int], generators: Sequence[Generator], draws: int) -> Iterator[list[int]]:
    """The generators' numbers in parts of not much more than TOGETHER members' draws."""
    part: list[int] = []
    size = 0
    for number in numbers:
        part.append(number)
        size += len(generators[number].members) * draws
        if size >= TOGETHER:
            yield part
            part, size = [], 0
    if part:
        yield part


class _PriceList:
    """Prices of the models that personas use, by price period of a horizon; the first period begins with it.

    A model that is retired by then has the prices of its successor.
    """

    def __init__(self, organization: Organization, card: RateCard, end: date, source: str) -> None:
        named = dict.fromkeys(name for population in organization.populations for name in population.persona.models)
        self._ids = {name: card.resolve(name) or name for name in named}
        self.models = tuple(sorted(set(self._ids.values())))
        try:
            changes = {day for model in self.models for day in _changes(card, model)}
            dates = [organization.start, *sorted(day for day in changes if organization.start < day < end)]
            first = organization.start
            self._of = [{model: lasting(card, model, (), first, day).model for model in self.models} for day in dates]
            self._periods = [
                {model: prices_on(card, [goes_on], day) for model, goes_on in of.items()}
                for day, of in zip(dates, self._of, strict=True)
            ]
        except NoPriceError as error:
            raise InputError.at(source, error.fact, error.remedy) from error
        self.since = tuple((day - organization.start).days for day in dates)

    def codes(self, population: Population) -> list[int]:
        """Where the models of a population's persona are in the list."""
        return [self.models.index(self._ids[name]) for name in population.persona.models]

    def followed(self, rows: UsageRows) -> UsageRows:
        """Rows of these models, those of a model that is retired by their day as of its successor."""
        names = (*self.models, *sorted({model for of in self._of for model in of.values()} - {*self.models}))
        codes = np.array([[names.index(of[model]) for model in self.models] for of in self._of])
        period = np.searchsorted(self.since, rows.day, "right") - 1
        return replace(rows, model=codes[period, rows.model], model_names=names)

    def of(self, population: Population) -> tuple[Prices, ...]:
        """The prices of the models of a population's persona, by price period."""
        models = [self._ids[name] for name in population.persona.models]
        return tuple(_together([prices[model] for model in models]) for prices in self._periods)


def _changes(card: RateCard, model: str) -> set[date]:
    """Every day on which what a model's usage costs may change: its own prices, and those of its successors."""
    return {*lapse_days(card, model, ()), *(day for one in successors(card, model) for day in card.price_dates(one))}


def _together(prices: Sequence[Prices]) -> Prices:
    """The prices of several models, in the finest of their scales."""
    scale = max(each.scale for each in prices)
    by_model = (tuple(price * (scale // each.scale) for price in each.by_model[0]) for each in prices)
    return Prices(scale, tuple(by_model))


def _use(population: Population, surface: str) -> SurfaceUse | None:
    return next((use for use in population.persona.surfaces if use.surface == surface), None)


def _main(population: Population) -> SurfaceUse:
    """The surface with the largest share, in whose steps volumes are counted."""
    return max(population.persona.surfaces, key=lambda use: use.share)


def _step_size(population: Population, use: SurfaceUse, cost: StepCost) -> Floats:
    """A step in the unit of the level, shape (draws, members): its tokens, or dollars on the first day."""
    if population.persona.level.unit == "tokens":
        return np.full(cost.whole.shape, float(use.mix.step_tokens))
    dollars = cost.dollars()
    if not (dollars > 0).all():
        fact = f"the tokens of '{population.persona.name}' cost nothing on the first day, and its level is in dollars"
        raise InputError.at(population.persona.name, fact, "give the level in tokens, or take another rate card")
    return dollars


def _main_steps(population: Population, members: Members) -> Floats:
    """The level in steps on the main surface."""
    main = _main(population)
    share = main.share / math.fsum(use.share for use in population.persona.surfaces)
    return members.traits.level * share / _step_size(population, main, members.costs[main.surface][0])


def _ratio(population: Population, name: str, members: Members) -> Floats:
    """Steps on a surface by step on the main one: by share and size of a step; none for who does not ask for it."""
    main, costs = _main(population), members.costs
    use = next(use for use in population.persona.surfaces if use.surface == name)
    result = np.ones(members.traits.level.shape)
    if use is not main:
        sizes = _step_size(population, main, costs[main.surface][0]) / _step_size(population, use, costs[name][0])
        result *= sizes * (use.share / main.share)
    if name in members.traits.asks:
        result *= members.traits.asks[name]
    return result


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        result: Floats = np.log(values)
    return result


def _joins(members: Sequence[Members]) -> npt.NDArray[np.int32] | None:
    """The joining days of all members, shape (draws, members); None where all are there from the start."""
    days = [theirs.traits.joins for theirs in members if theirs.traits.joins is not None]
    return np.concatenate(days, axis=1).astype(np.int32) if days else None


def _side_by_side(costs: Sequence[StepCost], places: Sequence[slice], shape: tuple[int, int]) -> StepCost:
    """Costs of several populations as those of all members; nothing for the rest."""
    whole = np.zeros(shape, dtype=np.int64)
    for cost, place in zip(costs, places, strict=True):
        whole[:, place] = cost.whole
    parts = [(cost.left, cost.scale, place) for cost, place in zip(costs, places, strict=True) if cost.left is not None]
    if not parts:
        return StepCost(whole)
    scale = max(scale for _, scale, _ in parts)
    exact = any(left.dtype == object for left, _, _ in parts) or scale > _FINEST
    left = np.zeros((max(len(left) for left, _, _ in parts), *shape), dtype=object if exact else np.int64)
    for part, finer, place in parts:
        left[: len(part), :, place] = part.astype(left.dtype) * (scale // finer)
    return StepCost(whole, left, scale)


def _runs(places: Sequence[slice]) -> tuple[slice, ...]:
    """Slices in order, those that follow one another as one."""
    result: list[slice] = []
    for place in places:
        if result and result[-1].stop == place.start:
            result[-1] = slice(result[-1].start, place.stop)
        else:
            result.append(place)
    return tuple(result)
