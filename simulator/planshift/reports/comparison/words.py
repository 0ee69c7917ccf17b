"""A comparison in words: the answer, what to know before relying on it, and every name its tables and charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import TypeAlias

from planshift.billing.calendar import month_text
from planshift.billing.money import half_up, to_cents
from planshift.impact.bridge import undone
from planshift.impact.compare import Comparison, OnPlan
from planshift.impact.drawn_comparison import DrawnComparison, OnPlanDrawn
from planshift.impact.reach import Reads
from planshift.reports.plans.names import plan_names, set_off
from planshift.reports.words import listed, percent, prose_usd, said_before, simulated, what_ifs_said, without_effect

DOLLARS = "US dollars"
CHANGE_IN_DOLLARS = "US dollars more (right) or less (left)"
SEATS, USAGE, UNDONE = "Seats", "Usage", "Work that cannot be done, at list price: not in the cost"
COUNTERFACTUAL = "(counterfactual)"

AnyComparison: TypeAlias = Comparison | DrawnComparison
"""A comparison in one draw, or in many."""


def names(comparison: AnyComparison) -> list[str]:
    """What the plans are called."""
    return plan_names(plan.outcome.plan for plan in _plans(comparison))


def marked_names(comparison: AnyComparison) -> list[str]:
    """The same, and which of them are counterfactual."""
    return [
        f"{name} {COUNTERFACTUAL}" if plan.outcome.counterfactual else name
        for name, plan in zip(names(comparison), _plans(comparison), strict=True)
    ]


def _plans(comparison: AnyComparison) -> Sequence[OnPlan | OnPlanDrawn]:
    return comparison.plans


def answer(comparison: Comparison) -> str:
    """One sentence: which plan costs least, by how much, and what cannot be done on each."""
    last = comparison.end - timedelta(days=1)
    scenario = comparison.scenario
    drawn = "" if scenario.seed is None else f", in {simulated(1, scenario.months)},"
    first = f"{said_before(idle(comparison))}{said_first(comparison)}"
    said = f"{first}From {comparison.first} to {last}{drawn} {_cheapest(comparison)}"
    return f"{said}; {_undone_said(comparison)}."


def headline(comparison: Comparison) -> str:
    """The answer in short, for the top of a chart."""
    said = _cheapest(comparison)
    return f"{said_first(comparison)}{said[:1].upper()}{said[1:]}"


def said_first(comparison: AnyComparison) -> str:
    """The what-ifs that were laid on and have an effect, before anything else is said."""
    return what_ifs_said(comparison.scenario.catalogue, lambda: reads(comparison))


def idle(comparison: AnyComparison) -> tuple[str, ...]:
    """A sentence for each what-if that has no effect on the comparison."""
    return without_effect(comparison.scenario.catalogue, lambda: reads(comparison))


def reads(comparison: AnyComparison) -> Reads:
    """What the comparison read of plans and prices."""
    one = comparison if isinstance(comparison, Comparison) else comparison.detail[0]
    return Reads.of(one.scenario, [plan.ledger for plan in one.plans], one.measured)


def _cheapest(comparison: Comparison) -> str:
    """The cheapest plan held against the first; where that is the first, the next held against it."""
    called, costs = marked_names(comparison), [_cost(plan) for plan in comparison.plans]
    best = costs.index(min(costs))
    other = best or costs.index(min(costs[1:]), 1)
    gap = abs(costs[other] - costs[0])
    if not gap:
        alike = [name for name, cost in zip(called, costs, strict=True) if cost == costs[best]]
        return f"{listed(alike)} cost the same, {prose_usd(costs[best])} USD"
    share = percent(gap, costs[0])
    amount = f"{prose_usd(gap)} USD{f' ({share})' if share else ''}"
    cheapest = f"the cheapest plan is {set_off(called[best])} at {prose_usd(costs[best])} USD"
    if best:
        return f"{cheapest}, {amount} less than {set_off(called[0])} at {prose_usd(costs[0])} USD"
    following = f"the next, {called[other]}," if len(costs) > 2 else set_off(called[other])
    return f"{cheapest}; on {following} it is {amount} more"


def _cost(plan: OnPlan) -> int:
    return plan.outcome.cost


def _undone_said(comparison: Comparison) -> str:
    amounts = [to_cents(undone(plan.outcome)) for plan in comparison.plans]
    if not any(amounts):
        return "no work is stopped on any of them" if len(amounts) > 2 else "no work is stopped on either"
    parts = [
        f"{f'{prose_usd(cents)} USD' if cents else 'nothing'} on {name}"
        for cents, name in zip(amounts, names(comparison), strict=True)
    ]
    return f"work that cannot be done: {listed([*map(set_off, parts[:-1]), parts[-1]])}"


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What to know before relying on the numbers, what is counterfactual first."""
    return (*idle(comparison), *counterfactual_notes(comparison), *comparison.notes)


def counterfactual_notes(comparison: AnyComparison) -> tuple[str, ...]:
    """A sentence for each plan that is a counterfactual."""
    return tuple(
        f"{name[:1].upper()}{name[1:]}: a counterfactual, for {_why(comparison, plan)} (Rulebook P2)."
        for name, plan in zip(names(comparison), _plans(comparison), strict=True)
        if plan.outcome.counterfactual
    )


def _why(comparison: AnyComparison, plan: OnPlan | OnPlanDrawn) -> str:
    mine = comparison.scenario.contract.plan
    if plan.outcome.plan.id == mine.id:
        return f"the plan ends on {comparison.scenario.term.renewal} and cannot be renewed"
    return "the plan is not sold any more, and this customer does not have it"


def totals_alt(comparison: Comparison) -> str:
    """The totals in a sentence, for those who cannot see them."""
    parts = [
        f"{name}: seats {prose_usd(plan.outcome.seat_cost)}, usage {prose_usd(plan.outcome.usage_cost)}, together "
        f"{prose_usd(plan.outcome.cost)}, work that cannot be done {prose_usd(to_cents(undone(plan.outcome)))}"
        for name, plan in zip(marked_names(comparison), comparison.plans, strict=True)
    ]
    return f"Bar chart of what each plan costs, US dollars. {'; '.join(parts)}."


def months_alt(comparison: Comparison) -> str:
    """The months in a sentence, for those who cannot see them."""
    parts = []
    for name, plan in zip(marked_names(comparison), comparison.plans, strict=True):
        totals = [month.total for month in plan.outcome.months]
        parts.append(f"{name} {prose_usd(min(totals))} to {prose_usd(max(totals))} a month")
    first, last = month_text(comparison.first), month_text(comparison.end - timedelta(days=1))
    return f"Line chart of what each plan costs by month, {first} to {last}, US dollars: {'; '.join(parts)}."


def members_alt(comparison: Comparison) -> str:
    """The members' changes in a sentence, for those who cannot see them."""
    first, *others = marked_names(comparison)
    parts = []
    for number, name in enumerate(others, start=1):
        changes = [member.change(number) for member in comparison.members]
        dearer, cheaper = sum(cents > 0 for cents in changes), sum(cents < 0 for cents in changes)
        span = f", from {prose_usd(min(changes))} to {prose_usd(max(changes))}" if changes else ""
        parts.append(f"on {name} {dearer} cost more and {cheaper} less{span}")
    return f"Bar chart of what each member costs more than on {set_off(first)} US dollars: {'; '.join(parts)}."


def members_title(comparison: Comparison) -> str:
    """What the chart of members says, in short."""
    first, *others = marked_names(comparison)
    if len(others) > 1:
        return f"{said_first(comparison)}What each member costs more or less than on {first}"
    changes = [member.change(1) for member in comparison.members]
    dearer, cheaper = sum(cents > 0 for cents in changes), sum(cents < 0 for cents in changes)
    counts = f"{dearer or 'None'} of {len(changes)} members cost more and {cheaper or 'none'} less"
    return f"{said_first(comparison)}{counts} on {others[0]} than on {first}"


def months_title(comparison: Comparison) -> str:
    """What the chart of months says, in short."""
    return f"{said_first(comparison)}What each plan costs, month by month"


def difference(comparison: Comparison, plan: OnPlan) -> str:
    """What a plan costs more or less than the first; empty for the first."""
    first = comparison.plans[0]
    more = _cost(plan) - _cost(first)
    if plan is first:
        return ""
    if not more:
        return "as much as the first"
    share = percent(more, _cost(first))
    return f"{prose_usd(abs(more))} {'more' if more > 0 else 'less'}{f' ({share})' if share else ''}"


def caption(plan: OnPlan) -> str:
    """The parts of a plan's cost, and what is not in it."""
    result = plan.outcome
    said = f"seats {prose_usd(result.seat_cost)} + usage {prose_usd(result.usage_cost)}"
    for what, cents in (
        ("usage included in the seats", to_cents(result.amount("included"))),
        ("work stopped", to_cents(undone(result) - result.amount("unavailable"))),
        ("not open to the seats", to_cents(result.amount("unavailable"))),
    ):
        said += f"; {what} {prose_usd(cents)}" if cents else ""
    return said


def others_name(count: int) -> str:
    """What members who are shown as one are called."""
    return f"{count} others, on average" if count > 1 else "1 other"


def mean(cents: list[int]) -> int:
    """The mean of amounts, whole cents."""
    return half_up(Fraction(sum(cents), len(cents)))
