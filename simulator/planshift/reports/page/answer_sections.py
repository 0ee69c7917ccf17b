"""The answers on the page about a renewal, in words: whom it concerns, what they can do, what we recommend, when, and
what if; each only where there is something to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from planshift.reports.page.document import (
    BREAK,
    END,
    LEAD,
    NAME,
    NUMBER,
    SCREEN,
    STRONG,
    Block,
    Cell,
    Column,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Row,
    Run,
    Section,
    Side,
    Text,
    row,
    text,
)
from planshift.reports.page.language import Language
from planshift.reports.page.reader import NOTHING, Reader, lead, months_said, pair, spare
from planshift.reports.page.said import Month, Value
from planshift.reports.page.who_section import who_section


def answer_sections(reader: Reader) -> Iterator[Section]:
    """The sections between the months and what the page rests on."""
    page = reader.page
    if page.who:
        yield who_section(reader, page.who)
    if page.can_do:
        yield _can_do(reader, page.can_do)
    if page.recommendation:
        yield _recommendation(reader, page.recommendation)
    if page.when:
        yield _when(reader, page.when)
    if page.what_if:
        yield _what_if(reader, page.what_if)


# --- what they can do -------------------------------------------------------------------------------------------------


def _can_do(reader: Reader, can: Any) -> Section:
    say = reader.language.say
    blocks: list[Block] = []
    if can.newly_done_members:
        blocks.append(Paragraph(text(_work(reader, "can_do.newly_done.", can.newly_done_members, can.newly_done))))
    said = say("can_do.all_done")
    if can.newly_stopped_members:
        said = _work(reader, "can_do.newly_stopped.", can.newly_stopped_members, can.newly_stopped)
    blocks.append(Paragraph(text(said)))
    stops = Side((_stops(reader, can.stops),) if can.stops else ())
    hits = Side((_hits(reader, can.hits), lead(_more_hits(reader, can))) if can.hits else (), "widest")
    blocks += pair(stops, hits)
    return Section("can-do", say("can_do.heading"), tuple(blocks))


def _work(reader: Reader, label: str, members: Fraction, amount: int) -> str:
    """How many can do work worth how much more, or less; in an average year where there are many."""
    language = reader.language
    worth = language.dollars(amount)
    if reader.page.draws > 1:
        return language.say(f"{label}on_average", members=language.average(members), amount=worth)
    return language.say(f"{label}counted", count=int(members), amount=worth)


def _stops(reader: Reader, stops: Iterable[Any]) -> Grid:
    say, figure = reader.language.say, reader.language.figure
    columns = reader.columns({"can_do.why": "", "can_do.old": NUMBER, "can_do.new": NUMBER})
    rows = (row(columns, say(f"can_do.causes.{one.cause}"), figure(one.old), figure(one.new)) for one in stops)
    return Grid(say("can_do.table"), columns, tuple(rows))


def _hits(reader: Reader, hits: tuple[Any, ...]) -> Grid:
    say = reader.language.say
    drawn = any(one.chance is not None for one in hits)
    told = {"can_do.in_year": NUMBER, "can_do.chance": ""} if drawn else {"can_do.when": ""}
    columns = reader.columns({"can_do.who": NAME, "can_do.why": "", **told, "can_do.stopped": NUMBER})
    rows = (
        row(
            columns,
            reader.language.text(one.scope) or say("can_do.organization"),
            say(f"can_do.causes.{one.cause}"),
            *(_chances(reader.language, one) if drawn else [months_said(reader.language, one.months)]),
            reader.language.figure(one.stopped),
            spare=spare(place, 3, 2, 1),
        )
        for place, one in enumerate(hits)
    )
    return Grid(say("can_do.hits"), columns, tuple(rows), cards=True)


def _chances(language: Language, hit: Any) -> Iterator[str]:
    yield NOTHING if hit.in_year is None else language.percent(hit.in_year)
    if hit.chance is None:
        yield ""
        return
    yield language.say("can_do.likeliest", month=Month(hit.likeliest), chance=language.percent(hit.chance))


def _more_hits(reader: Reader, can: Any) -> str:
    say = reader.language.say
    more = [say("can_do.more_hits", count=can.more_hits)] if can.more_hits else []
    return " ".join([*more, say("can_do.hits_lead")])


# --- what we recommend ------------------------------------------------------------------------------------------------


def _recommendation(reader: Reader, recommendation: Any) -> Section:
    language, say = reader.language, reader.language.say
    blocks: list[Block] = [lead(language.text(recommendation.rests_on))] if recommendation.rests_on else []
    columns = reader.columns(
        {"advice.what": NAME, "advice.value": NUMBER, "advice.agreed": NUMBER, "advice.rule": "", "advice.if_wrong": ""}
    )
    rows = (
        row(
            columns,
            language.text(one.what),
            text(Run(language.cell(one.value), STRONG)),
            say("advice.nothing_agreed") if one.agreed is None else language.cell(one.agreed),
            _rule(language, one),
            _if_wrong(language, one),
            spare=2 if one.further else 0,
        )
        for one in recommendation.advice
    )
    blocks.append(Grid("", columns, tuple(rows), cards=True, look="advice"))
    if recommendation.more_members:
        blocks.append(lead(say("advice.more_members", count=recommendation.more_members)))
    return Section("recommendation", say("advice.heading"), tuple(blocks))


def _rule(language: Language, advice: Any) -> str:
    rule = language.text(advice.rule)
    if not advice.names:
        return rule
    if advice.more_names:
        return f"{rule}. {language.say('advice.idle_more', names=advice.names, count=advice.more_names)}"
    return f"{rule}. {language.say('advice.idle', names=advice.names)}"


def _if_wrong(language: Language, advice: Any) -> Text:
    said = [language.text(one) for one in (advice.too_low, advice.too_high) if one]
    return text(said[0], Run("", BREAK), said[1]) if len(said) > 1 else text(*said)


# --- when, and what if ------------------------------------------------------------------------------------------------


def _when(reader: Reader, when: Any) -> Section:
    language, say = reader.language, reader.language.say
    ways = [say(f"when.credits.{way}") for way in when.credits]
    names = [say(name) for name in ("when.cost", "when.change", "when.paid")]
    columns = [Column(say("when.day")), *(Column(name, NUMBER, way) for way in ways for name in names)]
    rows = []
    for place, move in enumerate(when.moves):
        # Who waits for the renewal has nothing to be credited, and one way to pay.
        waits = len(move.cells) < len(ways) or place == len(when.moves) - 1
        day = say("when.waiting", day=move.day) if waits else language.text(move.day)
        cells = [Cell(text(day))]
        for way, cell in zip(ways, move.cells, strict=False):
            amounts = (
                language.figure(cell.cost),
                language.figure(cell.change, signed=True),
                language.figure(cell.paid),
            )
            labels = names if waits else [f"{way}, {name}" for name in names]
            cells += [Cell(text(amount), label) for amount, label in zip(amounts, labels, strict=True)]
        rows.append(Row(tuple(cells), spare=0 if waits else spare(place, 3, 2, 1)))
    blocks = (
        lead(_of_draws(reader, "when.lead", when.draws, first=when.first, last=when.last)),
        Grid("", tuple(columns), tuple(rows), cards=True),
    )
    return Section("when", say("when.heading"), blocks)


def _what_if(reader: Reader, asked: Any) -> Section:
    say = reader.language.say
    own = say("what_if.own")
    first = _of_draws(reader, "what_if.lead", reader.page.draws)
    rows: list[Block] = [_what_ifs(reader, asked.rows, "")] if asked.rows else []
    swings: list[Block] = []
    if reader.internal and asked.own_rows:
        rows.append(_what_ifs(reader, asked.own_rows, own))
    if asked.swings:
        base = reader.language.dollars(asked.base, signed=True)
        swings += [
            Heading(say("what_if.swings")),
            Picture("swings", reader.alts["swings"]),
            Paragraph(text(_of_draws(reader, "what_if.swings_lead", asked.tried, base=base)), LEAD, SCREEN),
        ]
    if reader.internal and asked.own_swings:
        swings.append(_swings(reader, asked.own_swings, own))
    sides = pair(Side(tuple(rows), "wider"), Side(tuple(swings)))
    return Section("what-if", say("what_if.heading"), (lead(first), *sides))


def _of_draws(reader: Reader, label: str, draws: int, **values: Value) -> str:
    """A sentence on amounts, and with draws that they are medians, and of which of them."""
    said = reader.language.say(label, **values)
    if reader.page.draws <= 1:
        return said
    key = "medians.all" if draws == reader.page.draws else "medians.first"
    return f"{said} {reader.language.say(key, count=draws)}"


def _what_ifs(reader: Reader, found: Iterable[Any], caption: str) -> Grid:
    figure = reader.language.figure
    columns = reader.columns(
        {"what_if.row": NAME, "what_if.new": NUMBER, "what_if.change": NUMBER, "what_if.effect": NUMBER}
    )
    rows = (
        row(
            columns,
            reader.language.text(one.title),
            figure(one.new),
            figure(one.change, signed=True),
            figure(one.effect, signed=True),
            spare=spare(place, 8, 6, 4),
        )
        for place, one in enumerate(found)
    )
    return Grid(caption, columns, tuple(rows), cards=True)


def _swings(reader: Reader, found: Iterable[Any], caption: str) -> Grid:
    figure, cell = reader.language.figure, reader.language.cell
    columns = reader.columns({"what_if.thing": NAME, "what_if.low": END, "what_if.high": END})
    rows = (
        row(
            columns,
            reader.language.text(one.title),
            f"{figure(one.low, signed=True)} ({cell(one.low_value)})",
            f"{figure(one.high, signed=True)} ({cell(one.high_value)})",
        )
        for one in found
    )
    return Grid(caption, columns, tuple(rows), cards=True)
