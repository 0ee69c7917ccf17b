"""What can be said of a whole run, of a month, or of a member, before asking for a single amount."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from planshift.billing.calendar import month_of, month_text
from planshift.billing.charges import Charge, CreditCharge, InvoiceLine, SeatCharge, UsageCharge
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.money import CENT, dollars
from planshift.billing.sharing import Nanos
from planshift.explanation.explanation import Step, as_part
from planshift.explanation.member_month import facts_of
from planshift.explanation.purchase_steps import purchase_title
from planshift.explanation.question import Charged, by_invoice
from planshift.explanation.replay import Replay
from planshift.explanation.seat_steps import SeatLine
from planshift.explanation.usage_steps import usage_title
from planshift.explanation.words import counted, of_cents, said_by, span

INVOICES_SHOWN = 30
MEMBERS_SHOWN = 10

CAUSES = {
    "blocked_allowance": ("stopped: included usage used up", "I2"),
    "blocked_member_limit": ("stopped by members' limits", "L2"),
    "blocked_organization_limit": ("stopped by the organization's limit", "L2, L6"),
    "blocked_credits": ("stopped: credits used up", "C1"),
}


def line_title(replay: Replay, line: InvoiceLine, invoice: Charge) -> str:
    """What a line is, in words."""
    if isinstance(invoice, UsageCharge):
        return usage_title(line, invoice)
    if isinstance(invoice, CreditCharge):
        return purchase_title(invoice)
    if isinstance(invoice, SeatCharge):
        return SeatLine(replay, invoice).title
    return f"{line.description[:1].lower()}{line.description[1:]}"


def reason_steps(line: InvoiceLine, charge: Charge) -> list[Step]:
    """How a charge comes about, from the reason that it was made with: the values that decided, then the amount."""
    rule, plan = ", ".join(charge.reason.rules), charge.terms.plan
    values = {**charge.reason.values, **charge.reason.further}
    decided = [Step(f"{path}: {value.text}", rule=rule, source=said_by(plan, value)) for path, value in values.items()]
    return [*decided, Step(line.description, of_cents(line.cents), rule=rule)]


def invoice_steps(replay: Replay, lines: Iterable[Charged]) -> list[Step]:
    """A step for each invoice, with its rules; the last adds them up."""
    lines = list(lines)
    steps = [_invoice(replay, held) for held in by_invoice(lines)]
    shown, rest = steps[:INVOICES_SHOWN], steps[INVOICES_SHOWN:]
    if rest:
        amount = sum((step.amount for step in rest if step.amount is not None), of_cents(0))
        shown.append(Step(f"{counted(len(rest), 'more invoice')}; invoices.csv has them all", amount))
    total = sum(line.cents for line, _ in lines)
    return as_part("Invoices", [*shown, Step("invoiced", of_cents(total), total=True)]) if steps else []


def _invoice(replay: Replay, lines: list[Charged]) -> Step:
    line, invoice = lines[0]
    amount = of_cents(sum(other.cents for other, _ in lines))
    if isinstance(invoice, UsageCharge):
        what = f"usage of {counted(len(lines), 'member')}, {span(invoice.first, invoice.last + timedelta(days=1))}"
    else:
        what = "; ".join(line_title(replay, other, invoice) for other, _ in lines)
    return Step(f"{line.day} {line.kind}: {what}", amount, rule=line.rule.partition(";")[0])


def usage_steps(title: str, amounts: Nanos) -> list[Step]:
    """What became of usage: ``amounts`` of shape (len(AMOUNTS),), nano-dollars."""
    value = {name: int(amounts[place]) for name, place in COLUMN.items()}
    if not value["demand"]:
        return []
    discount = value["demand"] - value["unavailable"] - value["included"] - value["metered"]
    off = [
        ("not available: seats do not open the surface", -value["unavailable"], "U4"),
        ("included in seats", -value["included"], "I1"),
        ("discount", -discount, "U5"),
    ]
    steps = [Step("asked for, at list price", dollars(value["demand"]), rule="U1")]
    steps += [Step(text, dollars(amount), rule=rule) for text, amount, rule in off if amount]
    steps.append(Step("metered", dollars(value["metered"]), rule="U1", total=True))
    steps += [Step(CAUSES[name][0], dollars(-value[name]), rule=CAUSES[name][1]) for name in BLOCKED if value[name]]
    return as_part(title, [*steps, Step("billed", dollars(value["billed"]), rule="U1", total=True)])


def all_usage(ledger: Ledger, months: Iterable[tuple[date, str]], member: int | None = None) -> Nanos:
    """The amounts of some months and plans together, of all members or of one, shape (len(AMOUNTS),)."""
    total: Nanos = np.zeros(len(COLUMN), dtype=np.int64)
    for key in months:
        drawn = ledger.usage[key][:, 0]
        total += drawn.sum(axis=1) if member is None else drawn[:, member]
    return total


def members_steps(ledger: Ledger, months: list[tuple[date, str]]) -> list[Step]:
    """Who was billed most in some months; the rest together."""
    billed = {
        member: int(all_usage(ledger, months, place)[COLUMN["billed"]]) for place, member in enumerate(ledger.members)
    }
    ordered = sorted((-amount, member) for member, amount in billed.items() if amount)
    steps = [Step(member, dollars(-amount)) for amount, member in ordered[:MEMBERS_SHOWN]]
    rest = ordered[MEMBERS_SHOWN:]
    if rest:
        steps.append(Step(counted(len(rest), "more member"), dollars(-sum(amount for amount, _ in rest))))
    if not steps:
        return []
    total = sum(billed.values())
    return as_part("Billed, by member", [*steps, Step("billed", dollars(total), total=True)])


def months_steps(replay: Replay, member: str) -> list[Step]:
    """What a member was billed month by month."""
    ledger, place = replay.ledger, replay.ledger.members.index(member)
    keys = replay.spans()
    steps = [
        Step(f"{month_text(month)} under '{plan}'", dollars(int(ledger.usage[month, plan][COLUMN["billed"], 0, place])))
        for month, plan in keys
    ]
    total = int(all_usage(ledger, keys, place)[COLUMN["billed"]])
    return as_part("Billed, by month", [*steps, Step("billed", dollars(total), total=True)])


def run_amounts(replay: Replay, ledger: Ledger) -> dict[str, int]:
    """What other choices could change of a run: what is invoiced, and what became of usage."""
    total = sum(line.cents for line in replay.lines_of(ledger)) * CENT
    return {"invoiced": total, **facts_of(all_usage(ledger, replay.spans())), "credits left": _left(ledger)}


def _left(ledger: Ledger) -> int:
    balance = ledger.standing.balance
    return 0 if balance is None else int(balance[0])


def month_amounts(replay: Replay, ledger: Ledger, month: date) -> dict[str, int]:
    """The same of one month: what is invoiced in it, and what became of its usage."""
    total = sum(line.cents for line in replay.lines_of(ledger) if month_of(line.day) == month) * CENT
    keys = [key for key in replay.spans() if key[0] == month]
    return {"invoiced": total, **facts_of(all_usage(ledger, keys))}
