"""The comparison: the same demand through each of several plans, side by side, in each draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from planshift.billing.account import bill
from planshift.billing.blocks import Extent, Progress, detail_first, over_draws
from planshift.billing.blocks import joined as joined_blocks
from planshift.billing.checks import check
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.money import all_to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import Run, lapsed_in_draws, lapsed_said
from planshift.billing.terms import Terms
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.impact.carry import Forward, forward
from planshift.impact.counterpart import Counterpart, counterpart
from planshift.impact.odds import Sums, Which, added, changed, summed
from planshift.impact.outcome import Cents, Outcome, Outcomes, Shares, joined, joined_outcomes, outcomes
from planshift.impact.spread import mean_of_sums
from planshift.plans.plan import Plan
from planshift.problems import InputError, Place
from planshift.usage.measure import WEEK, Measured


@dataclass(frozen=True)
class OnPlan:
    """A customer on one plan over the horizon, in each draw: its outcome and totals, what was assumed to get there.

    ``ledger``: of the first draws; ``seat_types``: of members, on the first day.
    """

    outcome: Outcome
    totals: LedgerTotals
    ledger: Ledger
    seat_types: Mapping[str, str | None]
    notes: tuple[str, ...]

    @cached_property
    def unavailable(self) -> Nanos:
        """Asked of surfaces that the seats do not open, nano-dollars of shape (months, draws)."""
        months, totals = self.outcome.months, self.totals
        found = np.zeros((len(months), totals.draws), dtype=np.int64)
        for row, (month, _) in enumerate(totals.spans):
            if month in months:
                found[months.index(month)] += totals.amount("unavailable")[row]
        return found


@dataclass(frozen=True)
class MemberCosts:
    """Members on each plan, over all draws; arrays of shape (plans, members).

    Cents, rounded half up: the means of ``costs`` (seat and billed usage), of ``change`` (what the plan costs more than
    the first) and of ``stopped`` (usage that was blocked). Shares of the draws: in which the member is ``dearer`` or
    ``cheaper`` than on the first plan by more than 1 % of the cost there, and in which their own limit stops them at
    least once (``limited``).
    """

    members: tuple[str, ...]
    teams: tuple[str, ...]
    costs: Cents
    change: Cents
    stopped: Cents
    dearer: Shares
    cheaper: Shares
    limited: Shares


@dataclass(frozen=True)
class GroupCosts:
    """Members who cost clearly less, clearly more, and about the same, in each draw: arrays of shape (plans, 3, draws).

    ``members``: how many are in the group; ``before``, ``after``: what these cost on the first plan and on this one,
    cents.
    """

    members: Cents = field(metadata=over_draws())
    before: Cents = field(metadata=over_draws())
    after: Cents = field(metadata=over_draws())


@dataclass(frozen=True)
class Comparison:
    """The same demand through several plans, in each draw; the first is the one that the others are held against.

    ``measured``: what was asked for in the first draws, those of the plans' ledgers.
    """

    scenario: Scenario
    first: date
    end: date
    plans: tuple[OnPlan, ...]
    members: MemberCosts
    groups: GroupCosts
    measured: Measured
    notes: tuple[str, ...]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.plans[0].totals.draws

    @property
    def synthetic(self) -> bool:
        """Is usage simulated at random, not measured?"""
        return self.scenario.seed is not None

    @cached_property
    def cheapest(self) -> Which:
        """Which plan costs least in each draw, the first of equals: shape (plans, draws)."""
        costs = np.stack([plan.outcome.cost for plan in self.plans])
        least: Which = costs.argmin(axis=0) == np.arange(len(self.plans))[:, None]
        return least

    @property
    def best(self) -> int:
        """The number of the plan that is most often the cheapest, the first of equals."""
        return int(self.cheapest.sum(axis=1).argmax())


def compare(
    scenario: Scenario,
    plan_ids: Sequence[str],
    *,
    detail: int = 1,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """The scenario's demand over its horizon through each plan, each with a term from the horizon's first day.

    Each plan is held for the whole horizon; a legacy plan that cannot be had so long, or at all, is a counterfactual
    (Rulebook P2). Where the usage file ends more than a week before the horizon, it is carried forward. ``detail``: of
    how many draws, at least one, ledgers are kept; ``jobs``: in how many processes, None for what is worth its while;
    ``progress`` is told how many draws are done. Raises InputError for fewer than two plans, unknown plans, or a
    customer who cannot be put on one of them.
    """
    choice = Choice.of(scenario, plan_ids)
    days, times = (scenario.end - scenario.start).days, len(choice.plans)
    extent = Extent(scenario.draws, len(scenario.people), days, times)

    def whole(draws: range) -> Bills:
        bills = choice.bills(draws)
        return bills if scenario.draws == 1 else bills.without_demand()

    kept, rest = detail_first(whole, _Blocks(choice), extent, detail, jobs, progress)
    bills = Bills.joined(kept)
    return bills.comparison([bills.block, *rest])


@dataclass(frozen=True)
class Choice:
    """A customer and the plans to choose from, before any usage: what they would have on each, in the same order."""

    scenario: Scenario
    plans: tuple[Plan, ...]
    there: tuple[Counterpart, ...]
    forward: Forward
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario, plan_ids: Sequence[str]) -> Choice:
        """The choice between plans by id, each counted once; InputError as `compare` says."""
        place, named = Place("--plans"), list(dict.fromkeys(plan_ids))
        if len(named) < 2:
            raise InputError.at(place, f"there is nothing to compare: {', '.join(plan_ids)}", "name two plans or more")
        plans = tuple(scenario.catalogue.plan(name, place) for name in named)
        warnings = check(scenario)
        ahead = forward(scenario, scenario.end, tolerance=WEEK)
        return cls(scenario, plans, tuple(counterpart(scenario, plan) for plan in plans), ahead, warnings)

    def bills(self, draws: range) -> Bills:
        """What some draws come to on each plan: drawn once for all of them."""
        scenario = self.scenario
        asked = scenario.asked(scenario.end, draws, self.forward.carried)
        demands: dict[date | None, Measured] = {}
        ledgers, results = [], []
        for plan, there in zip(self.plans, self.there, strict=True):
            since = self._metered_from(plan)
            if since not in demands:
                demands[since] = asked.measured(scenario.start, scenario.end, since)
            demand = demands[since].demand
            ledger = bill(there.contract, there.seats, demand, there.events, scenario.catalogue, counterfactual=True)
            found = outcomes(ledger, scenario.start, scenario.end)
            named = replace(found.drawn, counterfactual=_cannot_be_had(scenario, plan))
            ledgers.append(ledger)
            results.append(replace(found, drawn=named))
        return Bills(self, tuple(ledgers), tuple(results), next(iter(demands.values())))

    def run(self, plan: Plan) -> tuple[Run, bool]:
        """The first draw on one of the plans as a run of its own, day by day, and whether the plan could not be had."""
        scenario, there = self.scenario, self.there[self.plans.index(plan)]
        asked = scenario.asked(scenario.end, range(1), self.forward.carried)
        measured = asked.measured(scenario.start, scenario.end, self._metered_from(plan))
        ledger = bill(
            there.contract,
            there.seats,
            measured.demand,
            there.events,
            scenario.catalogue,
            counterfactual=True,
            by_day=True,
        )
        return Run(there.scenario(scenario), ledger, measured, there.notes), _cannot_be_had(scenario, plan)

    def _metered_from(self, plan: Plan) -> date | None:
        """The first day where a plan includes no usage, unlike the customer's own."""
        own = self.scenario.contract.plan
        return self.scenario.start if own.seat_based and not plan.seat_based else None


@dataclass(frozen=True)
class Bills:
    """What some draws come to on each of the plans of a choice."""

    choice: Choice
    ledgers: tuple[Ledger, ...]
    outcomes: tuple[Outcomes, ...]
    measured: Measured

    def without_demand(self) -> Bills:
        """The same without what was asked for on each day."""
        return replace(self, measured=self.measured.without_demand())

    @classmethod
    def joined(cls, parts: Sequence[Bills]) -> Bills:
        """Bills of blocks of draws, one or more, put together."""
        ledgers = zip(*(part.ledgers for part in parts), strict=True)
        found = zip(*(part.outcomes for part in parts), strict=True)
        return replace(
            parts[0],
            ledgers=tuple(Ledger.joined(of_plan) for of_plan in ledgers),
            outcomes=tuple(joined(of_plan) for of_plan in found),
        )

    @property
    def block(self) -> Block:
        """What these draws came to on each plan, without their ledgers."""
        costs = self.costs
        dearer, cheaper = changed(costs[:1], costs)
        inside = np.stack([cheaper, dearer, ~(cheaper | dearer)], axis=1)
        limited = np.stack([found.amounts[COLUMN["blocked_member_limit"]] > 0 for found in self.outcomes])
        of_draws = {"costs": costs, "stopped": self.stopped, "dearer": dearer, "cheaper": cheaper, "limited": limited}
        return Block(
            outcomes=tuple(found.drawn for found in self.outcomes),
            totals=tuple(totals(ledger) for ledger in self.ledgers),
            members=summed(of_draws),
            groups=GroupCosts(
                members=inside.sum(axis=-1),
                before=(inside * costs[:1, None]).sum(axis=-1),
                after=(inside * costs[:, None]).sum(axis=-1),
            ),
        )

    def comparison(self, blocks: Sequence[Block]) -> Comparison:
        """The plans side by side in all blocks of draws; these bills are of the first ones."""
        scenario, members = self.choice.scenario, self.outcomes[0].members
        plans = tuple(
            OnPlan(
                joined_outcomes([block.outcomes[place] for block in blocks]),
                joined_totals([block.totals[place] for block in blocks]),
                ledger,
                found.seat_types,
                notes,
            )
            for place, (ledger, found, notes) in enumerate(
                zip(self.ledgers, self.outcomes, self.notes_by_plan, strict=True)
            )
        )
        sums, draws = added([block.members for block in blocks]), plans[0].totals.draws
        return Comparison(
            scenario=scenario,
            first=scenario.start,
            end=scenario.end,
            plans=plans,
            members=MemberCosts(
                members=members,
                teams=tuple(scenario.teams.get(member, "") for member in members),
                costs=mean_of_sums(sums["costs"], draws),
                change=mean_of_sums(sums["costs"] - sums["costs"][:1], draws),
                stopped=mean_of_sums(sums["stopped"], draws),
                dearer=sums["dearer"] / draws,
                cheaper=sums["cheaper"] / draws,
                limited=sums["limited"] / draws,
            ),
            groups=joined_blocks([block.groups for block in blocks]),
            measured=self.measured,
            notes=self.notes,
        )

    @property
    def notes_by_plan(self) -> tuple[tuple[str, ...], ...]:
        """What was assumed for each plan."""
        sides = zip(self.choice.there, self.ledgers, strict=True)
        return tuple((*there.notes, *ledger.warnings) for there, ledger in sides)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, each thing once."""
        of_plans = (note for notes in self.notes_by_plan for note in notes)
        scenario, lapsed = self.choice.scenario, self.measured.lapsed
        gone = lapsed_said((*lapsed, *lapsed_in_draws(scenario, scenario.end)), scenario.card)
        notes = (self.choice.forward.note, *gone, *_of_usage(self.measured), *self.choice.warnings, *of_plans)
        return tuple(note for note in dict.fromkeys(notes) if note)

    @cached_property
    def costs(self) -> Cents:
        """What members cost, seat and billed usage, cents of shape (plans, draws, members)."""
        sides = zip(self.ledgers, self.outcomes, strict=True)
        return np.stack(
            [_seat_costs(ledger, found) + all_to_cents(found.amounts[COLUMN["billed"]]) for ledger, found in sides]
        )

    @cached_property
    def stopped(self) -> Cents:
        """What members' blocked usage comes to, cents of shape (plans, draws, members)."""
        first = COLUMN[BLOCKED[0]]
        return np.stack([all_to_cents(found.amounts[first:].sum(axis=0)) for found in self.outcomes])


@dataclass(frozen=True)
class Block:
    """What a block of draws came to on each plan; ``members``: sums over its draws, of shape (plans, members)."""

    outcomes: tuple[Outcome, ...]
    totals: tuple[LedgerTotals, ...]
    members: Sums
    groups: GroupCosts


@dataclass(frozen=True)
class _Blocks:
    """The work on a block of draws."""

    choice: Choice

    def __call__(self, draws: range) -> Block:
        return self.choice.bills(draws).block


def _of_usage(measured: Measured) -> Iterator[str]:
    if measured.outside:
        yield f"{measured.outside} of {measured.rows} rows of usage lie outside the horizon and are not counted."
    yield from (f"{note[:1].upper()}{note[1:]}." for note in measured.notes)


def _cannot_be_had(scenario: Scenario, plan: Plan) -> bool:
    """Does a plan end before the horizon does, or is it not sold to somebody who does not have it (Rulebook P2)?"""
    if plan.id == scenario.contract.plan.id:
        return plan.legacy(scenario.start) and scenario.end > scenario.term.renewal
    return not plan.value("new_contracts", scenario.start)


def _seat_costs(ledger: Ledger, found: Outcomes) -> Cents:
    """By member, the price of their seat over the horizon, cents: the months' price, and the share of days beyond."""
    result, phase = found.drawn, ledger.phases[0]
    terms: Terms = phase.terms
    days = (result.end - result.first).days
    year = (phase.term.renewal - phase.term.start).days
    months = int(terms.plan.value("term_months", result.first))
    by_seat = {
        seat: round(terms.seat_price(seat, result.first).value * 100 * months * days / year)
        for seat in terms.plan.seat_types
    }
    held = (found.seat_types.get(member) for member in found.members)
    return np.array([by_seat[seat] if seat else 0 for seat in held], dtype=np.int64)
