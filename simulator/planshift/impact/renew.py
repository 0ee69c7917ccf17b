"""The renewal: the year after it on the new plan, beside the same year had the old plan gone on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.calendar import months_after
from planshift.billing.contract import Migrate
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.money import dollars, to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run, simulate
from planshift.billing.terms import Terms
from planshift.billing.timeline import opening
from planshift.impact.bridge import Step, bridge, done_at_list
from planshift.impact.carry import forward
from planshift.impact.counterpart import assumed_prices
from planshift.impact.outcome import Opening, Outcome, outcome
from planshift.problems import InputError
from planshift.usage.measure import WEEK


@dataclass(frozen=True)
class MemberChange:
    """A member before and after: seat types, the price of the seat for these months and billed usage, cents."""

    user_id: str
    team: str
    old_seat: str
    new_seat: str
    old_seat_cost: int
    new_seat_cost: int
    old_usage: int
    new_usage: int
    newly_done: int
    newly_stopped: int

    @property
    def change(self) -> int:
        """What the member costs more after the renewal, cents."""
        return self.new_seat_cost + self.new_usage - self.old_seat_cost - self.old_usage


@dataclass(frozen=True)
class Renewal:
    """What changes at a renewal; ``year_before`` is None where the scenario does not have it."""

    scenario: Scenario
    day: date
    end: date
    old: Outcome
    new: Outcome
    year_before: Outcome | None
    steps: tuple[Step, ...]
    members: tuple[MemberChange, ...]
    run: Run
    counterfactual: Run
    notes: tuple[str, ...]

    @property
    def change(self) -> int:
        """What the year costs more on the new plan, cents."""
        return self.new.cost - self.old.cost

    @property
    def months(self) -> int:
        """How many months are set beside each other."""
        return int(self.new.plan.value("term_months", self.day))


def renew(scenario: Scenario) -> Renewal:
    """The renewal of a scenario's contract: on the new plan, and as if the old one had gone on (Rulebook P2, R1).

    The contract moves on its renewal date, or on the day of a `migrate` event. Usage is carried forward where the file
    ends before the year does. Raises InputError where the plan renews on itself, so that nothing changes.
    """
    day = _moves_on(scenario)
    successor = scenario.catalogue.plan(scenario.contract.plan.successor(day))
    end = months_after(day, int(successor.value("term_months", day)))
    carried = forward(scenario, end)
    measured = scenario.demand(scenario.start, end, carried=carried.carried)
    stays, later = _had_it_gone_on(scenario, day)
    run = simulate(_reaching(scenario, end), until=end, measured=measured)
    counterfactual = simulate(_reaching(stays, end), until=end, measured=measured, counterfactual=True)
    opened = _opened(scenario)
    old = outcome(counterfactual.ledger, day, end, opening=opened, before=run.ledger)
    new = outcome(run.ledger, day, end, opening=opened)
    assumed = (*_assumed(counterfactual, old), *_assumed(run, new))
    notes = (*_notes(carried.note, later, run, counterfactual), *_prepaid_note(new), *assumed)
    before, why = _year_before(scenario, run.ledger, day)
    return Renewal(
        scenario=scenario,
        day=day,
        end=end,
        old=old,
        new=new,
        year_before=before,
        steps=bridge(old, new),
        members=_members(scenario, old, new, run, counterfactual),
        run=run,
        counterfactual=counterfactual,
        notes=(*notes, *why),
    )


def _opened(scenario: Scenario) -> Opening:
    contract = scenario.contract
    seats, _, _ = opening(scenario)
    return Opening(Terms(contract.plan, contract.channel, contract.own), scenario.term, seats.held)


def _moves_on(scenario: Scenario) -> date:
    plan, renewal = scenario.contract.plan, scenario.term.renewal
    if not plan.legacy(renewal):
        place = scenario.document.place("contract", "plan")
        fact = f"'{plan.id}' renews on itself: no plan ends on {renewal}, and none takes its place (Rulebook R2)"
        raise InputError.at(place, fact, "use `planshift compare` to set plans beside each other")
    early = [event.day for event in scenario.events if isinstance(event.action, Migrate) and event.day < renewal]
    return min([renewal, *early])


def _reaching(scenario: Scenario, end: date) -> Scenario:
    """The scenario with a horizon that reaches the end, so that no event is behind it."""
    months = scenario.months
    while months_after(scenario.start, months) < end:
        months += 1
    return replace(scenario, months=months)


def _had_it_gone_on(scenario: Scenario, day: date) -> tuple[Scenario, int]:
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
    return assumed_prices(_terms(run, year.first), [seat for seat, count in year.seats.items() if count], year.first)


def _prepaid_note(new: Outcome) -> tuple[str, ...]:
    if not new.credits_bought:
        return ()
    bought, left = dollars(new.credits_bought * 10_000_000), dollars(new.credits_left * 10_000_000)
    return (f"On the new plan credits for {bought:,.2f} USD are bought; {left:,.2f} USD of them are left at the end.",)


def _year_before(scenario: Scenario, ledger: Ledger, day: date) -> tuple[Outcome | None, tuple[str, ...]]:
    months = int(scenario.contract.plan.value("term_months", day))
    first = scenario.term.start if day == scenario.term.renewal else months_after(day, -months)
    if scenario.start > first:
        why = f"The scenario starts on {scenario.start}: the {months} months before the renewal are not all in it."
        return None, (why,)
    if scenario.covered and (scenario.covered[0] - first).days > WEEK:
        why = f"The usage file starts on {scenario.covered[0]}: the days before that count as without usage."
        return outcome(ledger, first, day), (why,)
    return outcome(ledger, first, day), ()


def _members(
    scenario: Scenario, old: Outcome, new: Outcome, run: Run, counterfactual: Run
) -> tuple[MemberChange, ...]:
    old_terms, new_terms = _terms(counterfactual, old.first), _terms(run, new.first)
    done_before, done_after = done_at_list(old.amounts), done_at_list(new.amounts)
    changes = []
    for place, member in enumerate(new.members):
        was, becomes = old.seat_types.get(member), new.seat_types.get(member)
        before, after = int(done_before[place]), int(done_after[place])
        changes.append(
            MemberChange(
                user_id=member,
                team=scenario.teams.get(member, ""),
                old_seat=was or "",
                new_seat=becomes or "",
                old_seat_cost=_seat_cost(old_terms, was, old),
                new_seat_cost=_seat_cost(new_terms, becomes, new),
                old_usage=to_cents(int(old.amounts[COLUMN["billed"], place])),
                new_usage=to_cents(int(new.amounts[COLUMN["billed"], place])),
                newly_done=to_cents(max(after - before, 0)),
                newly_stopped=to_cents(max(before - after, 0)),
            )
        )
    return tuple(changes)


def _terms(run: Run, day: date) -> Terms:
    return [phase.terms for phase in run.ledger.phases if phase.since <= day][-1]


def _seat_cost(terms: Terms, seat: str | None, over: Outcome) -> int:
    """A seat's price for a term, cents."""
    if seat is None:
        return 0
    price = terms.seat_price(seat, over.first).value
    return int(price * 100 * terms.plan.value("term_months", over.first))
