"""The verdict of a renewal, for pages in every language and for the terminal: one sentence from the same values."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from planshift.billing.money import half_up
from planshift.impact.answers.levels import shipped_levels
from planshift.impact.answers.what_if import WhatIfRow
from planshift.impact.renewal import Renewal
from planshift.impact.spread import Spread, spread
from planshift.impact.stopped import StoppedWork
from planshift.reports.page.said import Money, Name, Said, Value, said
from planshift.reports.words import YEAR, rounded


def renewal_verdict(renewal: Renewal) -> Said:
    """What the months on the new plan cost, how much more or less that is than today's terms would have cost, what work
    is stopped.

    Of many draws the medians of the cost and of the difference, counted draw by draw, how far the cost is spread, and
    in how many of the years it is more.
    """
    cost, change = spread(renewal.new.cost), spread(renewal.change)
    low, new, high, much = (rounded(cents, of) for cents, of in _shown(cost, change))
    ends = term_ends(renewal)
    values: dict[str, Value] = {
        "period": _period(renewal, ends),
        "new": Money(new),
        "why": said("verdict.why.ending", ends=ends) if ends else said("verdict.why.renewing"),
    }
    if renewal.draws > 1:
        odds = Fraction(int((renewal.change > 0).sum()), renewal.draws)
        values |= {"draws": renewal.draws, "low": Money(low, bare=True), "high": Money(high), "odds": odds}
    if much:
        values["much"] = _much(renewal, much)
    key = "same" if not much else "more" if much > 0 else "less"
    verdict = Said(f"verdict.over_draws.{key}" if renewal.draws > 1 else f"verdict.said.{key}", values)
    return with_stopped(verdict, StoppedWork.of(renewal.new.amounts))


def _shown(cost: Spread, change: Spread) -> tuple[tuple[int, Spread], ...]:
    return (cost.p10, cost), (cost.p50, cost), (cost.p90, cost), (change.p50, change)


def _much(renewal: Renewal, change: int) -> Value:
    """The difference; of one draw also as a share of what today's terms would have cost."""
    old = int(renewal.old.cost[0])
    if renewal.draws > 1 or not old:
        return Money(abs(change))
    return said("verdict.much", change=Money(abs(change), bare=True), share=share_of(change, old))


def share_of(change: int, old: int) -> Fraction:
    """How large a change is, whatever its sign, as headlines say it: in whole per cent from 1 % on."""
    share = Fraction(abs(change), old)
    return share if share < Fraction(1, 100) else Fraction(half_up(100 * share), 100)


def with_stopped(verdict: Said, stopped: StoppedWork) -> Said:
    """A verdict with the work that is stopped, where that is enough to matter; over draws, the median of it."""
    if not stopped.matters(shipped_levels().stopped):
        return verdict
    draws, found = len(stopped.amount), spread(stopped.amount)
    cause = said(f"verdict.stopped.{stopped.cause}")
    if not stopped.all_of_it:
        cause = said("verdict.stopped.mostly", cause=cause)
    key = "verdict.stopped.over_draws" if draws > 1 else "verdict.stopped.said"
    return said("verdict.joined", first=verdict, last=said(key, amount=Money(rounded(found.p50, found)), cause=cause))


def with_credits(verdict: Said, reload: WhatIfRow | None) -> Said:
    """A verdict on a renewal that says nothing of credits: that comes first, with the cost under auto reload.

    ``reload``: that what-if; None where it would change nothing.
    """
    if reload is None:
        first = said("verdict.credits.enough")
    else:
        key = "stops" if reload.undone.p50 else "reload"
        first = said(f"verdict.credits.{key}", new=Money(rounded(reload.new.p50, reload.new)))
    return said("verdict.joined", first=first, last=verdict)


def _period(renewal: Renewal, ends: date | None) -> Said:
    plan = renewal.new.plan
    name = Name(f"verdict.plans.{plan.id}", plan.title)
    if renewal.months == YEAR:
        period = said("verdict.year", new_plan=name)
    else:
        period = said("verdict.months", new_plan=name, count=renewal.months)
    if ends:
        period = said("verdict.from_day", period=period, day=renewal.day)
    one_simulated = renewal.synthetic and renewal.draws == 1
    return said("verdict.one_simulated", period=period) if one_simulated else period


def early(renewal: Renewal) -> bool:
    """Does the contract move before its term ends (Rulebook R3)?"""
    return renewal.day < renewal.scenario.term.renewal


def term_ends(renewal: Renewal) -> date | None:
    """The day on which the old term ends, where the contract moves before it."""
    return renewal.scenario.term.renewal if early(renewal) else None
