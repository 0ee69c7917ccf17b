"""A renewal in words: the answer, what to know before relying on it, and every name that its tables and charts show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

from planshift.billing.contract import Migrate
from planshift.billing.schedule import month_text
from planshift.impact.answers.what_if import AUTO_RELOAD, WhatIf
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.outcome import Outcome
from planshift.impact.reach import Reads, unreached
from planshift.impact.renew import Renewal
from planshift.impact.stopped import credits_unsaid, stopped_work
from planshift.plans.plan import read_overlay
from planshift.reports.page.said import Said
from planshift.reports.page.terminal import Terminal
from planshift.reports.page.verdict import verdict_said, with_credits, with_stopped
from planshift.reports.plans.names import plan_name, set_off
from planshift.reports.words import (
    no_effect,
    number_word,
    percent,
    prose_usd,
    said_before,
    what_ifs_said,
    without_effect,
)

DOLLARS = "US dollars"
OLD_SEATS, OLD_USAGE = "Old plan (counterfactual): seats", "Old plan (counterfactual): usage"
NEW_SEATS, NEW_USAGE = "New plan: seats", "New plan: usage"
YEAR_BEFORE = "The year before, seats and usage"
MONTH_ROWS = ("Year before", "Counterfactual", "New plan")
OLD_COST, NEW_COST = "old_cost", "new_cost"

AnyRenewal: TypeAlias = Renewal | DrawnRenewal
"""A renewal in one draw, or in many."""


def names(renewal: AnyRenewal) -> tuple[str, str]:
    """What the old plan and the new one are called: the old by its seats, the new by its title."""
    return plan_name(renewal.old.plan), renewal.new.plan.title


def answer(renewal: Renewal, what_if: Callable[[], WhatIf]) -> str:
    """The verdict of the page: what the months after the renewal cost, how much more or less, what is stopped.

    ``what_if`` is asked where nobody has said how credits are bought.
    """
    simulated = renewal.scenario.seed is not None
    verdict = verdict_said(renewal, renewal.old.cost, renewal.new.cost, term_ends(renewal), simulated)
    return said_whole(renewal, with_stopped(verdict, stopped_work(renewal)), what_if)


def said_whole(renewal: AnyRenewal, verdict: Said, what_if: Callable[[], WhatIf]) -> str:
    """A verdict with all that is to be said before it."""
    one = renewal if isinstance(renewal, Renewal) else renewal.detail[0]
    if credits_unsaid(one):
        verdict = with_credits(verdict, what_if().of(AUTO_RELOAD))
    return f"{said_before(idle(renewal))}{said_first(renewal)}{Terminal().text(verdict)}"


def headline(renewal: Renewal) -> str:
    """The answer in short, for the top of a chart."""
    _, new = names(renewal)
    said = f"{said_first(renewal)}{move(renewal, new)}"
    if not renewal.change:
        return f"{said}: the same cost in {months(renewal)}"
    return f"{said}: {_amount(renewal)} {'more' if renewal.change > 0 else 'less'} in {months(renewal)}"


def move(renewal: AnyRenewal, new: str) -> str:
    """``Renewing on 2026-10-17 on`` the new plan, or, before the term ends, ``Moving on … to`` it."""
    if early(renewal):
        return f"Moving on {renewal.day} to {new}"
    return f"Renewing on {renewal.day} on {new}"


def months(renewal: AnyRenewal) -> str:
    """``twelve months``: how many are set beside each other."""
    return f"{number_word(renewal.months)} {'month' if renewal.months == 1 else 'months'}"


def said_first(renewal: AnyRenewal) -> str:
    """The what-ifs that were laid on and have an effect, before anything else is said."""
    return what_ifs_said(renewal.scenario.catalogue, lambda: reads(renewal))


def idle(renewal: AnyRenewal) -> tuple[str, ...]:
    """A sentence for each what-if laid on that has no effect on the renewal."""
    return without_effect(renewal.scenario.catalogue, lambda: reads(renewal))


def idle_beside(renewal: AnyRenewal, what_ifs: Iterable[Path]) -> tuple[str, ...]:
    """The same for what-ifs that are set beside it."""
    overlays = [read_overlay(path) for path in what_ifs]
    if not overlays:
        return ()
    return tuple(map(no_effect, unreached(renewal.scenario.catalogue, reads(renewal), overlays)))


def reads(renewal: AnyRenewal) -> Reads:
    """What the renewal read of plans and prices."""
    one = renewal if isinstance(renewal, Renewal) else renewal.detail[0]
    return Reads.of(one.scenario, [one.run.ledger, one.counterfactual.ledger], one.run.measured)


def early(renewal: AnyRenewal) -> bool:
    """Does the contract move before its term ends (Rulebook R3)?"""
    return renewal.day < renewal.scenario.term.renewal


def _amount(renewal: Renewal) -> str:
    share = percent(renewal.change, renewal.old.cost)
    return f"{prose_usd(abs(renewal.change))} USD" + (f" ({share})" if share else "")


def term_ends(renewal: AnyRenewal) -> date | None:
    """The day on which the old term ends, where the contract moves before it."""
    return renewal.scenario.term.renewal if early(renewal) else None


def why(renewal: AnyRenewal) -> str:
    """Why the old plan going on is a counterfactual."""
    if early(renewal):
        return f"that plan ends on {renewal.scenario.term.renewal}"
    return "that plan cannot be renewed"


def notes(renewal: Renewal) -> tuple[str, ...]:
    """What to know before relying on the numbers, the counterfactual first."""
    return (*idle(renewal), counterfactual_note(renewal), *early_note(renewal, renewal), *renewal.notes)


def counterfactual_note(renewal: AnyRenewal) -> str:
    """A sentence that says what is counterfactual and what it takes for granted."""
    old, _ = names(renewal)
    ends = renewal.scenario.term.renewal
    since = f" from {ends} on" if early(renewal) else ""
    return (
        f"{old[:1].upper()}{old[1:]} going on is a counterfactual{since}: the plan ends on {ends} and cannot be "
        "renewed (Rulebook P2). It is shown as if seats, prices, included usage, discounts and limits stayed as they"
        " were."
    )


def early_note(renewal: AnyRenewal, draw: Renewal) -> tuple[str, ...]:
    """A sentence on what becomes of an old term's rest, the same in every ``draw``; nothing where none is left."""
    if not early(renewal):
        return ()
    credited = -sum(line.cents for line in draw.run.ledger.lines() if line.kind == "seat_credit")
    given = f"{prose_usd(credited)} USD of it are credited" if credited else "nothing of it is credited"
    ends = renewal.scenario.term.renewal
    return (f"The old seats are paid up to {ends} and count in the new cost until then; {given} (Rulebook R3).",)


def credit_is_assumed(renewal: AnyRenewal) -> bool:
    """Is it the plan file's choice, and not the scenario's, what becomes of the old term's rest?"""
    moves = [event.action for event in renewal.scenario.events if isinstance(event.action, Migrate)]
    return early(renewal) and any(move.credit is None for move in moves)


def bridge_alt(renewal: Renewal) -> str:
    """The bridge in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    steps = [f"{step.title.lower()} {'+' if step.cents > 0 else ''}{prose_usd(step.cents)}" for step in renewal.steps]
    return (
        f"Waterfall chart in US dollars from {prose_usd(renewal.old.cost)}, had {old} continued (a counterfactual), to "
        f"{prose_usd(renewal.new.cost)} on {new}: {'; '.join(steps)}."
    )


def months_alt(renewal: Renewal) -> str:
    """The months in a sentence, for those who cannot see them."""
    old, new = names(renewal)
    text = (
        f"Column chart of seats and usage by month, {month_text(renewal.day)} to "
        f"{month_text(renewal.end - timedelta(days=1))}, US dollars: had {old} continued (a counterfactual), "
        f"{_range(renewal.old)} a month; on {set_off(new)} {_range(renewal.new)}"
    )
    before = renewal.whole_year_before
    return f"{text}; a line for the year before, {_range(before)}." if before else f"{text}."


def _range(year: Outcome) -> str:
    totals = [month.total for month in year.months]
    return f"{prose_usd(min(totals))} to {prose_usd(max(totals))}"
