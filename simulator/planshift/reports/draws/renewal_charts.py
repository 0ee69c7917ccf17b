"""The charts of a renewal in many draws: months as two fans, the change as it is spread, and the mean bridge."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.impact.bridge import ROUNDING
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.spread import spread
from planshift.reports.assumptions import part_months
from planshift.reports.charts.change_spread import ChangeSpread, Mark
from planshift.reports.charts.fan import Fan
from planshift.reports.charts.looks import signed
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.waterfall import Step, Waterfall
from planshift.reports.draws import renewal_words as words
from planshift.reports.draws.renewal_tables import Step as DrawnStep
from planshift.reports.draws.renewal_tables import steps
from planshift.reports.risk import Risk
from planshift.reports.spread import band


def renewal_charts(renewal: DrawnRenewal, events: Sequence[Risk], footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart, by the name of its file without ``.png``."""
    return {
        "change": _change(renewal, events, footnotes),
        "months": _months(renewal, footnotes),
        "bridge": _bridge(renewal, footnotes),
    }


def _change(renewal: DrawnRenewal, events: Sequence[Risk], footnotes: tuple[str, ...]) -> ChangeSpread:
    """In how many draws the renewal costs how much more or less."""
    change, more = spread(renewal.change), words.more(events).draws
    return ChangeSpread(
        title=words.headline(renewal, events),
        footnotes=footnotes,
        alt=words.change_alt(renewal, events),
        unit=words.CHANGE,
        draws_name=words.DRAWS,
        more_name=f"Costs more: {more:,} of {renewal.draws:,} draws",
        less_name=f"Costs as much, or less: {renewal.draws - more:,}",
        changes=tuple(renewal.change.tolist()),
        marks=(Mark("P10", change.p10), Mark("P50", change.p50), Mark("P90", change.p90)),
    )


def _months(renewal: DrawnRenewal, footnotes: tuple[str, ...]) -> Fan:
    """The months after the renewal on both plans."""
    old_name, new_name = words.band_names(renewal)
    old, new = band(old_name, renewal.old.month_cost), band(new_name, renewal.new.month_cost)
    return Fan(
        title=words.months_title(renewal),
        footnotes=(*footnotes, part_months(renewal.day, renewal.end)),
        alt=words.months_alt(renewal, old, new),
        unit=words.DOLLARS,
        months=renewal.new.months,
        bands=(old, new),
    )


def _bridge(renewal: DrawnRenewal, footnotes: tuple[str, ...]) -> Waterfall:
    """The waterfall of means from the old cost to the new one; cents of rounding are said, not drawn."""
    found = steps(renewal)
    first, *between, last = found
    drawn = [step for step in between if step.key != ROUNDING]
    rounding = sum(step.mean for step in between if step.key == ROUNDING)
    note = f"Rounding to cents, not drawn: {signed(rounding)} USD." if rounding else ""
    return Waterfall(
        title=words.bridge_title(renewal),
        footnotes=(*footnotes, note),
        alt=words.bridge_alt(renewal, found),
        unit=words.DOLLARS,
        first=_step(first),
        steps=tuple(_step(step) for step in drawn),
        last=_step(last),
        first_is_counterfactual=True,
    )


def _step(step: DrawnStep) -> Step:
    return Step(step.title, step.mean, step.spread.p10, step.spread.p90)
