"""The sheets Renewals and Accounts: who renews when, and what every account comes to."""

from __future__ import annotations

from planshift.reports.workbook.data import CALENDAR, calendars
from planshift.reports.workbook.listing import ListColumn, Listing, listing
from planshift.reports.workbook.model import Check, Model, picked, this_row
from planshift.reports.workbook.sheet import A3, Cell, Field, Live, Placed, Sheet

RENEWALS = (
    ListColumn("Day", ("day",), "day"),
    ListColumn("Account", ("account_id",), "text"),
    ListColumn("Title", ("title",), "text"),
    ListColumn("Segment", ("segment",), "text"),
    ListColumn("Region", ("region",), "text"),
    ListColumn("Plan", ("plan",), "text"),
    ListColumn("Plan after", ("plan_after",), "text"),
    ListColumn("Early move", ("early",), "flag"),
    ListColumn("Seats before", ("seats_before",), "count", summed=True),
    ListColumn("Seats after", ("seats_after",), "count", summed=True),
    ListColumn("Committed before", ("arr_before",), "money", summed=True),
    ListColumn("Usage before", ("usage_before",), "money", summed=True),
    ListColumn("At stake", ("arr_before", "usage_before"), "money", summed=True),
    ListColumn("Committed after", ("retained",), "money", summed=True),
    ListColumn("Probability", ("probability",), "share"),
    ListColumn("Renewed in", ("renewed",), "share_of_draws"),
)
ACCOUNTS = (
    ListColumn("Account", ("account_id",), "text"),
    ListColumn("Title", ("title",), "text"),
    ListColumn("Segment", ("segment",), "text"),
    ListColumn("Region", ("region",), "text"),
    ListColumn("Plan", ("plan",), "text"),
    ListColumn("Term start", ("term_start",), "day"),
    ListColumn("Seats", ("seats",), "count", summed=True),
    ListColumn("Members", ("members",), "count", summed=True),
    ListColumn("Invoiced", ("billed",), "money", summed=True),
    ListColumn("Paid", ("paid",), "money", summed=True),
    ListColumn("Recognised", ("recognised",), "money", summed=True),
    ListColumn("Recognised P10", ("recognised_p10",), "money"),
    ListColumn("Recognised P90", ("recognised_p90",), "money"),
    ListColumn("Committed first", ("arr_first",), "money", summed=True),
    ListColumn("Committed last", ("arr_last",), "money", summed=True),
    ListColumn("Usage first", ("usage_first",), "money", summed=True),
    ListColumn("Usage last", ("usage_last",), "money", summed=True),
    ListColumn("Ends in", ("lost",), "share_of_draws"),
)


def renewals_of(model: Model) -> Listing:
    """The renewals of all scenarios."""
    tables = [one.renewals for one in model.forecasts]
    return listing("renewals", model, tables, ("day", "account_id", "number"), RENEWALS, "At stake")


def accounts_of(model: Model) -> Listing:
    """The accounts of all scenarios."""
    tables = [one.accounts for one in model.forecasts]
    return listing("accounts", model, tables, ("account_id",), ACCOUNTS, "Invoiced")


def fill_renewals(sheet: Sheet, model: Model, rows: Listing) -> Placed:
    """Write the sheet Renewals; where its calendar stands."""
    row = sheet.heading(
        "Renewals",
        model.subtitle("US dollars a year, means over the draws."),
        "Committed after is nothing in the draws in which a contract ends; seats after are those agreed if it goes on.",
    )
    row = sheet.section(row, "Calendar", len(RENEWALS) + 1)
    placed = _calendar(sheet, row, model)
    row = sheet.section(placed.last + 4, f"Renewals{_shown(rows, 'renewals.csv', 'money at stake')}", len(RENEWALS) + 1)
    _list(sheet, row, model, rows)
    sheet.widths(5, 14, 15, 24, 17, 17, 26, 26, *([15.5] * 9))
    sheet.printed(f"{model.about.title} – Renewals", paper=A3, frozen=(2, 2))
    return placed


def fill_accounts(sheet: Sheet, model: Model, rows: Listing) -> None:
    """Write the sheet Accounts."""
    row = sheet.heading(
        "Accounts",
        model.subtitle(f"US dollars over {model.span()}; committed and usage are run-rates, US dollars a year."),
        "Means over the draws, and each account's own P10 and P90, which do not add up. Ends in: the share of draws in"
        " which the contract ends.",
    )
    row = sheet.section(row, f"Accounts{_shown(rows, 'accounts.csv', 'invoices')}", len(ACCOUNTS) + 1)
    placed = _list(sheet, row, model, rows)
    sheet.widths(5, 14, 26, 17, 17, 26, 14, 11, 11, *([16] * 10))
    sheet.raw.repeat_rows(placed.header_row)
    sheet.printed(f"{model.about.title} – Accounts", paper=A3, frozen=(placed.first, 3))


def fill_data(sheet: Sheet, model: Model, listings: tuple[Listing, ...]) -> None:
    """Write the sheet Data contracts: what of the lists depends on the scenario."""
    row = sheet.heading("Data contracts", "What of the renewals and accounts depends on the scenario, as values.")
    column = 0
    for rows in listings:
        fields = rows.data_fields(model)
        if fields:
            sheet.put(row, column, rows.name.capitalize(), "label")
            sheet.table(f"data_{rows.name}", row + 1, fields, column=column)
            sheet.widths(*([16] * len(fields)), start=column)
            column += len(fields) + 1
    sheet.printed(f"{model.about.title} – Data contracts", paper=A3, frozen=(row + 2, 0))


def _shown(rows: Listing, file: str, what: str) -> str:
    if rows.shown == rows.rows:
        return ""
    return f": the {rows.shown:,} of {rows.rows:,} with the largest {what}; all of them are in {file}"


def _calendar(sheet: Sheet, row: int, model: Model) -> Placed:
    found = calendars(model)[model.chosen]

    def cells(header: str) -> list[Cell]:
        if header == "At stake":
            formula = "+".join(this_row("calendar", part) for part in ("Committed before", "Usage before"))
        else:
            formula = picked("data_calendar", header, f"{{{this_row('calendar', 'No')}}}")
        return [Live(formula, value) for value in found[header]]

    fields = [
        Field("No", "number", list(model.numbers)),
        Field("Month", "month", model.months),
        *(Field(header, look, cells(header), header == "At stake") for header, (_, look) in CALENDAR.items()),
    ]
    placed = sheet.table("calendar", row, fields)
    below = placed.last + 1
    sheet.put(below, 0, None, "text_total")
    sheet.put(below, 1, "Whole horizon", "text_total")
    for column, (header, (_, look)) in enumerate(CALENDAR.items(), start=2):
        sheet.put(below, column, Live(f"SUM(calendar[{header}])", sum(found[header])), f"{look}_total")
    return placed


def _list(sheet: Sheet, row: int, model: Model, rows: Listing) -> Placed:
    """A list with a row of totals behind it."""
    placed = sheet.table(rows.name, row, rows.fields(model), filters=True)
    below = placed.last + 1
    for place in range(3):
        sheet.put(below, place, "All" if place == 1 else None, "text_total")
    for place, column in enumerate(rows.columns, start=1):
        if column.summed:
            total = Live(f"SUM({rows.name}[{column.header}])", rows.total(column.header, model.chosen))
            sheet.put(below, place, total, f"{column.cell_look}_total")
        elif place > 2:
            sheet.put(below, place, None, "text_total")
    return placed


def checks(model: Model, renewals: Listing, accounts: Listing) -> list[Check]:
    """What must hold on the sheets: renewals add up to the calendar, and accounts to the months, to a cent each."""
    months = calendars(model)[model.chosen]
    found = [
        Check(
            f"Renewals add up to the calendar: {header}",
            Live(
                f"ROUND(SUM(renewals[{header}])-SUM(calendar[{header}]),2)",
                round(renewals.total(header, model.chosen) - sum(months[header]), 2),
            ),
        )
        for header in ("Committed before", "Usage before", "Committed after")
    ]
    allowed = round(0.01 * max(1, accounts.rows), 2)
    for header in ("Invoiced", "Paid", "Recognised"):
        value = accounts.total(header, model.chosen) - model.line(header, model.now.horizon)
        live = Live(f"ROUND(SUM(accounts[{header}])-SUM(months_mean[{header}]),2)", round(value, 2))
        found.append(Check(f"Accounts add up to the months, a cent each for rounding: {header}", live, allowed))
    return found
