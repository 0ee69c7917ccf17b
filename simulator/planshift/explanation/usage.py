"""A row of members.csv as a calculation: asked for, taken off step by step, metered, stopped, billed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from planshift.billing.contract import SetLimits
from planshift.billing.ledger import BLOCKED, ORGANIZATION
from planshift.billing.meter import WEEK
from planshift.billing.money import UNLIMITED, dollars, nano
from planshift.billing.schedule import DAY
from planshift.billing.terms import PREPAID
from planshift.explanation.demand import demand_steps
from planshift.explanation.explanation import Step, Words, adds_up
from planshift.explanation.replay import Day, MemberMonth, stretches
from planshift.plans.plan import Sourced

DAYS_SHOWN = 10
"""So many days on which something was stopped are shown one by one."""


def month_steps(month: MemberMonth) -> list[Step]:
    """The calculation of a row: each amount is that of members.csv, to the nano-dollar."""
    say = month.words.say
    taken_off = [*demand_steps(month), *_unavailable(month), *_included(month), *_discount(month)]
    metered = Step(say("row.metered"), dollars(month.amount("metered")), rule="U1, U5", total=True)
    stopped = [
        *_waiting(month),
        *_member_limit(month),
        *_pool(month, "blocked_organization_limit"),
        *_pool(month, "blocked_credits"),
    ]
    billed = Step(say("row.billed"), dollars(month.amount("billed")), rule="U1", total=True)
    running = Decimal(0)
    for step in [*taken_off, metered, *stopped, billed]:
        if not step.level and step.amount is not None:
            if step.total:
                adds_up(step.text, step.amount, running)
            else:
                running += step.amount
    return [*taken_off, metered, *stopped, billed, _sum(month), *_paid(month), *_idle_limit(month), *_stops(month)]


def _whole(head: Step, parts: list[Step]) -> list[Step]:
    """A step with its parts of level 1, which add up to it."""
    adds_up(head.text, head.amount or Decimal(0), sum((part.amount or Decimal(0) for part in parts), Decimal(0)))
    return [head, *parts]


def _total(days: Iterable[Day], column: str) -> Decimal:
    """What some days of a column take off."""
    return dollars(-sum(day.amount(column) for day in days))


# --- what the seat does not open (Rulebook U4) -------------------------------------------------------------------


def _unavailable(month: MemberMonth) -> list[Step]:
    amount = -month.amount("unavailable")
    if not amount:
        return []
    runs = stretches(month.days, lambda day: (month.seat(day), _opened(month, day)))
    head = Step(month.words.say("row.unavailable"), dollars(amount), rule="U4")
    return _whole(head, [step for _, days in runs for step in _closed(month, days)])


def _opened(month: MemberMonth, day: Day) -> tuple[str, ...]:
    seat = month.seat(day)
    return tuple(day.phase.terms.surfaces(seat, day.day).value) if seat else ()


def _closed(month: MemberMonth, days: list[Day]) -> Iterator[Step]:
    demand, first, words = month.replay.run.measured.demand, days[0], month.words
    rows = demand.between(first.day, days[-1].day + DAY)
    opened, seat, plan = _opened(month, first), month.seat(first), first.phase.terms.plan
    titles = month.replay.run.scenario.surfaces
    for surface, asked in demand.by_surface.items():
        amount = dollars(-int(asked[rows, 0, month.index].sum()))
        if surface in opened or not amount:
            continue
        of = {"surface": titles.get(surface, surface), "days": month.spanned(days)}
        if seat is None:
            yield Step(words.say("row.closed_no_seat", **of), amount, rule="S4, U4", level=1)
            continue
        names = words.listed(titles.get(name, name) for name in opened)
        text = words.say("row.closed", seat=words.seat(plan, seat), surfaces=names, **of)
        yield Step(
            text, amount, rule="U4", source=month.source(first, first.phase.terms.surfaces(seat, first.day)), level=1
        )


# --- included usage, window by window (Rulebook I1, I2) ----------------------------------------------------------


def _included(month: MemberMonth) -> list[Step]:
    first = month.days[0]
    if not first.phase.terms.plan.seat_based:
        return []
    source = month.source(first, first.phase.terms.plan.on("included_usage.window", first.day))
    head = Step(month.words.say("row.included"), dollars(-month.amount("included")), rule="I1", source=source)
    return _whole(head, [_window(month, days) for days in _windows(month.days)])


def _windows(days: Iterable[Day]) -> Iterator[list[Day]]:
    """Days, window by window."""
    window: list[Day] = []
    for day in days:
        if window and day.begins_window:
            yield window
            window = []
        window.append(day)
    yield window


def _window(month: MemberMonth, days: list[Day]) -> Step:
    """One window: what the seat has, what was used before this month, what was asked for, what is lost."""
    words, first, last = month.words, days[0], days[-1]
    used_before = sum(day.amount("included") for day in _before(month, first))
    used = sum(day.amount("included") for day in days)
    amounts = [words.say("window.amount", amount=_per_window(month, days[0]))]
    for _, run in [*stretches(days, lambda day: _per_window(month, day))][1:]:
        amounts.append(words.say("window.amount_from", amount=_per_window(month, run[0]), day=run[0].day))
    asked = words.usd(sum(day.available for day in days))
    before = words.say("window.before", amount=words.usd(used_before)) if used_before else ""
    of = {"days": month.spanned(days), "amounts": words.listed(amounts), "before": before, "asked": asked}
    text = words.say("window.text", **of)
    if not first.begins_window and first.day == month.replay.contract_start(first.day):
        text += words.say("window.cut")
    value = _allowance(month, last)
    lost = (nano(value.value) if value else 0) - used_before - used
    if not last.ends_window:
        text += words.say("window.goes_on")
    elif lost > 0:
        text += words.say("window.lost", amount=words.usd(lost))
    return Step(text, dollars(-used), rule="I1", source=month.source(last, value) if value else "", level=1)


def _allowance(month: MemberMonth, day: Day) -> Sourced | None:
    seat = month.seat(day)
    return day.phase.terms.included(seat, day.day) if seat else None


def _per_window(month: MemberMonth, day: Day) -> str:
    value = _allowance(month, day)
    return month.words.number(value.value if value else 0, 2)


def _before(month: MemberMonth, day: Day) -> list[Day]:
    """The days of the same window before a day: a month begins in the middle of a week, a run with a full one (H2)."""
    if day.begins_window:
        return []
    earliest = max(day.day - timedelta(days=WEEK - 1), month.replay.contract_start(day.day))
    *_, last = _windows(month.between(earliest, day.day))
    return last


def _waiting(month: MemberMonth) -> list[Step]:
    """What was stopped because the window's amount was used up and extra usage is off."""
    blocked = month.amount("blocked_allowance")
    if not blocked:
        return []
    first = month.days[0]
    source = month.source(first, first.phase.terms.extra_usage(first.day))
    head = Step(month.words.say("stopped.blocked_allowance"), dollars(-blocked), rule="I2", source=source)
    waits = [[day for day in window if day.amount("blocked_allowance")] for window in _windows(month.days)]
    return _whole(
        head,
        [
            Step(
                month.words.say("stopped.waits", days=month.spanned(days)),
                _total(days, "blocked_allowance"),
                rule="I2",
                level=1,
            )
            for days in waits
            if days
        ],
    )


# --- the discount (Rulebook U5) ----------------------------------------------------------------------------------


def _discount(month: MemberMonth) -> list[Step]:
    """What the discount takes off; each day is rounded by itself."""
    words = month.words
    runs = [(Decimal(str(rate)), days) for rate, days in stretches(month.days, _rate)]
    if not month.discount and not any(rate for rate, _ in runs):
        return []
    last = month.days[-1]
    source = month.source(last, last.phase.terms.usage_discount(last.day))
    shares = words.listed(words.percent(rate) for rate, _ in runs)
    head = Step(words.say("row.discount", shares=shares), dollars(-month.discount), rule="U5", source=source)
    if len(runs) == 1:
        return [head]
    parts = []
    for rate, days in runs:
        off = sum(day.available - day.amount("included") - day.amount("metered") for day in days)
        parts.append(Step(f"{month.spanned(days)}: {words.percent(rate)}", dollars(-off), rule="U5", level=1))
    return _whole(head, parts)


def _rate(day: Day) -> object:
    return day.phase.terms.usage_discount(day.day).value


# --- limits and credits (Rulebook L1, L2, L6, C1) ----------------------------------------------------------------


@dataclass(frozen=True)
class LimitInForce:
    """A member's limit: nano-dollars a month, and the level that gave it in words; none where it is unlimited."""

    amount: int
    level: str

    def text(self, words: Words) -> str:
        """``20.00 USD a month (the limit of ben)``."""
        if not self.level:
            return words.say("limit.none")
        if self.amount >= UNLIMITED:
            return words.say("limit.unlimited", level=self.level)
        return words.say("limit.text", amount=words.usd(self.amount), level=self.level)


def _limit(month: MemberMonth, day: Day) -> LimitInForce:
    limits, seat, say = day.phase.limits, month.seat(day), month.words.say
    amount = limits.of(month.member, seat)
    if month.member in limits.members:
        return LimitInForce(amount, say("limit.of_member", member=month.member))
    if seat is not None and seat in limits.seat_types:
        return LimitInForce(amount, say("limit.of_seat", seat=month.words.seat(day.phase.terms.plan, seat)))
    return LimitInForce(amount, say("limit.of_all") if amount < UNLIMITED else "")


def _limits(month: MemberMonth) -> list[tuple[LimitInForce, list[Day]]]:
    return [(_limit(month, days[0]), days) for _, days in stretches(month.days, lambda day: _limit(month, day))]


def _levels(month: MemberMonth) -> str:
    first = month.days[0]
    return month.source(first, first.phase.terms.plan.on("spend_limits.levels", first.day))


def _member_limit(month: MemberMonth) -> list[Step]:
    """What the member's limit stopped, the levels that gave it, and the days on which it bound."""
    column, words = "blocked_member_limit", month.words
    if not month.amount(column):
        return []
    amount = dollars(-month.amount(column))
    head = Step(words.say(f"stopped.{column}"), amount, rule="L1, L2", source=_levels(month))
    limits = [
        Step(f"{month.spanned(days)}: {limit.text(words)}{_since(month, days[0])}", rule="L1", level=1)
        for limit, days in _limits(month)
    ]
    bound = [day for day in month.days if day.amount(column)]
    parts = []
    for day in bound[:DAYS_SHOWN]:
        asked, left = words.usd(day.amount("metered")), words.usd(day.amount("metered") - day.amount(column))
        text = words.say("limit.bound", day=day.day, asked=asked, left=left)
        parts.append(Step(text, _total([day], column), rule="L2", level=1))
    rest = bound[DAYS_SHOWN:]
    if rest:
        text = words.say("limit.more_days", count=len(rest), days=month.spanned(rest))
        parts.append(Step(text, _total(rest, column), rule="L2", level=1))
    return _whole(head, [*limits, *parts])


def _since(month: MemberMonth, first: Day) -> str:
    """Who set it: a change made on the day, else the contract."""
    events = month.replay.run.scenario.events
    if any(isinstance(event.action, SetLimits) and event.day == first.day for event in events):
        return month.words.say("limit.changed")
    return month.words.say("limit.contracted") if first.day == month.replay.contract_start(first.day) else ""


def _idle_limit(month: MemberMonth) -> list[Step]:
    """Which limit was in force where it stopped nothing; nothing where there was none."""
    limits = [limit for limit, _ in _limits(month)]
    if month.amount("blocked_member_limit") or all(limit.amount >= UNLIMITED for limit in limits):
        return []
    said = month.words.listed(limit.text(month.words) for limit in limits)
    return [Step(month.words.say("limit.idle", limits=said), rule="L1, L2", source=_levels(month))]


def _pool(month: MemberMonth, column: str) -> list[Step]:
    """What the organization's limit or the lack of credits stopped, with the days on which it bound."""
    if not month.amount(column):
        return []
    bound = [day for day in month.days if day.amount(column)]
    if column == "blocked_credits":
        rule, source = "C1, L6", month.source(bound[0], bound[0].phase.terms.usage_payment(bound[0].day))
    else:
        rule, source = "L2, L6", _levels(month)
    head = Step(month.words.say(f"stopped.{column}"), dollars(-month.amount(column)), rule=rule, source=source)
    steps: list[Step] = []
    for empty, days in stretches(bound, lambda day: not day.of_all("billed")):
        if empty:
            text = month.words.say(f"pool.empty.{column}", days=month.spanned(days))
            steps.append(Step(text, _total(days, column), rule="L6", level=1))
        else:
            steps += [_shared(month, day, column) for day in days]
    rest = [step.amount for step in steps[DAYS_SHOWN:] if step.amount is not None]
    if rest:
        text = month.words.say("pool.more_times", count=len(rest))
        steps[DAYS_SHOWN:] = [Step(text, sum(rest, Decimal(0)), rule="L6", level=1)]
    return _whole(head, steps)


def _shared(month: MemberMonth, day: Day, column: str) -> Step:
    """A day on which less was left than asked for: everybody gets the same share (Rulebook L6)."""
    words, left = month.words, day.of_all("billed")
    limit = words.usd(day.phase.limits.organization) if column == "blocked_organization_limit" else ""
    pool = words.say("pool.limit", amount=limit) if limit else words.say("pool.credits")
    text = words.say(
        "pool.shared",
        day=day.day,
        left=words.usd(left),
        pool=pool,
        asked=words.usd(left + day.of_all(column)),
        member=month.member,
        own=words.usd(day.amount("billed") + day.amount(column)),
        got=words.usd(day.amount("billed")),
    )
    return Step(text, _total([day], column), rule="L6", level=1)


# --- the end -----------------------------------------------------------------------------------------------------


def _sum(month: MemberMonth) -> Step:
    """Says that the row adds up, with its numbers; called when that was checked."""
    words = month.words

    def part(name: str, amount: int) -> str:
        return words.say(f"sum.{name}", amount=words.usd(amount))

    taken = [part(name, month.amount(name)) for name in ("unavailable", "included") if month.amount(name)]
    taken += [part("discount", month.discount)] if month.discount else []
    taken.append(part("metered", month.amount("metered")))
    stopped = sum(month.amount(name) for name in BLOCKED)
    ends = [part("billed", month.amount("billed")), *([part("stopped", stopped)] if stopped else [])]
    table = words.say("sum.table", table=month.replay.table) if month.replay.table else ""
    demand = words.usd(month.amount("demand"))
    return Step(words.say("sum.text", table=table, demand=demand, parts=" + ".join(taken), ends=" + ".join(ends)))


def _paid(month: MemberMonth) -> Iterator[Step]:
    """How what was billed is paid: from credits, or by an invoice."""
    words, lines = month.words, [*month.invoice_lines()]
    if not month.amount("billed"):
        return
    for line in lines:
        text = words.say("paid.invoiced", day=line.day, line=line.line, amount=words.cents(line.amount))
        yield Step(text, rule="A1")
    for payment, days in stretches(month.days, lambda day: day.phase.terms.usage_payment(day.day).value):
        source = month.source(days[0], days[0].phase.terms.usage_payment(days[0].day))
        used = sum(day.amount("billed") for day in days)
        if payment == PREPAID and used:
            yield Step(words.say("paid.credits", amount=words.usd(used)), rule="C1", source=source)
        elif used and not lines:
            yield Step(words.say("paid.not_yet"), rule="A1, A2", source=source)


def _stops(month: MemberMonth) -> Iterator[Step]:
    """The stops of the member and of the organization that fell into the month (Rulebook M3)."""
    (first, end), words = month.span, month.words
    for stop in month.replay.ledger.stops():
        if stop.scope in (month.member, ORGANIZATION) and stop.since < end and (stop.until or end) > first:
            scope = words.say("stop.organization") if stop.scope == ORGANIZATION else stop.scope
            cause, resumed = (name.replace(" ", "_") for name in (stop.cause, stop.resumed_by))
            text = words.say("stop.since", scope=scope, cause=words.say(f"stop.cause.{cause}"), day=stop.since)
            if stop.until:
                text += words.say("stop.until", day=stop.until, resumed=words.say(f"stop.resumed.{resumed}"))
            else:
                text += words.say("stop.goes_on")
            yield Step(text, rule="M3")
