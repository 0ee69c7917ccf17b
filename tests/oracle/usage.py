"""A day of usage: what is available, included, metered, let through, and blocked (U4, I1, U5, L2, L6)."""

from collections.abc import Mapping
from datetime import date

from oracle.demand import Wants
from oracle.money import half_up, nano, same_share
from oracle.run import Run, Tally
from oracle.stops import ALLOWANCE, CREDITS, MEMBER_LIMIT, ORGANIZATION, ORGANIZATION_LIMIT


def use(run: Run, day: date, wanted: Mapping[str, Wants]) -> None:
    """One day of everybody's usage: each alone first, then all against what the organization has left."""
    day_of = {member: _alone(run, member, wanted.get(member, [])) for member in run.members}
    _together(run, day, day_of)
    for member, tally in day_of.items():
        run.spent[member] = run.spent.get(member, 0) + tally.billed
        if tally.blocked_allowance > 0:
            run.stops.begin(member, ALLOWANCE, day)
        if tally.blocked_member_limit > 0:
            run.stops.begin(member, MEMBER_LIMIT, day)
        if tally.blocked_organization_limit > 0:
            run.stops.begin(ORGANIZATION, ORGANIZATION_LIMIT, day)
        if tally.blocked_credits > 0:
            run.stops.begin(ORGANIZATION, CREDITS, day)
        run.tallies.setdefault((f"{day:%Y-%m}", run.contract.plan.id, member), Tally()).add(tally)


def _alone(run: Run, member: str, wants: Wants) -> Tally:
    """A member's day as far as the member's own limit; `billed` is what they then ask of the organization."""
    seat = run.seat_of[member]
    plan = run.contract.plan
    opens = frozenset() if seat is None else plan.seat_types[seat].surfaces
    demand = sum(cost for _, cost in wants)
    available = sum(cost for surface, cost in wants if surface in opens)
    included = 0
    if seat is not None and plan.kind == "seat_based":
        used = run.used_this_week.get(member, 0)
        included = min(available, max(0, nano(run.contract.included(seat)) - used))
        run.used_this_week[member] = used + included
    metered = half_up((available - included) * (1 - run.contract.discount))
    day = Tally(demand=demand, unavailable=demand - available, included=included, metered=metered)
    if plan.kind == "seat_based" and not run.contract.extra_usage:
        day.blocked_allowance = metered
        return day
    left = run.limit_left(member)
    day.billed = metered if left is None else min(metered, left)
    day.blocked_member_limit = metered - day.billed
    return day


def _together(run: Run, day: date, day_of: Mapping[str, Tally]) -> None:
    """Cuts what the members ask for down to what limit and credits leave, the same share for each (L6)."""
    asked = {member: tally.billed for member, tally in day_of.items()}
    limit_left = run.limit_left(ORGANIZATION)
    if run.contract.prepaid:
        within_limit = sum(asked.values()) if limit_left is None else min(sum(asked.values()), limit_left)
        _reload(run, day, within_limit)
    balance = run.wallet.balance if run.contract.prepaid else None
    left = min((bound for bound in (limit_left, balance) if bound is not None), default=None)
    if left is not None and left < sum(asked.values()):
        by_limit = limit_left is not None and (balance is None or limit_left <= balance)
        for member, served in same_share(asked, left).items():
            day_of[member].billed = served
            if by_limit:
                day_of[member].blocked_organization_limit = asked[member] - served
            else:
                day_of[member].blocked_credits = asked[member] - served
    if run.contract.prepaid:
        run.wallet.draw(sum(tally.billed for tally in day_of.values()))


def _reload(run: Run, day: date, usage: int) -> None:
    """Buys as often as it takes to have, after the day's usage, no less than the owner wants to keep (C2)."""
    reload = run.contract.credits.get("auto_reload")
    if reload is None:
        return
    while run.wallet.balance - usage < nano(reload["below"]):
        run.buy_credits(day, nano(reload["amount"]))
