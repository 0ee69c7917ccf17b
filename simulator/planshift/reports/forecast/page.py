"""The internal page about a forecast: one file of HTML with its charts in it, that asks for nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.billing.calendar import month_text
from planshift.impact.spread import spread
from planshift.reports.draws.words import band_said, in_draws
from planshift.reports.folder import InputFile
from planshift.reports.forecast.columns import ALL, TOTAL
from planshift.reports.forecast.measured import FIVE, TITLES
from planshift.reports.page.html import address, environment, safe_style
from planshift.reports.words import counted, listed, prose_usd, usd

if TYPE_CHECKING:
    from planshift.reports.forecast.found import ForecastFound

PAGE = "forecast.html.j2"
_TILES = ("recognised", "billed", "paid", "deferred")
_MOVERS = 15


@dataclass(frozen=True)
class Tile:
    """An amount over the horizon in the median of the draws, and its range."""

    name: str
    amount: str
    range: str


@dataclass(frozen=True)
class Picture:
    """A chart: an address that holds its bytes, and what it says for those who cannot see it."""

    address: str
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table; ``columns``: heading, and are they numbers? On a narrow screen a long one is a list of ``cards``."""

    caption: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str]]
    cards: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the page: charts by name, and tables."""

    key: str
    heading: str
    lead: str
    charts: Sequence[str] = ()
    tables: Sequence[Grid] = ()


@dataclass(frozen=True)
class Page:
    """Everything on the page, in words and amounts as they are shown."""

    title: str
    about: Sequence[str]
    answer: str
    besides: Sequence[str]
    tiles: Sequence[Tile]
    parts: Sequence[Part]
    pictures: dict[str, Picture]
    notes: Sequence[str]
    assumed: Sequence[str]
    command: str
    inputs: Sequence[InputFile]


def page_html(found: ForecastFound, command: str, drawn: Mapping[str, bytes]) -> str:
    """The page's text; ``command``: what makes the forecast again; ``drawn``: its charts, PNG. Needs the extra
    ``report``."""
    return environment().get_template(PAGE).render(page=_page(found, command, drawn), css=safe_style())


def _page(found: ForecastFound, command: str, drawn: Mapping[str, bytes]) -> Page:
    pictures = {name: Picture(address(drawn[name]), chart.alt) for name, chart in found.charts.items()}
    story = found.stories[0]
    return Page(
        title=found.subject.title,
        about=tuple(_about(found)),
        answer=found.answer,
        besides=found.besides,
        tiles=tuple(_tile(TITLES[key], story.total(key).draws) for key in _TILES),
        parts=tuple(_parts(found)),
        pictures=pictures,
        notes=found.notes,
        assumed=found.assumed,
        command=command,
        inputs=found.subject.inputs(),
    )


def _about(found: ForecastFound) -> Iterator[str]:
    base = found.base
    months = f"{month_text(base.months[0])} to {month_text(base.months[-1])}"
    accounts, draws = counted(found.subject.accounts, "account"), counted(found.draws, "draw")
    yield f"{months}, {accounts}, {draws}, usage simulated; US dollars, without taxes"
    if len(found.forecasts) > 1:
        titles = listed(one.title for one in found.forecasts.values())
        yield f"Scenarios: {titles}; what is shown of one is of the first"
    if found.subject.overlays:
        yield f"What-ifs: {listed(found.subject.overlays)}"


def _tile(name: str, draws: Any) -> Tile:
    one = spread(draws)
    more = "" if len(draws) == 1 else f"median of {len(draws):,} simulations; {band_said(one)}"
    return Tile(name, prose_usd(one.p50), more)


def _parts(found: ForecastFound) -> Iterator[Part]:
    yield Part(
        "horizon", "Over the horizon", "Means add up; each percentile is of sums over all accounts, draw by draw.",
        tables=tuple(_summaries(found)),
    )  # fmt: skip
    yield Part("months", "Month by month", "Revenue when it is earned, cash when it comes.", ("recognised", "paid"))
    yield Part("plans", "As plans run out and move", "Revenue by the plan that it was charged under.", ("plans",))
    yield Part(
        "deferred", "What is deferred", "Opening + invoiced − recognised = closing, to the cent.", ("deferred",),
        (_rolled(found),),
    )  # fmt: skip
    yield Part("arr", "Run-rates", "What is committed and what is used are never one figure.", ("arr_bridge",))
    yield Part(
        "renewals", "Who renews when", "A year's money that ends if a contract does not go on.", ("renewals",),
        (_calendar(found), _movers(found)),
    )  # fmt: skip
    if found.varied is not None:
        yield Part("tornado", "What it depends on", "One thing after the other, on the same draws.", ("tornado",))
    if len(found.forecasts) > 1:
        lead = "Changes have percentiles of their own."
        yield Part("scenarios", "Scenarios", lead, ("scenarios",), (_scenarios(found),))
    failed = [check.title for check in found.checks if not check.ok]
    lead = f"All {len(found.checks)} checks hold." if not failed else f"Not all checks hold: {listed(failed)}."
    yield Part("checks", "Checks", lead)


def _cells(found: ForecastFound, table: str, names: Sequence[str], **wanted: object) -> Iterator[list[Any]]:
    """The cells of those columns, of the rows that have the wanted ones."""
    values = found.values[table][1]
    for row in range(len(values[names[0]])):
        if all(values[column][row] == cell for column, cell in wanted.items()):
            yield [values[name][row] for name in names]


def _summaries(found: ForecastFound) -> Iterator[Grid]:
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
        yield Grid("The horizon" if period == TOTAL else period, columns, rows, cards=True)


def _rolled(found: ForecastFound) -> Grid:
    names = ("month", "opening", "billed", "recognised", "breakage", "closing", "closing_p10", "closing_p90")
    wanted = {"scenario": found.base.scenario, "balance": "deferred", "segment": ALL}
    rows = [[month_text(month), *map(usd, cents)] for month, *cents in _cells(found, "rollforward", names, **wanted)]
    headings = ("Opening", "Invoiced", "Recognised", "Expired", "Closing", "P10", "P90")
    return Grid("Seats and credits, means", [("Month", False), *((name, True) for name in headings)], rows, cards=True)


def _calendar(found: ForecastFound) -> Grid:
    names = ("month", "renewals", "expected", "seats", "arr_before", "usage_before", "at_stake", "retained")
    rows = [
        [month_text(month), f"{count:,}", expected, f"{seats:,}", *map(usd, cents)]
        for month, count, expected, seats, *cents in _cells(found, "calendar", names, scenario=found.base.scenario)
        if count
    ]
    headings = ("Renewals", "Expected", "Seats", "Committed ARR", "Usage run-rate", "At stake", "ARR retained")
    return Grid("Renewals, means", [("Month", False), *((name, True) for name in headings)], rows, cards=True)


def _movers(found: ForecastFound) -> Grid:
    names = ("title", "account_id", "segment", "change", "committed", "usage", "lost")
    rows = [
        [title, account, segment, *map(usd, cents), in_draws(lost, found.draws)]
        for title, account, segment, *cents, lost in _cells(found, "movers", names)
    ]
    columns = [("Account", False), ("Id", False), ("Segment", False), ("Change", True), ("Committed", True)]
    columns += [("Usage", True), ("Ends", False)]
    caption = "The accounts that move the run-rates most, US dollars a year, means"
    return Grid(caption, columns, rows[:_MOVERS], cards=True)


def _scenarios(found: ForecastFound) -> Grid:
    names = ("scenario", "mean", "p10", "p50", "p90", "change_mean", "change_p10", "change_p90")
    titles = {name: forecast.title or name for name, forecast in found.forecasts.items()}
    rows = [
        [f"{TITLES[key]}: {titles[scenario]}", *map(usd, cents)]
        for key in FIVE
        for scenario, *cents in _cells(found, "scenarios", names, measure=key)
    ]
    headings = ("Mean", "P10", "P50", "P90", "Change", "Change P10", "Change P90")
    columns = [("", False), *((name, True) for name in headings)]
    return Grid("Over the horizon; changes from the first scenario, draw by draw", columns, rows, cards=True)
