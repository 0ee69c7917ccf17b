"""What limits and credits stopped, day by day (Rulebook L1, L2, L6, C1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from planshift.billing.calendar import DAY
from planshift.billing.contract import SetLimits
from planshift.billing.ledger import ORGANIZATION
from planshift.billing.money import UNLIMITED, dollars
from planshift.explanation.explanation import YOUR_CONTRACT, Step
from planshift.explanation.member_month import Day, MemberMonth, checked, stretches
from planshift.explanation.words import counted, listed, money, said_by, span

DAYS_SHOWN = 10


@dataclass(frozen=True)
class Held:
    """A limit in force: nano-dollars a month, and the level that gave it in words; none where it is unlimited."""

    amount: int
    level: str

    @property
    def text(self) -> str:
        """``20.00 USD a month (the limit of ben)``."""
        amount = "unlimited" if self.amount >= UNLIMITED else f"{money(self.amount)} USD a month"
        return f"{amount} ({self.level})" if self.level else "no limit"


def member_limit_steps(month: MemberMonth) -> list[Step]:
    """What the member's limit stopped, the levels that gave it, and the days on which it bound."""
    blocked = month.amount("blocked_member_limit")
    limits = list(stretches(month.days, lambda day: _held(month, day)))
    if not blocked:
        return []
    head = Step("stopped by the member's limit", dollars(-blocked), rule="L1, L2", source=_levels(month))
    said = [
        Step(f"{span(days[0].day, days[-1].day + DAY)}: {held.text}{_since(month, days[0])}", rule="L1", level=1)
        for held, days in limits
        if isinstance(held, Held)
    ]
    return [head, *said, *checked("what the limit stopped", -blocked, list(_bound(month)))]


def member_limit_in_words(month: MemberMonth) -> list[Step]:
    """Which limit was in force where it stopped nothing; nothing where there was none."""
    limits = [held for held, _ in stretches(month.days, lambda day: _held(month, day)) if isinstance(held, Held)]
    if month.amount("blocked_member_limit") or all(held.amount >= UNLIMITED for held in limits):
        return []
    text = f"the member's limit stopped nothing: {listed(held.text for held in limits)}"
    return [Step(text, rule="L1, L2", source=_levels(month))]


def pool_steps(month: MemberMonth) -> list[Step]:
    """What the organization's limit and the credits stopped, with the days on which they bound."""
    return [
        *_pool(month, "blocked_organization_limit", "stopped by the organization's limit", "L2, L6"),
        *_pool(month, "blocked_credits", "stopped because the credits were used up", "C1, L6"),
    ]


# --- the member's limit ------------------------------------------------------------------------------------------


def _held(month: MemberMonth, day: Day) -> Held:
    limits, seat = day.phase.limits, month.seat(day.phase)
    amount = limits.of(month.member, seat)
    if month.member in limits.members:
        return Held(amount, f"the limit of {month.member}")
    if seat is not None and seat in limits.seat_types:
        return Held(amount, f"the limit of every {day.phase.terms.plan.seat_titles[seat]}")
    return Held(amount, "the limit of every member" if amount < UNLIMITED else "")


def _levels(month: MemberMonth) -> str:
    first = month.days[0]
    return said_by(first.phase.terms.plan, first.phase.terms.plan.on("spend_limits.levels", first.day))


def _since(month: MemberMonth, first: Day) -> str:
    """Who set it: a change made on the day, else the contract."""
    events = month.replay.run.scenario.events
    changed = any(isinstance(event.action, SetLimits) and event.day == first.day for event in events)
    return ", changed on that day" if changed else f", by {YOUR_CONTRACT}" if _first_of_contract(month, first) else ""


def _first_of_contract(month: MemberMonth, first: Day) -> bool:
    return first.day == month.replay.contract_start(first.day)


def _bound(month: MemberMonth) -> Iterator[Step]:
    """The days on which the limit stopped something, the last ones together where they are many."""
    days = [day for day in month.days if day.amount("blocked_member_limit")]
    for day in days[:DAYS_SHOWN]:
        blocked, asked = day.amount("blocked_member_limit"), day.amount("metered")
        text = f"{day.day}: {money(asked)} asked for, {money(asked - blocked)} left of the limit"
        yield Step(text, dollars(-blocked), rule="L2", level=1)
    yield from _rest(days[DAYS_SHOWN:], "blocked_member_limit", "L2")


def _rest(days: list[Day], column: str, rule: str) -> Iterator[Step]:
    if days:
        text = f"{counted(len(days), 'more day')}, {span(days[0].day, days[-1].day + DAY)}"
        yield Step(text, dollars(-sum(day.amount(column) for day in days)), rule=rule, level=1)


# --- the organization's limit and credits ------------------------------------------------------------------------


def _pool(month: MemberMonth, column: str, text: str, rule: str) -> list[Step]:
    blocked = month.amount(column)
    if not blocked:
        return []
    source = _levels(month) if "limit" in column else _payment(month)
    parts = list(_pool_days(month, column))
    return [Step(text, dollars(-blocked), rule=rule, source=source), *checked(text, -blocked, parts)]


def _payment(month: MemberMonth) -> str:
    bound = next(day for day in month.days if day.amount("blocked_credits"))
    return said_by(bound.phase.terms.plan, bound.phase.terms.usage_payment(bound.day))


def _pool_days(month: MemberMonth, column: str) -> Iterator[Step]:
    """The days on which the pool ran out: the first is shared, on those after it nothing is left."""
    days = [day for day in month.days if day.amount(column)]
    shown: list[Step] = []
    for empty, run in stretches(tuple(days), lambda day: not day.of_all("billed")):
        shown += [_empty(run, column)] if empty else [_shared(day, column, month.member) for day in run]
    yield from shown[:DAYS_SHOWN]
    rest = [step.amount for step in shown[DAYS_SHOWN:] if step.amount is not None]
    if rest:
        yield Step(f"{counted(len(rest), 'more time')}, the same way", sum(rest, dollars(0)), rule="L6", level=1)


def _shared(day: Day, column: str, member: str) -> Step:
    """A day on which less was left than asked for: everybody gets the same share (Rulebook L6)."""
    left, asked = day.of_all("billed"), day.of_all("billed") + day.of_all(column)
    limit = day.phase.limits.organization
    what = f"of the organization's {money(limit)} USD a month" if "limit" in column else "of the credits"
    own = day.amount("billed") + day.amount(column)
    text = (
        f"{day.day}: {money(left)} left {what}, {money(asked)} asked for by all within their own limits; {member} asked"
        f" for {money(own)} and gets the same share as everybody, {money(own)} x {money(left)} ÷ {money(asked)} ="
        f" {money(day.amount('billed'))}"
    )
    return Step(text, dollars(-day.amount(column)), rule="L6", level=1)


def _empty(run: list[Day], column: str) -> Step:
    """Days on which nothing was left for anybody."""
    what = "of the organization's limit" if "limit" in column else "of the credits"
    amount = dollars(-sum(day.amount(column) for day in run))
    return Step(f"{span(run[0].day, run[-1].day + DAY)}: nothing left {what}", amount, rule="L6", level=1)


# --- stops on record ---------------------------------------------------------------------------------------------


def stop_steps(month: MemberMonth) -> list[Step]:
    """The stops of the member and of the organization that fell into the month (Rulebook M3)."""
    first, end = month.span
    return [
        Step(
            f"{stop.scope}: {stop.cause} since {stop.since}"
            + (f", until {stop.until} ({stop.resumed_by})" if stop.until else ", not ended in the run"),
            rule="M3",
        )
        for stop in month.replay.ledger.stops()
        if stop.scope in (month.member, ORGANIZATION) and stop.since < end and (stop.until or end) > first
    ]
