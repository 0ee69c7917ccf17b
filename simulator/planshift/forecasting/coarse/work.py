"""The coarse work of a block: every account billed once without usage, then its draws by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from planshift.billing.schedule import months_after
from planshift.billing.simulation import Run
from planshift.forecasting.account_ledger import AccountLedger
from planshift.forecasting.block import Billable, Common, parts_of
from planshift.forecasting.coarse.ledgers import Monthly
from planshift.forecasting.coarse.library import Library
from planshift.forecasting.coarse.usage import Drawn, organization_factors, shared_factors, spans_of
from planshift.forecasting.sums import Book
from planshift.usage.demand import no_demand
from planshift.usage.measure import Measured
from planshift.usage.synthetic.persona import Organization

DRAWS = 512
"""Draws of an account that are worked on at a time."""


class Coarse(Common):
    """The work of a block, see `planshift.forecasting.block.Daily`; by persona and month instead of day by day."""

    def __call__(self, rows: range) -> bytes:
        """The part that some accounts come to."""
        book = Book(self.portfolio.months, self.draws)
        for row in rows:
            account = self.portfolio.accounts.account(row)
            billable = self.billable(account)
            if billable is None:
                book.add(account, ())
                continue
            skeleton = self._without_usage(billable)
            ledgers = [self._ledger(billable, skeleton, draws) for draws in parts_of(range(self.draws), DRAWS)]
            book.add(account, ledgers, skeleton.warnings)
        return book.part().packed()

    @cached_property
    def library(self) -> Library:
        """The reference members, made as they are needed, once a process."""
        return Library(self.portfolio)

    @cached_property
    def _shared_by_month(self) -> npt.NDArray[np.float64]:
        return shared_factors(self.shared.usage, self._months)

    @cached_property
    def _months(self) -> tuple[date, ...]:
        return tuple(months_after(self.library.start, month) for month in range(self.library.months))

    def _without_usage(self, one: Billable) -> Run:
        """Everything that does not hang on usage: terms, seats, what is bought at the start."""
        prepared = one.prepared
        start, people = prepared.scenario.start, prepared.scenario.people
        return prepared.run(Measured(no_demand(start, (prepared.end - start).days, people), rows=0, outside=0))

    def _ledger(self, one: Billable, skeleton: Run, draws: range) -> AccountLedger:
        scenario = one.prepared.scenario
        spans = spans_of(skeleton.ledger)
        if isinstance(scenario.usage, Organization) and one.generator:
            factors = organization_factors(scenario.usage, self._months, draws)
            factors *= self._shared_by_month[:, draws.start : draws.stop]
            drawn = Drawn(scenario, self.library, factors, draws)
            amounts = drawn.amounts(spans, one.prepared.metered_from)
        else:
            amounts = np.zeros((len(spans), 4, len(draws)), dtype=np.int64)
        run = replace(skeleton, ledger=Monthly(skeleton.ledger, spans, amounts).ledger())
        return self.ledger(one.account, run, draws)
