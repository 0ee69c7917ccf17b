"""How an invoice for usage comes about: the exact sum, rounded once, and each member's share (Rulebook A1, A2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planshift.billing.calendar import DAY, next_month
from planshift.billing.charges import InvoiceLine, UsageCharge
from planshift.billing.money import CENT, to_cents
from planshift.billing.sharing import Nanos
from planshift.explanation.explanation import Step
from planshift.explanation.replay import Replay
from planshift.explanation.words import counted, money, of_cents, said_by, span, uncut

LINES_SHOWN = 20


def usage_title(line: InvoiceLine, invoice: UsageCharge) -> str:
    """What a line for usage is, in words."""
    return f"usage of {line.user_id}, {span(invoice.first, invoice.last + DAY)}"


def period_steps(replay: Replay, invoice: UsageCharge) -> list[Step]:
    """The usage period, how it is paid, the exact sum and its rounding."""
    phase = replay.phase(invoice.last)
    plan, days = phase.terms.plan, span(invoice.first, invoice.last + DAY)
    payment, period = phase.terms.usage_payment(invoice.last), plan.on("usage_period", invoice.last)
    exact = int(invoice.billed[0].sum())
    rounded = "" if exact % CENT == 0 else f", rounded half up to the cent, once: {money(to_cents(exact) * CENT)} USD"
    lines = counted(int(np.count_nonzero(invoice.billed[0])), "member")
    channel = plan.channel_titles[phase.terms.channel]
    period_said = f"The usage period is the calendar month: {days}{_cut(replay, invoice)}"
    return [
        Step(f"{channel}: usage is invoiced after it was used", rule="A1", source=said_by(plan, payment)),
        Step(period_said, rule="A2", source=said_by(plan, period)),
        Step(f"All that {lines} were billed, added up exactly: {uncut(exact)} USD{rounded}", rule="A1"),
    ]


def _cut(replay: Replay, invoice: UsageCharge) -> str:
    """Why a period is not a whole month; nothing where it is."""
    said = []
    if invoice.first.day > 1:
        terms = replay.run.scenario.contract
        began = replay.contract_start(invoice.first) > replay.ledger.start or terms.term_start == invoice.first
        said.append(f"the {'contract' if began else 'run'} began on {invoice.first}")
    if invoice.last + DAY < next_month(invoice.first):
        said.append(f"the contract ended on {invoice.last}")
    return f"; {' and '.join(said)}" if said else ""


def share_steps(replay: Replay, line: InvoiceLine, invoice: UsageCharge) -> list[Step]:
    """One member's share of the invoice: their exact amount in whole cents, and who gets the cents left over."""
    members = replay.ledger.members
    billed = invoice.billed[0]
    own = int(billed[members.index(line.user_id)])
    floors, remainders = np.divmod(billed[billed > 0], CENT)
    left_over = to_cents(int(billed.sum())) - int(floors.sum())
    steps = [Step(f"{line.user_id} was billed {uncut(own)} USD exactly", rule="A1")]
    if own % CENT:
        rank = _rank(members, billed, line.user_id)
        got = "so it gets a cent more" if rank <= left_over else "so it gets none"
        text = (
            f"That is {money(own - own % CENT)} USD in whole cents and {uncut(own % CENT)} over. With every line cut to"
            f" whole cents the total lacks {counted(left_over, 'cent')}, one each for the largest remainders, ties by"
            f" member id: this one is number {rank} of {len(remainders)}, {got}"
        )
        steps.append(Step(text, rule="A1"))
    return [*steps, Step(f"{line.user_id}'s line", of_cents(line.cents), rule="A1")]


def _rank(members: Sequence[str], billed: Nanos, member: str) -> int:
    """The place of a member's remainder among all, from 1, the largest first."""
    users = np.flatnonzero(billed)
    order = users[np.argsort(-(billed[users] % CENT), kind="stable")]
    return 1 + [members[int(user)] for user in order].index(member)


def lines_steps(invoice: UsageCharge) -> list[Step]:
    """The lines of an invoice for usage: the largest ones, then the rest together, and their sum."""
    lines = sorted(invoice.lines(), key=lambda line: -line.cents)
    steps = [Step(f"line {line.line}, {line.user_id}", of_cents(line.cents), rule="A1") for line in lines[:LINES_SHOWN]]
    rest = lines[LINES_SHOWN:]
    if rest:
        text = f"{counted(len(rest), 'more line')}, of at most {of_cents(rest[0].cents):,.2f} USD each"
        steps.append(Step(text, of_cents(sum(line.cents for line in rest)), rule="A1"))
    total = sum(line.cents for line in lines)
    return [*steps, Step("the lines together", of_cents(total), rule="A1", total=True)]
