"""A comparison's charts: what the plans cost, month by month, and member by member."""

from __future__ import annotations

from planshift.billing.money import to_cents
from planshift.impact.bridge import undone
from planshift.impact.compare import Comparison
from planshift.reports.assumptions import part_months
from planshift.reports.charts.member_changes import MemberChanges, MemberRow
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.plan_months import PlanLine, PlanMonths
from planshift.reports.charts.plan_totals import PlanBar, PlanTotals
from planshift.reports.comparison import words

NAMED_AT_MOST = 40


def comparison_charts(comparison: Comparison, footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart of a comparison, by the name of its file without ``.png``; none of members where there are none."""
    charts: dict[str, Chart] = {
        "totals": totals_chart(comparison, footnotes),
        "months": months_chart(comparison, footnotes),
    }
    return {**charts, "members": members_chart(comparison, footnotes)} if comparison.members else charts


def totals_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> PlanTotals:
    """A bar a plan: seats, usage, and what cannot be done."""
    return PlanTotals(
        title=words.headline(comparison),
        footnotes=footnotes,
        alt=words.totals_alt(comparison),
        unit=words.DOLLARS,
        seats_name=words.SEATS,
        usage_name=words.USAGE,
        undone_name=words.UNDONE,
        plans=tuple(
            PlanBar(
                name=name,
                seats=plan.outcome.seat_cost,
                usage=plan.outcome.usage_cost,
                undone=to_cents(undone(plan.outcome)),
                difference=words.difference(comparison, plan),
                caption=words.caption(plan),
                counterfactual=plan.outcome.counterfactual,
            )
            for name, plan in zip(words.marked_names(comparison), comparison.plans, strict=True)
        ),
    )


def months_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> PlanMonths:
    """A line a plan over the months."""
    return PlanMonths(
        title=words.months_title(comparison),
        footnotes=(*footnotes, part_months(comparison.first, comparison.end)),
        alt=words.months_alt(comparison),
        unit=words.DOLLARS,
        months=tuple(month.month for month in comparison.plans[0].outcome.months),
        plans=tuple(
            PlanLine(name, tuple(month.total for month in plan.outcome.months))
            for name, plan in zip(words.marked_names(comparison), comparison.plans, strict=True)
        ),
    )


def members_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> MemberChanges:
    """What each member costs more than on the first plan, the largest increase on top."""
    rows = [
        MemberRow(member.user_id, tuple(member.change(number) for number in range(1, len(comparison.plans))))
        for member in comparison.members
    ]
    return MemberChanges(
        title=words.members_title(comparison),
        footnotes=footnotes,
        alt=words.members_alt(comparison),
        unit=words.CHANGE_IN_DOLLARS,
        plans=tuple(words.marked_names(comparison)[1:]),
        rows=shown_rows(rows),
    )


def shown_rows(rows: list[MemberRow]) -> tuple[MemberRow, ...]:
    """The rows by their change, the largest increase first; of more than forty, those between the ends as one."""
    ordered = sorted(rows, key=lambda row: (*(-cents for cents in row.changes), row.name))
    if len(ordered) <= NAMED_AT_MOST:
        return tuple(ordered)
    half = NAMED_AT_MOST // 2
    between = ordered[half:-half]
    means = tuple(words.mean(list(column)) for column in zip(*(row.changes for row in between), strict=True))
    return (*ordered[:half], MemberRow(words.others_name(len(between)), means), *ordered[-half:])
