"""A row of members.csv as a calculation: asked for, taken off step by step, metered, stopped, billed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from planshift.billing.calendar import DAY, month_of, month_text
from planshift.billing.charges import InvoiceLine, UsageCharge
from planshift.billing.ledger import BLOCKED
from planshift.billing.money import dollars
from planshift.billing.terms import PREPAID
from planshift.explanation.allowance_steps import included_steps, waiting_steps
from planshift.explanation.demand_steps import demand_steps
from planshift.explanation.explanation import Step
from planshift.explanation.limit_steps import member_limit_in_words, member_limit_steps, pool_steps, stop_steps
from planshift.explanation.member_month import Day, MemberMonth, adds_up, checked, stretches
from planshift.explanation.words import listed, money, percent, said_by, span


def month_title(month: MemberMonth) -> str:
    """``ben in 2026-10 under 'enterprise' (2026-10-17 to 2026-10-31), Enterprise seat``."""
    titles = [
        month.days[0].phase.terms.plan.seat_titles[seat] if isinstance(seat, str) else "no seat"
        for seat, _ in stretches(month.days, lambda day: month.seat(day.phase))
    ]
    days = span(*month.span)
    return f"{month.member} in {month_text(month.month)} under '{month.plan_id}', {days}, {', then '.join(titles)}"


def month_steps(month: MemberMonth) -> list[Step]:
    """The calculation of a row: each amount is that of members.csv, to the nano-dollar."""
    taken_off = [*demand_steps(month), *_unavailable(month), *included_steps(month), *_discount(month)]
    metered = Step("metered", dollars(month.amount("metered")), rule="U1, U5", total=True)
    stopped = [*waiting_steps(month), *member_limit_steps(month), *pool_steps(month)]
    billed = Step("billed", dollars(month.amount("billed")), rule="U1", total=True)
    _check([*taken_off, metered, *stopped, billed])
    said = [_adds_up(month), *_paid(month), *member_limit_in_words(month), *stop_steps(month)]
    return [*taken_off, metered, *stopped, billed, *said]


def _check(steps: list[Step]) -> None:
    running = Decimal(0)
    for step in steps:
        if step.level or step.amount is None:
            continue
        if step.total:
            adds_up(step.text, int(step.amount.scaleb(9)), int(running.scaleb(9)))
        else:
            running += step.amount


# --- what the seat does not open ---------------------------------------------------------------------------------


def _unavailable(month: MemberMonth) -> list[Step]:
    """What was asked of surfaces that the seat lacks, a step for each stretch of days and surface (level 1)."""
    amount = -month.amount("unavailable")
    if not amount:
        return []
    parts = [
        step
        for seat, days in stretches(month.days, lambda day: (month.seat(day.phase), _opened(month, day)))
        for step in _closed(month, days)
    ]
    head = Step("not available: asked of surfaces that the seat does not open", dollars(amount), rule="U4")
    return [head, *checked("unavailable usage", amount, parts)]


def _opened(month: MemberMonth, day: Day) -> tuple[str, ...]:
    seat = month.seat(day.phase)
    return tuple(day.phase.terms.surfaces(seat, day.day).value) if seat else ()


def _closed(month: MemberMonth, days: list[Day]) -> Iterator[Step]:
    demand, first = month.replay.run.measured.demand, days[0]
    rows = demand.between(first.day, days[-1].day + DAY)
    opened, seat, plan = _opened(month, first), month.seat(first.phase), first.phase.terms.plan
    titles = month.replay.run.scenario.surfaces
    for surface, asked in demand.by_surface.items():
        amount = int(asked[rows, 0, month.place].sum())
        if surface in opened or not amount:
            continue
        when, name = span(first.day, days[-1].day + DAY), titles.get(surface, surface)
        if seat is None:
            yield Step(f"{name}, {when}: no seat", dollars(-amount), rule="S4, U4", level=1)
            continue
        source = said_by(plan, first.phase.terms.surfaces(seat, first.day))
        text = f"{name}, {when}: a {plan.seat_titles[seat]} opens {listed(titles.get(name, name) for name in opened)}"
        yield Step(text, dollars(-amount), rule="U4", source=source, level=1)


# --- the discount ------------------------------------------------------------------------------------------------


def _discount(month: MemberMonth) -> list[Step]:
    """What the discount takes off; each day is rounded by itself (Rulebook U5)."""
    rates = list(stretches(month.days, lambda day: day.phase.terms.usage_discount(day.day).value))
    if not month.discount and not any(rate for rate, _ in rates):
        return []
    terms, day = month.days[-1].phase.terms, month.days[-1].day
    shares = listed(percent(rate) for rate, _ in rates if isinstance(rate, Decimal | int))
    text = f"discount of {shares}, each day rounded half up to the nano-dollar"
    head = Step(text, dollars(-month.discount), rule="U5", source=said_by(terms.plan, terms.usage_discount(day)))
    if len(rates) == 1:
        return [head]
    parts = [
        Step(f"{span(days[0].day, days[-1].day + DAY)}: {percent(rate)}", dollars(-_off(days)), rule="U5", level=1)
        for rate, days in rates
        if isinstance(rate, Decimal | int)
    ]
    return [head, *checked("discount", -month.discount, parts)]


def _off(days: list[Day]) -> int:
    return sum(day.available - day.amount("included") - day.amount("metered") for day in days)


# --- the end -----------------------------------------------------------------------------------------------------


def _adds_up(month: MemberMonth) -> Step:
    """Says that the row adds up, with its numbers; called when that was checked."""
    names = ("unavailable", "included")
    parts = [f"{money(month.amount(name))} {name}" for name in names if month.amount(name)]
    parts += [f"{money(month.discount)} discount"] if month.discount else []
    parts += [f"{money(month.amount('metered'))} metered"]
    stopped = [f"{money(month.amount(name))} stopped" for name in BLOCKED if month.amount(name)]
    row = f" to the row of {month.replay.table}" if month.replay.table else ""
    text = f"It adds up{row}, to the nano-dollar: {money(month.amount('demand'))} asked for ="
    text += f" {' + '.join(parts)}; metered = {money(month.amount('billed'))} billed"
    return Step(f"{text}{''.join(f' + {part}' for part in stopped)}")


def invoice_of(month: MemberMonth) -> Iterator[tuple[InvoiceLine, UsageCharge]]:
    """The invoice lines for the member's usage of the month under the plan."""
    for line, invoice in month.replay.lines():
        usage = isinstance(invoice, UsageCharge) and month_of(invoice.first) == month.month
        if usage and (line.plan, line.user_id) == (month.plan_id, month.member) and isinstance(invoice, UsageCharge):
            yield line, invoice


def _paid(month: MemberMonth) -> Iterator[Step]:
    """How what was billed is paid: from credits, or by an invoice."""
    if not month.amount("billed"):
        return
    for line, _ in invoice_of(month):
        text = f"Invoiced on {line.day}, line {line.line}: {line.amount:,.2f} USD"
        yield Step(text, rule="A1")
    for payment, days in stretches(month.days, lambda day: day.phase.terms.usage_payment(day.day).value):
        terms = days[0].phase.terms
        source = said_by(terms.plan, terms.usage_payment(days[0].day))
        used = sum(day.amount("billed") for day in days)
        if payment == PREPAID and used:
            yield Step(f"Paid from the organization's credits: {money(used)} USD", rule="C1", source=source)
        elif used and not any(True for _ in invoice_of(month)):
            yield Step("Paid in arrears; its usage period had not ended in the run", rule="A1, A2", source=source)
