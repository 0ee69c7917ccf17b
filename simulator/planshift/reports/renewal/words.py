"""A renewal in words: the answer, what to know before relying on it, and every name that its tables and charts show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from planshift.billing.contract import Migrate
from planshift.billing.schedule import month_text
from planshift.impact.answers.what_if import AUTO_RELOAD, WhatIf
from planshift.impact.outcome import Outcome
from planshift.impact.reach import Reads, unreached
from planshift.impact.renewal import Renewal
from planshift.impact.spread import Spread, spread
from planshift.impact.stopped import credits_unsaid
from planshift.plans.plan import read_overlay
from planshift.reports.charts.kinds import Band
from planshift.reports.page.terminal import Terminal
from planshift.reports.page.verdict import early, renewal_verdict, share_of, with_credits
from planshift.reports.plans.names import plan_name, set_off
from planshift.reports.risk import COSTS_MORE, OVER_BUDGET, Risk, budget_said
from planshift.reports.spread import fan_said
from planshift.reports.words import (
    change_said,
    in_draws,
    no_effect,
    number_word,
    percentiles_said,
    prose_usd,
    said_before,
    what_ifs_said,
    without_effect,
)

DOLLARS = "US dollars"
CHANGE = "US dollars that the months after the renewal cost more (right) or less (left)"
DRAWS = "Draws"
OLD_SEATS, OLD_USAGE = "Old plan (counterfactual): seats", "Old plan (counterfactual): usage"
NEW_SEATS, NEW_USAGE = "New plan: seats", "New plan: usage"
YEAR_BEFORE = "The year before, seats and usage"
MONTH_ROWS = ("Year before", "Counterfactual", "New plan")
OLD_COST, NEW_COST = "old_cost", "new_cost"


def names(renewal: Renewal) -> tuple[str, str]:
    """What the old plan and the new one are called: the old by its seats, the new by its title."""
    return plan_name(renewal.old.plan), renewal.new.plan.title


def answer(renewal: Renewal, risks: Sequence[Risk], budget: int | None, what_if: Callable[[], WhatIf]) -> str:
    """The verdict of the page, with all that is to be said before it, and whether a budget holds.

    ``what_if`` is asked where nobody has said how credits are bought.
    """
    verdict = renewal_verdict(renewal)
    if credits_unsaid(renewal):
        verdict = with_credits(verdict, what_if().of(AUTO_RELOAD))
    first = f"{said_before(idle(renewal))}{said_first(renewal)}"
    return f"{first}{Terminal().text(verdict)}{_beyond(renewal, risks, budget)}"


def _beyond(renewal: Renewal, risks: Sequence[Risk], budget: int | None) -> str:
    if budget is None:
        return ""
    mine = (risk for risk in risks if risk.key == OVER_BUDGET and risk.plan == renewal.new.plan.id)
    return f" It is {budget_said(next(mine), budget)}."


def headline(renewal: Renewal, risks: Sequence[Risk]) -> str:
    """The answer in short, for the top of a chart."""
    _, new = names(renewal)
    said = f"{said_first(renewal)}{move(renewal, new)}"
    if renewal.draws > 1:
        return f"{said} costs more {in_draws(more(risks).draws, renewal.draws)}, {change_said(spread(renewal.change))}"
    change, old = int(renewal.change[0]), int(renewal.old.cost[0])
    if not change:
        return f"{said}: the same cost in {months(renewal)}"
    share = f" ({Terminal().text(share_of(change, old))})" if old else ""
    amount = f"{prose_usd(abs(change))} USD{share}"
    return f"{said}: {amount} {'more' if change > 0 else 'less'} in {months(renewal)}"


def more(risks: Sequence[Risk]) -> Risk:
    """That the new plan costs more."""
    return next(risk for risk in risks if risk.key == COSTS_MORE)


def move(renewal: Renewal, new: str) -> str:
    """``Renewing on 2026-10-17 on`` the new plan, or, before the term ends, ``Moving on … to`` it."""
    if early(renewal):
        return f"Moving on {renewal.day} to {new}"
    return f"Renewing on {renewal.day} on {new}"


def months(renewal: Renewal) -> str:
    """``twelve months``: how many are set beside each other."""
    return f"{number_word(renewal.months)} {'month' if renewal.months == 1 else 'months'}"


def said_first(renewal: Renewal) -> str:
    """The what-ifs that were laid on and have an effect, before anything else is said."""
    return what_ifs_said(renewal.scenario.catalogue, lambda: reads(renewal))


def idle(renewal: Renewal) -> tuple[str, ...]:
    """A sentence for each what-if laid on that has no effect on the renewal."""
    return without_effect(renewal.scenario.catalogue, lambda: reads(renewal))


def idle_beside(renewal: Renewal, what_ifs: Iterable[Path]) -> tuple[str, ...]:
    """The same for what-ifs that are set beside it."""
    overlays = [read_overlay(path) for path in what_ifs]
    if not overlays:
        return ()
    return tuple(map(no_effect, unreached(renewal.scenario.catalogue, reads(renewal), overlays)))


def reads(renewal: Renewal) -> Reads:
    """What the renewal read of plans and prices."""
    run, counterfactual = renewal.run, renewal.counterfactual
    return Reads.of(renewal.scenario, [run.ledger, counterfactual.ledger], run.measured)


def why(renewal: Renewal) -> str:
    """Why the old plan going on is a counterfactual."""
    if early(renewal):
        return f"that plan ends on {renewal.scenario.term.renewal}"
    return "that plan cannot be renewed"


def notes(renewal: Renewal) -> tuple[str, ...]:
    """What to know before relying on the numbers, the counterfactual first."""
    return (*idle(renewal), counterfactual_note(renewal), *early_note(renewal), *renewal.notes)


def counterfactual_note(renewal: Renewal) -> str:
    """A sentence that says what is counterfactual and what it takes for granted."""
    old, _ = names(renewal)
    ends = renewal.scenario.term.renewal
    since = f" from {ends} on" if early(renewal) else ""
    return (
        f"{old[:1].upper()}{old[1:]} going on is a counterfactual{since}: the plan ends on {ends} and cannot be "
        "renewed (Rulebook P2). It is shown as if seats, prices, included usage, discounts and limits stayed as they"
        " were."
    )


def early_note(renewal: Renewal) -> tuple[str, ...]:
    """A sentence on what becomes of an old term's rest, the same in every draw; nothing where none is left."""
    if not early(renewal):
        return ()
    credited = -sum(line.cents for line in renewal.run.ledger.lines() if line.kind == "seat_credit")
    given = f"{prose_usd(credited)} USD of it are credited" if credited else "nothing of it is credited"
    ends = renewal.scenario.term.renewal
    return (f"The old seats are paid up to {ends} and count in the new cost until then; {given} (Rulebook R3).",)


def credit_is_assumed(renewal: Renewal) -> bool:
    """Is it the plan file's choice, and not the scenario's, what becomes of the old term's rest?"""
    moves = [event.action for event in renewal.scenario.events if isinstance(event.action, Migrate)]
    return early(renewal) and any(move.credit is None for move in moves)


def bridge_title(renewal: Renewal, risks: Sequence[Risk]) -> str:
    """What the bridge says, in short: the answer, or that it is of means."""
    if renewal.draws == 1:
        return headline(renewal, risks)
    old, new = names(renewal)
    return f"{said_first(renewal)}From {old} (counterfactual) to {new}: the mean of {renewal.draws:,} draws"


def bridge_alt(renewal: Renewal, costs: tuple[int, int], between: Iterable[tuple[str, int, Spread]]) -> str:
    """The bridge in a sentence, for those who cannot see it: both ``costs``, and the title, amount and spread of each
    step between them, cents."""
    old, new = names(renewal)
    many = renewal.draws > 1
    steps = []
    for title, cents, one in between:
        spread_said = f" (P10 {prose_usd(one.p10)}, P90 {prose_usd(one.p90)})" if many else ""
        steps.append(f"{title.lower()} {'+' if cents > 0 else ''}{prose_usd(cents)}{spread_said}")
    of = f" of means over {renewal.draws:,} draws" if many else ""
    return (
        f"Waterfall chart{of} in US dollars from {prose_usd(costs[0])}, had {old} continued (a counterfactual), to "
        f"{prose_usd(costs[1])} on {new}: {'; '.join(steps)}."
    )


def months_title(renewal: Renewal) -> str:
    """What the chart of months says, in short."""
    old, new = names(renewal)
    return f"{said_first(renewal)}Month by month: {new}, beside {old} (counterfactual)"


def months_alt(renewal: Renewal, bands: Sequence[Band]) -> str:
    """The months in a sentence, for those who cannot see them; ``bands``: how far both plans are spread."""
    days = f"{month_text(renewal.day)} to {month_text(renewal.end - timedelta(days=1))}"
    if renewal.draws > 1:
        said = "; ".join(f"{band.name} {fan_said(band)}" for band in bands)
        return f"Fan chart of seats and usage by month, {days}, in {renewal.draws:,} draws, US dollars: {said}."
    old, new = names(renewal)
    text = (
        f"Column chart of seats and usage by month, {days}, US dollars: had {old} continued (a counterfactual), "
        f"{_range(renewal.old)} a month; on {set_off(new)} {_range(renewal.new)}"
    )
    before = renewal.whole_year_before
    return f"{text}; a line for the year before, {_range(before)}." if before else f"{text}."


def _range(year: Outcome) -> str:
    totals = year.month_cost[:, 0].tolist()
    return f"{prose_usd(min(totals))} to {prose_usd(max(totals))}"


def change_alt(renewal: Renewal, risks: Sequence[Risk]) -> str:
    """The spread of the change in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    draws = more(risks).draws
    return (
        f"Bar chart of the change in each of {renewal.draws:,} draws, US dollars, {new} less {old} (counterfactual):"
        f" {percentiles_said(spread(renewal.change))}; it is more in {draws:,} draws and as much or less in"
        f" {renewal.draws - draws:,}."
    )
