"""The page about a renewal in words: the answer, its bridge and months, the answers, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from planshift.reports.page.answer_sections import answer_sections
from planshift.reports.page.audience import INTERNAL
from planshift.reports.page.document import (
    ADDRESS,
    ANSWER,
    CODE,
    END,
    LEAD,
    NUMBER,
    PAPER,
    SCREEN,
    SPARES,
    STRONG,
    Block,
    Bullets,
    Columns,
    Document,
    Grid,
    Heading,
    LeftOut,
    Pair,
    Paragraph,
    Picture,
    Run,
    Section,
    Side,
    Text,
    Tile,
    Tiles,
    row,
    spared,
    text,
)
from planshift.reports.page.language import Language
from planshift.reports.page.reader import LONG_FIGURE, Reader, lead

DIGEST = 16
"""Letters of a SHA-256 that a page shows."""


def renewal_document(page: Any, audience: str, language: Language, alts: Mapping[str, str]) -> Document:
    """The page in words; ``page`` as `seen_by` its audience, ``alts``: its charts in a sentence each, by name."""
    reader = Reader(page, audience == INTERNAL, language, alts)
    say = language.say
    title = say("page.title", day=page.day)
    if page.customer:
        title = say("page.title_for", customer=page.customer, day=page.day)
    sections = (_verdict(reader), _bridge(reader), _months(reader), *answer_sections(reader))
    counts = [spared(sections, kind) for kind in SPARES]
    left_out = LeftOut(tuple(say("rests_on.left_out", count=count) if count else "" for count in counts))
    return Document(
        language=language.code,
        title=title,
        kind=say("page.kind"),
        internal=say("page.internal") if reader.internal else "",
        about=tuple(_about(reader)),
        sections=(*sections, _rests_on(reader, left_out)),
    )


def _about(reader: Reader) -> Iterator[str]:
    page, say = reader.page, reader.language.say
    yield f"{say('page.period', first=page.day, last=page.last)} · {say('page.estimate')}"
    if page.prepared:
        yield " · ".join(map(reader.language.text, page.prepared))
    if reader.internal:
        yield say("page.scenario", title=page.title)
        if page.what_ifs:
            yield say("page.what_ifs", titles=page.what_ifs)
    elif page.what_if_count:
        yield say("page.what_if_count", count=page.what_if_count)


# --- the answer -------------------------------------------------------------------------------------------------------


def _verdict(reader: Reader) -> Section:
    page, language, say = reader.page, reader.language, reader.language.say
    verdict = page.verdict
    old = language.sentence(say("verdict.old", old_plan=page.old_plan))
    new = language.sentence(language.text(page.new_plan))
    change = language.dollars(verdict.change, signed=True)
    if verdict.share is not None:
        change += f" ({language.text(verdict.share)})"
    tiles = (
        _tile(language, old, language.dollars(verdict.old), verdict.old_range, "old"),
        _tile(language, new, language.dollars(verdict.new), verdict.new_range, "new"),
        _tile(language, say("verdict.change"), change, verdict.change_range, "less" if verdict.change < 0 else "more"),
    )
    blocks: list[Block] = [Paragraph(text(language.text(verdict.said)), ANSWER), Tiles(tiles)]
    if verdict.dearer is not None:
        odds = Run(say("verdict.odds", dearer=verdict.dearer), STRONG)
        blocks.append(Paragraph(text(odds, f". {say('verdict.drawn', draws=page.draws)}"), LEAD))
    elif page.draws:
        blocks.append(lead(say("verdict.drawn_once")))
    return Section("verdict", say("verdict.heading"), tuple(blocks), quiet=True)


def _tile(language: Language, name: str, amount: str, spread: Any, look: str) -> Tile:
    if not spread:
        return Tile(name, amount, look=look)
    more = ""
    if spread.p10 != spread.p90:
        more = language.say("verdict.range", low=language.prose(spread.p10), high=language.dollars(spread.p90))
    return Tile(f"{name} · {language.say('verdict.middle')}", amount, more, look)


def _bridge(reader: Reader) -> Section:
    page, say = reader.page, reader.language.say
    blocks = (
        lead(say("bridge.lead_draws" if page.draws > 1 else "bridge.lead")),
        Picture("bridge", reader.alts["bridge"]),
        _steps(reader),
        Paragraph(text(*_whys(reader)), LEAD, PAPER, spare=2),
    )
    return Section("bridge", say("bridge.heading"), blocks)


def _steps(reader: Reader) -> Grid:
    page, language, say = reader.page, reader.language, reader.language.say
    bridge, figure = page.bridge, language.figure
    ranged = any(step.low is not None for step in bridge.steps)
    spread = {"bridge.spread": NUMBER} if ranged else {}
    columns = reader.columns({"bridge.step": "", "bridge.amount": NUMBER, **spread, "bridge.why": ""})

    def line(name: str, amount: str, low_to_high: str, why: str, total: bool = False) -> Any:
        return row(columns, name, amount, *([low_to_high] if ranged else []), why, total=total)

    old = language.sentence(say("bridge.old", old_plan=page.old_plan))
    new = language.sentence(say("bridge.new", new_plan=page.new_plan))
    rows = [line(old, figure(bridge.old), "", say("bridge.old_why"))]
    for step in bridge.steps:
        same = step.low is None or step.low == step.high
        between = "" if same else f"{figure(step.low, signed=True)} – {figure(step.high, signed=True)}"
        name, why = say(f"bridge.steps.{step.key}"), say(f"bridge.whys.{step.key}")
        rows.append(line(name, figure(step.cents, signed=True), between, why))
    rows.append(line(new, figure(bridge.new), "", say("bridge.new_why"), total=True))
    return Grid(say("bridge.table"), columns, tuple(rows), cards=True, medium=SCREEN)


def _whys(reader: Reader) -> Iterator[str | Run]:
    """Why there is each step, which a sheet of paper says below the chart."""
    say = reader.language.say
    for step in reader.page.bridge.steps:
        # The chart has no bar for what is rounded.
        amount = f" {reader.language.figure(step.cents, signed=True)}" if step.key == "rounding" else ""
        yield Run(say(f"bridge.steps.{step.key}"), STRONG)
        yield f"{amount}: {say(f'bridge.whys.{step.key}')} "


def _months(reader: Reader) -> Section:
    page, say = reader.page, reader.language.say
    sides = (Side((Picture("months", reader.alts["months"]),)), Side((_month_table(reader),)))
    blocks = (lead(say("months.lead_draws" if page.draws > 1 else "months.lead")), Pair(sides))
    return Section("months", say("months.heading"), blocks)


def _month_table(reader: Reader) -> Grid:
    language, every = reader.language, reader.page.month_by_month
    ranged = any(month.low is not None for month in every.rows)
    earlier = any(month.before is not None for month in every.rows)
    amount = language.whole if ranged else language.figure
    before, between = {"months.before": NUMBER} if earlier else {}, {"months.range": NUMBER} if ranged else {}
    columns = reader.columns(
        {"months.month": "", **before, "months.old": NUMBER, "months.new": NUMBER, **between, "months.change": NUMBER}
    )

    def line(name: str, month: Any, low_to_high: str, total: bool = False) -> Any:
        return row(
            columns,
            name,
            *(["" if month.before is None else amount(month.before)] if earlier else []),
            amount(month.old),
            amount(month.new),
            *([low_to_high] if ranged else []),
            amount(month.change, signed=True),
            total=total,
        )

    rows = []
    for month in every.rows:
        between_said = "" if month.low is None else f"{language.whole(month.low)}–{language.whole(month.high)}"
        rows.append(line(language.month(month.month), month, between_said))
    rows.append(line(language.say("months.total"), every, "", total=True))
    long = ranged or max(len(amount(every.new)), len(amount(every.old))) > LONG_FIGURE
    return Grid(language.say("months.table"), columns, tuple(rows), cards=long)


# --- what it rests on -------------------------------------------------------------------------------------------------


def _rests_on(reader: Reader, left_out: LeftOut) -> Section:
    say = reader.language.say
    small = (*_notes(reader), *_provenance(reader), left_out)
    return Section("rests-on", say("rests_on.heading"), (Columns(_terms(reader), small),))


def _terms(reader: Reader) -> Grid:
    language, on = reader.language, reader.page.rests_on
    term, *plans = reader.columns({"rests_on.term": "", "rests_on.old": NUMBER, "rests_on.new": NUMBER})
    columns = (term, *(replace(plan, look=END) for plan in plans))

    def value(one: Any, assumed: bool) -> str:
        return ("–" if one is None else language.cell(one)) + ("\u00a0*" if assumed else "")

    rows = (
        row(columns, language.text(one.title), value(one.old, one.old_assumed), value(one.new, one.new_assumed))
        for one in on.terms
    )
    return Grid(language.say("rests_on.terms"), columns, tuple(rows))


def _notes(reader: Reader) -> Iterator[Block]:
    language, say, on = reader.language, reader.language.say, reader.page.rests_on
    if any(one.old_assumed or one.new_assumed for one in on.terms):
        yield Paragraph(text(f"* {say('rests_on.example')}"))
    yield Heading(say("rests_on.notes"))
    yield Bullets(tuple(text(language.text(note)) for note in on.notes))
    if reader.internal and on.remarks:
        yield Heading(say("rests_on.remarks"))
        yield Bullets(tuple(map(text, on.remarks)), "en")
    if on.assumed:
        yield Heading(say("rests_on.assumed"))
        yield Bullets(tuple(_assumed(language, one) for one in on.assumed))


def _assumed(language: Language, value: Any) -> Text:
    if not value.others:
        return text(language.text(value.said))
    others = tuple(map(language.text, value.others))
    return text(f"{language.text(value.said)} {language.say('rests_on.others', others=others)}")


def _provenance(reader: Reader) -> Iterator[Block]:
    say, on = reader.language.say, reader.page.rests_on
    yield Heading(say("rests_on.sources"))
    sources: list[str | Run] = []
    for one in on.sources:
        between = "; " if sources else ""
        sources += [f"{between}{one.title}: ", Run(one.address.replace("https://", ""), ADDRESS)]
    yield Paragraph(text(*sources))
    yield Heading(say("rests_on.files"))
    yield Paragraph(text("; ".join(_file(reader, one) for one in on.inputs)))
    yield Heading(say("rests_on.again"))
    command = Run(on.command if reader.internal else on.command_shape, CODE)
    yield Paragraph(text(command, f" {say('rests_on.made_by', version=on.version)}"))


def _file(reader: Reader, one: Any) -> str:
    digest = one.sha256[:DIGEST]
    if reader.internal:
        return reader.language.say("rests_on.file_named", role=one.role, name=one.name, digest=digest)
    return reader.language.say("rests_on.file", role=one.role, digest=digest)
