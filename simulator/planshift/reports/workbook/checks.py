"""The sheet Checks: what must hold in the workbook, each ok or ERROR, live."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.reports.workbook.model import Check, Model, this_row
from planshift.reports.workbook.sheet import Field, Live, Sheet


def verdict_of(checks: Sequence[Check]) -> str:
    """What the sheet says of checks together: ok or ERROR."""
    return "ok" if all(abs(float(one.difference.value)) <= one.allowed for one in checks) else "ERROR"


def fill(sheet: Sheet, model: Model, checks: Sequence[Check]) -> None:
    """Write the sheet; ``all_checks`` names the cell that says whether all of them hold."""
    note = "A difference may be no larger than what is allowed beside it."
    row = sheet.heading("Checks", model.subtitle("Every check is live."), note)
    difference, allowed = this_row("checks", "Difference"), this_row("checks", "Allowed")
    verdict = f'IFERROR(IF(ABS({difference})<={allowed},"ok","ERROR"),"ERROR")'
    fields = [
        Field("No", "number", list(range(1, len(checks) + 1))),
        Field("Check", "text", [one.title for one in checks]),
        Field("Difference", "cents", [one.difference for one in checks]),
        Field("Allowed", "cents", [one.allowed for one in checks]),
        Field("Result", "check", [Live(verdict, verdict_of([one])) for one in checks]),
    ]
    placed = sheet.table("checks", row + 2, fields, tall=18)
    sheet.put(row, 1, "All checks", "label")
    sheet.put(
        row, 4, Live('IF(COUNTIF(checks[Result],"ok")=ROWS(checks[Result]),"ok","ERROR")', verdict_of(checks)), "check"
    )
    sheet.define("all_checks", row, 4)
    sheet.verdicts(placed.column("Result"))
    sheet.verdicts(f"E{row + 1}")
    sheet.widths(5, 92, 16, 14, 12)
    sheet.printed(f"{model.about.title} – Checks", frozen=(2, 0))
