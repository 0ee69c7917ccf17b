"""A block of accounts, day by day: drawn, billed, and their money events added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from planshift.billing.blocks import block_size
from planshift.billing.simulation import Prepared, Run
from planshift.forecasting.account_ledger import AccountLedger, account_ledger
from planshift.forecasting.shocks import Shared
from planshift.forecasting.sums import Book
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.scenario import scenario_of
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured
from planshift.usage.synthetic.generate import TOGETHER, Generator, draw_together
from planshift.usage.synthetic.persona import Organization
from planshift.usage.synthetic.volumes import Volumes


@dataclass(frozen=True)
class Billable:
    """An account that is simulated; ``generator`` None where it has no members."""

    account: Account
    prepared: Prepared
    generator: Generator | None

    @property
    def members(self) -> int:
        """How many members use something."""
        return len(self.generator.members) if self.generator else 0

    @property
    def at_a_time(self) -> int:
        """How many draws of it are worked on at a time."""
        prepared = self.prepared
        return block_size(len(prepared.scenario.people), (prepared.end - prepared.scenario.start).days)


class Common:
    """What all accounts of a portfolio in one of its scenarios share; sent to other processes without what can be made
    anew there."""

    def __init__(self, portfolio: Portfolio, draws: int) -> None:
        self.portfolio, self.draws = portfolio, draws

    def __getstate__(self) -> dict[str, object]:
        return {"portfolio": self.portfolio, "draws": self.draws}

    @cached_property
    def shared(self) -> Shared:
        """Growth and prices in every draw."""
        return Shared.of(self.portfolio, range(self.draws))

    def billable(self, account: Account) -> Billable | None:
        """An account made ready; None where its contract begins after the horizon."""
        scenario = scenario_of(account, self.portfolio, self.draws)
        if scenario is None:
            return None
        prepared = Prepared.of(scenario, until=self.portfolio.end)
        usage = scenario.usage
        if not isinstance(usage, Organization) or not usage.members:
            return Billable(account, prepared, None)
        card = scenario.catalogue.card(scenario.contract.plan)
        return Billable(account, prepared, Generator(usage, card, prepared.end))

    def ledger(self, account: Account, run: Run, draws: range) -> AccountLedger:
        """The ledger of an account's run in some draws."""
        return account_ledger(account, run, self.portfolio, draws, self.shared.of_some(draws).seat_prices)


class Daily(Common):
    """The work of a block: accounts by their places in the portfolio, to a `planshift.forecasting.sums.Part` in
    bytes."""

    def __call__(self, rows: range) -> bytes:
        """The part that some accounts come to."""
        book = Book(self.portfolio.months, self.draws)
        for account, runs in self.runs(rows):
            ledgers: list[AccountLedger] = []
            warnings: dict[str, None] = {}
            for draws, run in runs:
                warnings.update(dict.fromkeys(run.warnings))
                ledgers.append(self.ledger(account, run, draws))
            book.add(account, ledgers, tuple(warnings))
        return book.part().packed()

    def runs(self, rows: range) -> Iterator[tuple[Account, Iterator[tuple[range, Run]]]]:
        """Some accounts in order, each with its runs, in parts of the draws; none where nothing of it is simulated."""
        for group in self._groups(rows):
            yield from self._drawn(group)

    def _groups(self, rows: range) -> Iterator[list[tuple[Account, Billable | None]]]:
        """Accounts in order, so many as are drawn together."""
        group: list[tuple[Account, Billable | None]] = []
        size = 0
        for row in rows:
            account = self.portfolio.accounts.account(row)
            billable = self.billable(account)
            group.append((account, billable))
            size += billable.members * self.draws if billable else 0
            if size >= TOGETHER:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _drawn(
        self, group: Sequence[tuple[Account, Billable | None]]
    ) -> Iterator[tuple[Account, Iterator[tuple[range, Run]]]]:
        """Each account with its runs; those of few members are drawn together, the others alone."""
        whole = range(self.draws)
        small = [one for _, one in group if one and one.generator and one.at_a_time >= self.draws]
        volumes = draw_together([one.generator for one in small if one.generator], whole)
        drawn = {one.account.account_id: found for one, found in zip(small, volumes, strict=True)}
        del volumes
        for account, one in group:
            yield account, self._runs(one, drawn.pop(account.account_id, None)) if one else iter(())

    def _runs(self, one: Billable, volumes: Volumes | None) -> Iterator[tuple[range, Run]]:
        """The runs of an account, in parts of the draws; ``volumes``: what is drawn already, of all of them."""
        for draws in parts_of(range(self.draws), one.at_a_time):
            known = one.generator.draw(draws) if volumes is None and one.generator else volumes
            yield draws, one.prepared.run(self._measured(one, known, draws))

    def _measured(self, one: Billable, volumes: Volumes | None, draws: range) -> Measured:
        """What the members ask for, in some draws, with what all accounts share."""
        scenario, prepared = one.prepared.scenario, one.prepared
        if volumes is None:
            days = (prepared.end - scenario.start).days
            demand = Demand(scenario.start, scenario.people, {}, days, len(draws))
        else:
            demand = volumes.demand(scenario.start, prepared.end, scenario.people, prepared.metered_from)
        return self.shared.of_some(draws).usage.applied(Measured(demand, rows=0, outside=0))


def parts_of(draws: range, size: int) -> Iterator[range]:
    """Draws in parts of at most so many."""
    for first in range(draws.start, draws.stop, size):
        yield range(first, min(first + size, draws.stop))
