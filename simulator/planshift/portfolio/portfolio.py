"""A portfolio: every contract that somebody holds, what may happen to all of them, and how many there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from planshift.billing.schedule import month_text, months_after
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import read_overlay
from planshift.portfolio.account import Mix
from planshift.portfolio.columns import ABSENT, seat_types
from planshift.portfolio.personas import PortfolioPersonas
from planshift.portfolio.shocks import Behaviour, Breakage, NamedScenario, Shocks, Target
from planshift.portfolio.table import NOT_SAID, AccountTable, Ints
from planshift.problems import InputError, Place, did_you_mean
from planshift.usage.synthetic.persona import Organization

BASE = "base"
_SEEDS = 1 << 63
_NEVER, _ALWAYS = Fraction(0), Fraction(1)
_NO_SEATS, _MANY_SEATS = Fraction(-1), Fraction(10)


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Accounts, and what is simulated of them: ``months`` whole months from ``start``.

    ``lead_in``: how many months before the start are simulated too, so that what is owed at the start is known;
    ``draws`` and ``seed``: how often, and from which number, everything random is drawn; ``scenarios`` by name, at
    least one, the first being the usual one; ``name``: what messages call the portfolio, its file; ``organizations``:
    those of the scenario files that accounts name.
    """

    title: str
    start: date
    months: int
    lead_in: int
    seed: int
    draws: int
    accounts: AccountTable
    mixes: Mapping[str, Mix]
    breakage: Breakage
    shocks: Shocks
    targets: tuple[Target, ...]
    scenarios: Mapping[str, NamedScenario]
    catalogue: Catalogue
    name: str
    files: tuple[Path, ...]
    organizations: Mapping[Path, Organization]
    behaviour: Behaviour = Behaviour()
    note: str = ""

    @property
    def end(self) -> date:
        """The day after the horizon's last."""
        return months_after(self.start, self.months)

    @property
    def simulated_from(self) -> date:
        """The first day that is simulated, of an account whose term has begun by then."""
        return months_after(self.start, -self.lead_in)

    @cached_property
    def personas(self) -> PortfolioPersonas:
        """The personas of all mixes and scenario files, made once."""
        used = self.mixes.values(), self.organizations, self.behaviour
        return PortfolioPersonas.of(*used, self.catalogue, self.simulated_from, self.start)

    def seed_of(self, account_id: str) -> int:
        """The number that an account's usage is drawn from: of the portfolio's seed and the account's id alone."""
        name = f"{self.seed}\0{account_id}".encode()
        return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little") % _SEEDS

    def place_of(self, account_id: str) -> Place:
        """Where an account stands; the portfolio where it has none of that id."""
        try:
            return self.accounts.place(self.accounts.row(account_id))
        except KeyError:
            return Place(self.name)

    def under(self, scenario: str | None = None) -> Portfolio:
        """The portfolio as one of its scenarios has it, the first where none is named.

        Raises InputError where there is none of that name, or one of its overlays changes nothing.
        """
        chosen = scenario or next(iter(self.scenarios))
        if chosen not in self.scenarios:
            remedy = did_you_mean(chosen, self.scenarios)
            raise InputError.at(Place(self.name), f"the portfolio has no scenario '{chosen}'", remedy)
        named = self.scenarios[chosen]
        catalogue = self.catalogue
        for overlay in named.overlays:
            catalogue = catalogue.with_overlay(read_overlay(overlay))
        accounts = replace(self.accounts, catalogue=catalogue)
        accounts = accounts.shifted("renewal_probability", named.renewal_probability, _NEVER, _ALWAYS)
        accounts = accounts.shifted("seat_change", named.seat_change, _NO_SEATS, _MANY_SEATS)
        shocks = Shocks(
            growth=self.shocks.growth if named.growth is None else named.growth,
            token_price=self.shocks.token_price if named.token_price is None else named.token_price,
            seat_price=self.shocks.seat_price if named.seat_price is None else named.seat_price,
        )
        only = {chosen: NamedScenario(chosen, named.title)}
        return replace(self, accounts=accounts, catalogue=catalogue, shocks=shocks, scenarios=only)

    def __getstate__(self) -> dict[str, object]:
        """What another process is sent: the personas are made anew there."""
        return {name: value for name, value in self.__dict__.items() if name != "personas"}


@dataclass(frozen=True)
class Count:
    """How many accounts, members and seats have a name in common."""

    name: str
    accounts: int
    members: int
    seats: int


@dataclass(frozen=True)
class Contents:
    """What is in a portfolio.

    ``later``: accounts whose contract begins in the horizon or after it; ``early``: those that move early; ``known``:
    those whose past spend is known.
    """

    total: Count
    plans: tuple[Count, ...]
    segments: tuple[Count, ...]
    regions: tuple[Count, ...]
    term_starts: tuple[Count, ...]
    later: int
    early: int
    known: int


def contents(portfolio: Portfolio) -> Contents:
    """What is in a portfolio; the names of each kind sorted."""
    table = portfolio.accounts
    members, seats = (_summed(table, column) for column in ("members", "seats"))
    starts = table.numbers["term_start"]
    months = [month_text(date.fromordinal(day)) for day in starts.tolist()]

    def by(names: Sequence[str]) -> tuple[Count, ...]:
        known, places = np.unique(np.array(names), return_inverse=True)
        sums = [np.bincount(places, weights=one, minlength=len(known)) for one in (members * 0 + 1, members, seats)]
        return tuple(Count(str(name), *(int(one[place]) for one in sums)) for place, name in enumerate(known.tolist()))

    def texts(column: str) -> list[str]:
        coded = table.texts[column]
        return [coded.names[code] or NOT_SAID for code in coded.codes.tolist()]

    return Contents(
        total=Count("all", len(table), int(members.sum()), int(seats.sum())),
        plans=by(texts("plan")),
        segments=by(texts("segment")),
        regions=by(texts("region")),
        term_starts=by(months),
        later=int((starts >= portfolio.start.toordinal()).sum()),
        early=_given(table, "migrate_on"),
        known=_given(table, "monthly_spend"),
    )


def _summed(table: AccountTable, column: str) -> Ints:
    total: Ints = np.zeros(len(table), dtype=np.int64)
    for seat in seat_types(table.catalogue.plans.values()):
        values = table.numbers.get(f"{column}_{seat}")
        if values is not None:
            total += np.maximum(values, 0)
    return total


def _given(table: AccountTable, column: str) -> int:
    values = table.numbers.get(column)
    return 0 if values is None else int((values != ABSENT).sum())
