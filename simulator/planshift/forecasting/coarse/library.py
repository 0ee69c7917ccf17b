"""Reference members: what a persona's members ask for and what becomes of it under some terms, by month, at any level.

A few thousand members of each persona are drawn and billed day by day. Where a plan includes usage, that is done for
each level of use on a fine grid: how much is included depends on the level, and no law says how. What they ask for is
as many times as much at another level. Everything that an organization shares is left out here, and so are its limits
and credits, and what is the same for every member: a discount, and whether usage beyond the included one is billed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planshift.billing.account import bill
from planshift.billing.contract import Contract, CreditSettings, Own
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.money import NANO, UNLIMITED
from planshift.billing.schedule import months_after
from planshift.billing.seats import Seats
from planshift.billing.terms import Terms
from planshift.plans.rates import RateCard
from planshift.portfolio.portfolio import Portfolio
from planshift.problems import InputError
from planshift.usage.demand import Demand
from planshift.usage.synthetic.calendar_effects import day_factors, days_off
from planshift.usage.synthetic.expected import Days, mean_month
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Bursts, Organization, Persona, Population, Shocks
from planshift.usage.synthetic.streams import starts, uniforms
from planshift.usage.synthetic.volumes import Volumes

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

MEMBERS = 2048
"""Reference members of a persona. A power of two."""
SIZES = (64, 8, 1)
"""Members are drawn in crews of so many, whose sums are kept."""
CREWS = {64: 128, 8: 256, 1: MEMBERS}
"""How many crews of each size there are; every member is in as many of a size as any other."""
AN_OCTAVE = 2
"""Levels of use in each doubling; between two levels amounts are interpolated."""
AT_ONCE = 4
"""So many neighbouring levels are made together: whoever asks for one mostly asks for the next."""
LOWEST, HIGHEST = -8 * AN_OCTAVE, 12 * AN_OCTAVE
_LEVEL = {"usd": 16.0, "tokens": 4_000_000.0}
"""The level 0, in the units that levels have."""
_YEAR = 12
_PLENTY = 10**18


@dataclass(frozen=True)
class Kind:
    """Members whose months are alike but for their level: who they are, where, and under which terms and limit.

    ``limit``: a member's for a month, nano-dollars at list price, UNLIMITED without one.
    """

    population: Population
    organization: Organization
    terms: Terms
    seat: str
    limit: int

    @property
    def who(self) -> tuple[object, ...]:
        """What their usage depends on. A portfolio's personas share what is not their level."""
        persona, organization = self.population.persona, self.organization
        shared = id(persona.surfaces), id(persona.models), id(persona.week), id(persona.onboarding)
        around = organization.roll_out, organization.bursts.planned, organization.country, organization.late_december
        level = persona.level.unit, persona.level.sigma
        return (persona.name, level, shared, tuple(sorted(self.population.takes_up.items())), around)

    @property
    def key(self) -> tuple[object, ...]:
        """The same, with what becomes of it."""
        agreed = self.terms.own.included_usage.get(self.seat)
        return (self.who, self.terms.plan.id, self.terms.channel, self.seat, agreed, self.limit)

    @property
    def includes(self) -> bool:
        """Does their plan include usage?"""
        return self.terms.plan.seat_based

    @property
    def limited(self) -> bool:
        """Have they a limit of their own?"""
        return self.limit < UNLIMITED

    @property
    def relative(self) -> float:
        """The level of the members, as a multiple of the level 0."""
        level = self.population.persona.level
        return level.amount / _LEVEL[level.unit]


@dataclass(frozen=True)
class Tables:
    """Months of the crews of a kind, the sizes of crews one after another, nano-dollars at list price.

    ``asked`` (crews, months): what they ask for, where it is open to them, at the level 0. ``levels`` (crews, months,
    levels, 1 or 2): what of it is included at each level from ``first`` on and, where the kind is limited, what goes
    beyond that up to the limit; no levels at all where neither is so.
    """

    kind: Kind
    asked: Floats32
    first: int
    levels: Floats32


class Library:
    """The reference members of a portfolio; each table is made when it is first asked for."""

    def __init__(self, portfolio: Portfolio, members: int = MEMBERS) -> None:
        self._portfolio, self._members = portfolio, members
        self.start = portfolio.simulated_from
        self.months = portfolio.lead_in + portfolio.months
        # Tables and demands hold their kinds: what a key names by identity lives as long as the key.
        self._tables: dict[object, Tables] = {}
        self._demands: dict[object, tuple[Kind, Demand]] = {}

    def crews(self, size: int) -> int:
        """How many crews of a size there are."""
        return self._members if size == 1 else min(CREWS[size], CREWS[size] * self._members // MEMBERS or 1)

    def first(self, size: int) -> int:
        """Where in a table the crews of a size begin."""
        return sum(self.crews(other) for other in SIZES[: SIZES.index(size)])

    def tables(self, kind: Kind, low: int, high: int) -> Tables:
        """The crews' months at levels from ``low`` to ``high``, and at what others are there."""
        held = self._tables.get(kind.key)
        if held is None:
            asked = self._of_crews(self._single(kind, 0)[0])
            held = Tables(kind, asked, low // AT_ONCE * AT_ONCE, self._empty(kind))
        if kind.includes or kind.limited:
            first, last = held.first, held.first + held.levels.shape[2]
            low, high = min(first, low // AT_ONCE * AT_ONCE), max(last, -(-(high + 1) // AT_ONCE) * AT_ONCE)
            before = [self._made(kind, level) for level in range(low, first)]
            after = [self._made(kind, level) for level in range(last, high)]
            if before or after:
                parts = [np.stack(some, axis=2) for some in (before, after) if some]
                parts.insert(1 if before else 0, held.levels)
                held = replace(held, first=low, levels=np.concatenate(parts, axis=2))
        self._tables[kind.key] = held
        return held

    def _empty(self, kind: Kind) -> Floats32:
        """Levels of a kind before any is made."""
        crews = sum(self.crews(size) for size in SIZES)
        return np.zeros((crews, self.months, 0, 2 if kind.limited else 1), dtype=np.float32)

    def _made(self, kind: Kind, level: int) -> Floats32:
        """A level of a kind's crews, shape (crews, months, 1 or 2)."""
        asked, included = self._single(kind, level)
        if not kind.limited:
            return self._of_crews(included)[:, :, None]
        within = np.minimum(asked - included, np.float32(kind.limit))
        return np.stack((self._of_crews(included), self._of_crews(within)), axis=2)

    def _of_crews(self, single: Floats32) -> Floats32:
        """The sums of all crews, shape (crews, months), from those of members."""
        sums = []
        for size in SIZES[:-1]:
            members = _crews(self._portfolio.seed, self._members, size, self.crews(size))
            sums.append(single[members].sum(axis=1, dtype=np.float64).astype(np.float32))
        return np.concatenate([*sums, single])

    def _single(self, kind: Kind, level: int) -> tuple[Floats32, Floats32]:
        """What the reference members ask for at a level, and what of it is included, each (members, months)."""
        if kind.who not in self._demands:
            if len(self._demands) > 2:
                del self._demands[next(iter(self._demands))]
            self._demands[kind.who] = kind, self._drawn(kind)
        single = self._billed(kind, _times(self._demands[kind.who][1], 2 ** (level / AN_OCTAVE)))
        return single[:, :, 0], single[:, :, 1]

    def _drawn(self, kind: Kind) -> Demand:
        persona, portfolio = kind.population.persona, self._portfolio
        plain = replace(persona, level=replace(persona.level, amount=_LEVEL[persona.level.unit]))
        alone = Organization(
            populations=(replace(kind.population, persona=plain, count=self._members, metered=1.0, takes_up={}),),
            start=self.start,
            seed=portfolio.seed,
            shocks=Shocks(0.0, 0.0, kind.organization.shocks.slow_days),
            country=kind.organization.country,
            late_december=kind.organization.late_december,
        )
        card = portfolio.catalogue.card(kind.terms.plan)
        volumes = Generator(alone, card, portfolio.end).draw(range(1))
        factors = month_factors(volumes, alone, plain, card)
        asking = replace(alone.populations[0], takes_up=kind.population.takes_up)
        bursts = Bursts(kind.organization.bursts.planned)
        around = replace(alone, populations=(asking,), roll_out=kind.organization.roll_out, bursts=bursts)
        if around != alone:
            volumes = Generator(around, card, portfolio.end).draw(range(1))
        return _times(volumes.demand(self.start, portfolio.end, volumes.members), factors)

    def _billed(self, kind: Kind, demand: Demand) -> Floats32:
        """What of a demand is open and what is included, year by year under the same terms; (members, months, 2).

        Nothing becomes of it in months in which the plan is not offered yet; nobody is on it then.
        """
        result = np.zeros((len(demand.members), self.months, 2), dtype=np.float32)
        month, offered = 0, False
        while month < self.months:
            first, last = (months_after(self.start, min(many, self.months)) for many in (month, month + _YEAR))
            try:
                ledger = self._year(kind, demand.window(first, last))
            except InputError:
                if offered:
                    raise
                month += 1
                continue
            for (day, _), used in ledger.usage.items():
                result[:, self.month(day)] += _open_and_included(used[:, 0])
            month, offered = month + _YEAR, True
        return result

    def _year(self, kind: Kind, demand: Demand) -> Ledger:
        """A year or less under a kind's terms, with credits for everything where they are needed."""
        seats, first = {kind.seat: len(demand.members)}, demand.start
        prepaid = kind.terms.prepaid_on(first)
        contract = Contract(
            plan=kind.terms.plan,
            channel=kind.terms.channel,
            term_start=first,
            seats=seats,
            # Whoever waits for the next window uses the same of this one.
            own=Own(included_usage=kind.terms.own.included_usage, extra_usage=True),
            credits=CreditSettings(initial=_PLENTY) if prepaid else CreditSettings(),
        )
        held = Seats(held=seats, assigned=dict.fromkeys(demand.members, kind.seat))
        return bill(contract, held, demand, (), self._portfolio.catalogue, counterfactual=True)

    def month(self, day: date) -> int:
        """The number of a day's month, counted from the first simulated."""
        return (day.year - self.start.year) * _YEAR + day.month - self.start.month


def _open_and_included(used: npt.NDArray[np.int64]) -> Floats32:
    """What members ask for where it is open to them, and what is included, from all amounts of a month."""
    demand, unavailable, included = (used[COLUMN[name]] for name in ("demand", "unavailable", "included"))
    return np.stack((demand - unavailable, included), axis=1).astype(np.float32)


def _times(demand: Demand, factor: float | Floats) -> Demand:
    """A demand times a factor, or factors of shape (days, 1, 1)."""
    surfaces = {name: np.rint(amounts * factor).astype(np.int64) for name, amounts in demand.by_surface.items()}
    return replace(demand, by_surface=surfaces)


def month_factors(volumes: Volumes, organization: Organization, persona: Persona, card: RateCard) -> Floats:
    """Factors with which the members' mean of every month is that of their law, by day, shape (days, 1, 1).

    What the members happen to be would else be in every account.
    """
    days = len(volumes.volumes)
    # At the prices of the first day, in which levels are said.
    priced = (replace(surface, costs=surface.costs[:1]) for surface in volumes.surfaces)
    at_first = replace(volumes, since=(0,), surfaces=tuple(priced))
    end = volumes.start + timedelta(days=days)
    found = at_first.demand(volumes.start, end, volumes.members).pooled[:, 0].astype(np.float64)
    off = days_off(organization.country, volumes.start, end)
    mean = mean_month(persona, Days(volumes.start, days, 1.0, off, organization.late_december), card)
    calendar = day_factors(persona.week, volumes.start, days, off, organization.late_december)
    lawful = calendar.activity * calendar.volume
    lawful *= mean * NANO * len(volumes.members) / lawful.sum()
    months = [(volumes.start + timedelta(days=day)).replace(day=1).toordinal() for day in range(days)]
    _, place = np.unique(months, return_inverse=True)
    expected, drawn = (np.bincount(place, weights=values) for values in (lawful, found))
    factors: Floats = np.divide(expected, drawn, out=np.ones(len(drawn)), where=drawn > 0)
    return factors[place][:, None, None]


@lru_cache(maxsize=8)
def _crews(seed: int, members: int, size: int, crews: int) -> Places:
    """Members of each crew, shape (crews, size): the members in one random order after another, cut into crews."""
    names = tuple(f"crew of {size}, order {order}" for order in range(-(-crews * size // members)))
    order = np.argsort(uniforms(starts(seed, names, "crews", range(1)), count=members)[:, 0], axis=0, kind="stable")
    result: Places = order.T.reshape(-1)[: crews * size].reshape(crews, size)
    return result
