"""What ``planshift renew`` prints of the answers: break-even, recommendations, and what-ifs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.cli.console import ROWS_SHOWN, sentence, table

if TYPE_CHECKING:
    from planshift.reports.table import Table, Values


def answers(tables: Mapping[str, tuple[Table, Values]]) -> None:
    """Print where the plans break even, what is recommended, when to move, and what other terms would change."""
    _break_even(tables["break_even"][1])
    _recommendations(tables["recommendations"][1])
    _early_moves(tables["early"][1])
    _what_ifs(tables["what_if"][1])


def _break_even(values: Values) -> None:
    from planshift.reports.words import usd

    rows = [
        [
            title or "all members, average",
            "" if values["usage"][row] is None else usd(values["usage"][row]),
            values["beyond"][row],
            str(values["members"][row]),
            usd(values["mean_usage"][row]),
        ]
        for row, title in enumerate(values["title"])
    ]
    names = ["usage", "members", "average usage"]
    headings = ["seat", "usage", "beyond it", "members", "average usage"]
    table("Break-even: usage a month and member at list price, US dollars", headings, rows, numbers=names)


def _recommendations(values: Values) -> None:
    rows = [
        [
            " ".join(part for part in (key.replace("_", " "), values["subject"][row]) if part),
            _grouped(values["value"][row]) + (_seats_why(values, row) if values["unit"][row] == "seats" else ""),
            _grouped(values["agreed"][row]),
            f"{values['lower_costs'][row].replace('_', ' ')} {_grouped(values['lower_amount'][row])}",
            f"{values['higher_costs'][row].replace('_', ' ')} {_grouped(values['higher_amount'][row])}",
        ]
        for row, key in enumerate(values["key"])
    ]
    headings = ["what", "recommended", "agreed", "if set lower", "if set higher"]
    title = "Recommended for the new plan; amounts in US dollars"
    table(title, headings, rows[:ROWS_SHOWN], numbers=["recommended", "agreed"])
    if len(rows) > ROWS_SHOWN:
        sentence(f"… and {len(rows) - ROWS_SHOWN} more; --json and --out have them all")


def _seats_why(values: Values, row: int) -> str:
    """`` seats (3 used, 25 held, minimum 20)``: why so many are recommended."""
    minimum = f", minimum {_grouped(values['minimum'][row])}" if values["minimum"][row] else ""
    used, held = (_grouped(values[name][row]) for name in ("exact", "held"))
    return f" seats ({used} used, {held} held{minimum})"


def _early_moves(values: Values) -> None:
    """Every day on which the contract may move; the last row is the renewal, with nothing to be credited."""
    from planshift.reports.charts.answers import CREDITS
    from planshift.reports.words import usd

    if len(values["day"]) < 2:
        return
    rows = [
        [
            str(day),
            CREDITS.get(values["credit"][row], values["credit"][row]) or "(renewal)",
            usd(values["cost_p50"][row]),
            usd(values["change_p50"][row]),
        ]
        for row, day in enumerate(values["day"])
    ]
    numbers = ["total cost", "compared with waiting"]
    table("When to move, US dollars", ["move on", "rest of the old term", *numbers], rows, numbers=numbers)


def _grouped(number: str) -> str:
    """A number with its thousands marked; empty where there is none."""
    return f"{Decimal(number):,}" if number else ""


def _what_ifs(values: Values) -> None:
    from planshift.reports.words import usd

    names = {"old_cost_p50": "old cost", "new_cost_p50": "new cost", "change_p50": "change", "effect_p50": "effect"}
    rows = [[title, *(usd(values[name][row]) for name in names)] for row, title in enumerate(values["title"])]
    headings = list(names.values())
    table(
        "What if, US dollars; old cost: today's terms, for comparison only",
        ["what if", *headings],
        rows,
        numbers=headings,
    )
