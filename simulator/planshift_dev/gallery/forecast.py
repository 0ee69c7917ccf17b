"""A portfolio's folder in the gallery: its forecast with a workbook and a page, and how far the coarse way is from it.

It is what ``planshift forecast --report --xlsx`` writes, with lighter pictures, and without what would make the
repository heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from planshift.plans.files import folder, shown_path
from planshift.reports.folder import Content, InputFile
from planshift.reports.forecast.columns import ALL
from planshift.reports.forecast.forecast import forecast
from planshift.reports.forecast.result import LONG, PAGE, WORKBOOK, ForecastResult
from planshift.reports.page.html import PAGE as TEMPLATE
from planshift.reports.page.html import STYLE as PAGE_STYLE
from planshift.reports.table import Table, Values, csv_text
from planshift_dev.gallery.coarse import coarse_files
from planshift_dev.gallery.lighter import lighter
from planshift_dev.gallery.made import LARGEST_TABLE, SAID, Made
from planshift_dev.gallery.organizations import Forecasted

LARGEST_WORKBOOK = 400_000
"""Bytes: a workbook that is larger is left out."""
COLOURS = 64
"""Of a forecast's pictures, which are many and have few."""
SHORTENED = "shortened"
"""The key of a manifest in the gallery that lists the tables of which only some rows are there."""
COARSE_DRAWS = "coarse_draws"
_ALL_TOGETHER = ("plan", "segment")


def make_forecast(one: Forecasted, coarse: Mapping[str, Content] | None = None) -> Made:
    """The folder of a portfolio, in the draws that it asks for itself.

    ``coarse``: the files about the coarse way, which takes a minute or more; None to measure it.
    """
    found = forecast(one.path, report=True, xlsx=True)
    tables = dict(_tables(found))
    files: dict[str, Content] = {f"{name}.csv": text for name, (text, _) in tables.items()}
    files |= _besides_tables(found)
    files |= coarse_files(one.path, one.coarse_draws) if coarse is None else coarse
    return Made(files, _manifest(one, found, [f"{name}.csv" for name, (_, short) in tables.items() if short]))


def _tables(found: ForecastResult) -> Iterator[tuple[str, tuple[str, bool]]]:
    """The tables as text by name, and whether rows are missing: of a long one only those that count all together are
    there, of the scenario that is shown alone."""
    for name, (table, values) in found.values.items():
        if name in LONG:
            continue
        text = csv_text(table, values)
        long = len(text.encode()) > LARGEST_TABLE
        yield name, (_all_together(table, values, found.base.scenario) if long else text, long)


def _all_together(table: Table, values: Values, scenario: str) -> str:
    wanted = {"scenario": scenario, **{name: ALL for name in _ALL_TOGETHER if name in values}}
    columns = [values[name] for name in wanted]
    rows = [row for row, cells in enumerate(zip(*columns, strict=True)) if cells == tuple(wanted.values())]
    return csv_text(table, {name: [column[row] for row in rows] for name, column in values.items()})


def _besides_tables(found: ForecastResult) -> dict[str, Content]:
    """The pictures and the page, lighter, and the workbook if it is light."""
    with TemporaryDirectory() as scratch:
        own = found.write(Path(scratch) / "forecast")
        files: dict[str, Content] = {name: lighter((own / name).read_bytes(), COLOURS) for name in found.pictures}
        files[PAGE] = (own / PAGE).read_text(encoding="utf-8")
        workbook = (own / WORKBOOK).read_bytes()
    return {**files, **({WORKBOOK: workbook} if len(workbook) <= LARGEST_WORKBOOK else {})}


def _manifest(one: Forecasted, found: ForecastResult, shortened: list[str]) -> dict[str, object]:
    manifest: dict[str, Any] = found.manifest()
    inputs: list[InputFile] = list(manifest["inputs"])
    held = {file.path for file in inputs}
    looks = [InputFile.of(path, shown_path(path)) for path in _looks()]
    inputs += [file for file in looks if file.path not in held]
    said = found.answer.removeprefix(f"{found.provenance.title} ({found.base.title}): ")
    run = {**manifest["run"], COARSE_DRAWS: one.coarse_draws}
    return {**manifest, "inputs": inputs, "run": run, SAID: said, SHORTENED: shortened}


def _looks() -> Iterator[Path]:
    """The files that say what its page and pictures look like."""
    reports = folder("reports")
    for name in (TEMPLATE, PAGE_STYLE):
        yield reports / "templates" / name
