"""The answers about a renewal as charts: where plans break even, what an early move costs, what it all depends on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from planshift.impact.answers.answer import Answers
from planshift.impact.answers.break_even import SeatBreakEven, Tariff
from planshift.impact.answers.what_if import FIGURE, OPEN, SEATS, Swing
from planshift.impact.answers.what_if import USAGE as USAGE_KIND
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.reports.charts.break_even import BreakEvenChart, SeatPanel
from planshift.reports.charts.early import EarlyMoves, Way
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.tornado import TornadoBar, TornadoChart
from planshift.reports.plans.names import label, plan_name
from planshift.reports.words import counted, half_up, listed, prose_usd

SHOWN = 9
"""Bars of a tornado; the others are in tornado.csv."""
CREDITS = {"none": "Nothing credited for the old term", "prorated": "The rest of the old term credited"}


@dataclass(frozen=True)
class Setting:
    """What charts say besides the answers: the ``old`` and the ``new`` plan, the ``catalogue`` for the names of values,
    what is said ``first`` in a title (a what-if that is laid on), and the ``footnotes`` of all of them."""

    catalogue: Catalogue
    old: Plan
    new: Plan
    first: str
    footnotes: tuple[str, ...]


def answer_charts(answers: Answers, setting: Setting) -> dict[str, Chart]:
    """Every chart of the answers, by the name of its file without ``.png``."""
    found: dict[str, Chart | None] = {
        "break_even": break_even_chart(answers, setting),
        "early": early_chart(answers, setting),
        "tornado": tornado_chart(answers, setting),
    }
    return {name: chart for name, chart in found.items() if chart is not None}


def _drawn(draws: int, what: str) -> str:
    """What the amounts are over draws; nothing where there is only one year."""
    return f"{what} in the median of {counted(draws, 'draw')} (P50)." if draws > 1 else ""


def _over(draws: int) -> str:
    """On how many draws something rests, within a sentence; nothing where there is only one year."""
    return f", over {counted(draws, 'draw')}" if draws > 1 else ""


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def break_even_chart(answers: Answers, setting: Setting) -> BreakEvenChart | None:
    """Old and new cost by usage, for each seat type; None where there is none."""
    found = answers.break_even
    old_name, new_title = plan_name(setting.old), setting.new.title
    if not found.seats:
        return None
    panels = [_panel(one, [place.usage for place in found.places if place.seat == one.seat]) for one in found.seats]
    note = (
        "Usage at list price, alike in every week; no spend limit, credits never run out; only what the old seat"
        " opens. Members stand at their own mean; one in ten may lie beyond the axis."
    )
    said = "; ".join(f"{one.title}: {_said(one)}" for one in found.seats)
    return BreakEvenChart(
        title=f"{setting.first}What a member costs a month, by usage: {new_title}, beside {old_name} (counterfactual)",
        footnotes=(*setting.footnotes, note),
        alt=(
            "Line charts of a member's monthly cost by monthly usage, US dollars, on the new plan and had"
            f" {old_name} continued (a counterfactual), with the mean usage of each member{_over(found.draws)}. {said}."
        ),
        usage_unit="Usage a month at list price, US dollars",
        cost_unit="Cost a month, US dollars",
        old_name=f"{old_name[:1].upper()}{old_name[1:]} (counterfactual)",
        new_name=new_title,
        member_name="A member's mean usage",
        panels=tuple(panels),
    )


def _said(one: SeatBreakEven) -> str:
    """Where a seat type breaks even, in words."""
    if not one.crossings:
        same = {"about the same": "both cost the same at any usage"}
        return same.get(one.everywhere, f"the new plan is {one.everywhere} at any usage")
    points = ((crossing.turns, prose_usd(half_up(crossing.usage * 100))) for crossing in one.crossings)
    return listed(f"{turns} beyond {usage} USD" for turns, usage in points)


def _panel(one: SeatBreakEven, usage: list[int]) -> SeatPanel:
    standing = f"{_said(one)}; {counted(one.members, 'member')}: {one.cheaper} cheaper, {one.dearer} dearer"
    return SeatPanel(
        heading=f"{one.title} → {one.new_title}",
        old=_bends(one.old),
        new=_bends(one.new),
        old_slope=float(one.old.slope),
        new_slope=float(one.new.slope),
        crossings=tuple(half_up(crossing.usage * 100) for crossing in one.crossings),
        members=tuple(used // 10**7 for used in usage),
        standing=f"{standing[:1].upper()}{standing[1:]}",
    )


def _bends(tariff: Tariff) -> tuple[tuple[int, int], ...]:
    at = sorted({Fraction(0), tariff.included})
    return tuple((half_up(usage * 100), half_up(tariff.cost(usage) * 100)) for usage in at)


def early_chart(answers: Answers, setting: Setting) -> EarlyMoves | None:
    """What moving early costs more than waiting; None where the plan cannot be left early."""
    found = answers.timing
    early = [move for move in found.moves if move.credit]
    if not early:
        return None
    days = sorted({move.day for move in early})
    ways = []
    for credit in found.credits:
        changes = [move.change for move in early if move.credit == credit] + [found.waiting.change]
        points = tuple((change.p10, change.p50, change.p90) for change in changes)
        ways.append(Way(CREDITS.get(credit, credit), points))
    last = [move for move in early if move.day == days[-1]]
    said = listed(f"{CREDITS.get(move.credit, move.credit).lower()} {prose_usd(move.change.p50)}" for move in last)
    spread = "The strokes reach from P10 to P90." if found.draws > 1 else ""
    note = f"Everything from {found.first} to {found.end}, seats by the day. What becomes of the old term is published"
    return EarlyMoves(
        title=f"{setting.first}Moving before {found.renewal}: what it costs more than waiting",
        footnotes=(*setting.footnotes, _joined(f"{note} nowhere (Rulebook R3).", _drawn(found.draws, "Costs"), spread)),
        alt=(
            f"Line chart of what moving on the first of each month from {days[0]} on costs more than waiting for"
            f" {found.renewal}, US dollars (neither is a counterfactual){_over(found.draws)}; on {days[-1]}: {said}."
        ),
        unit="More (+) or less (−) than waiting, US dollars",
        days=(*days, found.renewal),
        ways=tuple(ways),
        waiting_name=f"Waiting for the renewal on {found.renewal}",
    )


def tornado_chart(answers: Answers, setting: Setting) -> TornadoChart | None:
    """What the difference depends on most; None where nothing moves it."""
    found = answers.tornado
    moving = [swing for swing in found.swings if swing.effect]
    if not moving:
        return None
    shown, rest = moving[:SHOWN], len(found.swings) - min(len(moving), SHOWN)
    rows = tuple(TornadoBar(_name(swing, setting.catalogue), _sides(swing)) for swing in shown)
    largest = listed(
        f"{row.name} ({listed(f'{value}: {prose_usd(cents)}' for value, cents in row.sides)})" for row in rows[:3]
    )
    others = f"{counted(rest, 'other thing')} tried with less effect or none: see tornado.csv." if rest else ""
    drawn = _drawn(found.draws, "Differences")
    return TornadoChart(
        title=f"{setting.first}What the difference between the plans depends on most",
        footnotes=(*setting.footnotes, _joined("One thing at a time. (open): published nowhere.", drawn, others)),
        alt=(
            f"Tornado chart of the year's cost on the new plan less that on the old one (a counterfactual),"
            f" {prose_usd(found.base)} US dollars as it stands{_over(found.draws)}. Most depends on {largest}."
        ),
        unit="The new plan less the old one, US dollars",
        base=found.base,
        base_name="As it stands",
        keys=("The new plan costs more beside the old one", "It costs less"),
        rows=rows,
    )


def _name(swing: Swing, catalogue: Catalogue) -> str:
    if swing.kind == USAGE_KIND:
        return "Usage of all members"
    if swing.kind == SEATS:
        return f"Seats of the new term ({swing.value})"
    plan = catalogue.plan(swing.plan)
    mark = {OPEN: " (open)", FIGURE: " (an example)"}[swing.kind]
    return f"{label(plan, swing.path)}{mark}: {swing.value}"


def _sides(swing: Swing) -> tuple[tuple[str, int], ...]:
    return tuple((_value(swing, side.value), side.change) for side in swing.sides)


def _value(swing: Swing, value: str) -> str:
    if swing.kind != USAGE_KIND:
        return value
    percent = half_up((Fraction(value) - 1) * 100)
    return f"{percent:+d} %".replace("-", "−")
