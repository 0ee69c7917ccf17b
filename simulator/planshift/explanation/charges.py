"""How a charge comes about: seats × price × months, a purchase of credits, and a member's share of what was used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from planshift.billing.charges import (
    SEAT_ADDITION,
    SEAT_FEE,
    Charge,
    CreditCharge,
    InvoiceLine,
    SeatCharge,
    UsageCharge,
)
from planshift.billing.contract import CreditSettings
from planshift.billing.ledger import COLUMN, Phase
from planshift.billing.money import CENT, NANO, dollars, to_cents
from planshift.billing.schedule import DAY, Term, months_after, next_month
from planshift.billing.seats import mapped
from planshift.explanation.explanation import Step, Words, of_cents
from planshift.explanation.replay import Replay
from planshift.plans.plan import Sourced

LINES_SHOWN = 20


def charge_title(words: Words, line: InvoiceLine, charge: Charge) -> str:
    """What an invoice line is, in words: ``3 Standard seats added for the rest of the term, …``."""
    if isinstance(charge, SeatCharge):
        seats = words.seats(charge.terms.plan, charge.seat_type, charge.seats)
        days = words.days(charge.day, charge.term.renewal)
        return words.say(f"title.{charge.kind.name}", seats=seats, days=days)
    if isinstance(charge, CreditCharge):
        return words.say(f"bought.{charge.purchases.occasion}")
    days = words.days(charge.first, charge.until)
    if isinstance(charge, UsageCharge):
        return words.say("title.usage", member=line.user_id, days=days)
    known = words.has(f"title.{charge.kind.name}")
    return words.say(f"title.{charge.kind.name}", days=days) if known else line.description


def reason_steps(words: Words, line: InvoiceLine, charge: Charge) -> list[Step]:
    """How any other charge comes about, from its own reason: the values that decided, then the amount."""
    rule, plan = ", ".join(charge.reason.rules), charge.terms.plan
    values = {**charge.reason.values, **charge.reason.further}
    decided = [
        Step(f"{path}: {value.text}", rule=rule, source=words.source(plan, value)) for path, value in values.items()
    ]
    return [*decided, Step(words.say("lines.as_invoiced", line=line.description), of_cents(line.cents), rule=rule)]


# --- seats (Rulebook S1, S2, R3) ---------------------------------------------------------------------------------


def seat_steps(replay: Replay, charge: SeatCharge) -> list[Step]:
    """The steps of one line for seats; the last has the amount."""
    words, plan, reason = replay.words, charge.terms.plan, charge.reason
    how_many = _credited(replay, charge) if charge.charged else _bought_seats(replay, charge)
    how, months = _months(words, charge)
    counted_by = reason.further["term_months"] if charge.kind == SEAT_FEE else reason.values["proration"]
    rule = "S1" if charge.kind == SEAT_FEE else "S2"
    return [
        *how_many,
        _seat_price(words, charge),
        Step(how, rule=rule, source=words.source(plan, counted_by)),
        _product(words, charge, months),
    ]


def _seat_price(words: Words, charge: SeatCharge) -> Step:
    path, day, plan = f"seats.{charge.seat_type}.price_usd_per_month", charge.charged or charge.day, charge.terms.plan
    value = charge.reason.values.get(path) or charge.terms.seat_price(charge.seat_type, day)
    source = words.source(plan, value)
    price = words.number(value.value, 2)
    if charge.charged:
        text = words.say("seat.was_charged", day=day, price=price)
    else:
        text = words.say("seat.costs", price=price)
    since = "" if source == words.your_contract else words.in_force_since(plan.values.get(path), day)
    return Step(f"{text}{since}", rule="P3", source=source)


def _product(words: Words, charge: SeatCharge, months: str) -> Step:
    """seats × price a month × months, rounded once."""
    exact = charge.seats * Fraction(charge.price) * charge.months * NANO
    price = words.number(charge.price, 2)
    text = words.say("seat.product", seats=charge.seats, price=price, months=months)
    if exact % CENT:
        dots = "…" if exact.denominator > 1 else ""
        text += words.say("seat.rounded", amount=f"{words.number(dollars(int(exact)), 9)}{dots}")
    text += words.say("seat.given_back") if charge.charged else ""
    return Step(text, of_cents(int(charge.cents[0])), rule=", ".join(charge.reason.rules))


def _bought_seats(replay: Replay, charge: SeatCharge) -> list[Step]:
    words, day = replay.words, charge.day
    seats = words.seats(charge.terms.plan, charge.seat_type, charge.seats)
    if charge.kind == SEAT_ADDITION:
        term = words.days(charge.term.start, charge.term.renewal)
        return [Step(words.say("seat.added", seats=seats, day=day, term=term), rule="S2")]
    begins = words.say("seat.begins", day=day, seats=seats)
    before = [phase for phase in replay.ledger.phases if phase.since < day]
    if not before:
        return [Step(words.say("seat.as_contracted", begins=begins), rule="S1", source=words.your_contract)]
    return [_renewed(replay, charge, before[-1], begins), *_raised(replay, charge, before[-1])]


def _renewed(replay: Replay, charge: SeatCharge, before: Phase, begins: str) -> Step:
    words, old, new, day = replay.words, before.terms.plan, charge.terms.plan, charge.day
    if _agreed(replay, before) is not None:
        return Step(words.say("seat.as_agreed", begins=begins), rule="R1, R2", source=words.your_contract)
    held = words.listed(words.seats(old, seat, count) for seat, count in before.seats.held.items() if count)
    left = [words.seats(old, seat, count) for seat, count in before.seats.leaving.items() if count]
    less = words.say("seat.given_up", seats=words.listed(left)) if left else ""
    text = words.say("seat.held_before", begins=begins, seats=held, less=less)
    if old.id == new.id:
        return Step(text, rule="R2", source=words.source(old, old.on("renewal.successor", day)))
    moved = words.listed(
        words.say("seat.becomes", old=words.seat(old, seat), new=words.seat(new, to))
        for seat, to in old.seat_map(day).items()
    )
    return Step(f"{text}; {moved}", rule="R1", source=words.source(old, old.on("renewal.seat_map", day)))


def _agreed(replay: Replay, before: Phase) -> Mapping[str, int] | None:
    """What the contract agrees for its first renewal; later ones have nothing agreed."""
    contract = replay.run.scenario.contract
    return contract.renewal.seats if before.term.start == contract.term_start else None


def _raised(replay: Replay, charge: SeatCharge, before: Phase) -> Iterator[Step]:
    """The step that raises a renewal to the plan's minimum (Rulebook S5)."""
    words, terms, day = replay.words, charge.terms, charge.day
    minimum = terms.plan.find(f"channels.{terms.channel}.minimum_seats", day)
    wanted = _agreed(replay, before) or mapped(before.seats.remaining(), before.terms.plan.seat_map(day))
    missing = charge.seats - wanted.get(charge.seat_type, 0)
    if minimum and missing > 0 and terms.minimum_seats(day) > sum(wanted.values()):
        channel = words.channel(terms.plan, terms.channel)
        text = words.say("seat.raised", missing=missing, channel=channel, minimum=minimum.text)
        yield Step(text, rule="S5", source=words.source(terms.plan, minimum), level=1)


def _credited(replay: Replay, charge: SeatCharge) -> list[Step]:
    words, day, plan = replay.words, charge.day, charge.terms.plan
    seats = words.seats(plan, charge.seat_type, charge.seats)
    term = words.days(charge.term.start, charge.term.renewal)
    credit = words.source(plan, charge.reason.values["early_migration.credit"])
    steps = [Step(words.say("seat.moves", day=day, term=term, seats=seats), rule="R3", source=credit)]
    basis = plan.find("early_migration.credit_basis", day)
    if basis is not None:
        text = words.say("seat.basis", basis=words.say(f"choice.early_migration_credit_basis.{basis.value}"))
        steps.append(Step(text, rule="R3", source=words.source(plan, basis), level=1))
    return steps


def _months(words: Words, charge: SeatCharge) -> tuple[str, str]:
    """How the months that are charged were counted, and what they come to: ``10 22/31``."""
    term, day = charge.term, charge.day
    if charge.kind == SEAT_FEE:
        return words.say("months.term", count=term.months, days=words.days(term.start, term.renewal)), str(term.months)
    current = term.month_of(day)
    begins, ends = term.month(current), term.month(current + 1)
    running = words.days(begins, ends)
    match str(charge.reason.values["proration"].value):
        case "months_and_days":
            return _months_and_days(words, term, day, running)
        case "whole_months":
            months = term.months - current
            return words.say("months.whole", running=running, months=months), str(months)
        case _:
            left, whole = (term.renewal - day).days, (term.renewal - term.start).days
            text = f"{term.months} x {left}/{whole}"
            days = words.days(day, term.renewal)
            return words.say("months.days", days=days, left=left, whole=whole, months=text), f"({text})"


def _months_and_days(words: Words, term: Term, day: date, running: str) -> tuple[str, str]:
    current = term.month_of(day)
    begins, ends = term.month(current), term.month(current + 1)
    whole, left, length = term.months - current - 1, (ends - day).days, (ends - begins).days
    months = str(whole + 1) if left == length else f"{whole} {left}/{length}"
    how = words.say(
        "months.months_and_days", whole=whole, running=running, day=day, left=left, length=length, months=months
    )
    return how, months


# --- credits (Rulebook C1, C2, C3) -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Purchase:
    """A purchase of credits, and the credits of its day: at its start, gone unused, bought before it, used."""

    replay: Replay
    charge: CreditCharge
    number: int
    opening: int
    expired: int
    earlier: int
    used: int

    @classmethod
    def of(cls, replay: Replay, charge: CreditCharge) -> _Purchase:
        """The purchase of a charge of a run."""
        day = charge.day
        today = [other for other in replay.charges if isinstance(other, CreditCharge) and other.day == day]
        number = next(index for index, other in enumerate(today) if other is charge)
        opening, expired = replay.left_on(day - DAY)
        return cls(
            replay=replay,
            charge=charge,
            number=number,
            opening=opening,
            expired=replay.left_on(day)[1] - expired,
            earlier=sum(other.amount for other in today[:number]),
            used=int(replay.used_on(day)[COLUMN["billed"]].sum()),
        )

    @property
    def before(self) -> int:
        """The balance before it."""
        return self.opening - self.expired + self.earlier

    @property
    def settings(self) -> CreditSettings:
        """The latest settings that made it: what falls due by reaction may have been set before."""
        occasion, amount = self.charge.purchases.occasion, self.charge.amount
        for phase in reversed(self.replay.ledger.phases):
            reaction, reload = phase.credits.when_exhausted, phase.credits.auto_reload
            bought = reaction and reaction.buy if occasion == "when_exhausted" else reload and reload.amount
            if phase.since <= self.charge.day and bought == amount:
                return phase.credits
        return CreditSettings()


def purchase_steps(replay: Replay, charge: CreditCharge) -> list[Step]:
    """The steps of one purchase; the one that buys has the amount."""
    purchase, words, terms = _Purchase.of(replay, charge), replay.words, charge.terms
    prepaid = words.say("credits.prepaid", channel=words.channel(terms.plan, terms.channel))
    payment = words.source(terms.plan, terms.usage_payment(charge.day))
    return [
        Step(prepaid, rule="C1", source=payment),
        Step(_occasion(purchase), dollars(charge.amount), rule="C2", source=words.your_contract),
        *_balance(purchase),
        _expiry(replay, charge),
    ]


def _occasion(purchase: _Purchase) -> str:
    """Why it was bought."""
    words, charge, settings = purchase.replay.words, purchase.charge, purchase.settings
    day, amount = charge.day, words.usd(charge.amount)
    match charge.purchases.occasion:
        case "initial" if day == purchase.replay.run.scenario.start:
            return words.say("credits.at_start")
        case "initial":
            return words.say("credits.at_renewal", day=day)
        case "by_date":
            return words.say("credits.by_date", day=day)
        case "when_exhausted":
            after = settings.when_exhausted.after_days if settings.when_exhausted else 0
            out = day - timedelta(days=after)
            return words.say("credits.when_exhausted", out=out, count=after, day=day, amount=amount)
        case _:
            below = settings.auto_reload.below if settings.auto_reload else 0
            left = words.usd(purchase.before - purchase.used)
            used = words.usd(purchase.used)
            return words.say(
                "credits.auto_reload", day=day, used=used, left=left, below=words.usd(below), amount=amount
            )


def _balance(purchase: _Purchase) -> Iterator[Step]:
    words, before = purchase.replay.words, purchase.before
    after = words.usd(before + purchase.charge.amount)
    yield Step(words.say("credits.balance", before=words.usd(before), after=after), rule="C1")
    if purchase.expired:
        text = words.say("credits.gone", opening=words.usd(purchase.opening), amount=words.usd(purchase.expired))
        yield Step(text, rule="C3, C4", level=1)
    if purchase.earlier:
        text = words.say("credits.earlier", amount=words.usd(purchase.earlier), count=purchase.number)
        yield Step(text, rule="C1", level=1)
    left, _ = purchase.replay.left_on(purchase.charge.day)
    yield Step(words.say("credits.used", amount=words.usd(purchase.used), left=words.usd(left)), rule="C1", level=1)


def _expiry(replay: Replay, charge: CreditCharge) -> Step:
    words, day, terms = replay.words, charge.day, charge.terms
    own, listed = replay.phase(day).credits.expiry_months, terms.plan.find("credits.expiry_months", day)
    by_contract = own is not None and not (listed and listed.overlay)
    source = words.your_contract if by_contract else words.source(terms.plan, listed or Sourced("none"))
    months = terms.expiry_months(own, day)
    if months is None:
        return Step(words.say("credits.no_expiry"), rule="C3", source=source)
    text = words.say("credits.expire", day=months_after(day, months), count=months)
    return Step(text, rule="C3", source=source)


# --- usage in arrears (Rulebook A1, A2) --------------------------------------------------------------------------


def period_steps(replay: Replay, charge: UsageCharge) -> list[Step]:
    """The usage period, how it is paid, the exact sum and its rounding."""
    words, last = replay.words, charge.last
    phase = replay.phase(last)
    plan, payment = phase.terms.plan, phase.terms.usage_payment(last)
    exact = int(charge.billed[0].sum())
    rounded = words.say("usage.rounded", amount=words.usd(to_cents(exact) * CENT)) if exact % CENT else ""
    period = words.say("usage.period", days=words.days(charge.first, charge.until)) + _cut(replay, charge)
    summed = words.say("usage.summed", count=int(np.count_nonzero(charge.billed[0])), amount=words.exact(exact))
    return [
        Step(
            words.say("usage.in_arrears", channel=words.channel(plan, phase.terms.channel)),
            rule="A1",
            source=words.source(plan, payment),
        ),
        Step(period, rule="A2", source=words.source(plan, plan.on("usage_period", last))),
        Step(f"{summed}{rounded}", rule="A1"),
    ]


def _cut(replay: Replay, charge: UsageCharge) -> str:
    """Why a period is not a whole month; nothing where it is."""
    words, said = replay.words, []
    if charge.first.day > 1:
        signed = replay.run.scenario.contract.term_start
        began = replay.contract_start(charge.first) > replay.ledger.start or signed == charge.first
        said.append(words.say("usage.contract_began" if began else "usage.run_began", day=charge.first))
    if charge.until < next_month(charge.first):
        said.append(words.say("usage.contract_ended", day=charge.last))
    return f"; {words.listed(said)}" if said else ""


def share_steps(replay: Replay, line: InvoiceLine, charge: UsageCharge) -> list[Step]:
    """One member's share of the invoice: their exact amount in whole cents, and who gets the cents left over."""
    words, member, billed = replay.words, line.user_id, charge.billed[0]
    user = replay.ledger.members.index(member)
    own, users = int(billed[user]), np.flatnonzero(billed)
    floors, remainders = np.divmod(billed[users], CENT)
    left_over = to_cents(int(billed.sum())) - int(floors.sum())
    steps = [Step(words.say("usage.own", member=member, amount=words.exact(own)), rule="A1")]
    if own % CENT:
        # The largest remainder first, ties by member id.
        rank = 1 + users[np.argsort(-remainders, kind="stable")].tolist().index(user)
        text = words.say(
            "usage.cents",
            whole=words.usd(own - own % CENT),
            over=words.exact(own % CENT),
            count=left_over,
            rank=rank,
            of=len(users),
        )
        text += words.say("usage.a_cent_more" if rank <= left_over else "usage.no_cent")
        steps.append(Step(text, rule="A1"))
    return [*steps, Step(words.say("usage.own_line", member=member), of_cents(line.cents), rule="A1")]


def lines_steps(replay: Replay, charge: UsageCharge) -> list[Step]:
    """The lines of an invoice for usage: the largest ones, then the rest together, and their sum."""
    words = replay.words
    lines = sorted(charge.lines(), key=lambda line: -line.cents)
    steps = [
        Step(words.say("usage.line", line=line.line, member=line.user_id), of_cents(line.cents), rule="A1")
        for line in lines[:LINES_SHOWN]
    ]
    rest = lines[LINES_SHOWN:]
    if rest:
        text = words.say("usage.more_lines", count=len(rest), amount=words.cents(of_cents(rest[0].cents)))
        steps.append(Step(text, of_cents(sum(line.cents for line in rest)), rule="A1"))
    total = sum(line.cents for line in lines)
    return [*steps, Step(words.say("usage.lines"), of_cents(total), rule="A1", total=True)]
