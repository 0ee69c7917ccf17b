"""A comparison in words: the answer, what to know before relying on it, and every name its tables and charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

import numpy as np

from planshift.billing.ledger import COLUMN
from planshift.billing.money import half_up, to_cents
from planshift.billing.schedule import month_text
from planshift.impact.compare import Comparison, OnPlan
from planshift.impact.reach import Reads
from planshift.impact.spread import Spread, means, spread
from planshift.reports.charts.kinds import PANELS_AT_MOST, Band
from planshift.reports.plans.names import plan_names, set_off
from planshift.reports.risk import COSTS_LEAST, OVER_BUDGET, Risk, budget_said
from planshift.reports.spread import Amounts, fan_said
from planshift.reports.words import (
    about,
    about_usd,
    band_said,
    in_draws,
    listed,
    of_years,
    percent,
    percentiles_said,
    prose_usd,
    said_before,
    what_ifs_said,
    without_effect,
)

DOLLARS = "US dollars"
CHANGE_IN_DOLLARS = "US dollars more (right) or less (left)"
SEATS, USAGE, UNDONE = "Seats", "Usage", "Work that cannot be done, at list price: not in the cost"
COUNTERFACTUAL = "(counterfactual)"


def names(comparison: Comparison) -> list[str]:
    """What the plans are called."""
    return plan_names(plan.outcome.plan for plan in comparison.plans)


def marked_names(comparison: Comparison) -> list[str]:
    """The same, and which of them are counterfactual."""
    return [
        f"{name} {COUNTERFACTUAL}" if plan.outcome.counterfactual else name
        for name, plan in zip(names(comparison), comparison.plans, strict=True)
    ]


def answer(comparison: Comparison, risks: Sequence[Risk], budget: int | None) -> str:
    """One sentence: which plan costs least, by how much, and what cannot be done on each; of many draws, in how many,
    and how far costs and differences are spread, each difference counted in the same draw."""
    last = comparison.end - timedelta(days=1)
    first = f"{said_before(idle(comparison))}{said_first(comparison)}"
    cheapest = _cheapest(comparison, over=True, budget=_beyond(comparison, risks, budget))
    return f"{first}From {comparison.first} to {last} {cheapest}; {_undone_said(comparison)}."


def headline(comparison: Comparison) -> str:
    """The answer in short, for the top of a chart."""
    said = _cheapest(comparison)
    return f"{said_first(comparison)}{said[:1].upper()}{said[1:]}"


def said_first(comparison: Comparison) -> str:
    """The what-ifs that were laid on and have an effect, before anything else is said."""
    return what_ifs_said(comparison.scenario.catalogue, lambda: _reads(comparison))


def idle(comparison: Comparison) -> tuple[str, ...]:
    """A sentence for each what-if that has no effect on the comparison."""
    return without_effect(comparison.scenario.catalogue, lambda: _reads(comparison))


def _reads(comparison: Comparison) -> Reads:
    return Reads.of(comparison.scenario, [plan.ledger for plan in comparison.plans], comparison.measured)


def _cheapest(comparison: Comparison, *, over: bool = False, budget: str = "") -> str:
    """The cheapest plan held against the first; where that is the first, the next held against it."""
    called, best, draws = marked_names(comparison), comparison.best, comparison.draws
    costs = [plan.outcome.cost for plan in comparison.plans]
    found = [spread(cost) for cost in costs]
    middles = [cost.p50 for cost in found]
    other = best or middles.index(min(middles[1:]), 1)
    years = comparison.scenario.seed is not None and over
    cost = (
        f"{about(middles[best], found[best])} USD{of_years(found[best], draws, _months(comparison)) if years else ''}"
    )
    if not (costs[other] - costs[0]).any():
        alike = [name for name, one in zip(called, costs, strict=True) if not (one - costs[best]).any()]
        return f"{listed(alike)} cost the same, {cost}{budget}"
    often = f" {in_draws(int(comparison.cheapest[best].sum()), draws)}" if draws > 1 else ""
    cheapest = f"the cheapest plan{often} is {set_off(called[best])} at {cost}{budget}"
    gap = _gap(spread(costs[other] - costs[0]), middles[0])
    if best:
        return f"{cheapest}, {gap} than {set_off(called[0])} at {about_usd(middles[0], found[0])}"
    following = f"the next, {called[other]}," if len(costs) > 2 else set_off(called[other])
    return f"{cheapest}; on {following} it is {gap}"


def _months(comparison: Comparison) -> int:
    return comparison.scenario.months


def _gap(change: Spread, base: int) -> str:
    """``848.99 USD (30.4 %) less``; where it is spread ``about 14,700 USD more (8 in 10 between …)``."""
    word = "less" if change.p50 < 0 else "more"
    if change.p10 != change.p90:
        return f"{about_usd(abs(change.p50), change)} {word} ({band_said(change)})"
    share = percent(change.p50, base)
    return f"{about_usd(abs(change.p50), change)}{f' ({share})' if share else ''} {word}"


def _beyond(comparison: Comparison, risks: Sequence[Risk], budget: int | None) -> str:
    if budget is None:
        return ""
    plan = comparison.plans[comparison.best].outcome.plan.id
    return f", {budget_said(next(one for one in risks if (one.key, one.plan) == (OVER_BUDGET, plan)), budget)}"


def _undone_said(comparison: Comparison) -> str:
    """What cannot be done on each plan; of many draws, in their median."""
    found = [undone(plan) for plan in comparison.plans]
    if not any(amount.mean for amount in found):
        return "no work is stopped on any of them" if len(found) > 2 else "no work is stopped on either"
    parts = [
        f"{f'{about(cents.p50, cents)} USD' if cents.p50 else 'nothing'} on {name}"
        for cents, name in zip(found, names(comparison), strict=True)
    ]
    median = ", in the median" if comparison.draws > 1 else ""
    return f"work that cannot be done{median}: {listed([*map(set_off, parts[:-1]), parts[-1]])}"


def undone(plan: OnPlan) -> Spread:
    """Work that cannot be done on a plan, at list price, cents."""
    nanos = spread(plan.outcome.undone)
    return Spread(*map(to_cents, (nanos.mean, nanos.p10, nanos.p50, nanos.p90)))


def counterfactual_notes(comparison: Comparison) -> tuple[str, ...]:
    """A sentence for each plan that is a counterfactual."""
    return tuple(
        f"{name[:1].upper()}{name[1:]}: a counterfactual, for {_why(comparison, plan)} (Rulebook P2)."
        for name, plan in zip(names(comparison), comparison.plans, strict=True)
        if plan.outcome.counterfactual
    )


def _why(comparison: Comparison, plan: OnPlan) -> str:
    mine = comparison.scenario.contract.plan
    if plan.outcome.plan.id == mine.id:
        return f"the plan ends on {comparison.scenario.term.renewal} and cannot be renewed"
    return "the plan is not sold any more, and this customer does not have it"


# --- charts -----------------------------------------------------------------------------------------------------------


def mean(amounts: Amounts) -> int:
    """The mean over draws of amounts of shape (draws,); of one draw, its amount."""
    return int(means(amounts))


def _in_draws(comparison: Comparison) -> str:
    """What is said of amounts that are means over draws."""
    return f", on average over {comparison.draws:,} draws" if comparison.draws > 1 else ""


def totals_alt(comparison: Comparison) -> str:
    """The totals in a sentence, for those who cannot see them."""
    parts = [
        f"{name}: seats {prose_usd(int(plan.outcome.seat_cost.sum()))}, usage"
        f" {prose_usd(mean(plan.outcome.usage_cost.sum(axis=0)))}, together {prose_usd(mean(plan.outcome.cost))}, work"
        f" that cannot be done {prose_usd(undone(plan).mean)}"
        for name, plan in zip(marked_names(comparison), comparison.plans, strict=True)
    ]
    return f"Bar chart of what each plan costs, US dollars{_in_draws(comparison)}. {'; '.join(parts)}."


def lines_alt(comparison: Comparison) -> str:
    """The months in a sentence, for those who cannot see them."""
    parts = []
    for name, plan in zip(marked_names(comparison), comparison.plans, strict=True):
        totals = plan.outcome.month_cost[:, 0]
        parts.append(f"{name} {prose_usd(int(totals.min()))} to {prose_usd(int(totals.max()))} a month")
    return f"Line chart of what each plan costs by month, {_span(comparison)}, US dollars: {'; '.join(parts)}."


def fans_alt(comparison: Comparison, bands: Sequence[Band]) -> str:
    """The same of months that are spread over draws."""
    parts = [f"{band.name} {fan_said(band)}" for band in bands]
    said = (
        f"Fan charts of what each plan costs by month, {_span(comparison)}, in {comparison.draws:,} draws, US dollars"
    )
    return f"{said}: {'; '.join(parts)}."


def _span(comparison: Comparison) -> str:
    return f"{month_text(comparison.first)} to {month_text(comparison.end - timedelta(days=1))}"


def costs_alt(comparison: Comparison, risks: Sequence[Risk]) -> str:
    """How costs are spread in a sentence, for those who cannot see it."""
    parts = [
        f"{name}: {percentiles_said(spread(plan.outcome.cost))}, costs least {_least(plan, risks)}"
        for name, plan in zip(marked_names(comparison), comparison.plans, strict=True)
    ]
    return f"Bars of what each plan costs in {comparison.draws:,} draws, US dollars. {'; '.join(parts)}."


def _least(plan: OnPlan, risks: Sequence[Risk]) -> str:
    found = next(one for one in risks if (one.key, one.plan) == (COSTS_LEAST, plan.outcome.plan.id))
    return in_draws(found.draws, found.of_draws)


def spread_caption(plan: OnPlan, risks: Sequence[Risk]) -> str:
    """What stands below a plan's spread: its parts in the middle, how often it is cheapest, and what is not in it."""
    usage, not_done = spread(plan.outcome.usage_cost.sum(axis=0)), undone(plan)
    said = f"costs least {_least(plan, risks)}; in the median seats {prose_usd(int(plan.outcome.seat_cost.sum()))}"
    said += f" + usage {about(usage.p50, usage)}"
    return f"{said}; work not done {about(not_done.p50, not_done)} USD" if not_done.p50 else said


def members_alt(comparison: Comparison) -> str:
    """The members' changes in a sentence, for those who cannot see them."""
    first, *others = marked_names(comparison)
    parts = []
    for number, name in enumerate(others, start=1):
        changes = comparison.members.change[number]
        span = f", from {prose_usd(int(changes.min()))} to {prose_usd(int(changes.max()))}" if len(changes) else ""
        parts.append(f"on {name} {int((changes > 0).sum())} cost more and {int((changes < 0).sum())} less{span}")
    average = _in_draws(comparison)
    return f"Bar chart of what each member costs more than on {set_off(first)} US dollars{average}: {'; '.join(parts)}."


def members_title(comparison: Comparison) -> str:
    """What the chart of members says, in short."""
    first, *others = marked_names(comparison)
    if len(others) > 1:
        return f"{said_first(comparison)}What each member costs more or less than on {first}"
    changes = comparison.members.change[1]
    dearer, cheaper = int((changes > 0).sum()), int((changes < 0).sum())
    counts = f"{dearer or 'None'} of {len(changes)} members cost more and {cheaper or 'none'} less"
    return f"{said_first(comparison)}{counts} on {others[0]} than on {first}{_in_draws(comparison)}"


def months_title(comparison: Comparison) -> str:
    """What the chart of months says, in short."""
    return f"{said_first(comparison)}What each plan costs, month by month"


def left_out(comparison: Comparison) -> str:
    """Which plans are not drawn month by month; empty where all are."""
    missing = marked_names(comparison)[PANELS_AT_MOST:]
    return f"Not drawn: {listed(missing)}; months.csv has them." if missing else ""


def difference(comparison: Comparison, plan: OnPlan) -> str:
    """What a plan costs more or less than the first; empty for the first."""
    first = comparison.plans[0]
    more = mean(plan.outcome.cost - first.outcome.cost)
    if plan is first:
        return ""
    if not more:
        return "as much as the first"
    share = percent(more, mean(first.outcome.cost))
    return f"{prose_usd(abs(more))} {'more' if more > 0 else 'less'}{f' ({share})' if share else ''}"


def caption(plan: OnPlan) -> str:
    """The parts of a plan's cost, and what is not in it; of many draws, on average."""
    amounts = plan.outcome.amounts
    unavailable = amounts[COLUMN["unavailable"]]
    said = f"seats {prose_usd(int(plan.outcome.seat_cost.sum()))}"
    said += f" + usage {prose_usd(mean(plan.outcome.usage_cost.sum(axis=0)))}"
    for what, nanos in (
        ("usage included in the seats", amounts[COLUMN["included"]]),
        ("work stopped", plan.outcome.undone - unavailable),
        ("not open to the seats", unavailable),
    ):
        cents = to_cents(mean(nanos))
        said += f"; {what} {prose_usd(cents)}" if cents else ""
    return said


def others_name(count: int) -> str:
    """What members who are shown as one are called."""
    return f"{count} others, on average" if count > 1 else "1 other"


def mean_change(cents: Sequence[int]) -> int:
    """The mean of members' amounts, whole cents."""
    return half_up(Fraction(int(np.sum(cents)), len(cents)))
