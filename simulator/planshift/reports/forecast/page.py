"""The internal page about a forecast, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from planshift.billing.schedule import month_text
from planshift.impact.spread import spread
from planshift.reports.forecast.columns import ALL, TOTAL
from planshift.reports.forecast.cube import FIVE, TITLES
from planshift.reports.forecast.report import ForecastReport
from planshift.reports.page.document import (
    ANSWER,
    CODE,
    LEAD,
    NUMBER,
    Block,
    Bullets,
    Column,
    Document,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Run,
    Section,
    Tile,
    Tiles,
    row,
    text,
)
from planshift.reports.page.terminal import Terminal
from planshift.reports.words import band_said, counted, in_draws, listed, prose_usd, usd

_TILES = ("recognised", "billed", "paid", "deferred")
_MOVERS = 15


def forecast_document(found: ForecastReport, command: str) -> Document:
    """The page in words; ``command``: what makes the forecast again."""
    story = found.stories[0]
    tiles = Tiles(tuple(_tile(TITLES[key], story.total(key).draws) for key in _TILES))
    answer = (Paragraph(text(found.answer), ANSWER), *(Paragraph(text(said)) for said in found.besides), tiles)
    return Document(
        language="en",
        title=found.provenance.title,
        kind="Forecast of a portfolio of contracts",
        internal="Internal: for colleagues alone",
        about=tuple(_about(found)),
        sections=(
            Section("answer", "The answer", answer, quiet=True),
            *_parts(found),
            Section("notes", "What to know", tuple(_notes(found, command)), small=True),
        ),
    )


def _about(found: ForecastReport) -> Iterator[str]:
    base = found.base
    months = f"{month_text(base.months[0])} to {month_text(base.months[-1])}"
    accounts, draws = counted(found.provenance.accounts, "account"), counted(found.draws, "draw")
    yield f"{months}, {accounts}, {draws}, usage simulated; US dollars, without taxes"
    if found.options.imprint.said:
        yield " · ".join(map(Terminal().text, found.options.imprint.said))
    if len(found.forecasts) > 1:
        titles = listed(one.title for one in found.forecasts.values())
        yield f"Scenarios: {titles}; what is shown of one is of the first"
    if found.provenance.overlays:
        yield f"What-ifs: {listed(found.provenance.overlays)}"


def _tile(name: str, draws: Any) -> Tile:
    one = spread(draws)
    more = "" if len(draws) == 1 else f"median of {len(draws):,} simulations; {band_said(one)}"
    return Tile(name, prose_usd(one.p50), more, "new")


def _parts(found: ForecastReport) -> Iterator[Section]:
    def part(key: str, heading: str, said: str, charts: Sequence[str] = (), tables: Iterable[Grid] = ()) -> Section:
        pictures = (Picture(name, found.charts[name].alt) for name in charts if name in found.charts)
        return Section(key, heading, (Paragraph(text(said), LEAD), *pictures, *tables))

    yield part(
        "horizon", "Over the horizon", "Means add up; each percentile is of sums over all accounts, draw by draw.",
        tables=_summaries(found),
    )  # fmt: skip
    yield part("months", "Month by month", "Revenue when it is earned, cash when it comes.", ("recognised", "paid"))
    yield part("plans", "As plans run out and move", "Revenue by the plan that it was charged under.", ("plans",))
    yield part(
        "deferred", "What is deferred", "Opening + invoiced − recognised = closing, to the cent.", ("deferred",),
        (_rolled(found),),
    )  # fmt: skip
    yield part("arr", "Run-rates", "What is committed and what is used are never one figure.", ("arr_bridge",))
    yield part(
        "renewals", "Who renews when", "A year's money that ends if a contract does not go on.", ("renewals",),
        (_calendar(found), _movers(found)),
    )  # fmt: skip
    if found.varied is not None:
        said = f"One thing after the other, medians of the first {counted(found.varied.base.draws, 'draw')}."
        yield part("tornado", "What it depends on", said, ("tornado",))
    if len(found.forecasts) > 1:
        said = "Changes have percentiles of their own."
        yield part("scenarios", "Scenarios", said, ("scenarios",), (_scenarios(found),))
    failed = [check.title for check in found.checks if not check.ok]
    said = f"All {len(found.checks)} checks hold." if not failed else f"Not all checks hold: {listed(failed)}."
    yield part("checks", "Checks", said)


def _notes(found: ForecastReport, command: str) -> Iterator[Block]:
    yield Bullets(tuple(map(text, found.notes)))
    if found.assumed:
        yield Heading("Assumed, as it is published nowhere")
        yield Bullets(tuple(map(text, found.assumed)))
    yield Heading("Where this comes from")
    yield Paragraph(text(Run(command, CODE)))
    yield Bullets(tuple(text(f"{one.path}, SHA-256 ", Run(one.sha256, CODE)) for one in found.provenance.inputs()))


def _grid(caption: str, columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> Grid:
    """A table; ``columns``: heading, and are they numbers?"""
    made = tuple(Column(heading, NUMBER if number else "") for heading, number in columns)
    return Grid(caption, made, tuple(row(made, *cells) for cells in rows), cards=True)


def _cells(found: ForecastReport, table: str, names: Sequence[str], **wanted: object) -> Iterator[list[Any]]:
    """The cells of those columns, of the rows that have the wanted ones."""
    values = found.values[table][1]
    for index in range(len(values[names[0]])):
        if all(values[column][index] == cell for column, cell in wanted.items()):
            yield [values[name][index] for name in names]


def _summaries(found: ForecastReport) -> Iterator[Grid]:
    names = ("title", "mean", "p10", "p50", "p90", "target", "missed")
    aimed = any(cents is not None for cents in found.values["summary"][1]["target"])
    columns = [("", False), ("Mean", True), ("P10", True), ("P50", True), ("P90", True)]
    columns += [("Target", True), ("Missed", False)] if aimed else []
    for period in dict.fromkeys(found.values["summary"][1]["period"]):
        rows = []
        for title, *amounts, target, missed in _cells(
            found, "summary", names, period=period, scenario=found.base.scenario
        ):
            said = ["", ""] if target is None else [usd(target), in_draws(missed, found.draws)]
            rows.append([title, *map(usd, amounts), *(said if aimed else [])])
        yield _grid("The horizon" if period == TOTAL else period, columns, rows)


def _rolled(found: ForecastReport) -> Grid:
    names = ("month", "opening", "billed", "recognised", "breakage", "closing", "closing_p10", "closing_p90")
    wanted = {"scenario": found.base.scenario, "balance": "deferred", "segment": ALL}
    rows = [[month_text(month), *map(usd, cents)] for month, *cents in _cells(found, "rollforward", names, **wanted)]
    headings = ("Opening", "Invoiced", "Recognised", "Expired", "Closing", "P10", "P90")
    return _grid("Seats and credits, means", [("Month", False), *((name, True) for name in headings)], rows)


def _calendar(found: ForecastReport) -> Grid:
    names = ("month", "renewals", "expected", "seats", "arr_before", "usage_before", "at_stake", "retained")
    rows = [
        [month_text(month), f"{count:,}", expected, f"{seats:,}", *map(usd, cents)]
        for month, count, expected, seats, *cents in _cells(found, "calendar", names, scenario=found.base.scenario)
        if count
    ]
    headings = ("Renewals", "Expected", "Seats", "Committed ARR", "Usage run-rate", "At stake", "ARR retained")
    return _grid("Renewals, means", [("Month", False), *((name, True) for name in headings)], rows)


def _movers(found: ForecastReport) -> Grid:
    names = ("title", "account_id", "segment", "change", "committed", "usage", "lost")
    rows = [
        [title, account, segment, *map(usd, cents), in_draws(lost, found.draws)]
        for title, account, segment, *cents, lost in _cells(found, "movers", names)
    ]
    columns = [("Account", False), ("Id", False), ("Segment", False), ("Change", True), ("Committed", True)]
    columns += [("Usage", True), ("Ends", False)]
    caption = "The accounts that move the run-rates most, US dollars a year, means"
    return _grid(caption, columns, rows[:_MOVERS])


def _scenarios(found: ForecastReport) -> Grid:
    names = ("scenario", "mean", "p10", "p50", "p90", "change_mean", "change_p10", "change_p90")
    titles = {name: forecast.title or name for name, forecast in found.forecasts.items()}
    rows = [
        [f"{TITLES[key]}: {titles[scenario]}", *map(usd, cents)]
        for key in FIVE
        for scenario, *cents in _cells(found, "scenarios", names, measure=key)
    ]
    headings = ("Mean", "P10", "P50", "P90", "Change", "Change P10", "Change P90")
    columns = [("", False), *((name, True) for name in headings)]
    return _grid("Over the horizon; changes from the first scenario, draw by draw", columns, rows)
