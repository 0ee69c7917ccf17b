"""The sheet Charts: the forecast in six pictures that follow the chosen scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planshift.reports.workbook.looks import FALL, FAN_INNER, FAN_LINE, FAN_OUTER, INK, QUIET, RISE, RULE, SERIES
from planshift.reports.workbook.model import Model
from planshift.reports.workbook.sheet import Placed, Sheet

_WIDE, _HIGH = 760, 380
_ROWS, _COLUMNS = 20, 12


def fill(
    sheet: Sheet, model: Model, months: Placed, fan: Placed, bridges: Mapping[str, Placed], calendar: Placed
) -> None:
    """Write the sheet."""
    row = sheet.heading("Charts", model.subtitle("US dollars; means unless a picture says otherwise."))
    pictures = (
        _fan(sheet, fan),
        _stacked(sheet, months),
        _bridge(sheet, bridges["committed"], "Committed ARR, from first to last (US dollars a year)"),
        _bridge(sheet, bridges["usage"], "Usage run-rate, from first to last (US dollars a year)"),
        _renewals(sheet, calendar),
        _balances(sheet, months),
    )
    for number, picture in enumerate(pictures):
        place = row + number // 2 * _ROWS, number % 2 * _COLUMNS
        sheet.raw.insert_chart(*place, picture, {"x_offset": 2, "y_offset": 2, "object_position": 2})
    sheet.widths(*([9] * (2 * _COLUMNS)))
    sheet.printed(f"{model.about.title} – Charts", last=(row + 3 * _ROWS, 2 * _COLUMNS - 1))


def _series(table: Placed, header: str, categories: str, **looks: Any) -> dict[str, Any]:
    return {
        "name": table.head(header),
        "categories": table.column(categories),
        "values": table.column(header),
        **looks,
    }


def _dressed(chart: Any, title: str, *, dates: bool, hidden: Sequence[int] = (), legend: bool = True) -> Any:
    """A chart with its title, axes and legend."""
    letters = {"name": "Calibri", "size": 9, "color": INK}
    chart.set_title({"name": title, "name_font": {**letters, "size": 12, "bold": True}, "overlay": False})
    axis = {"date_axis": True, "num_format": "mmm yy", "major_unit": 3, "major_unit_type": "months"} if dates else {}
    line = {"color": QUIET}
    chart.set_x_axis({**axis, "num_font": letters, "line": line, "label_position": "low"})
    chart.set_y_axis(
        {
            "num_font": letters,
            "num_format": "#,##0;(#,##0);0",
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
        }
    )
    place = {"position": "bottom", "font": letters, **({"delete_series": list(hidden)} if hidden else {})}
    chart.set_legend(place if legend else {"none": True})
    chart.set_size({"width": _WIDE, "height": _HIGH})
    return chart


def _fan(sheet: Sheet, fan: Placed) -> Any:
    """Stacked areas from P10 to P90 on an invisible base, with the median draw and the mean as lines."""
    area = sheet.chart("area", "stacked")
    area.add_series(_series(fan, "P10", "Month", fill={"none": True}, line={"none": True}))
    for header, colour in (("P10 to P50", FAN_OUTER), ("P50 to P90", FAN_INNER)):
        area.add_series(_series(fan, header, "Month", fill={"color": colour}, line={"none": True}))
    lines = sheet.chart("line")
    lines.add_series(_series(fan, "P50", "Month", line={"color": FAN_LINE, "width": 2}))
    dashed = {"color": FALL, "width": 1.5, "dash_type": "dash"}
    lines.add_series(_series(fan, "Mean", "Month", line=dashed))
    area.combine(lines)
    title = f"='{fan.sheet}'!$A${fan.header_row}"
    return _dressed(area, title, dates=True, hidden=[0])


def _stacked(sheet: Sheet, months: Placed) -> Any:
    chart = sheet.chart("column", "stacked")
    headers = ("Recognised seats", "Recognised usage", "Recognised credits", "Recognised breakage")
    for header, colour in zip(headers, SERIES, strict=True):
        chart.add_series(_series(months, header, "Month", fill={"color": colour}, gap=40))
    return _dressed(chart, "Recognised revenue by month, means (US dollars)", dates=True)


def _bridge(sheet: Sheet, table: Placed, title: str) -> Any:
    """Stacked columns whose base cannot be seen."""
    chart = sheet.chart("column", "stacked")
    chart.add_series(_series(table, "Base of the chart", "Step", fill={"none": True}, border={"none": True}, gap=40))
    for header, colour in (("Run-rate", SERIES[0]), ("Up", RISE), ("Down", FALL)):
        chart.add_series(_series(table, header, "Step", fill={"color": colour}, border={"none": True}))
    return _dressed(chart, title, dates=False, hidden=[0])


def _renewals(sheet: Sheet, calendar: Placed) -> Any:
    chart = sheet.chart("column")
    for header, colour in (("Committed before", SERIES[3]), ("Committed after", SERIES[0])):
        chart.add_series(_series(calendar, header, "Month", fill={"color": colour}, gap=60))
    return _dressed(chart, "Renewals by month: committed ARR before and after (US dollars a year)", dates=True)


def _balances(sheet: Sheet, months: Placed) -> Any:
    chart = sheet.chart("line")
    for header, colour in zip(("Deferred", "Receivable", "Unbilled"), SERIES, strict=False):
        chart.add_series(_series(months, header, "Month", line={"color": colour, "width": 2.25}))
    return _dressed(chart, "Deferred revenue, receivable and unbilled at month ends, means (US dollars)", dates=True)
