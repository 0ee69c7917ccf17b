"""The answers about a renewal as tables: values by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from planshift.billing.money import CENT, cents_text, half_up
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.break_even import BreakEven, MixBreakEven, SeatBreakEven
from planshift.impact.answers.capability import Capability
from planshift.impact.answers.recommend import (
    CENTS,
    DEFAULT_LIMIT,
    FIRST_PURCHASE,
    MEMBER_LIMIT,
    ORGANIZATION_LIMIT,
    PERSONA_LIMIT,
    PURCHASES,
    RELOAD_AMOUNT,
    RELOAD_BELOW,
    SEATS,
    Recommendation,
    Recommendations,
    Wrong,
)
from planshift.impact.answers.timing import Timing
from planshift.impact.answers.what_if import BASE, Tornado, WhatIf
from planshift.impact.answers.winners_losers import Party, Split, WinnersLosers
from planshift.impact.spread import Spread
from planshift.reports.answers import columns
from planshift.reports.table import Table, Values
from planshift.reports.words import tenths

RULES = {
    ORGANIZATION_LIMIT: "The least that the largest month of everybody together exceeds in at most the level of years",
    DEFAULT_LIMIT: "The least that a member's largest month exceeds in at most the level of all members' years",
    MEMBER_LIMIT: "The least that the member's own largest month exceeds in at most the level of years",
    PERSONA_LIMIT: "The least that a largest month exceeds in at most the level of the persona's members' years",
    FIRST_PURCHASE: "The reload's threshold and its amount together; the largest month where nothing reloads by itself",
    RELOAD_BELOW: "What the heaviest day of all members together takes, in all but the level of years",
    RELOAD_AMOUNT: "The largest month, in all but the level of years, parted into the reloads that a month may have",
    SEATS: "A seat for whoever used theirs at all, and no fewer than the plan's minimum",
}
"""How each value was found, in words."""
AS_IT_STANDS = "As it stands"


def answer_values(answers: Answers) -> list[tuple[Table, Values]]:
    """Every table of the answers with its values."""
    return [
        (columns.RANGE, range_values(answers)),
        (columns.BREAK_EVEN, break_even_values(answers.break_even)),
        (columns.PLACES, place_values(answers.break_even)),
        (columns.WHO, who_values(answers.winners_losers)),
        (columns.CAN_DO, can_do_values(answers.capability)),
        (columns.LIMITS, limit_values(answers.capability)),
        (columns.RECOMMENDATIONS, recommendation_values(answers.recommendations)),
        (columns.EARLY, early_values(answers.timing)),
        (columns.EARLY_CASH, cash_values(answers.timing)),
        (columns.WHAT_IF, what_if_values(answers.what_if)),
        (columns.TORNADO, tornado_values(answers.tornado)),
    ]


def _table(table: Table, rows: Iterable[Sequence[Any]]) -> Values:
    """Rows as columns."""
    found = list(rows)
    return {name: [row[place] for row in found] for place, name in enumerate(table.header)}


def _of(spread: Spread) -> tuple[int, int, int, int]:
    return spread.mean, spread.p10, spread.p50, spread.p90


def _percent(share: Fraction | None) -> str:
    return "" if share is None else tenths(share * 100)


def _cents(dollars: Fraction) -> int:
    return half_up(dollars * 100)


def _nanos(amount: int) -> int:
    return half_up(Fraction(amount, CENT))


def range_values(answers: Answers) -> Values:
    """The values of range.csv."""
    found = answers.range
    costs = {"old": found.old, "new": found.new, "change": found.change}
    return _table(
        columns.RANGE,
        (
            (name, *_of(cost), _percent(found.dearer) if name == "change" else "", found.draws, name == "old")
            for name, cost in costs.items()
        ),
    )


def break_even_values(found: BreakEven) -> Values:
    """The values of break_even.csv: a row a crossing, and one where there is none."""
    rows: list[Sequence[Any]] = []
    for one in found.seats:
        rows += [(*_seat(one), *crossing, *_standing(one), found.draws, True) for crossing in _crossings(one)]
    mix = found.mix
    for crossing in _crossings(mix):
        standing = (mix.members, None, None, _nanos(mix.mean_usage))
        rows.append(("", "", "", None, None, None, "", "", False, *crossing, *standing, found.draws, True))
    return _table(columns.BREAK_EVEN, rows)


def _seat(one: SeatBreakEven) -> tuple[Any, ...]:
    old, new = one.old, one.new
    return (
        one.seat,
        one.title,
        one.new_seat,
        _cents(old.price),
        _cents(new.price),
        _cents(old.included),
        _percent(old.discount),
        _percent(new.discount),
        old.billed_beyond,
    )


def _standing(one: SeatBreakEven) -> tuple[int, ...]:
    return one.members, one.cheaper, one.dearer, _nanos(one.mean_usage)


def _crossings(one: SeatBreakEven | MixBreakEven) -> list[tuple[int | None, str]]:
    found: list[tuple[int | None, str]] = [(_cents(crossing.usage), crossing.turns) for crossing in one.crossings]
    return found or [(None, one.everywhere)]


def place_values(found: BreakEven) -> Values:
    """The values of usage_of_members.csv."""
    return _table(columns.PLACES, ((one.user_id, one.team, one.seat, _nanos(one.usage)) for one in found.places))


def who_values(found: WinnersLosers) -> Values:
    """The values of who.csv."""
    nothing = ("", "", "")
    rows: list[Sequence[Any]] = []
    for name, parties in (("members", found.members), ("teams", found.teams if found.each_team else ())):
        rows += [(name, *_party(party), "", *nothing, None, None, found.draws, True) for party in parties]
    for team in found.each_team:
        split = _split(team.split)
        rows.append(("team", *_party(team.party), team.group, *split, None, None, found.draws, True))
    for one in found.bins:
        split = _split(one.split)
        bounds = (_nanos(one.low), _nanos(one.high))
        rows.append(("usage", *_party(one.party), "", *split, *bounds, found.draws, True))
    return _table(columns.WHO, rows)


def _split(split: Split) -> tuple[str, ...]:
    return count_said(split.cheaper), count_said(split.dearer), count_said(split.same)


def count_said(mean: Fraction) -> str:
    """How many, a mean over the draws, with one decimal where it is no whole number."""
    return tenths(mean).removesuffix(".0")


def _party(party: Party) -> tuple[Any, ...]:
    return (
        party.name,
        count_said(party.count),
        _percent(party.share),
        party.before,
        party.after,
        party.change,
        party.mean_change,
        _percent(party.share_of_change),
    )


def can_do_values(found: Capability) -> Values:
    """The values of can_do.csv."""
    return _table(
        columns.CAN_DO,
        (
            (
                work.direction,
                work.cause,
                work.surface,
                *_of(work.amount),
                count_said(work.members),
                _percent(work.chance),
                found.draws,
            )
            for work in found.works
        ),
    )


def limit_values(found: Capability) -> Values:
    """The values of limits.csv."""
    return _table(
        columns.LIMITS,
        (
            (
                hit.month,
                hit.plan,
                hit.scope,
                hit.team,
                hit.cause,
                _percent(hit.chance),
                hit.stopped,
                found.draws,
                hit.counterfactual,
            )
            for hit in found.hits
        ),
    )


def recommendation_values(found: Recommendations) -> Values:
    """The values of recommendations.csv."""
    return _table(columns.RECOMMENDATIONS, (_recommendation(one, found.draws) for one in found.all))


def _recommendation(one: Recommendation, draws: int) -> tuple[Any, ...]:
    return (
        one.key,
        one.subject,
        "usd" if one.unit == CENTS else "seats",
        _amount(one, one.value),
        _amount(one, one.exact),
        "" if one.agreed is None else _amount(one, one.agreed),
        RULES[one.key],
        _percent(one.level),
        _percent(one.chance),
        *_wrong(one, one.too_low),
        _percent(one.too_low.chance),
        *_wrong(one, one.too_high),
        "; ".join(one.names),
        draws,
        str(one.held) if one.unit != CENTS else "",
        str(one.minimum) if one.minimum else "",
    )


def _amount(one: Recommendation, value: int) -> str:
    return cents_text(value) if one.unit == CENTS else str(value)


def _wrong(one: Recommendation, wrong: Wrong) -> tuple[str, str, str]:
    amount = str(wrong.amount) if wrong.kind == PURCHASES else cents_text(wrong.amount)
    return _amount(one, wrong.value), wrong.kind, amount


def early_values(found: Timing) -> Values:
    """The values of early.csv."""
    return _table(
        columns.EARLY,
        ((move.day, move.credit, *_of(move.cost), move.seats, *_of(move.change), found.draws) for move in found.moves),
    )


def cash_values(found: Timing) -> Values:
    """The values of early_cash.csv."""
    return _table(
        columns.EARLY_CASH,
        (
            (move.day, move.credit, month, *_of(invoiced))
            for move in found.moves
            for month, invoiced in move.cash.items()
        ),
    )


def what_if_values(found: WhatIf) -> Values:
    """The values of what_if.csv."""
    return _table(
        columns.WHAT_IF,
        (
            (
                row.key,
                AS_IT_STANDS if row.key == BASE else row.title,
                *_of(row.old),
                *_of(row.new),
                *_of(row.change),
                *_of(row.effect),
                *_of(row.undone),
                _percent(row.dearer),
                found.draws,
                True,
            )
            for row in found.rows
        ),
    )


def tornado_values(found: Tornado) -> Values:
    """The values of tornado.csv."""
    return _table(
        columns.TORNADO,
        (
            (
                swing.key,
                swing.kind,
                swing.plan,
                swing.path,
                swing.value,
                side.value,
                side.change,
                side.change - found.base,
                side.new,
                swing.effect,
                found.draws,
            )
            for swing in found.swings
            for side in swing.sides
        ),
    )
