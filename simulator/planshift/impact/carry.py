"""Usage carried forward: where a file ends too early, its last year, or what there is of it, is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from planshift.billing.scenario import Scenario
from planshift.usage.measure import WEEK, YEAR_OF_WEEKS, Carried


@dataclass(frozen=True)
class Forward:
    """What is carried forward (None: nothing), and a sentence that says so."""

    carried: Carried | None
    note: str = ""


def forward(scenario: Scenario, end: date, *, tolerance: int = 0) -> Forward:
    """How a scenario's usage reaches ``end``: the last 52 weeks of its file, or the weeks there are, over and over.

    Weekdays stay weekdays, and every row is priced again on the day it falls on. Where no more than ``tolerance`` days
    are missing, nobody may just have worked, and nothing is carried.
    """
    if scenario.covered is None:
        return Forward(None)
    first, last = scenario.covered
    missing = (end - last).days - 1
    if missing <= tolerance:
        return Forward(None)
    carried = Carried.from_last(first, last)
    weeks = carried.days / WEEK
    held = "the last 52 weeks" if carried.days == WEEK * YEAR_OF_WEEKS else f"the {weeks:g} weeks that it holds"
    if carried.days < WEEK:
        held = f"the {carried.days} days that it holds"
    times = missing / carried.days
    note = (
        f"The usage file ends on {last}. The {missing} days after it repeat {held} ({carried.first} to {last}), "
        f"{times:.1f} times, priced on the days they fall on."
    )
    if carried.days < WEEK * YEAR_OF_WEEKS:
        months = whole_months(first, last)
        length = f"{months} month{'' if months == 1 else 's'}" if months else f"{(last - first).days + 1} days"
        note += f" Measured is {length} of usage, however often it is repeated."
    return Forward(carried, note)


def whole_months(first: date, last: date) -> int:
    """How many months there are about from a day to another, that one included; 0 for less than half a month."""
    return round(((last - first).days + 1) * 12 / 365.25)
