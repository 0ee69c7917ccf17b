"""The set-up of a renewal: a contract's move to its new plan, the same contract without it, and both years in draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from planshift.billing.contract import Migrate
from planshift.billing.ledger import COLUMN
from planshift.billing.money import all_to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import Term, months_after
from planshift.billing.simulation import Prepared, Run, joined_runs
from planshift.billing.terms import Terms
from planshift.impact.at_list import done_at_list
from planshift.impact.carry import Forward, forward
from planshift.impact.counterpart import assumed_prices
from planshift.impact.outcome import Cents, Outcome, Outcomes, joined, outcomes
from planshift.problems import InputError
from planshift.usage.measure import WEEK


@dataclass(frozen=True)
class RenewalSetup:
    """A contract's move to its new plan on a day, and the year up to ``end`` that is looked at, before any usage.

    ``moved`` and ``counterfactual``: what is billed with the move and without it; ``later``: how many events of the new
    contract ``counterfactual`` leaves out; ``before``: the first day of the year before, None where the scenario does
    not have it, and ``why`` it is to be taken with care.
    """

    scenario: Scenario
    day: date
    end: date
    forward: Forward
    moved: Prepared
    counterfactual: Prepared
    later: int
    before: date | None
    why: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> RenewalSetup:
        """The move of a scenario's contract; InputError where its plan renews on itself, or something is amiss."""
        day = moves_on(scenario)
        end = term_after(scenario, day).renewal
        stays, later = without_the_move(scenario, day)
        before, why = _year_before(scenario, day)
        return cls(
            scenario=scenario,
            day=day,
            end=end,
            forward=forward(scenario, end),
            moved=Prepared.of(_reaching(scenario, end), until=end),
            counterfactual=Prepared.of(_reaching(stays, end), until=end, counterfactual=True),
            later=later,
            before=before,
            why=why,
        )

    def years(self, draws: range) -> RenewalYears:
        """Both years in some draws."""
        first, end = self.scenario.start, self.end
        asked = self.scenario.asked(end, draws, self.forward.carried)
        measured = asked.measured(first, end, self.moved.metered_from)
        same = self.counterfactual.metered_from == self.moved.metered_from
        run = self.moved.run(measured)
        if not same:
            measured = asked.measured(first, end, self.counterfactual.metered_from)
        counterfactual = self.counterfactual.run(measured)
        return RenewalYears(
            setup=self,
            run=run,
            counterfactual=counterfactual,
            old=outcomes(counterfactual.ledger, self.day, end, before=run.ledger),
            new=outcomes(run.ledger, self.day, end),
            before=outcomes(run.ledger, self.before, self.day) if self.before else None,
        )


@dataclass(frozen=True)
class RenewalYears:
    """The year after a move and the same year without it, in some draws."""

    setup: RenewalSetup
    run: Run
    counterfactual: Run
    old: Outcomes
    new: Outcomes
    before: Outcomes | None

    def without_demand(self) -> RenewalYears:
        """The same without what was asked for on each day."""
        return replace(self, run=self.run.without_demand(), counterfactual=self.counterfactual.without_demand())

    @classmethod
    def joined(cls, parts: Sequence[RenewalYears]) -> RenewalYears:
        """Years of blocks of draws, one or more, put together."""
        before = [part.before for part in parts if part.before]
        return cls(
            setup=parts[0].setup,
            run=joined_runs([part.run for part in parts]),
            counterfactual=joined_runs([part.counterfactual for part in parts]),
            old=joined([part.old for part in parts]),
            new=joined([part.new for part in parts]),
            before=joined(before) if before else None,
        )

    def notes(self, prepaid: tuple[str, ...]) -> tuple[str, ...]:
        """What a reader should know; ``prepaid``: what there is to say about credits."""
        setup, run, counterfactual = self.setup, self.run, self.counterfactual
        assumed = (*_assumed(counterfactual, self.old.drawn), *_assumed(run, self.new.drawn))
        return (*_notes(setup.forward.note, setup.later, run, counterfactual), *prepaid, *assumed, *setup.why)

    @cached_property
    def members(self) -> MemberYears:
        """The members before and after."""
        old, new = self.old, self.new
        billed = COLUMN["billed"]
        before, after = done_at_list(old.amounts), done_at_list(new.amounts)
        return MemberYears(
            members=new.members,
            old_seats=tuple(old.seat_types.get(member) or "" for member in new.members),
            new_seats=tuple(new.seat_types.get(member) or "" for member in new.members),
            old_seat_costs=_seat_costs(self.counterfactual.ledger.phase(old.drawn.first).terms, old),
            new_seat_costs=_seat_costs(self.run.ledger.phase(new.drawn.first).terms, new),
            old_usage=all_to_cents(old.amounts[billed]),
            new_usage=all_to_cents(new.amounts[billed]),
            newly_done=all_to_cents(np.maximum(after - before, 0)),
            newly_stopped=all_to_cents(np.maximum(before - after, 0)),
        )


@dataclass(frozen=True)
class MemberYears:
    """Members before and after: seat types (empty: none) and the price of the seats by member; the rest, billed usage
    and work at list price, has the shape (draws, members). Amounts in cents."""

    members: tuple[str, ...]
    old_seats: tuple[str, ...]
    new_seats: tuple[str, ...]
    old_seat_costs: Cents
    new_seat_costs: Cents
    old_usage: Cents
    new_usage: Cents
    newly_done: Cents
    newly_stopped: Cents

    @property
    def old_costs(self) -> Cents:
        """Seat and usage, had the old plan continued, shape (draws, members)."""
        costs: Cents = self.old_seat_costs + self.old_usage
        return costs

    @property
    def new_costs(self) -> Cents:
        """Seat and usage on the new plan, likewise."""
        costs: Cents = self.new_seat_costs + self.new_usage
        return costs


def moves_on(scenario: Scenario) -> date:
    """The day on which a contract moves to its new plan; InputError where its plan renews on itself."""
    plan, renewal = scenario.contract.plan, scenario.term.renewal
    if not plan.legacy(renewal):
        place = scenario.document.place("contract", "plan")
        fact = f"'{plan.id}' renews on itself: no plan ends on {renewal}, and none takes its place (Rulebook R2)"
        raise InputError.at(place, fact, "use `planshift compare` to set plans beside each other")
    early = [event.day for event in scenario.events if isinstance(event.action, Migrate) and event.day < renewal]
    return min([renewal, *early])


def term_after(scenario: Scenario, day: date) -> Term:
    """The term of the new plan that begins with the move on a day (Rulebook R0, R1, R3)."""
    successor = scenario.catalogue.plan(scenario.contract.plan.successor(day))
    return scenario.term.followed(day, int(successor.value("term_months", day)))


def _reaching(scenario: Scenario, end: date) -> Scenario:
    """The scenario with a horizon that reaches the end, so that no event is behind it."""
    months = scenario.months
    while months_after(scenario.start, months) < end:
        months += 1
    return replace(scenario, months=months)


def without_the_move(scenario: Scenario, day: date) -> tuple[Scenario, int]:
    """The scenario without what happens to the new contract, and how many events that leaves out."""
    kept = [event for event in scenario.events if event.day < day and not isinstance(event.action, Migrate)]
    return scenario.with_events(kept), sum(1 for event in scenario.events if event.day >= day) - _moves(scenario, day)


def _moves(scenario: Scenario, day: date) -> int:
    return sum(1 for event in scenario.events if event.day == day and isinstance(event.action, Migrate))


def _notes(carried: str, later: int, run: Run, counterfactual: Run) -> tuple[str, ...]:
    left_out = f"Events from the renewal on belong to the new contract: the counterfactual leaves out {later}."
    warnings = dict.fromkeys([*run.warnings, *counterfactual.warnings])
    return tuple(note for note in (carried, left_out if later else "", *warnings) if note)


def _assumed(run: Run, year: Outcome) -> tuple[str, ...]:
    return assumed_prices(
        run.ledger.phase(year.first).terms, [seat for seat, count in year.seats.items() if count], year.first
    )


def _year_before(scenario: Scenario, day: date) -> tuple[date | None, tuple[str, ...]]:
    """The first day of the year before, None where the scenario does not have it, and what to know about it."""
    months = int(scenario.contract.plan.value("term_months", day))
    first = scenario.term.start if day == scenario.term.renewal else months_after(day, -months)
    if scenario.start > first:
        why = f"The scenario starts on {scenario.start}: the {months} months before the renewal are not all in it."
        return None, (why,)
    if measured_late(scenario, first):
        why = f"The usage file starts on {measured_from(scenario)}: what the months before that cost is not known."
        return first, (why,)
    return first, ()


def measured_from(scenario: Scenario) -> date:
    """The first day of usage that is known; all is where it does not come from a file."""
    return scenario.covered[0] if scenario.covered else date.min


def measured_late(scenario: Scenario, first: date) -> bool:
    """Is usage not known from a day on? In a first week nobody may just have worked."""
    return (measured_from(scenario) - first).days > WEEK


def _seat_costs(terms: Terms, over: Outcomes) -> Cents:
    """By member, their seat's price for a term, cents."""
    day = over.drawn.first
    months = terms.plan.value("term_months", day)
    of_type = {seat: int(terms.seat_price(seat, day).value * 100 * months) for seat in terms.plan.seat_types}
    held = (over.seat_types.get(member) for member in over.members)
    return np.array([of_type[seat] if seat else 0 for seat in held], dtype=np.int64)
