"""The answers about a renewal as charts: where plans break even, what an early move costs, what it all depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.billing.money import half_up
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.break_even import SeatBreakEven, Tariff
from planshift.impact.answers.what_if import FIGURE, OPEN, SEATS, Swing
from planshift.impact.answers.what_if import USAGE as USAGE_KIND
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.reports.charts import styles
from planshift.reports.charts.chart import Axis, Chart, Entry, Label, Line, Mark, Panel, Rule, Whisker
from planshift.reports.charts.kinds import TornadoBar, month_names, tornado, tornado_key
from planshift.reports.charts.styles import Look, amount, of_series, signed
from planshift.reports.plans.names import label, plan_name
from planshift.reports.words import counted, listed, prose_usd

SHOWN = 9
"""Bars of a tornado; the others are in tornado.csv."""
CREDITS = {"none": "Nothing credited for the old term", "prorated": "The rest of the old term credited"}

_OLD_LINE = Look(edge="#868C94", width=1.8, dash=(5.4, 3.6))
_NEW_LINE = Look(edge="#0B4F7D", width=1.8)
_MEMBER = Look(width=0, edge=styles.LINE, marker="|", size=9.0, opacity=0.75)
_CROSSING = Look(width=0, edge=styles.INK, marker="o", size=6.0, hollow=True)
_DOWN = Look(edge=styles.INK, dash=(0.8, 1.2))
_RUG = 0.09


@dataclass(frozen=True)
class Setting:
    """What charts say besides the answers: the ``old`` and the ``new`` plan, the ``catalogue`` for the names of values,
    what is said ``first`` in a title (a what-if that is laid on), and the ``footnotes`` of all of them."""

    catalogue: Catalogue
    old: Plan
    new: Plan
    first: str
    footnotes: tuple[str, ...]


@dataclass(frozen=True)
class SeatPanel:
    """A seat type: heading, the bends of both lines as usage and cost, cents, the crossings, and members' usage.

    Lines go on straight behind their last bend, along ``old_slope`` and ``new_slope``.
    """

    heading: str
    old: tuple[tuple[int, int], ...]
    new: tuple[tuple[int, int], ...]
    old_slope: float
    new_slope: float
    crossings: tuple[int, ...]
    members: tuple[int, ...]
    standing: str


@dataclass(frozen=True)
class Way:
    """A way of crediting: what it is called, and by day what moving on it costs more than waiting, cents: the tenth,
    the half and nine tenths of the draws (three alike for one year of usage)."""

    name: str
    changes: tuple[tuple[int, int, int], ...]


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


# --- break-even -------------------------------------------------------------------------------------------------------


def break_even_chart(answers: Answers, setting: Setting) -> Chart | None:
    """Old and new cost by usage, for each seat type; None where there is none."""
    found = answers.break_even
    old_name, new_title = plan_name(setting.old), setting.new.title
    if not found.seats:
        return None
    panels = [_panel(one, [place.usage for place in found.places if place.seat == one.seat]) for one in found.seats]
    note = (
        "Usage at list price, alike in every week; no spend limit, credits never run out; only what the old seat"
        " opens. Members are shown at their average usage; one in ten may lie beyond the axis."
    )
    said = "; ".join(f"{one.title}: {_said(one)}" for one in found.seats)
    return Chart(
        title=f"{setting.first}What a member costs a month, by usage: {new_title}, beside {old_name} (counterfactual)",
        footnotes=(*setting.footnotes, note),
        alt=(
            "Line charts of a member's monthly cost by monthly usage, US dollars, on the new plan and had"
            f" {old_name} continued (a counterfactual), with each member's average usage{_over(found.draws)}. {said}."
        ),
        panels=(break_even(panels, "Usage a month at list price, US dollars", "Cost a month, US dollars"),),
        key=break_even_key(
            f"{old_name[:1].upper()}{old_name[1:]} (counterfactual)", new_title, "A member's average usage"
        ),
    )


def _said(one: SeatBreakEven) -> str:
    """Where a seat type breaks even, in words."""
    if not one.crossings:
        same = {"about the same": "both cost the same at any usage"}
        return same.get(one.everywhere, f"the new plan is {one.everywhere} at any usage")
    points = ((crossing.turns, prose_usd(half_up(crossing.usage * 100))) for crossing in one.crossings)
    return listed(f"{turns} beyond {usage} USD" for turns, usage in points)


def _panel(one: SeatBreakEven, usage: list[int]) -> SeatPanel:
    standing = f"{_said(one)}; {counted(one.members, 'member')}: {one.costs_less} cheaper, {one.costs_more} dearer"
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


def break_even(panels: Sequence[SeatPanel], usage_unit: str, cost_unit: str) -> tuple[Panel, ...]:
    """What a member costs a month at a usage, on the old seat and on the new one, and where members stand."""
    return tuple(_seat(panel, usage_unit, cost_unit) for panel in panels)


def break_even_key(old: str, new: str, member: str) -> tuple[Entry, ...]:
    """What the lines and the strokes mean."""
    return Entry(old, _OLD_LINE, line=True), Entry(new, _NEW_LINE, line=True), Entry(member, _MEMBER, line=True)


def _seat(panel: SeatPanel, usage_unit: str, cost_unit: str) -> Panel:
    most = _farthest(panel)
    # The broken line lies over the other, so that both are seen where they are one.
    lines = [
        Line(_points(bends, slope, most), look)
        for bends, slope, look in (
            (panel.new, panel.new_slope, _NEW_LINE),
            (panel.old, panel.old_slope, _OLD_LINE),
        )
    ]
    top = max([1.0, *(cost for line in lines for _, cost in line.points)])
    marks: list[Mark] = [*lines]
    for crossing in panel.crossings:
        if crossing <= most:
            cost = _cost(panel.new, panel.new_slope, crossing)
            marks += [Line(((crossing, 0), (crossing, cost)), _DOWN), Line(((crossing, cost),), _CROSSING)]
            marks.append(Label(amount(crossing), crossing, cost, "right", 0.85, bold=True, gap=5, lift=-7))
    marks.append(Line(tuple((used, -_RUG * top / 2) for used in panel.members if used <= most), _MEMBER))
    marks.append(Rule(0, Look(edge=styles.LINE, width=0.6)))
    return Panel(
        tuple(marks),
        Axis(usage_unit, count=5, low=0, high=most),
        Axis(cost_unit, count=6, low=-_RUG * top),
        title=panel.heading,
        standing=panel.standing,
    )


def _farthest(panel: SeatPanel) -> int:
    """How far the usage axis goes: behind every crossing, and to nine tenths of the members at least."""
    ordered = sorted(panel.members)
    most = ordered[-(-len(ordered) * 9 // 10) - 1] if ordered else 0
    return int(max(1.5 * max(panel.crossings, default=0), 1.1 * most, panel.old[-1][0] * 1.1, 1000))


def _points(bends: Sequence[tuple[int, int]], slope: float, most: int) -> tuple[tuple[float, float], ...]:
    """The points of a line as far as the axis goes, cents."""
    return (*(bend for bend in bends if bend[0] < most), (most, _cost(bends, slope, most)))


def _cost(bends: Sequence[tuple[int, int]], slope: float, usage: int) -> float:
    """The cost at a usage, cents."""
    start, cost = max(bend for bend in bends if bend[0] <= usage)
    later = [bend for bend in bends if bend[0] > usage]
    steep = (later[0][1] - cost) / (later[0][0] - start) if later else slope
    return cost + steep * (usage - start)


# --- early moves ------------------------------------------------------------------------------------------------------


def early_chart(answers: Answers, setting: Setting) -> Chart | None:
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
    return Chart(
        title=f"{setting.first}Moving before {found.renewal}: what it costs more than waiting",
        footnotes=(*setting.footnotes, _joined(f"{note} nowhere (Rulebook R3).", _drawn(found.draws, "Costs"), spread)),
        alt=(
            f"Line chart of what moving on the first of each month from {days[0]} on costs more than waiting for"
            f" {found.renewal}, US dollars (neither is a counterfactual){_over(found.draws)}; on {days[-1]}: {said}."
        ),
        panels=((early_moves((*days, found.renewal), ways, "More (+) or less (−) than waiting, US dollars"),),),
        key=early_key(ways, f"Waiting for the renewal on {found.renewal}"),
    )


def early_moves(days: Sequence[date], ways: Sequence[Way], unit: str) -> Panel:
    """Days to move on, the renewal last, where every way comes to nothing; a line for each way of crediting."""
    marks: list[Mark] = [Rule(0, styles.ZERO)]
    for number, way in enumerate(ways):
        look, shift = of_series(number + 1), (number - (len(ways) - 1) / 2) * 0.12
        marks.append(Line(tuple((place, change[1]) for place, change in enumerate(way.changes)), look))
        marks += [Whisker(place + shift, change[0], change[2], look.edge) for place, change in enumerate(way.changes)]
        # The change on the first day, and on the last before the renewal.
        for place in sorted({0, len(way.changes) - 2}):
            change = way.changes[place]
            above = all(change[1] >= other.changes[place][1] for other in ways)
            end, side = (change[2], "above") if above else (change[0], "below")
            marks.append(Label(signed(change[1]), place, end, side, 0.85, color=look.edge, gap=6, paper=True))
    return Panel(tuple(marks), month_names(days), Axis(unit))


def early_key(ways: Sequence[Way], waiting: str) -> tuple[Entry, ...]:
    """What the lines mean."""
    lines = (Entry(way.name, of_series(number + 1), line=True) for number, way in enumerate(ways))
    return (*lines, Entry(waiting, styles.ZERO, line=True))


# --- the tornado ------------------------------------------------------------------------------------------------------


def tornado_chart(answers: Answers, setting: Setting) -> Chart | None:
    """What the difference depends on most; None where nothing moves it."""
    found = answers.tornado
    moving = [swing for swing in found.swings if swing.effect]
    if not moving:
        return None
    shown, rest = moving[:SHOWN], len(found.swings) - min(len(moving), SHOWN)
    names = [_name(swing, setting.catalogue) for swing in shown]
    sides = [[(_value(swing, side.value), side.change) for side in swing.sides] for swing in shown]
    largest = listed(
        f"{name} ({listed(f'{value}: {prose_usd(cents)}' for value, cents in both)})"
        for name, both in list(zip(names, sides, strict=True))[:3]
    )
    others = f"{counted(rest, 'other thing')} tried with less effect or none: see tornado.csv." if rest else ""
    drawn = _drawn(found.draws, "Differences")
    rows = [
        TornadoBar(name, tuple((f"{value}: {signed(cents - found.base)}", cents) for value, cents in both))
        for name, both in zip(names, sides, strict=True)
    ]
    return Chart(
        title=f"{setting.first}What the difference between the plans depends on most",
        footnotes=(*setting.footnotes, _joined("One thing at a time. (open): published nowhere.", drawn, others)),
        alt=(
            f"Tornado chart of the year's cost on the new plan less that on the old one (a counterfactual),"
            f" {prose_usd(found.base)} US dollars as it stands{_over(found.draws)}. Most depends on {largest}."
        ),
        panels=((tornado(rows, found.base, "The new plan less the old one, US dollars"),),),
        key=tornado_key(
            f"As it stands: {amount(found.base)}", "The new plan costs more beside the old one", "It costs less"
        ),
    )


def _name(swing: Swing, catalogue: Catalogue) -> str:
    if swing.kind == USAGE_KIND:
        return "Usage of all members"
    if swing.kind == SEATS:
        return f"Seats of the new term ({swing.value})"
    plan = catalogue.plan(swing.plan)
    mark = {OPEN: " (open)", FIGURE: " (an example)"}[swing.kind]
    return f"{label(plan, swing.path)}{mark}: {swing.value}"


def _value(swing: Swing, value: str) -> str:
    if swing.kind != USAGE_KIND:
        return value
    percent = half_up((Fraction(value) - 1) * 100)
    return f"{percent:+d} %".replace("-", "−")
