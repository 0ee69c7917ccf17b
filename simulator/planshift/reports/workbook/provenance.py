"""The sheet Provenance: what the workbook is, what made it from which files, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.reports.workbook.model import Model
from planshift.reports.workbook.sheet import Cell, Field, Live, Sheet
from planshift.version import __version__

_READING = (
    ("Means and percentiles", "A mean is over the draws, and means add up. P10, P50 and P90 are each the amount of one"
     " of the draws: they never add up, over lines, months or accounts."),
    ("Money", "US dollars before tax, to the cent, shown in whole dollars; negative amounts in red parentheses, – is"
     " nothing."),
    ("Measures", "Booked: what is committed to on the day it is. Invoiced: what is charged. Paid: by the payment terms."
     " Recognised: seats by the day, credits as they are used or expire, usage in arrears in its month."),
    ("Colours", "Blue on yellow may be changed (sheet Inputs), and every sheet follows. Plain blue was given to the"
     " run."),
)  # fmt: skip
SHEETS = (
    ("Inputs", "The scenario shown, targets, and what the run was given"),
    ("Charts", "The forecast in pictures"),
    ("Months", "Every line by month: mean, P10, P50, P90"),
    ("Roll-forward", "Opening + what comes − what goes = closing, by month"),
    ("Bridge", "Committed ARR and usage run-rate, from first to last"),
    ("Renewals", "Who renews when, and the money at stake"),
    ("Accounts", "What every account comes to"),
    ("Checks", "What must hold, live"),
    ("Data", "Every scenario's figures, as values"),
)


def fill(sheet: Sheet, model: Model, verdict: str) -> None:
    """Write the sheet; ``verdict``: what all checks together come to."""
    about, forecast = model.about, model.now.forecast
    row = sheet.heading(f"Forecast: {about.title}", model.subtitle("An estimate, not an invoice."))
    row = sheet.section(row, "What made it", 4)
    coarse = any(one.coarse for one in model.forecasts)
    method = "Members by persona and month (coarse)" if coarse else "Every member, day by day"
    told: list[tuple[str, Cell, str]] = [
        ("Made by", f"planshift {__version__}", "plain"),
        ("Command", about.command, "mono"),
        ("Seed", about.seed, "plain_number"),
        ("Draws", max(one.draws for one in model.forecasts), "plain_number"),
        ("Usage is drawn", method, "plain"),
        ("Months", f"{model.span()} ({len(forecast.months)})", "plain"),
        ("Accounts", len(forecast.accounts), "plain_number"),
        ("Scenarios", ", ".join(one.name for one in model.figures), "plain"),
        ("Scenario shown", Live("scenario", model.now.name), "plain"),
        ("All checks", Live("all_checks", verdict), "check_left"),
    ]
    for label, cell, look in told:
        sheet.put(row, 0, label, "label")
        sheet.put(row, 1, cell, look)
        row += 1
    sheet.verdicts(f"B{row}")
    row = _files(sheet, row + 1, model)
    row = _paragraphs(sheet, row, "How to read it", _READING)
    notes = list(dict.fromkeys([*about.notes, *(text for one in model.forecasts for text in one.warnings)]))
    if notes:
        row = _paragraphs(sheet, row, "Before believing a figure", [(str(n), note) for n, note in enumerate(notes, 1)])
    _sheets(sheet, row)
    sheet.widths(24, 58, 70, 12)
    sheet.printed(f"{about.title} – Provenance", frozen=(2, 0))


def _files(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Files it was made from", 4)
    files = [("portfolio", one) for one in model.about.portfolio] + [("plans", one) for one in model.about.plans]
    fields = [
        Field("What", "text", [what for what, _ in files]),
        Field("File", "text", [one.path for _, one in files]),
        Field("SHA-256", "mono", [one.sha256 for _, one in files]),
        Field("Bytes", "count", [one.bytes for _, one in files]),
    ]
    return sheet.table("files", row, fields, tall=18).last + 3


def _paragraphs(sheet: Sheet, row: int, title: str, said: Sequence[tuple[str, str]]) -> int:
    row = sheet.section(row, title, 4)
    for label, text in said:
        sheet.put(row, 0, label, "label")
        sheet.raw.merge_range(row, 1, row, 3, "", sheet.looks["wrapped"])
        sheet.put(row, 1, text, "wrapped")
        sheet.raw.set_row(row, 16 * (1 + len(text) // 135))
        row += 1
    return row + 2


def _sheets(sheet: Sheet, row: int) -> None:
    row = sheet.section(row, "Sheets", 4)
    for place, (name, what) in enumerate(SHEETS, start=row):
        sheet.raw.write_url(place, 0, f"internal:'{name}'!A1", sheet.looks["link"], name)
        sheet.put(place, 1, what, "plain")
