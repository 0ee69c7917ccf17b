"""How a charge for seats comes about: seats × price × months (Rulebook S1, S2, R3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.billing.calendar import DAY
from planshift.billing.charges import SEAT_ADDITION, SEAT_CREDIT, SEAT_FEE, SeatCharge
from planshift.billing.contract import Migrate
from planshift.billing.ledger import Phase
from planshift.billing.money import CENT, NANO, dollars
from planshift.billing.schedule import Term
from planshift.billing.seats import mapped, rest_of_term
from planshift.billing.terms import Terms
from planshift.explanation.choices import CREDIT_BASIS, WORDS
from planshift.explanation.explanation import YOUR_CONTRACT, Step
from planshift.explanation.replay import Replay
from planshift.explanation.words import counted, in_force_since, listed, of_cents, price, said_by, span


@dataclass(frozen=True)
class SeatLine:
    """A charge for seats of a run."""

    replay: Replay
    line: SeatCharge

    @property
    def terms(self) -> Terms:
        """The terms under which it was charged."""
        return self.line.terms

    @property
    def term(self) -> Term:
        """The term of the contract under which it was charged."""
        return self.line.term

    @property
    def seats(self) -> str:
        """``3 Standard seats``."""
        return counted(self.line.seats, self.terms.plan.seat_titles[self.line.seat_type])

    @property
    def title(self) -> str:
        """What the line is, in words: ``3 Standard seats added for the rest of the term, …``."""
        days = span(self.line.day, self.term.renewal)
        if self.line.kind == SEAT_FEE:
            return f"{self.seats} for the term {days}"
        if self.line.kind == SEAT_ADDITION:
            return f"{self.seats} added for the rest of the term, {days}"
        return f"{self.seats} given back for the rest of the old term, {days}"


@dataclass(frozen=True)
class Counted:
    """Months that are charged, how they were counted, and as a calculation writes them: ``10 22/31``."""

    months: Fraction
    how: str
    text: str


def seat_steps(charge: SeatLine) -> list[Step]:
    """The steps of one line for seats; the last has the amount."""
    plan, day, kind = charge.terms.plan, charge.line.day, charge.line.kind
    how_many = {SEAT_FEE: _fee, SEAT_ADDITION: _addition, SEAT_CREDIT: _credit}[kind]
    months = _months(charge)
    counted_by = plan.on("term_months", day) if kind == SEAT_FEE else charge.terms.proration(day)
    rule = "S1" if kind == SEAT_FEE else "S2"
    return [
        *how_many(charge),
        _price(charge),
        Step(months.how, rule=rule, source=said_by(plan, counted_by)),
        _product(charge, months),
    ]


def _price(charge: SeatLine) -> Step:
    seat, day = charge.line.seat_type, charge.line.charged or charge.line.day
    value = charge.terms.seat_price(seat, day)
    source = said_by(charge.terms.plan, value)
    dated = charge.terms.plan.values.get(f"seats.{seat}.price_usd_per_month")
    since = "" if source == YOUR_CONTRACT else in_force_since(dated, day)
    costs = f"was charged on {day} at" if charge.line.charged else "costs"
    return Step(f"A seat {costs} {price(value.value)} USD a month{since}", rule="P3", source=source)


def _product(charge: SeatLine, months: Counted) -> Step:
    """seats × price a month × months, rounded once."""
    line = charge.line
    exact = line.seats * Fraction(line.price) * months.months * NANO
    text = f"{line.seats} x {price(line.price)} USD x {months.text} months"
    if exact % CENT:
        dots = "…" if exact.denominator > 1 else ""
        text += f" = {dollars(int(exact)):,.9f}{dots} USD, rounded half up to the cent, once"
    text += "; given back" if line.kind == SEAT_CREDIT else ""
    return Step(text, of_cents(int(line.cents[0])), rule=", ".join(line.reason.rules))


# --- how many seats ----------------------------------------------------------------------------------------------


def _fee(charge: SeatLine) -> list[Step]:
    replay, day = charge.replay, charge.line.day
    begins = f"A term begins on {day} and is charged at once: {charge.seats}"
    before = [phase for phase in replay.ledger.phases if phase.since < day]
    if not before:
        return [Step(f"{begins}, as in the contract", rule="S1", source=YOUR_CONTRACT)]
    return [_renewed(charge, before[-1], begins), *_raised(charge, before[-1])]


def _renewed(charge: SeatLine, before: Phase, begins: str) -> Step:
    if _agreed(charge, before) is not None:
        return Step(f"{begins}, as agreed for the new term", rule="R1, R2", source=YOUR_CONTRACT)
    old, day = before.terms.plan, charge.line.day
    held = listed(counted(count, old.seat_titles[seat]) for seat, count in before.seats.held.items() if count)
    left = [counted(count, old.seat_titles[seat]) for seat, count in before.seats.leaving.items() if count]
    text = f"{begins}; held before: {held}{f', less {listed(left)} given up' if left else ''}"
    if old.id == charge.terms.plan.id:
        return Step(text, rule="R2", source=said_by(old, old.on("renewal.successor", day)))
    moved = [
        f"{old.seat_titles[seat]} becomes {charge.terms.plan.seat_titles[to]}" for seat, to in old.seat_map(day).items()
    ]
    return Step(f"{text}; {listed(moved)}", rule="R1", source=said_by(old, old.on("renewal.seat_map", day)))


def _agreed(charge: SeatLine, before: Phase) -> Mapping[str, int] | None:
    """What the contract agrees for its first renewal; later ones have nothing agreed."""
    contract = charge.replay.run.scenario.contract
    return contract.renewal.seats if before.term.start == contract.term_start else None


def _raised(charge: SeatLine, before: Phase) -> Iterator[Step]:
    """The step that raises a renewal to the plan's minimum (Rulebook S5)."""
    terms, line = charge.terms, charge.line
    minimum = terms.plan.find(f"channels.{terms.channel}.minimum_seats", line.day)
    wanted = _agreed(charge, before) or mapped(before.seats.remaining(), before.terms.plan.seat_map(line.day))
    missing = line.seats - wanted.get(line.seat_type, 0)
    if minimum and missing > 0 and terms.minimum_seats(line.day) > sum(wanted.values()):
        text = f"{missing} of them are added: {terms.plan.channel_titles[terms.channel]} has at least {minimum.text}"
        yield Step(f"{text} seats", rule="S5", source=said_by(terms.plan, minimum), level=1)


def _addition(charge: SeatLine) -> list[Step]:
    text = f"{charge.seats} added on {charge.line.day}: charged at once for the rest of the term"
    return [Step(f"{text} {span(charge.term.start, charge.term.renewal)}", rule="S2")]


def _credit(charge: SeatLine) -> list[Step]:
    day, plan, events = charge.line.day, charge.terms.plan, charge.replay.run.scenario.events
    moves = [event.action for event in events if event.day == day]
    said = next((action.credit for action in moves if isinstance(action, Migrate)), None)
    source = YOUR_CONTRACT if said else said_by(plan, plan.on("early_migration.credit", day))
    term = span(charge.term.start, charge.term.renewal)
    text = f"The contract moves on {day}, before its term {term} is over; the rest is given back for {charge.seats}"
    steps = [Step(text, rule="R3", source=source)]
    basis = plan.find(CREDIT_BASIS, day)
    if basis is not None:
        text = f"Seats are given back at {WORDS[CREDIT_BASIS, str(basis.value)]}"
        steps.append(Step(text, rule="R3", source=said_by(plan, basis), level=1))
    return steps


# --- how many months ---------------------------------------------------------------------------------------------


def _months(charge: SeatLine) -> Counted:
    term, day = charge.term, charge.line.day
    if charge.line.kind == SEAT_FEE:
        how = f"The term has {term.months} months: {span(term.start, term.renewal)}"
        return Counted(Fraction(term.months), how, str(term.months))
    convention = str(charge.terms.proration(day).value)
    return _COUNTS[convention](term, day, rest_of_term(convention, term, day))


def _months_and_days(term: Term, day: date, months: Fraction) -> Counted:
    current = term.month_of(day)
    begins, ends = term.month(current), term.month(current + 1)
    whole, left, length = term.months - current - 1, (ends - day).days, (ends - begins).days
    text = str(whole + 1) if left == length else f"{whole} {left}/{length}"
    how = (
        f"Whole months after the current one: {whole}; days left of the current month ({span(begins, ends)}),"
        f" {day} included: {left} of {length}; together {text} months"
    )
    return Counted(months, how, text)


def _whole_months(term: Term, day: date, months: Fraction) -> Counted:
    current = term.month_of(day)
    running = span(term.month(current), term.month(current + 1))
    return Counted(months, f"Months left of the term, the current one ({running}) counted whole: {months}", str(months))


def _days(term: Term, day: date, months: Fraction) -> Counted:
    left, whole = (term.renewal - day).days, (term.renewal - term.start).days
    text = f"{term.months} x {left}/{whole}"
    how = f"Days left of the term, {day} to {term.renewal - DAY}: {left} of {whole}; {text} months"
    return Counted(months, how, f"({text})")


_COUNTS: Mapping[str, Callable[[Term, date, Fraction], Counted]] = {
    "months_and_days": _months_and_days,
    "whole_months": _whole_months,
    "days": _days,
}
