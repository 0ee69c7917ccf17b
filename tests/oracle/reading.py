"""Reading scenarios, usage and expected tables from files."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml


class _ExactLoader(yaml.SafeLoader):
    """SafeLoader, but a number with a point is a Decimal."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    """The number as it is written."""
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)

KEYS = ("date", "user_id", "surface", "model")


def read_scenario(path: Path) -> dict[str, Any]:
    """The scenario: numbers as int or Decimal, dates as dates."""
    loader = _ExactLoader(path.read_text(encoding="utf-8"))
    try:
        scenario: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return scenario


def read_usage(path: Path) -> list[dict[str, Any]]:
    """The usage rows: dates as dates, counts as int, an empty count as zero."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {
                **{name: value if name in KEYS else int(value or 0) for name, value in row.items()},
                "date": date.fromisoformat(row["date"]),
            }
            for row in csv.DictReader(file)
        ]


def read_table(path: Path) -> list[tuple[str, ...]]:
    """The rows of an expected table, as text, without its header."""
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]
