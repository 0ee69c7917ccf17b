"""From the answers about a renewal to the parts of its page: break-even, limits, advice, early moves, what-ifs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from planshift.billing.ledger import ORGANIZATION
from planshift.billing.money import to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import month_of
from planshift.impact.answers import recommend as rec
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.break_even import BreakEven, Crossing
from planshift.impact.answers.capability import Hit
from planshift.impact.answers.timing import EarlyMove
from planshift.impact.answers.timing import Timing as Moves
from planshift.impact.answers.what_if import BASE, FIGURE, OPEN, SEATS, USAGE, Swing
from planshift.impact.answers.what_if import WhatIfRow as Tried
from planshift.impact.carry import whole_months
from planshift.impact.renewal import Renewal
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan, plain
from planshift.reports.page.labels import read_labels
from planshift.reports.page.model import (
    Advice,
    Capability,
    HitRow,
    MoveCell,
    MoveRow,
    Recommendation,
    SeatRow,
    SwingRow,
    Timing,
    WhatIf,
    WhatIfRow,
)
from planshift.reports.page.of_renewal import GROUP_KEYS
from planshift.reports.page.rests import assumed_said, measured_said
from planshift.reports.page.said import Money, Name, Said, Value, said
from planshift.reports.page.terms import persona_name, seat_name
from planshift.reports.plans.names import named
from planshift.reports.words import YEAR

Chances: TypeAlias = Mapping[tuple[str, str], Fraction]
"""Who (empty for the organization) and cause → the share of draws in which that stops them at all in the year."""

HITS_SHOWN, MEMBERS_SHOWN, NAMES_SHOWN, SWINGS_SHOWN, WHAT_IFS_SHOWN = 4, 2, 5, 5, 10
"""So many rows, at most, for which a page has room."""


# --- break-even -------------------------------------------------------------------------------------------------------


def break_even_of(found: BreakEven) -> tuple[SeatRow, ...]:
    """A row a seat type that somebody has, and one for everybody."""
    seats = [
        SeatRow(
            seat=Name(f"names.seats.{one.seat}", one.title),
            crossings=_crossings(one.crossings),
            everywhere=_everywhere(one.everywhere),
            members=one.members,
            dearer=one.costs_more,
            cheaper=one.costs_less,
            mean_usage=to_cents(one.mean_usage),
        )
        for one in found.seats
        if one.members
    ]
    mix = found.mix
    usage, everywhere = to_cents(mix.mean_usage), _everywhere(mix.everywhere)
    return (*seats, SeatRow(None, _crossings(mix.crossings), everywhere, mix.members, None, None, usage))


def _everywhere(group: str) -> str:
    """The label's key for what a plan is at any usage; empty where that depends on the usage."""
    return GROUP_KEYS[group] if group else ""


def _crossings(found: Iterable[Crossing]) -> tuple[tuple[int, str], ...]:
    return tuple((int(one.usage * 100 + Fraction(1, 2)), one.turns) for one in found)


# --- who is stopped ---------------------------------------------------------------------------------------------------


def can_do_with(can_do: Capability | None, answers: Answers, in_year: Chances, scenario: Scenario) -> Capability | None:
    """What can be done, with everybody whom the new plan stops: the organization first, then by how much."""
    rows = list(
        _hits([hit for hit in answers.capability.hits if not hit.counterfactual], answers.capability.draws, in_year)
    )
    if can_do is None or not rows:
        return can_do
    rows.sort(key=lambda row: (bool(row.scope), -row.stopped, str(row.scope)))
    # Of personas there are few: each has its row.
    count = len(rows) if scenario.personas else HITS_SHOWN
    shown = rows[:count]
    rest = {row.scope for row in rows[count:]} - {row.scope for row in shown}
    names = _persona_names(scenario)
    named_ones = (replace(row, scope=names.get(str(row.scope), row.scope)) for row in shown)
    return replace(can_do, hits=tuple(named_ones), more_hits=len(rest))


def _persona_names(scenario: Scenario) -> Mapping[str, Said]:
    """Personas' names in their files → what they are called."""
    return {persona.name: persona_name(persona) for persona in scenario.personas.values()}


def _hits(hits: Iterable[Hit], draws: int, in_year: Chances) -> Iterator[HitRow]:
    found: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        found.setdefault((hit.scope, hit.cause), []).append(hit)
    for (scope, cause), together in found.items():
        months = tuple(sorted({hit.month for hit in together}))
        who = "" if scope == ORGANIZATION else scope
        row = HitRow(who, cause, months, None, sum(hit.stopped for hit in together))
        if draws > 1:
            most = min(together, key=lambda hit: (-hit.chance, hit.month))
            row = replace(row, chance=most.chance, likeliest=most.month, in_year=in_year.get((who, cause)))
        yield row


# --- what we recommend ------------------------------------------------------------------------------------------------


def recommendation_of(found: rec.Recommendations, renewal: Renewal) -> Recommendation | None:
    """What we recommend; None where there is nothing."""
    if not found.all:
        return None
    members = [one for one in found.all if one.key == rec.MEMBER_LIMIT]
    named_ones = sorted(members, key=lambda one: (-one.value, one.subject))[:MEMBERS_SHOWN]
    names = _persona_names(renewal.scenario)
    shown = [one for one in found.all if one.key != rec.MEMBER_LIMIT or one in named_ones]
    advice = tuple(_advice(one, renewal.new.plan, names, further=one in named_ones[1:]) for one in shown)
    rests_on = _rests_on(renewal.scenario) if found.rests_on_one_year else None
    return Recommendation(advice, rests_on, len(members) - len(named_ones))


def _rests_on(scenario: Scenario) -> Said:
    """How much usage there is to go by: a month stays one, however often it is repeated."""
    if scenario.seed is not None:
        return said("advice.rests_on.simulated")
    if scenario.covered and whole_months(*scenario.covered) < YEAR:
        return said("advice.rests_on.measured", measured=measured_said(*scenario.covered))
    return said("advice.rests_on.year")


def _advice(one: rec.Recommendation, new: Plan, personas: Mapping[str, Said], *, further: bool) -> Advice:
    shown: Callable[[int], Value] = Money if one.unit == rec.CENTS else int
    subject: dict[str, Value] = {}
    if one.key == rec.MEMBER_LIMIT:
        subject = {"subject": one.subject}
    if one.key == rec.PERSONA_LIMIT:
        subject = {"subject": personas[one.subject]}
    if one.key == rec.SEATS:
        subject = {"seat": seat_name(new, one.subject)}
    rule = _seats_why(one) if one.key == rec.SEATS else Said(f"advice.rules.{one.key}", {"level": one.level})
    return Advice(
        what=Said(f"advice.whats.{one.key}", subject),
        value=shown(one.value),
        agreed=None if one.agreed is None else shown(one.agreed),
        rule=rule,
        too_low=_wrong(one.too_low, shown),
        too_high=_wrong(one.too_high, shown),
        names=one.names[:NAMES_SHOWN],
        more_names=len(one.names[NAMES_SHOWN:]),
        further=further,
    )


def _seats_why(one: rec.Recommendation) -> Said:
    """Why so many seats: how many are used and held, and how many are sold at least."""
    values: dict[str, Value] = {"used": one.exact, "held": one.held}
    if one.minimum:
        return Said("advice.rules.seats.minimum", {**values, "minimum": one.minimum})
    return Said("advice.rules.seats.free", values)


def _wrong(wrong: rec.Wrong, shown: Callable[[int], Value]) -> Said:
    amount: Value = wrong.amount if wrong.kind == rec.PURCHASES else Money(wrong.amount)
    return Said(f"advice.wrong.{wrong.kind}", {"value": shown(wrong.value), "amount": amount})


# --- when to move -----------------------------------------------------------------------------------------------------


def when_of(found: Moves) -> Timing | None:
    """The days that can be chosen; None where there is none but the renewal."""
    days: dict[date, list[EarlyMove]] = {}
    for move in found.moves:
        if move.credit:
            days.setdefault(move.day, []).append(move)
    if not days:
        return None
    rows = [MoveRow(day, tuple(map(_cell, moves))) for day, moves in days.items()]
    waiting = MoveRow(found.waiting.day, (_cell(found.waiting),))
    return Timing(found.draws, found.first, found.end - timedelta(days=1), found.credits, (*rows, waiting))


def _cell(move: EarlyMove) -> MoveCell:
    paid = move.cash.get(month_of(move.day))
    return MoveCell(move.cost.p50, move.change.p50, paid.p50 if paid else 0)


# --- what if ----------------------------------------------------------------------------------------------------------


def what_if_of(answers: Answers, catalogue: Catalogue) -> WhatIf | None:
    """What-ifs and swings, ours apart from those of somebody's own files; None without any."""
    rows = [one for one in answers.what_if.rows if one.key != BASE]
    ours = [one for one in rows if _ours(one)]
    own = [one for one in rows if not _ours(one)]
    swings = [one for one in answers.tornado.swings if one.effect][:SWINGS_SHOWN]
    known = [(one, title) for one in swings if (title := _swing_title(one, catalogue)) is not None]
    unknown = [one for one in swings if _swing_title(one, catalogue) is None]
    if not rows and not swings:
        return None
    base = answers.tornado.base
    return WhatIf(
        rows=tuple(_row(one, Name(f"what_if.titles.{one.key}", one.title)) for one in ours[:WHAT_IFS_SHOWN]),
        swings=tuple(_swing(one, title, base, catalogue) for one, title in known),
        own_rows=tuple(_row(one, one.title) for one in own),
        own_swings=tuple(_swing(one, f"{one.plan}: {one.path}", base, None) for one in unknown),
        base=base,
        tried=answers.tornado.draws,
    )


def _ours(one: Tried) -> bool:
    """Is it a what-if that planshift ships, unchanged? Then there are words for it in every language."""
    label = read_labels("en").get(f"what_if.titles.{one.key}")
    return label is not None and label.text("other") == one.title


def _row(one: Tried, title: Value) -> WhatIfRow:
    return WhatIfRow(title, one.new.p50, one.change.p50, one.effect.p50)


def _swing_title(one: Swing, catalogue: Catalogue) -> Value | None:
    """What a swing is about; None where there are no words for it."""
    if one.kind in (USAGE, SEATS):
        return said(f"swings.{one.kind}")
    plan = catalogue.plans.get(one.plan)
    if plan is None:
        return None
    for path, key in (
        ("seats.*.surfaces", "surfaces"),
        ("seats.*.price_usd_per_month", "price"),
        ("seats.*.included_usd_per_week", "included"),
    ):
        if seat := named(path, one.path):
            return said(f"swings.{key}", seat=seat_name(plan, seat))
    key = f"swings.{one.path.replace('.', '_')}"
    return Said(key) if key in read_labels("en") else None


def _swing(one: Swing, title: Value, base: int, catalogue: Catalogue | None) -> SwingRow:
    ends = [(side.change, side.value) for side in one.sides] + [(base, one.value)]
    low, high = min(ends), max(ends)
    return SwingRow(title, low[0], high[0], _value(one, low[1], catalogue), _value(one, high[1], catalogue))


def _value(one: Swing, text: str, catalogue: Catalogue | None) -> Value:
    """A value of a swing, in words for every language where there are any."""
    if one.kind == SEATS:
        return int(text)
    if one.kind == USAGE:
        return Fraction(Decimal(text))
    if one.kind == FIGURE:
        return Money(int(Decimal(text) * 100))
    plan = catalogue.plans.get(one.plan) if catalogue and one.kind == OPEN else None
    for _, entry in plan.values[one.path].entries if plan else ():
        for value in (entry.value, *entry.alternatives):
            if plan and plain(value) == text:
                return assumed_said(plan, one.path, value, bare=True)
    return text
