"""The report on a renewal: its page for an audience in a language, and the folder with it and everything else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import PAGE_DOTS, page_form, png
from planshift.reports.charts.renewal import page_charts
from planshift.reports.folder import Content, write_folder
from planshift.reports.page.assembled import page_of
from planshift.reports.page.audience import check_audience, seen_by
from planshift.reports.page.document import Document
from planshift.reports.page.html import check_report, page_html
from planshift.reports.page.imprint import Imprint
from planshift.reports.page.labels import read_labels
from planshift.reports.page.language import Language
from planshift.reports.page.model import Page
from planshift.reports.page.pdf import RENEWAL, page_pdf
from planshift.reports.page.sections import renewal_document
from planshift.reports.renewal.renewal import RenewalResult

NAME = "renewal"


@dataclass(frozen=True)
class PageOptions:
    """What is asked of a page: for whom, in which language, the name of the customer on it, empty for none, and when
    and by whom it is made."""

    audience: str
    language: str = "en"
    customer: str = ""
    imprint: Imprint = Imprint()

    def check(self) -> None:
        """Nothing where such a page can be made; InputError where it cannot."""
        check_audience(self.audience)
        read_labels(self.language)
        self.imprint.check()
        check_report()

    def of(self, found: RenewalResult) -> Report:
        """The report on a renewal."""
        return Report(found, self)

    @property
    def options(self) -> dict[str, str]:
        """The options of the command that asks for it."""
        named = {"customer": self.customer} if self.customer else {}
        return {"report": self.audience, "language": self.language, **named, **self.imprint.options}

    @property
    def words(self) -> list[str]:
        """The same, word by word."""
        return [word for name, value in self.options.items() for word in (f"--{name.replace('_', '-')}", value)]


@dataclass(frozen=True)
class Report:
    """A renewal and the page about it."""

    found: RenewalResult
    asked: PageOptions

    @cached_property
    def page(self) -> Page:
        """Everything that could be on it, whoever reads it."""
        asked = self.asked
        return page_of(self.found, asked.customer, asked.imprint.said, asked.words)

    @cached_property
    def seen(self) -> Any:
        """What its reader sees."""
        seen: SimpleNamespace = seen_by(self.asked.audience, self.page)
        return seen

    @cached_property
    def language(self) -> Language:
        """What it is written in."""
        return Language(self.asked.language)

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """Its charts by name, from what its reader sees."""
        return page_charts(self.seen, self.language)

    @cached_property
    def document(self) -> Document:
        """The page in words."""
        alts = {name: chart.alt for name, chart in self.charts.items()}
        return renewal_document(self.seen, self.asked.audience, self.language, alts)

    @cached_property
    def html(self) -> str:
        """The page, one file with everything in it."""
        return page_html(self.document, self.charts)

    @cached_property
    def pdf(self) -> bytes:
        """The same on paper."""
        return page_pdf(RENEWAL, self.document, self.charts)

    @property
    def pictures(self) -> dict[str, bytes]:
        """The files of its charts, as a page on paper shows them."""
        return {self.picture(name): png(chart, page_form(chart), PAGE_DOTS) for name, chart in self.charts.items()}

    def files(self) -> dict[str, Content]:
        """The files of the folder by name, without its manifest: the renewal's own, the page, and its charts."""
        return {f"{NAME}.html": self.html, f"{NAME}.pdf": self.pdf, **self.pictures, **self.found.files()}

    def facts(self) -> dict[str, object]:
        """What ``--json`` prints: the renewal's own."""
        return self.found.facts()

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the folder holds."""
        return (f"{NAME}.html", f"{NAME}.pdf", *map(self.picture, self.charts), *self.found.file_names)

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        said: dict[str, Any] = self.found.manifest()
        run, pictures = said["run"], said["pictures"]
        return {
            **said,
            "command": f"{said['command']} {shlex.join(self.asked.words)}",
            "run": {**run, **self.asked.options},
            "pictures": {**pictures, **{self.picture(name): chart.alt for name, chart in self.charts.items()}},
        }

    def write(self, out: Path | str) -> Path:
        """The folder, written whole or not at all; raises OutputError where it cannot be (see `write_folder`)."""
        write_folder(Path(out), self.files(), self.manifest())
        return Path(out)

    @staticmethod
    def picture(chart: str) -> str:
        """The name of a chart's file."""
        return f"{NAME}_{chart}.png"
