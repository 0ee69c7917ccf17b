"""A forecast as people get it: one sentence, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.schedule import month_text
from planshift.forecasting.result import Forecast
from planshift.forecasting.varied import Varied
from planshift.impact.answers.levels import FILE as ANSWERS
from planshift.impact.spread import spread
from planshift.plans.files import folder, shown_path
from planshift.reports.assumptions import footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.forecast import forecast_charts
from planshift.reports.focus.names import FILE as FOCUS
from planshift.reports.folder import Content
from planshift.reports.forecast import contracts, scenarios, tables, words
from planshift.reports.forecast.asked import ForecastAsked
from planshift.reports.forecast.checks import Check, check_values, checks
from planshift.reports.forecast.columns import (
    ACCOUNTS,
    ARR_BRIDGE,
    CALENDAR,
    CHECKS,
    COHORTS,
    COUNTS,
    DRAWS,
    MONTHS,
    MOVERS,
    RENEWALS,
    ROLLFORWARD,
    SCENARIOS,
    SUMMARY,
    TORNADO,
)
from planshift.reports.forecast.cube import Cube, Means, means_of
from planshift.reports.forecast.measured import TITLES, Amount, amounts
from planshift.reports.forecast.subject import Subject, input_files
from planshift.reports.result import Result, command_line
from planshift.reports.table import Table, Values, records
from planshift.reports.words import said_before, spread_facts

WORKBOOK, PAGE, PDF = "forecast.xlsx", "forecast.html", "forecast.pdf"
LONG = (ACCOUNTS.name, DRAWS.name, RENEWALS.name)
"""The tables with a row a contract or a draw: they are in the folder alone, not in the plain data."""


@dataclass(frozen=True)
class ForecastFound(Result):
    """A forecast of a portfolio in its scenarios, the first of which is shown alone; and what it was asked for.

    ``varied``: what one uncertain thing after the other does to it, None where that was not asked for.
    ``charges``: files of charges by name, each with what writes it.
    """

    subject: Subject
    forecasts: Mapping[str, Forecast]
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    asked: ForecastAsked = ForecastAsked()
    varied: Varied | None = None
    charges: Mapping[str, Callable[[Path], object]] = field(default_factory=dict)

    @property
    def base(self) -> Forecast:
        """The scenario that is shown alone."""
        return next(iter(self.forecasts.values()))

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.base.draws

    @cached_property
    def cubes(self) -> tuple[tuple[Cube, Means], ...]:
        """Every scenario by plan and segment, with its means."""
        found = [Cube.of(forecast) for forecast in self.forecasts.values()]
        return tuple((cube, means_of(cube)) for cube in found)

    @cached_property
    def stories(self) -> tuple[words.Story, ...]:
        """What sentences are made of, a story a scenario."""
        title, targets = self.subject.title, self.subject.targets
        return tuple(
            words.Story(title, cube.forecast, tuple(amounts(cube.forecast, means)), targets)
            for cube, means in self.cubes
        )

    @cached_property
    def answer(self) -> str:
        """One sentence: what is recognised, invoiced and paid, what the renewals change, which targets are missed."""
        return said_before(self.subject.without_effect) + words.answer(self.stories[0])

    @property
    def besides(self) -> tuple[str, ...]:
        """What belongs to the answer: what the renewals change, and which targets are missed how often."""
        return words.besides(self.stories[0])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers; first of all, a check that does not hold."""
        failed = [f"A check does not hold ({one.scenario}): {one.title}." for one in self.checks if not one.ok]
        own = words.notes(list(self.forecasts.values()), self.subject.seed)
        first = words.charges_notes(list(self.forecasts.values()), list(self.charges))
        own = (*self.subject.without_effect, *own)
        return (*failed, *own, *self.subject.rests_on, *first)

    @property
    def assumed(self) -> tuple[str, ...]:
        """What the numbers rest on that nobody has published."""
        return tuple(one.said for one in self.subject.assumed)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What must hold in every month and draw, and whether it does."""
        return tuple(check for cube, means in self.cubes for check in checks(cube, means))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        return {table.name: (table, values) for table, values in self._values()}

    def _values(self) -> Iterator[tuple[Table, Values]]:
        forecasts = list(self.forecasts.values())
        yield SUMMARY, tables.summary(self.cubes, self.subject.targets)
        if len(forecasts) > 1:
            yield SCENARIOS, scenarios.scenarios(self.cubes)
        if self.varied:
            yield TORNADO, scenarios.tornado(self.varied)
        yield MONTHS, tables.months(self.cubes)
        yield COUNTS, tables.counts(self.cubes)
        yield ROLLFORWARD, tables.rollforward(self.cubes)
        yield ARR_BRIDGE, tables.arr_bridge(forecasts)
        yield CALENDAR, contracts.calendar(forecasts)
        yield COHORTS, contracts.cohorts(forecasts)
        yield RENEWALS, contracts.renewals(self.base)
        yield MOVERS, contracts.movers(self.base)
        yield ACCOUNTS, contracts.accounts(self.base)
        yield DRAWS, tables.draws(self.cubes)
        yield CHECKS, check_values(self.checks)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        cube, means = self.cubes[0]
        lines = footnotes(self.subject.title, self.notes, ())
        titles = self.subject.plan_titles
        return forecast_charts(self.stories, cube, means, self.varied, titles, lines)

    def files(self) -> dict[str, Content]:
        """The files of the folder by name, without its manifest."""
        return {**super().files(), **self._parquet(), **self._workbook(), **self._pages(), **self.charges}

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the folder holds."""
        *before, manifest = super().file_names
        parquet = [f"{name}.parquet" for name in self.values] if self.asked.parquet else []
        book, page = [WORKBOOK] if self.asked.xlsx else [], [PAGE, PDF] if self.asked.report else []
        return (*before, *parquet, *book, *page, *self.charges, manifest)

    def _parquet(self) -> dict[str, Content]:
        """The tables as Parquet, where that is asked for; the same columns, money exact."""
        if not self.asked.parquet:
            return {}
        from planshift.reports.table import parquet

        return {f"{name}.parquet": parquet(*found) for name, found in self.values.items()}

    def _workbook(self) -> dict[str, Content]:
        """The workbook, where that is asked for; it is made when it is written."""
        if not self.asked.xlsx:
            return {}
        from planshift.reports.workbook.about import WorkbookAbout
        from planshift.reports.workbook.book import workbook_bytes

        subject = self.subject
        about = WorkbookAbout(
            title=subject.title,
            command=self._typed,
            seed=subject.seed,
            portfolio=input_files(subject.files),
            plans=input_files(subject.plan_files),
            targets=subject.targets,
            payment=subject.payment,
            shocks=subject.shocks,
            notes=(*self.notes, *self.assumed),
        )
        return {WORKBOOK: lambda path: path.write_bytes(workbook_bytes(self.forecasts, about))}

    def _pages(self) -> dict[str, Content]:
        """The page for colleagues, where that is asked for, and its PDF."""
        if not self.asked.report:
            return {}
        from planshift.reports.forecast.page import forecast_document
        from planshift.reports.page.html import page_html
        from planshift.reports.page.pdf import FORECAST, page_pdf

        document = forecast_document(self, self._typed)
        return {PAGE: page_html(document, self.charts), PDF: page_pdf(FORECAST, document, self.charts)}

    def _besides(self) -> Iterator[Path]:
        """What else it was made from: what is tried for the tornado, and the names of a FOCUS file."""
        if self.varied:
            yield folder("reports") / ANSWERS
        if self.charges:
            yield folder("reports") / FOCUS

    @property
    def _options(self) -> dict[str, object]:
        return self.asked.options(self.subject.seed, self.draws)

    @property
    def _typed(self) -> str:
        """The command as one would type it again."""
        typed = command_line(["forecast"], self.path, self.plans, self.overlays, self._options)
        return " ".join([typed, *self.asked.switches])

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        base = self.base
        return {
            "answer": self.answer,
            "besides": list(self.besides),
            "title": self.subject.title,
            "from": month_text(base.months[0]),
            "to": month_text(base.months[-1]),
            "currency": "USD",
            "accounts": self.subject.accounts,
            "draws": self.draws,
            "seed": self.subject.seed,
            "coarse": base.coarse,
            "synthetic": True,
            "overlays": list(self.subject.overlays),
            "scenarios": {name: self._scenario(story) for name, story in self._named()},
            "checks_hold": all(one.ok for one in self.checks),
            "tables": {name: records(*found) for name, found in self.values.items() if name not in LONG},
            "notes": list(self.notes),
            "assumed": list(self.assumed),
            "pictures": self.pictures,
        }

    def _named(self) -> Iterator[tuple[str, words.Story]]:
        yield from zip(self.forecasts, self.stories, strict=True)

    def _scenario(self, story: words.Story) -> dict[str, object]:
        """A scenario's title and its amounts over the horizon."""
        totals = [story.total(key) for key in TITLES]
        return {"title": story.forecast.title, "amounts": {one.key: _amount(one) for one in totals}}

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        return {
            "command": self._typed,
            "seed": self.subject.seed,
            "inputs": self.subject.inputs(self._besides()),
            "counterfactual": False,
            "warnings": [*self.notes],
            "assumed": list(self.assumed),
            "pictures": self.pictures,
            "run": {
                "command": "forecast",
                "portfolio": shown_path(self.path),
                "plans": self.plans,
                "overlays": list(self.overlays),
                **self._options,
                "switches": list(self.asked.switches),
            },
        }


def _amount(one: Amount) -> dict[str, str]:
    """An amount over the horizon; its mean is the one that adds up."""
    return {**spread_facts(spread(one.draws)), "mean": cents_text(one.mean)}
