"""What can be said of a whole run, of a month, or of a member, before asking for a single amount."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from planshift.billing.calendar import month_of
from planshift.billing.charges import UsageCharge
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.money import CENT, dollars
from planshift.billing.sharing import Nanos
from planshift.explanation.charges import charge_title
from planshift.explanation.explanation import Step, as_part
from planshift.explanation.member_month import row_amounts
from planshift.explanation.question import Charged, by_invoice
from planshift.explanation.replay import Replay
from planshift.explanation.words import Words, of_cents

INVOICES_SHOWN = 30
MEMBERS_SHOWN = 10
RULES = {
    "blocked_allowance": "I2",
    "blocked_member_limit": "L2",
    "blocked_organization_limit": "L2, L6",
    "blocked_credits": "C1",
}
"""What was blocked → the rule that blocked it."""


def invoice_steps(replay: Replay, lines: list[Charged]) -> list[Step]:
    """A step for each invoice, with its rules; the last adds them up."""
    words = replay.words
    steps = [_invoice(replay, held) for held in by_invoice(lines)]
    shown, rest = steps[:INVOICES_SHOWN], steps[INVOICES_SHOWN:]
    if rest:
        amount = sum((step.amount for step in rest if step.amount is not None), of_cents(0))
        shown.append(Step(words.say("overview.more_invoices", count=len(rest)), amount))
    total = Step(words.say("overview.invoiced"), of_cents(sum(line.cents for line, _ in lines)), total=True)
    return as_part(words.say("overview.invoices"), [*shown, total]) if steps else []


def _invoice(replay: Replay, lines: list[Charged]) -> Step:
    line, charge = lines[0]
    if isinstance(charge, UsageCharge):
        what = replay.words.say(
            "overview.usage_of", count=len(lines), days=replay.words.days(charge.first, charge.until)
        )
    else:
        what = "; ".join(charge_title(replay.words, *charged) for charged in lines)
    text = replay.words.say("overview.invoice", day=line.day, kind=line.kind, what=what)
    return Step(text, of_cents(sum(other.cents for other, _ in lines)), rule=line.rule.partition(";")[0])


def usage_steps(words: Words, title: str, amounts: Nanos) -> list[Step]:
    """What became of usage: ``amounts`` of shape (len(AMOUNTS),), nano-dollars."""
    value = {name: int(amounts[index]) for name, index in COLUMN.items()}
    if not value["demand"]:
        return []
    discount = value["demand"] - value["unavailable"] - value["included"] - value["metered"]
    off = [
        ("unavailable", value["unavailable"], "U4"),
        ("included", value["included"], "I1"),
        ("discount", discount, "U5"),
    ]
    steps = [
        Step(words.say("overview.demand"), dollars(value["demand"]), rule="U1"),
        *(Step(words.say(f"overview.{name}"), dollars(-amount), rule=rule) for name, amount, rule in off if amount),
        Step(words.say("row.metered"), dollars(value["metered"]), rule="U1", total=True),
        *(
            Step(words.say(f"overview.{name}"), dollars(-value[name]), rule=RULES[name])
            for name in BLOCKED
            if value[name]
        ),
        Step(words.say("row.billed"), dollars(value["billed"]), rule="U1", total=True),
    ]
    return as_part(title, steps)


def all_usage(ledger: Ledger, months: Iterable[tuple[date, str]], member: int | None = None) -> Nanos:
    """The amounts of some months and plans together, of all members or of one, shape (len(AMOUNTS),)."""
    total: Nanos = np.zeros(len(COLUMN), dtype=np.int64)
    for key in months:
        drawn = ledger.usage[key][:, 0]
        total += drawn.sum(axis=1) if member is None else drawn[:, member]
    return total


def members_steps(replay: Replay, months: list[tuple[date, str]]) -> list[Step]:
    """Who was billed most in some months; the rest together."""
    ledger, words = replay.ledger, replay.words
    billed = {
        member: int(all_usage(ledger, months, index)[COLUMN["billed"]]) for index, member in enumerate(ledger.members)
    }
    ordered = sorted((-amount, member) for member, amount in billed.items() if amount)
    steps = [Step(member, dollars(-amount)) for amount, member in ordered[:MEMBERS_SHOWN]]
    rest = ordered[MEMBERS_SHOWN:]
    if rest:
        text = words.say("overview.more_members", count=len(rest))
        steps.append(Step(text, dollars(-sum(amount for amount, _ in rest))))
    total = Step(words.say("row.billed"), dollars(sum(billed.values())), total=True)
    return as_part(words.say("overview.by_member"), [*steps, total]) if steps else []


def months_steps(replay: Replay, member: str) -> list[Step]:
    """What a member was billed month by month."""
    ledger, words, keys = replay.ledger, replay.words, replay.spans()
    index, billed = ledger.members.index(member), COLUMN["billed"]
    steps = [
        Step(
            words.say("overview.month_under", month=words.month(month), plan=plan),
            dollars(int(ledger.usage[month, plan][billed, 0, index])),
        )
        for month, plan in keys
    ]
    total = dollars(int(all_usage(ledger, keys, index)[billed]))
    return as_part(words.say("overview.by_month"), [*steps, Step(words.say("row.billed"), total, total=True)])


def run_amounts(replay: Replay, ledger: Ledger) -> dict[str, int]:
    """What other choices could change of a run: what is invoiced, and what became of usage."""
    total = sum(line.cents for line in replay.lines_of(ledger)) * CENT
    balance = ledger.standing.balance
    left = 0 if balance is None else int(balance[0])
    return {"invoiced": total, **row_amounts(all_usage(ledger, replay.spans())), "credits_left": left}


def month_amounts(replay: Replay, ledger: Ledger, month: date) -> dict[str, int]:
    """The same of one month: what is invoiced in it, and what became of its usage."""
    total = sum(line.cents for line in replay.lines_of(ledger) if month_of(line.day) == month) * CENT
    keys = [key for key in replay.spans() if key[0] == month]
    return {"invoiced": total, **row_amounts(all_usage(ledger, keys))}
