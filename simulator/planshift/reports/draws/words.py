"""Draws in words: amounts rounded as their spread allows, so many of a hundred draws, and what to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from planshift.billing.calendar import month_text
from planshift.billing.money import cents_text
from planshift.billing.scenario import Scenario
from planshift.impact.spread import Spread
from planshift.reports.changes import half_up
from planshift.reports.charts.fan import Band
from planshift.reports.draws.chances import CAUSES, Event
from planshift.reports.words import counted, listed, prose_usd, simulated

_DIGITS = 3
"""So many digits of the distance between P10 and P90 are said."""
_WHOLE_DOLLARS = 100

REASONS = {
    "allowance_used_up": "included usage used up",
    "member_limit": "members' limits",
    "organization_limit": "the organization's limit",
    "credits_gone": "credits used up",
}
"""What stops usage, in the order in which it is named."""


def about(cents: int, spread: Spread) -> str:
    """An amount as far as its spread over the draws makes sense: ``74,200``; to the cent where there is none."""
    number = rounded(cents, spread)
    return prose_usd(number) if _step(spread) < _WHOLE_DOLLARS else prose_usd(number).removesuffix(".00")


def rounded(cents: int, spread: Spread) -> int:
    """The same as a number, cents."""
    step = _step(spread)
    if step < _WHOLE_DOLLARS:
        return cents
    sign = -1 if cents < 0 else 1
    return sign * ((abs(cents) + step // 2) // step) * step


def _step(spread: Spread) -> int:
    return 10 ** max(0, len(str(spread.p90 - spread.p10)) - _DIGITS) if spread.p90 > spread.p10 else 1


def middle(spread: Spread, draws: int, months: int) -> str:
    """``74,200 USD in the median of 1,000 simulated years (8 in 10 between 61,000 and 92,000)``."""
    return f"{about(spread.p50, spread)} USD in the median of {simulated(draws, months)} ({band_said(spread)})"


def band_said(spread: Spread) -> str:
    """``8 in 10 between 61,000 and 92,000``; that all are the same where 8 in 10 are."""
    if spread.p10 == spread.p90:
        return "8 in 10 are the same"
    return f"8 in 10 between {about(spread.p10, spread)} and {about(spread.p90, spread)}"


def fan_said(band: Band) -> str:
    """``from 5,100 to 6,300 a month in the median of the draws, P10 down to 4,000 and P90 up to 8,800``."""
    low, high, least, most = map(prose_usd, (min(band.p50), max(band.p50), min(band.p10), max(band.p90)))
    return f"from {low} to {high} a month in the median of the draws, P10 down to {least} and P90 up to {most}"


def percentiles_said(spread: Spread) -> str:
    """``P10 61,000, P50 74,200, P90 92,000, on average 75,100``."""
    p10, p50, p90, mean = map(prose_usd, (spread.p10, spread.p50, spread.p90, spread.mean))
    return f"P10 {p10}, P50 {p50}, P90 {p90}, on average {mean}"


def in_draws(draws: int, of_draws: int) -> str:
    """``in 83 of 100 draws``; the draws themselves where there are no more, or where that would say none or all."""
    if draws in (0, of_draws):
        return "in every draw" if draws else "in no draw"
    shown = half_up_percent(draws, of_draws)
    if of_draws <= 100 or shown in (0, 100):
        return f"in {draws:,} of {of_draws:,} draws"
    return f"in {shown} of 100 draws"


def half_up_percent(draws: int, of_draws: int) -> int:
    """So many of a hundred."""
    return half_up(Fraction(100 * draws, of_draws))


def budget_said(event: Event, budget: int) -> str:
    """``beyond the budget of 80,000.00 USD in 31 of 100 draws, most often first in 2027-06``."""
    said = f"beyond the budget of {prose_usd(budget)} USD {in_draws(event.draws, event.of_draws)}"
    return f"{said}{first_said(event)}"


def first_said(event: Event) -> str:
    """``, most often first in 2027-06``; nothing where it never happens, or has no months."""
    month = event.first_month
    return f", most often first in {month_text(month)}" if month else ""


def stops_said(events: Iterable[Event]) -> str:
    """``usage is stopped in 40 of 100 draws (credits used up)``, whatever stops it."""
    stopping = [event for event in events if event.key in CAUSES]
    happened = [event for event in stopping if event.draws]
    if not happened:
        return "no usage is stopped in any draw"
    any_of_them = happened[0].happens.any(axis=0)
    for event in happened[1:]:
        any_of_them = any_of_them | event.happens.any(axis=0)
    reasons = [said for key, said in REASONS.items() if key in {event.key for event in happened}]
    draws = in_draws(int(any_of_them.sum()), happened[0].of_draws)
    return f"usage is stopped {draws} ({listed(reasons)})"


def change_said(change: Spread) -> str:
    """``the median difference is 14,700 USD more (8 in 10 between -2,100 and 30,300)``, of the change in each draw."""
    if not change.p50:
        return f"the median difference is nothing ({band_said(change)})"
    word = "more" if change.p50 > 0 else "less"
    return f"the median difference is {about(abs(change.p50), change)} USD {word} ({band_said(change)})"


def draw_notes(scenario: Scenario, draws: int) -> tuple[str, ...]:
    """What to know of many draws: where usage comes from, and what percentiles are."""
    return (
        f"Usage is simulated, not measured: {counted(draws, 'draw')} at random from the scenario's personas, with seed"
        f" {scenario.seed}.",
        "P10, P50 and P90 are what 10, 50 and 90 of 100 draws do not exceed. They do not add up: every month, total and"
        " change has its own, and those of a change are of the change in each draw.",
    )


def detail_note(draws: int, detail: int, tables: Sequence[str]) -> str:
    """Which tables hold only the first ``detail`` draws."""
    names = listed(f"{name}.csv" for name in tables)
    held = f"{names} {'hold' if len(tables) > 1 else 'holds'} {_first(detail, draws)}"
    return f"{held}; the other tables count all {draws:,}."


def one_draw_note(scenario: Scenario) -> tuple[str, ...]:
    """What to know of a single draw; nothing where usage comes from a file."""
    if scenario.seed is None:
        return ()
    return (
        f"Usage is simulated, not measured: one draw at random from the scenario's personas, with seed"
        f" {scenario.seed}; other draws come to other amounts (--draws 1000 shows how far they lie apart).",
    )


def _first(detail: int, draws: int) -> str:
    if detail >= draws:
        return f"all {draws:,} draws"
    return {0: "no draw", 1: "the first draw alone"}.get(detail, f"the first {detail:,} draws alone")


def spread_facts(spread: Spread) -> dict[str, str]:
    """A spread as plain data: amounts as text, exact."""
    return {name: cents_text(getattr(spread, name)) for name in ("mean", "p10", "p50", "p90")}


def event_facts(events: Iterable[Event]) -> list[dict[str, object]]:
    """Events as plain data, those that happen in no draw included."""
    return [
        {
            "event": event.key,
            "plan": event.plan,
            "draws": event.draws,
            "of_draws": event.of_draws,
            "most_often_first_in": month_text(event.first_month) if event.first_month else None,
        }
        for event in events
    ]
