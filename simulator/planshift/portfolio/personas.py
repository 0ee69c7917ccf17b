"""Who an account's members are: its mix's personas, or those of a scenario file, in the numbers that it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from planshift.billing.schedule import months_after
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.plans.rates import RateCard
from planshift.portfolio.account import Account, Mix
from planshift.portfolio.shocks import Behaviour
from planshift.problems import Problem
from planshift.usage.products import read_products
from planshift.usage.synthetic.calendar_effects import days_off
from planshift.usage.synthetic.expected import Days, mean_month
from planshift.usage.synthetic.persona import Organization, Persona, Population
from planshift.usage.synthetic.persona_reading import Known, described, read_persona
from planshift.usage.synthetic.reading import shipped_personas

_YEAR = 12


@dataclass(frozen=True)
class PersonaShare:
    """A persona among the members of a seat type: its share of them, and what a member of it uses a month on average,
    US dollars at list price. ``population`` has no members yet."""

    population: Population
    share: Fraction
    mean_month: float


@dataclass(frozen=True)
class PlanPersonas:
    """Who is on a plan: the shares of each seat type, and an organization without members that they belong to."""

    shares: Mapping[str, tuple[PersonaShare, ...]]
    organization: Organization


@dataclass(frozen=True)
class AccountPopulations:
    """An account's populations, in order of seat type and persona, and the organization without them."""

    populations: tuple[Population, ...]
    organization: Organization


@dataclass(frozen=True, eq=False)
class PortfolioPersonas:
    """Who is on each plan, by a portfolio's mixes and scenario files, each made when it is first asked for.

    ``personas``: the shipped ones that mixes name, as they are on the first day simulated; ``year_before``: the first
    day of the year over which past spend is compared with personas.
    """

    personas: Mapping[str, Persona]
    scenarios: Mapping[Path, Organization]
    behaviour: Behaviour
    start: date
    year_before: date
    cards: Mapping[str, RateCard]
    _by_plan: dict[tuple[str, Path | None, str], PlanPersonas] = field(default_factory=dict)
    _splits: dict[tuple[str, Path | None, str, str, int], tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        mixes: Iterable[Mix],
        scenarios: Mapping[Path, Organization],
        behaviour: Behaviour,
        catalogue: Catalogue,
        start: date,
        horizon: date,
    ) -> PortfolioPersonas:
        """The personas of mixes that are known to be right; ``start``: the first day simulated, ``horizon``: the first
        day that is forecast."""
        names = {name for mix in mixes for shares in mix.shares.values() for name in shares}
        cards = {plan.id: catalogue.card(plan) for plan in catalogue.plans.values()}
        personas = shipped(sorted(names), next(iter(cards.values())), start, [])
        return cls(personas, scenarios, behaviour, start, months_after(horizon, -_YEAR), cards)

    def of_account(self, account: Account) -> AccountPopulations:
        """Who an account's members are: each seat type's divided among its personas by largest remainder.

        Where the account's past spend is known, every persona's level has one factor, with which the mean of a month
        over the year before the horizon is that spend.
        """
        mix, scenario, plan = account.usage.mix, account.usage.scenario, account.contract.plan
        key = (mix.name if mix else "", scenario, plan.id)
        of_plan = self._by_plan.get(key)
        if of_plan is None:
            of_plan = self._by_plan[key] = (
                self._of_mix(mix, plan) if mix else self._of_scenario(self.scenarios[scenario], plan)  # type: ignore[index]
            )
        found: list[tuple[PersonaShare, int]] = []
        for seat, count in account.members.items():
            shares = of_plan.shares[seat]
            split = self._splits.get((*key, seat, count))
            if split is None:
                split = self._splits[(*key, seat, count)] = shared_out(count, [share.share for share in shares])
            found += [pair for pair in zip(shares, split, strict=True) if pair[1]]
        spend, factor = account.usage.monthly_spend, 1.0
        if spend is not None:
            expected = sum(share.mean_month * count for share, count in found)
            factor = float(spend) / expected if expected else 0.0
        populations = (_populated(share.population, count, factor) for share, count in found)
        return AccountPopulations(tuple(populations), of_plan.organization)

    def _of_mix(self, mix: Mix, plan: Plan) -> PlanPersonas:
        groups = {seat: mix.shares[seat] for seat in plan.seat_types if seat in mix.shares}
        often = [name for group in groups.values() for name in group]
        shares: dict[str, tuple[PersonaShare, ...]] = {}
        for seat, group in groups.items():
            opened = plan.value(f"seats.{seat}.surfaces", self.start)
            found = []
            for name, share in group.items():
                persona = self.personas[name]
                mean = self._mean(persona, plan)
                if often.count(name) > 1:
                    persona = replace(persona, name=f"{name}-{seat}")
                asked = {use.surface for use in persona.surfaces}
                takes_up = {s: part for s, part in self.behaviour.uptake.items() if s in asked and s not in opened}
                metered = self.behaviour.metered if plan.seat_based else 1.0
                found.append(PersonaShare(Population(persona, 0, seat, persona.title, takes_up, metered), share, mean))
            shares[seat] = tuple(found)
        file = shipped_personas()
        return PlanPersonas(shares, Organization((), self.start, 0, file.shocks, files=(file.path,)))

    def _of_scenario(self, organization: Organization, plan: Plan) -> PlanPersonas:
        """The populations of a scenario, those of a seat type in proportion to how many members they have there."""
        ordered = sorted(organization.populations, key=lambda population: plan.seat_types.index(population.seat_type))
        shares: dict[str, tuple[PersonaShare, ...]] = {}
        for seat, group in groupby(ordered, key=lambda population: population.seat_type):
            populations = list(group)
            whole = sum(population.count for population in populations)
            shares[seat] = tuple(
                PersonaShare(
                    replace(population, count=0),
                    Fraction(population.count, whole),
                    self._mean(population.persona, plan, organization),
                )
                for population in populations
            )
        return PlanPersonas(shares, replace(organization, populations=()))

    def _mean(self, persona: Persona, plan: Plan, organization: Organization | None = None) -> float:
        country = organization.country if organization else None
        late = organization.late_december if organization else True
        end = months_after(self.year_before, _YEAR)
        days = (end - self.year_before).days
        off = days_off(country, self.year_before, end)
        return mean_month(persona, Days(self.year_before, days, _YEAR, off, late), self.cards[plan.id])


def shipped(names: Sequence[str], card: RateCard, day: date, problems: list[Problem]) -> dict[str, Persona]:
    """The shipped personas of some names as they are on a day; what is wrong with one is noted."""
    file = shipped_personas()
    known = Known(read_products().titles, file.mixes, card, day)
    found: dict[str, Persona] = {}
    for name in names:
        words = described(name, {}, file.layers, problems)
        persona = read_persona(words, known, problems) if words else None
        if persona:
            found[name] = persona
    return found


def shared_out(count: int, shares: Sequence[Fraction]) -> tuple[int, ...]:
    """A number divided by shares that add up to 1: whole parts, the rest to the largest remainders, the first of equals
    first."""
    exact = [count * share for share in shares]
    parts = [int(amount) for amount in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: count - sum(parts)]:
        parts[place] += 1
    return tuple(parts)


def _populated(population: Population, count: int, factor: float) -> Population:
    if factor == 1:
        return replace(population, count=count)
    persona = population.persona
    level = replace(persona.level, amount=persona.level.amount * factor)
    return replace(population, count=count, persona=replace(persona, level=level))
