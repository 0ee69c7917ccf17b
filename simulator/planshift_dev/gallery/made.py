"""An organization's folder in the gallery: its renewal page, the charts and the tables behind it, and a manifest.

It is what ``planshift renew --report`` writes, with lighter pictures, and without what would make the repository heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planshift.plans.documents import read_document
from planshift.plans.files import folder, shown_path
from planshift.reports.folder import Content, InputFile
from planshift.reports.page.html import PAGE
from planshift.reports.page.html import STYLE as PAGE_STYLE
from planshift.reports.page.report import NAME, PageOptions, Report
from planshift.reports.renewal.renewal import EVERY_DRAW, renew
from planshift.reports.renewal.tables import COUNTERFACTUAL_INVOICES
from planshift.reports.run_tables import INVOICES
from planshift_dev.gallery.lighter import lighter
from planshift_dev.gallery.organizations import Organization

LARGEST_TABLE = 100_000
"""Bytes: a table that is larger is left out, as the command writes it in no time."""
DETAIL = 1
SAID = "said"
"""The key of a manifest in the gallery that holds the renewal in a sentence."""


@dataclass(frozen=True)
class Made:
    """The files of a folder by name, and what its manifest says."""

    files: Mapping[str, Content]
    manifest: Mapping[str, object]


def make(organization: Organization, draws: int) -> Made:
    """The folder of an organization, its usage drawn ``draws`` times where it is drawn at all."""
    drawn = is_drawn(organization)
    found = renew(organization.path, draws=draws if drawn else None, detail=DETAIL if drawn else None)
    asked = PageOptions(organization.report, organization.language, organization.customer)
    asked.check()
    report = Report(found, asked)
    whole = {**report.pictures, **found.files()}
    files: dict[str, Content] = {name: held for name, held in whole.items() if _is_light(name, held, drawn)}
    for name, held in files.items():
        if isinstance(held, bytes) and name.endswith(".png"):
            files[name] = lighter(held)
    files[f"{NAME}.html"] = report.html
    return Made(files, _manifest(report, found.answer))


def is_drawn(organization: Organization) -> bool:
    """Whether an organization's usage is drawn at random."""
    data: Any = read_document(organization.path).data
    return "personas" in data.get("usage", {})


def _is_light(name: str, held: Content, drawn: bool) -> bool:
    """Whether a file of the run's has its place here: no lines of invoices, no draw by draw, nothing that is long."""
    if name in {f"{table.name}.csv" for table in (INVOICES, COUNTERFACTUAL_INVOICES)}:
        return False
    if drawn and name.removesuffix(".csv") in EVERY_DRAW:
        return False
    return not (isinstance(held, str) and len(held.encode()) > LARGEST_TABLE)


def _manifest(report: Report, said: str) -> dict[str, object]:
    manifest: dict[str, Any] = report.manifest()
    inputs: list[InputFile] = list(manifest["inputs"])
    held = {one.path for one in inputs}
    looks = [InputFile.of(path, shown_path(path)) for path in _looks(report.asked.language)]
    inputs += [one for one in looks if one.path not in held]
    return {**manifest, "inputs": inputs, SAID: said}


def _looks(language: str) -> Iterator[Path]:
    """The files that say what a page looks like and how it is worded."""
    reports = folder("reports")
    yield reports / "labels" / f"{language}.yaml"
    yield reports / "templates" / PAGE
    yield reports / "templates" / PAGE_STYLE
