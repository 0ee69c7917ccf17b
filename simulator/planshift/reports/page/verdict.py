"""The verdict of a renewal, for pages in every language and for the terminal: one sentence from the same values."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Protocol

from planshift.impact.answers.levels import shipped_levels
from planshift.impact.answers.what_if import WhatIfRow
from planshift.impact.spread import spread
from planshift.impact.stopped import StoppedWork
from planshift.plans.plan import Plan
from planshift.reports.page.said import Money, Name, Said, Value, said
from planshift.reports.words import YEAR, rounded


class Year(Protocol):
    """A year under a plan."""

    @property
    def plan(self) -> Plan:
        """The plan."""


class Renewed(Protocol):
    """A renewal, in one draw or in many."""

    @property
    def day(self) -> date:
        """Its day."""

    @property
    def months(self) -> int:
        """How many months are set beside each other."""

    @property
    def new(self) -> Year:
        """The months on the new plan."""


def verdict_said(renewal: Renewed, old: int, new: int, ends: date | None, simulated: bool) -> Said:
    """What the months on the new plan cost, and how much more or less that is than today's terms would have cost.

    ``old`` and ``new`` in cents; ``ends``: where the move is early, the day on which the old term ends; ``simulated``:
    is usage a year that was drawn at random?
    """
    change = new - old
    values: dict[str, Value] = {
        "period": _period(renewal, ends, simulated),
        "new": Money(new),
        "why": comparison_only(ends),
    }
    if not change:
        return Said("verdict.said.same", values)
    much: Value = Money(abs(change))
    if old:
        much = said("verdict.much", change=Money(abs(change), bare=True), share=Fraction(abs(change), old))
    return Said(f"verdict.said.{'more' if change > 0 else 'less'}", {**values, "much": much})


def verdict_over_draws(
    renewal: Renewed, draws: int, new: tuple[int, int, int], change: int, dearer: Fraction, ends: date | None
) -> Said:
    """The same over many draws: medians of the new cost and of the difference, draw by draw, and how often it is more.

    ``new``: P10, P50 and P90 of the new cost, and ``change`` the median difference, cents, rounded as they are shown;
    ``dearer``: the share of draws in which the new plan costs more.
    """
    low, middle, high = new
    key = "same" if not change else "more" if change > 0 else "less"
    values: dict[str, Value] = {
        "period": _period(renewal, ends, simulated=False),
        "new": Money(middle),
        "draws": draws,
        "low": Money(low, bare=True),
        "high": Money(high),
        "odds": dearer,
        "why": comparison_only(ends),
    }
    much: dict[str, Value] = {"much": Money(abs(change))} if change else {}
    return Said(f"verdict.over_draws.{key}", values | much)


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


def comparison_only(ends: date | None) -> Said:
    """Why today's terms are there for comparison alone; ``ends`` as in `verdict_said`."""
    return said("verdict.why.ending", ends=ends) if ends else said("verdict.why.renewing")


def _period(renewal: Renewed, ends: date | None, simulated: bool) -> Said:
    plan = renewal.new.plan
    name = Name(f"verdict.plans.{plan.id}", plan.title)
    if renewal.months == YEAR:
        period = said("verdict.year", new_plan=name)
    else:
        period = said("verdict.months", new_plan=name, count=renewal.months)
    if ends:
        period = said("verdict.from_day", period=period, day=renewal.day)
    return said("verdict.one_simulated", period=period) if simulated else period
