"""How usage answers to what it costs: from which day on members know that all of it is metered."""

from __future__ import annotations

from datetime import date, timedelta

from planshift.billing.scenario import Scenario
from planshift.billing.timeline import Timeline


def metered_from(scenario: Scenario, end: date, *, counterfactual: bool = False) -> date | None:
    """The day before ``end`` from which the plan in force includes no usage, though the contract's plan does.

    None where there is no such day; the horizon's first day if it lies before that. With ``counterfactual`` a plan that
    ends at its renewal goes on as it was (Rulebook P2).
    """
    if not scenario.contract.plan.seat_based:
        return None
    timeline = Timeline(scenario, counterfactual=counterfactual)
    for event in sorted((event for event in scenario.events if event.day < end), key=lambda event: event.day):
        turned = _renewed_before(timeline, event.day + timedelta(days=1))
        if turned is None:
            timeline.happen(event)
            turned = None if timeline.terms.plan.seat_based else event.day
        if turned is not None:
            return max(turned, scenario.start)
    turned = _renewed_before(timeline, end)
    return None if turned is None else max(turned, scenario.start)


def _renewed_before(timeline: Timeline, end: date) -> date | None:
    """The first renewal before a day after which no usage is included; the timeline stands there, or at the last."""
    while timeline.renewal < end:
        day = timeline.renewal
        timeline.advance(day)
        if not timeline.terms.plan.seat_based:
            return day
    return None
