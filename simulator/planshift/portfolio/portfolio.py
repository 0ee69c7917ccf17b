"""A portfolio: every contract that somebody holds, and what may happen to all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.calendar import months_after
from planshift.plans.catalogue import Catalogue
from planshift.plans.files import PARQUET
from planshift.plans.plan import read_overlay
from planshift.portfolio.account import Mix
from planshift.portfolio.shocks import Behaviour, Breakage, NamedScenario, Shocks, Target
from planshift.portfolio.table import AccountTable
from planshift.problems import InputError, Place, did_you_mean
from planshift.usage.synthetic.organization import Organization
from planshift.usage.workbooks import is_workbook

if TYPE_CHECKING:
    from planshift.portfolio.people import People

__all__ = ["Portfolio", "read_portfolio"]

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
    def people(self) -> People:
        """The personas of all mixes and scenario files, made once."""
        from planshift.portfolio.people import People

        return People.of(self)

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
        return {name: value for name, value in self.__dict__.items() if name != "people"}


def read_portfolio(
    path: Path, catalogue: Catalogue, *, start: date | None = None, months: int | None = None
) -> Portfolio:
    """The portfolio of a YAML file, or straight of a file of accounts: CSV, a workbook or Parquet.

    A file of accounts needs ``start`` and ``months``, and nothing else is assumed; over a YAML file's horizon they go
    first. Raises InputError with every mistake of all the files.
    """
    from planshift.portfolio.written import read_accounts_only, read_written

    if path.suffix in (".csv", PARQUET) or is_workbook(path):
        return read_accounts_only(path, catalogue, start, months)
    return read_written(path, catalogue, start, months)
