"""A renewal's tables as values: years, bridge, months, members, teams, winners, invoices and stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from planshift.billing.money import to_cents
from planshift.billing.schedule import next_month
from planshift.impact.at_list import done_at_list
from planshift.impact.outcome import Outcome
from planshift.impact.renew import MemberChange, Renewal
from planshift.reports.changes import CHEAPER, DEARER, SAME, Change, groups
from planshift.reports.impact_columns import (
    BRIDGE,
    COUNTERFACTUAL_INVOICES,
    RENEWAL_MEMBERS,
    RENEWAL_MONTHS,
    RENEWAL_WINNERS,
    TEAMS,
    YEARS,
)
from planshift.reports.renewal.words import NEW_COST, OLD_COST, names
from planshift.reports.run_tables import INVOICES, STOPS, LedgerDraw
from planshift.reports.table import Table, Values, of_days

Measure = tuple[str, Callable[[Outcome], int], str]

MEASURES: Mapping[str, Measure] = {
    "seat_fees": ("Seat fees", lambda year: year.seat_cost, "Seats by the day: a charge counts for the days it pays"),
    "usage_billed": ("Usage billed", lambda year: year.usage_cost, "Usage of these months as it is billed"),
    "cost": ("Cost", lambda year: year.cost, "Seat fees and usage billed"),
    "included_usage": (
        "Included usage",
        lambda year: to_cents(year.amount("included")),
        "Usage that the seats include, at list price; it costs nothing more",
    ),
    "work_done": (
        "Work done",
        lambda year: to_cents(int(done_at_list(year.amounts).sum())),
        "Everything that members can do, at list price: included, billed, and the discount on it",
    ),
    "unavailable": (
        "Not open to the seats",
        lambda year: to_cents(year.amount("unavailable")),
        "Asked of surfaces that the members' seats do not open, at list price",
    ),
    "blocked_allowance": (
        "Stopped: included usage used up",
        lambda year: to_cents(year.amount("blocked_allowance")),
        "At the price it would have been billed at",
    ),
    "blocked_member_limit": (
        "Stopped: members' spend limits",
        lambda year: to_cents(year.amount("blocked_member_limit")),
        "At the price it would have been billed at",
    ),
    "blocked_organization_limit": (
        "Stopped: the organization's spend limit",
        lambda year: to_cents(year.amount("blocked_organization_limit")),
        "At the price it would have been billed at",
    ),
    "blocked_credits": (
        "Stopped: credits exhausted",
        lambda year: to_cents(year.amount("blocked_credits")),
        "At the price it would have been billed at",
    ),
    "credits_bought": ("Credits bought", lambda year: year.credits_bought, "Bought in these months, used or not"),
    "credits_left": ("Credits left", lambda year: year.credits_left, "Left at the end of these months"),
    "invoiced": (
        "Invoiced",
        lambda year: year.invoiced,
        "Invoices dated in these months: seats for a term at once, usage in arrears a month later, credits in advance",
    ),
}
"""Measure → title, how it is taken, and what it is; all in cents."""

MEMBERS_COST, NOBODYS_COST = "cost_of_members", "cost_of_nobody"
_OF_MEMBERS = ("Of the cost: members", "Seats that members have and their usage; members.csv adds up to it")
_OF_NOBODY = ("Of the cost: nobody's", "Seats that nobody has, what is left of an old term, and rounding to cents")


def renewal_values(renewal: Renewal) -> list[tuple[Table, Values]]:
    """Every table of a renewal with its values; no teams where nobody is in one."""
    days = (renewal.day, renewal.end)
    found = [
        (YEARS, years(renewal)),
        (BRIDGE, bridge(renewal)),
        (RENEWAL_MONTHS, months(renewal)),
        (RENEWAL_MEMBERS, members(renewal)),
        (TEAMS, teams(renewal)),
        (RENEWAL_WINNERS, winners(renewal)),
        (INVOICES, of_days(INVOICES.values(LedgerDraw(renewal.run.ledger)), "date", *days)),
        (COUNTERFACTUAL_INVOICES, of_days(INVOICES.values(LedgerDraw(renewal.counterfactual.ledger)), "date", *days)),
        (STOPS, of_days(STOPS.values(LedgerDraw(renewal.run.ledger)), "since", *days)),
    ]
    return [(table, values) for table, values in found if table is not TEAMS or renewal.scenario.teams]


def years(renewal: Renewal) -> Values:
    """The values of years.csv."""
    rows = {
        measure: (title, take(renewal.old), take(renewal.new), _of(renewal.whole_year_before, take), description)
        for measure, (title, take, description) in MEASURES.items()
    }
    mine = (sum(map(_old_cost, renewal.members)), sum(map(_new_cost, renewal.members)))
    others = (renewal.old.cost - mine[0], renewal.new.cost - mine[1])
    split = {
        MEMBERS_COST: (_OF_MEMBERS[0], *mine, None, _OF_MEMBERS[1]),
        NOBODYS_COST: (_OF_NOBODY[0], *others, None, _OF_NOBODY[1]),
    }
    order = list(rows)
    after = order.index("cost") + 1
    shown = {**rows, **split}
    keys = [*order[:after], *split, *order[after:]]
    return {
        "measure": keys,
        "title": [shown[key][0] for key in keys],
        "old_plan_counterfactual": [shown[key][1] for key in keys],
        "new_plan": [shown[key][2] for key in keys],
        "change": [shown[key][2] - shown[key][1] for key in keys],
        "year_before": [shown[key][3] for key in keys],
        "description": [shown[key][4] for key in keys],
    }


def _of(year: Outcome | None, take: Callable[[Outcome], int]) -> int | None:
    return take(year) if year else None


def bridge(renewal: Renewal) -> Values:
    """The values of bridge.csv."""
    old, new = names(renewal)
    steps = renewal.steps
    return {
        "step": [OLD_COST, *(step.key for step in steps), NEW_COST],
        "title": [f"{old} (counterfactual)", *(step.title for step in steps), new],
        "amount": [renewal.old.cost, *(step.cents for step in steps), renewal.new.cost],
        "rule": ["P2", *(step.rule for step in steps), "R1"],
        "description": [
            "Seats and usage, had the old plan continued",
            *(step.description for step in steps),
            "Seats and usage on the new plan",
        ],
        "counterfactual": [True, *([False] * len(steps)), False],
    }


def months(renewal: Renewal) -> Values:
    """The values of months.csv."""
    old, new = renewal.old.months, renewal.new.months
    ends = renewal.scenario.term.renewal
    return {
        "month": [month.month for month in new],
        "old_seats": [month.seats for month in old],
        "old_usage": [month.usage for month in old],
        "old_cost": [month.total for month in old],
        "new_seats": [month.seats for month in new],
        "new_usage": [month.usage for month in new],
        "new_cost": [month.total for month in new],
        "change": [later.total - earlier.total for earlier, later in zip(old, new, strict=True)],
        "year_before": [renewal.cost_before(month.month) for month in new],
        "old_stopped": [to_cents(month.blocked) for month in old],
        "new_stopped": [to_cents(month.blocked) for month in new],
        "counterfactual": [next_month(month.month) > ends for month in new],
    }


def members(renewal: Renewal) -> Values:
    """The values of members.csv."""
    people = renewal.members
    plain = ("user_id", "team", "old_seat", "new_seat", "old_seat_cost", "new_seat_cost", "old_usage", "new_usage")
    return {
        **{name: [getattr(member, name) for member in people] for name in plain},
        "old_cost": [_old_cost(member) for member in people],
        "new_cost": [_new_cost(member) for member in people],
        "change": [member.change for member in people],
        "group": [_change(member).group for member in people],
        "newly_done": [member.newly_done for member in people],
        "newly_stopped": [member.newly_stopped for member in people],
        "counterfactual": [True] * len(people),
    }


def teams(renewal: Renewal) -> Values:
    """The values of teams.csv, in the order of the teams' names; members in none come last."""
    found = sorted({member.team for member in renewal.members}, key=lambda team: (not team, team))
    inside = {team: [member for member in renewal.members if member.team == team] for team in found}
    split = {team: {group.name: group for group in groups(map(_change, people))} for team, people in inside.items()}
    named = {"cheaper": CHEAPER, "dearer": DEARER, "about_the_same": SAME}
    return {
        "team": found,
        "members": [len(inside[team]) for team in found],
        "old_cost": [sum(map(_old_cost, inside[team])) for team in found],
        "new_cost": [sum(map(_new_cost, inside[team])) for team in found],
        "change": [sum(member.change for member in inside[team]) for team in found],
        **{column: [split[team][name].members for team in found] for column, name in named.items()},
        **{f"{column}_change": [split[team][name].cents for team in found] for column, name in named.items()},
        "newly_done": [sum(member.newly_done for member in inside[team]) for team in found],
        "newly_stopped": [sum(member.newly_stopped for member in inside[team]) for team in found],
        "counterfactual": [True] * len(found),
    }


def winners(renewal: Renewal) -> Values:
    """The values of winners.csv."""
    found = groups(map(_change, renewal.members))
    whole = sum(group.cents for group in found)
    return {
        "group": [group.name for group in found],
        "members": [group.members for group in found],
        "old_cost": [group.before for group in found],
        "new_cost": [group.after for group in found],
        "change": [group.cents for group in found],
        "mean_change": [group.mean for group in found],
        "share_of_change": [group.share(whole) for group in found],
        "counterfactual": [True] * len(found),
    }


def _old_cost(member: MemberChange) -> int:
    return member.old_seat_cost + member.old_usage


def _new_cost(member: MemberChange) -> int:
    return member.new_seat_cost + member.new_usage


def _change(member: MemberChange) -> Change:
    return Change(_old_cost(member), _new_cost(member))
