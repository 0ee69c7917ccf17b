"""The biller: one day after the other, from the horizon's first to its last (rulebook, The order of a day; H1, H2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from oracle.contract import closes, first_contract, successor_of
from oracle.demand import Demand, demand_of
from oracle.events import act, arrange
from oracle.facts import plans_with
from oracle.money import nano_text
from oracle.months import months_table
from oracle.renewal import goes_on, renew
from oracle.run import Run
from oracle.stops import ALLOWANCE, MEMBER_LIMIT, ORGANIZATION_LIMIT
from oracle.terms import months_after
from oracle.usage import use

Table = list[tuple[str, ...]]
Scenario = Mapping[str, Any]


@dataclass(frozen=True)
class Tables:
    """The tables of a run, rows of text in the order and with the columns of the files."""

    invoices: Table
    members: Table
    alerts: Table
    stops: Table
    months: Table


def bill(
    scenario: Scenario,
    rows: Iterable[Mapping[str, Any]],
    counterfactual: bool = False,
    plan: Mapping[str, Any] | None = None,
) -> Tables:
    """The bills of a scenario.

    `plan` puts other facts in place of a plan's own: its `id`, and fields of `facts.Plan`. With `counterfactual` a
    legacy plan runs past its renewal (P2). Raises ValueError for input that cannot be.
    """
    run = _open(scenario, counterfactual, plan)
    first = scenario["horizon"]["start"]
    end = months_after(first, int(scenario["horizon"]["months"]))
    events = [event for event in scenario.get("events", []) if event["date"] >= first]
    demand = demand_of(row for row in rows if first <= row["date"] < end)
    day = first
    while day < end:
        _live(run, day, [event for event in events if event["date"] == day], demand)
        day += timedelta(days=1)
    _settle(run, end)
    return Tables(
        invoices=run.ledger.table(),
        members=_members_table(run),
        alerts=run.alerts.table(),
        stops=run.stops.table(),
        months=months_table(run),
    )


def _open(scenario: Scenario, counterfactual: bool, plan: Mapping[str, Any] | None) -> Run:
    """The run on the morning of its first day: nothing spent, the contract as earlier events left it (H1, H2)."""
    plans = plans_with(plan)
    contract = first_contract(scenario["contract"], plans)
    first = scenario["horizon"]["start"]
    if not contract.start <= first < contract.end:
        raise ValueError("the horizon starts outside the contract's term")
    events = scenario.get("events", [])
    seat_of: dict[str, str | None] = {member: None for event in events for member in event.get("assign", {})}
    seats = scenario.get("members", {})
    seat_of |= {member: None if seat == "unassigned" else seat for member, seat in seats.items()}
    run = Run(contract, plans, counterfactual, seat_of, first, contract)
    run.check_seats()
    for event in sorted(events, key=lambda event: event["date"]):
        if event["date"] < contract.start:
            raise ValueError(f"an event on {event['date']}, before the contract")
        if event["date"] < first:
            arrange(run, event)
    run.known_limits = run.limits()
    if run.contract.start == first:
        run.ledger.seat_fee(first, run.contract)
    run.buy_initial_credits(first)
    return run


def _live(run: Run, day: date, events: list[Mapping[str, Any]], demand: Demand) -> None:
    """One day, in the rulebook's order."""
    if day == run.contract.end:
        renew(run, day)
    if gone := run.wallet.expire(day):
        month = f"{day:%Y-%m}", run.contract.plan.id
        run.lapsed[month] = run.lapsed.get(month, 0) + gone
    if day.day == 1:
        run.end_usage_period(day)
        run.stops.end(day, "new period", MEMBER_LIMIT, ORGANIZATION_LIMIT)
    if day.isoweekday() == 1:
        run.used_this_week = {}
        run.stops.end(day, "new window", ALLOWANCE)
    if amount := run.wallet.due_on(day):
        run.buy_credits(day, amount)
    for event in events:
        act(run, event)
    run.notice_limits(day, "limit changed")
    wanted = demand.get(day, {})
    if unknown := sorted(set(wanted) - set(run.seat_of)):
        raise ValueError(f"usage of {unknown} on {day}, who are not members")
    use(run, day, wanted)
    _close_day(run, day)


def _close_day(run: Run, day: date) -> None:
    """The evening: alerts, the credits that somebody misses, and the balance as the month may show it (M1, M2)."""
    for scope, limit in run.limits().items():
        run.alerts.close_day(day, scope, run.spend(scope), limit, run.contract.plan.thresholds)
    if run.contract.prepaid:
        run.wallet.close_day(day, run.contract.credits)
    run.balances[f"{day:%Y-%m}", run.contract.plan.id] = run.wallet.balance
    run.metered_under = run.contract


def _settle(run: Run, end: date) -> None:
    """The day after the horizon: a period or a contract that ended with it is invoiced, and nothing else (A2)."""
    closing = end == run.contract.end and closes(run.contract) and not goes_on(run)
    if closing or end.day == 1:
        run.end_usage_period(end)
    if closing:
        run.contract = successor_of(run.contract, end, run.plans)


def _members_table(run: Run) -> Table:
    """A row for each month, plan in force in it and member; what was metered is billed or blocked."""
    return [
        (*key, *(nano_text(amount) for amount in vars(tally).values())) for key, tally in sorted(run.tallies.items())
    ]
