"""A forecast as people get it: one sentence, plain data, and a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.schedule import month_text
from planshift.impact.answers.levels import FILE as ANSWERS
from planshift.impact.spread import spread
from planshift.plans.files import folder, shown_path
from planshift.reports.focus import NAMES_FILE
from planshift.reports.folder import Content
from planshift.reports.forecast import words
from planshift.reports.forecast.columns import (
    ACCOUNTS,
    DRAWS,
    RENEWALS,
)
from planshift.reports.forecast.cube import TITLES, Amount
from planshift.reports.forecast.options import ForecastOptions
from planshift.reports.forecast.provenance import input_files
from planshift.reports.forecast.report import ForecastReport
from planshift.reports.result import Result, command_line
from planshift.reports.table import records
from planshift.reports.words import spread_facts

WORKBOOK, PAGE, PDF = "forecast.xlsx", "forecast.html", "forecast.pdf"
LONG = (ACCOUNTS.name, DRAWS.name, RENEWALS.name)
"""The tables with a row a contract or a draw: they are in the folder alone, not in the plain data."""


@dataclass(frozen=True)
class ForecastResult(ForecastReport, Result):
    """A forecast of a portfolio with its folder of files; see `ForecastReport`."""

    @property
    def asked(self) -> ForecastOptions:
        """What was asked for."""
        return self.options

    def files(self) -> dict[str, Content]:
        """The files of the folder by name, without its manifest."""
        return {**super().files(), **self._parquet(), **self._workbook(), **self._pages(), **self.charges}

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the folder holds."""
        *before, manifest = super().file_names
        parquet = [f"{name}.parquet" for name in self.values] if self.options.parquet else []
        book, page = [WORKBOOK] if self.options.xlsx else [], [PAGE, PDF] if self.options.report else []
        return (*before, *parquet, *book, *page, *self.charges, manifest)

    def _parquet(self) -> dict[str, Content]:
        """The tables as Parquet, where that is asked for; the same columns, money exact."""
        if not self.options.parquet:
            return {}
        from planshift.reports.table import parquet

        return {f"{name}.parquet": parquet(*found) for name, found in self.values.items()}

    def _workbook(self) -> dict[str, Content]:
        """The workbook, where that is asked for; it is made when it is written."""
        if not self.options.xlsx:
            return {}
        from planshift.reports.workbook.book import workbook_bytes
        from planshift.reports.workbook.model import WorkbookAbout

        provenance = self.provenance
        about = WorkbookAbout(
            title=provenance.title,
            command=self._typed,
            seed=provenance.seed,
            portfolio=input_files(provenance.files),
            plans=input_files(provenance.plan_files),
            targets=provenance.targets,
            payment=provenance.payment,
            shocks=provenance.shocks,
            notes=(*self.notes, *self.assumed),
        )
        return {WORKBOOK: lambda path: path.write_bytes(workbook_bytes(self.forecasts, about))}

    def _pages(self) -> dict[str, Content]:
        """The page for colleagues, where that is asked for, and its PDF."""
        if not self.options.report:
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
            yield folder("reports") / NAMES_FILE

    @property
    def _options(self) -> dict[str, object]:
        return self.options.given(self.provenance.seed, self.draws)

    @property
    def _typed(self) -> str:
        """The command as one would type it again."""
        typed = command_line(
            ["forecast"], self.options.path, self.options.plans_folder, self.options.what_ifs, self._options
        )
        return " ".join([typed, *self.options.switches])

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        base = self.base
        return {
            "answer": self.answer,
            "besides": list(self.besides),
            "title": self.provenance.title,
            "from": month_text(base.months[0]),
            "to": month_text(base.months[-1]),
            "currency": "USD",
            "accounts": self.provenance.accounts,
            "draws": self.draws,
            "seed": self.provenance.seed,
            "coarse": base.coarse,
            "synthetic": True,
            "overlays": list(self.provenance.overlays),
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
            "seed": self.provenance.seed,
            "inputs": self.provenance.inputs(self._besides()),
            "counterfactual": False,
            "warnings": [*self.notes],
            "assumed": list(self.assumed),
            "pictures": self.pictures,
            "run": {
                "command": "forecast",
                "portfolio": shown_path(self.options.path),
                "plans": self.options.plans_folder,
                "overlays": list(self.options.what_ifs),
                **self._options,
                "switches": list(self.options.switches),
            },
        }


def _amount(one: Amount) -> dict[str, str]:
    """An amount over the horizon; its mean is the one that adds up."""
    return {**spread_facts(spread(one.draws)), "mean": cents_text(one.mean)}
