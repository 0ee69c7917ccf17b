"""A renewal's charts: the bridge from one cost to the other, and the months side by side."""

from __future__ import annotations

from planshift.impact.bridge import ROUNDING
from planshift.impact.outcome import Outcome
from planshift.impact.renew import Renewal
from planshift.reports.assumptions import part_months
from planshift.reports.charts.looks import signed
from planshift.reports.charts.paired_months import PairedMonths, Year
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.waterfall import Step, Waterfall
from planshift.reports.renewal import words
from planshift.reports.renewal.tables import months


def renewal_charts(renewal: Renewal, footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart of a renewal, by the name of its file without ``.png``."""
    return {"bridge": bridge_chart(renewal, footnotes), "months": months_chart(renewal, footnotes)}


def bridge_chart(renewal: Renewal, footnotes: tuple[str, ...]) -> Waterfall:
    """The waterfall from the old cost to the new one; cents of rounding are said, not drawn."""
    old, new = words.names(renewal)
    drawn = [step for step in renewal.steps if step.key != ROUNDING]
    rounding = sum(step.cents for step in renewal.steps if step.key == ROUNDING)
    note = f"Rounding to cents, not drawn: {signed(rounding)} USD." if rounding else ""
    return Waterfall(
        title=words.headline(renewal),
        footnotes=(*footnotes, note),
        alt=words.bridge_alt(renewal),
        unit=words.DOLLARS,
        first=Step(f"{old} (counterfactual)", renewal.old.cost),
        steps=tuple(Step(step.title, step.cents) for step in drawn),
        last=Step(new, renewal.new.cost),
        first_is_counterfactual=True,
    )


def months_chart(renewal: Renewal, footnotes: tuple[str, ...]) -> PairedMonths:
    """The months after the renewal on both plans, and the year before as a line."""
    old, new = words.names(renewal)
    before = months(renewal)["year_before"]
    known = tuple(cents for cents in before if cents is not None)
    return PairedMonths(
        title=f"{words.said_first(renewal)}Month by month: {new}, beside {old} (counterfactual)",
        footnotes=(*footnotes, part_months(renewal.day, renewal.end)),
        alt=words.months_alt(renewal),
        unit=words.DOLLARS,
        months=tuple(month.month for month in renewal.new.months),
        old=_year(words.OLD_SEATS, words.OLD_USAGE, renewal.old),
        new=_year(words.NEW_SEATS, words.NEW_USAGE, renewal.new),
        before_name=words.YEAR_BEFORE,
        rows=words.MONTH_ROWS,
        before=known if len(known) == len(before) else None,
        old_is_counterfactual=True,
    )


def _year(seats_name: str, usage_name: str, year: Outcome) -> Year:
    return Year(
        seats_name,
        usage_name,
        tuple(month.seats for month in year.months),
        tuple(month.usage for month in year.months),
    )
