"""Demand: what each member asks for on each day, at list price (U1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from oracle.facts import TOKEN_CLASSES, WEB_SEARCH_USD, rates_on
from oracle.money import half_up, nano

Wants = list[tuple[str, int]]
Demand = dict[date, dict[str, Wants]]


@lru_cache(maxsize=4096)
def _nano_per_million(model: str, day: date) -> tuple[int, ...]:
    """The model's prices in nano-dollars per million tokens, in the order of `TOKEN_CLASSES`."""
    return tuple(nano(price) for price in rates_on(model, day))


def row_cost(row: Mapping[str, Any]) -> int:
    """Sum of tokens x price, plus web searches, rounded half up to the nano-dollar (U1)."""
    prices = _nano_per_million(row["model"], row["date"])
    tokens = sum(row.get(name, 0) * price for name, price in zip(TOKEN_CLASSES, prices, strict=True))
    searches = row.get("web_searches", 0) * nano(WEB_SEARCH_USD)
    return half_up(Fraction(tokens, 1_000_000) + searches)


def demand_of(rows: Iterable[Mapping[str, Any]]) -> Demand:
    """Day -> member -> (surface, nano-dollars at list price), one pair a row."""
    demand: Demand = defaultdict(lambda: defaultdict(list))
    for row in rows:
        demand[row["date"]][row["user_id"]].append((row["surface"], row_cost(row)))
    return demand
