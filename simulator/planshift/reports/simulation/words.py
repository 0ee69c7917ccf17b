"""A simulation in words: the answer, what to know before relying on it, and what its charts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from planshift.billing.ledger import Ledger
from planshift.billing.money import UNLIMITED
from planshift.billing.schedule import month_text
from planshift.billing.simulation import Run
from planshift.impact.reach import Reads
from planshift.impact.spread import means, spread
from planshift.reports.charts.kinds import Band
from planshift.reports.risk import OVER_BUDGET, Risk, budget_said, of_plan, stops_said
from planshift.reports.spread import Measured, fan_said
from planshift.reports.words import (
    about_usd,
    in_draws,
    listed,
    marks,
    of_years,
    prose_usd,
    prose_usd_of,
    said_before,
    set_before,
    with_effect,
    without_effect,
)

DOLLARS = "US dollars"

CHARGES: Mapping[str, tuple[str, ...]] = {
    "seats": ("seat_fees", "seat_additions"),
    "credits": ("credit_purchases",),
    "usage": ("usage_invoiced",),
}
"""What people ask for, and the measures that make it up."""


def first(run: Run) -> str:
    """What a sentence about a run begins with: what-ifs without effect, that it is no real bill, where it is none, the
    other what-ifs, and the scenario's title."""
    titles = marks(with_effect(run.scenario.catalogue, lambda: _reads(run)))
    before = set_before([*(["counterfactual"] if run.ledger.counterfactual else []), *titles])
    return f"{said_before(idle(run))}{before}{run.scenario.title}: "


def idle(run: Run) -> tuple[str, ...]:
    """A sentence for each what-if that has no effect on a run."""
    return without_effect(run.scenario.catalogue, lambda: _reads(run))


def _reads(run: Run) -> Reads:
    return Reads.of(run.scenario, [run.ledger], run.measured)


def answer(run: Run, whole: Measured, risks: Sequence[Risk], budget: int | None) -> str:
    """One sentence: what is invoiced, how far it is spread, what for, whether a budget holds, and whether usage is
    stopped; ``whole`` are the measures of all plans together."""
    days = f"from {run.ledger.start} to {last_day(run.ledger)}"
    said = f"{first(run)}{_invoiced(run, whole, days)}{_beyond(risks, budget)}"
    return f"{said}{_stopped(run, of_plan(risks, whole.plan))}{_lapsed(run)}."


def headline(start: str, run: Run, whole: Measured, risks: Sequence[Risk], budget: int | None) -> str:
    """The answer in short, for the top of a chart."""
    return f"{start}{_invoiced(run, whole, 'in all')}{_beyond(risks, budget)}"


def _invoiced(run: Run, whole: Measured, days: str) -> str:
    """``12,297 USD invoiced from … to …, 12,000 for seats and 297 for usage``; of many draws, with how far they are
    spread, and what for as far as that is the same in all of them."""
    total = spread(whole.total("invoiced"))
    over = of_years(total, run.totals.draws, run.scenario.months) if run.scenario.seed is not None else ""
    if not whole.total("invoiced").any():
        return f"nothing invoiced {days}{over}"
    amounts = {name: sum(whole.total(key) for key in keys) for name, keys in CHARGES.items()}
    found = {name: spread(np.asarray(cents)) for name, cents in amounts.items()}
    same = {name: one.p50 for name, one in found.items() if one.p10 == one.p90 and one.p50}
    said = f"{about_usd(total.p50, total)} invoiced {days}{over}"
    if [name for name, one in found.items() if one != spread(np.zeros(1, dtype=np.int64))] == [*same]:
        parts = listed(f"{prose_usd(cents)} for {name}" for name, cents in same.items())
        return f"{said}, {f'all of it for {next(iter(same))}' if len(same) == 1 else parts}"
    return f"{said}, {listed(f'{prose_usd(cents)} of it for {name}' for name, cents in same.items())}" if same else said


def _stopped(run: Run, risks: Sequence[Risk]) -> str:
    """``; usage worth 93.05 USD was stopped (member limit)``; of many draws, in how many it was."""
    if not run.totals.amount("demand").any():
        return ""
    return f"; {stops_said(risks, run.totals.blocked.sum(axis=0))}"


def _lapsed(run: Run) -> str:
    """What was paid for nothing (Rulebook C3, C4)."""
    lapsed = int(means(run.totals.lapsed.sum(axis=0)))
    average = " on average" if run.totals.draws > 1 else ""
    return f"; {prose_usd_of(lapsed)} USD of credits lapsed unused{average}" if lapsed else ""


def _beyond(risks: Sequence[Risk], budget: int | None) -> str:
    if budget is None:
        return ""
    return f"; {budget_said(next(risk for risk in risks if risk.key == OVER_BUDGET), budget)}"


def standing(run: Run, as_of: date) -> str:
    """Where things stand at the end of a day: billed in the usage period, left of limits and credits."""
    state = run.ledger.standing
    spent = int(state.spent[0].sum())
    said = [f"{prose_usd_of(spent)} USD of usage billed from {_period_start(run.ledger)} to {as_of}"]
    if state.organization_limit < UNLIMITED:
        said.append(f"{prose_usd_of(max(0, state.organization_limit - spent))} left of the organization's limit")
    if state.balance is not None:
        said.append(f"{prose_usd_of(int(state.balance[0]))} of credits left")
    year = "" if run.scenario.seed is None else "in one simulated year, "
    return f"{first(run)}{year}{listed(said)}."


def _period_start(ledger: Ledger) -> date:
    """The first day of the usage period that a run ends in: a month's, the run's, or that of a new contract."""
    closings = [
        after.since
        for before, after in pairwise(ledger.phases)
        if (before.terms.plan.id, before.terms.channel) != (after.terms.plan.id, after.terms.channel)
    ]
    return max(ledger.start, (ledger.end - timedelta(days=1)).replace(day=1), *closings)


def last_day(ledger: Ledger) -> date:
    """The run's last day, or the day after, on which usage up to then was invoiced."""
    after = any(charge.day == ledger.end and not charge.nothing for charge in ledger.charges)
    return ledger.end if after else ledger.end - timedelta(days=1)


def months_alt(months: Sequence[date], band: Band, draws: int) -> str:
    """The fan of usage by month in a sentence, for those who cannot see it."""
    return (
        f"Fan chart of usage billed by month, {month_text(months[0])} to {month_text(months[-1])}, in {draws:,} draws,"
        f" US dollars: {fan_said(band)}."
    )


def so_far_alt(months: Sequence[date], band: Band, draws: int, risk: Risk | None, budget: int | None) -> str:
    """The fan of what is invoiced so far in a sentence, for those who cannot see it."""
    said = (
        f"Fan chart of what is invoiced up to each month's end, {month_text(months[0])} to {month_text(months[-1])}, in"
        f" {draws:,} draws, US dollars: in the end the median of the draws is at {prose_usd(band.p50[-1])}, P10 at"
        f" {prose_usd(band.p10[-1])} and P90 at {prose_usd(band.p90[-1])}"
    )
    if risk is None or budget is None:
        return f"{said}."
    return f"{said}; a line for the budget of {prose_usd(budget)}, exceeded {in_draws(risk.draws, risk.of_draws)}."
