"""What seats include, window by window, and what waits where extra usage is off (Rulebook I1, I2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from planshift.billing.allowance import WEEK, window_starts
from planshift.billing.money import dollars, nano
from planshift.explanation.explanation import Step
from planshift.explanation.member_month import Day, MemberMonth, checked, stretches
from planshift.explanation.words import listed, money, price, said_by, span


def included_steps(month: MemberMonth) -> list[Step]:
    """What the seat includes, taken off, and a step for each window (level 1)."""
    first = month.days[0]
    if not first.phase.terms.plan.seat_based:
        return []
    plan = first.phase.terms.plan
    window = plan.on("included_usage.window", first.day)
    whole = -month.amount("included")
    head = Step("included in the seat, drawn on first", dollars(whole), rule="I1", source=said_by(plan, window))
    return [head, *checked("included usage", whole, [_window(month, days) for days in _windows(month)])]


def waiting_steps(month: MemberMonth) -> list[Step]:
    """What was stopped because the window's amount was used up and extra usage is off."""
    blocked = month.amount("blocked_allowance")
    if not blocked:
        return []
    first = month.days[0]
    value = first.phase.terms.extra_usage(first.day)
    source = said_by(first.phase.terms.plan, value)
    text = "stopped: the window's included usage was used up, and extra usage is switched off"
    days = [day for day in month.days if day.amount("blocked_allowance")]
    parts = [
        Step(
            f"{span(run[0].day, run[-1].day + timedelta(days=1))}: waiting for the next window",
            dollars(-sum(day.amount("blocked_allowance") for day in run)),
            rule="I2",
            level=1,
        )
        for run in _by_window(month, days)
    ]
    return [Step(text, dollars(-blocked), rule="I2", source=source), *checked("stopped usage", -blocked, parts)]


def _by_window(month: MemberMonth, days: list[Day]) -> Iterator[list[Day]]:
    for window in _windows(month):
        held = [day for day in days if window[0].day <= day.day <= window[-1].day]
        if held:
            yield held


def _windows(month: MemberMonth) -> Iterator[list[Day]]:
    """The days of the month under the plan, window by window."""
    window: list[Day] = []
    for day in month.days:
        if window and _begins(day):
            yield window
            window = []
        window.append(day)
    yield window


def _begins(day: Day) -> bool:
    name = str(day.phase.terms.plan.value("included_usage.window", day.day))
    return window_starts(name, day.phase.term.start, day.day)


def _window(month: MemberMonth, days: list[Day]) -> Step:
    """One window: what the seat has, what was used before this month, what was asked for, what is lost."""
    used_before = sum(day.amount("included") for day in _before(month, days[0]))
    used = sum(day.amount("included") for day in days)
    asked = sum(day.available for day in days)
    amounts = [(held, run[0].day) for held, run in stretches(tuple(days), lambda day: _amount(month, day)[0])]
    said = listed(f"{held} USD" + (f" from {since} on" if place else "") for place, (held, since) in enumerate(amounts))
    before = f", {money(used_before)} of it used before" if used_before else ""
    full = not _begins(days[0]) and days[0].day == month.replay.contract_start(days[0].day)
    cut = "; full, although the first days of the window are cut off" if full else ""
    lost = _nanos(month, days[-1]) - used_before - used
    if not _ends(days[-1]):
        cut += "; the window goes on"
    elif lost > 0:
        cut += f"; {money(lost)} not used, and lost"
    text = f"{span(days[0].day, days[-1].day + timedelta(days=1))}: {said} included{before}, {money(asked)} asked for"
    return Step(f"{text}{cut}", dollars(-used), rule="I1", source=_amount(month, days[-1])[1], level=1)


def _amount(month: MemberMonth, day: Day) -> tuple[str, str]:
    """What the member's seat includes a window on a day, and who says so."""
    seat = month.seat(day.phase)
    if seat is None:
        return "0.00", ""
    value = day.phase.terms.included(seat, day.day)
    return price(value.value), said_by(day.phase.terms.plan, value)


def _nanos(month: MemberMonth, day: Day) -> int:
    seat = month.seat(day.phase)
    return nano(day.phase.terms.included(seat, day.day).value) if seat else 0


def _before(month: MemberMonth, day: Day) -> list[Day]:
    """The days of the same window before a day: a month begins in the middle of a week, a run with a full one (H2)."""
    if _begins(day):
        return []
    earliest = max(day.day - timedelta(days=WEEK - 1), month.replay.contract_start(day.day))
    days = list(month.between(earliest, day.day))
    starts = [place for place, other in enumerate(days) if _begins(other)]
    return days[starts[-1] :] if starts else days


def _ends(day: Day) -> bool:
    """Does the window end with a day?"""
    name = str(day.phase.terms.plan.value("included_usage.window", day.day))
    return window_starts(name, day.phase.term.start, _tomorrow(day.day))


def _tomorrow(day: date) -> date:
    return day + timedelta(days=1)
