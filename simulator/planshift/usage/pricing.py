"""What rows of usage cost at the rate card of their day, exactly (Rulebook U1, U2), and as they go on on later days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_NANOS, NANO, too_much
from planshift.plans.rates import EXACT, TOKEN_CLASSES, Lapse, NoPriceError, RateCard, lapse_days, lasting
from planshift.problems import PlanshiftError

Integers: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.integer]

_ROWS: Final = 1 << 17
_REFUSED: Final = "?"
_FIRST_ORDINAL: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class UsageColumns:
    """Rows of usage as columns of equal length.

    ``day`` counts days since 1970-01-01. ``model`` and ``modifiers`` index their lists of names; an entry of
    ``modifier_names`` is names joined by spaces, empty for none. ``tokens`` has a column for each token class, and no
    column where all are zero; tokens and searches are never negative.
    """

    day: npt.NDArray[np.int32]
    model: Codes
    model_names: Sequence[str]
    tokens: Mapping[str, Integers]
    web_searches: Integers | None = None
    modifiers: Codes | None = None
    modifier_names: Sequence[str] = ("",)

    def __post_init__(self) -> None:
        unknown = set(self.tokens) - set(TOKEN_CLASSES)
        if unknown:
            raise ValueError(f"token classes must be among {TOKEN_CLASSES} (got {sorted(unknown)})")
        columns = [self.day, self.model, *self.tokens.values(), self.web_searches, self.modifiers]
        lengths = {len(column) for column in columns if column is not None}
        if len(lengths) > 1:
            raise ValueError(f"columns must be of equal length (got {sorted(lengths)})")
        for codes in (self.model, self.modifiers):
            if codes is not None and len(codes) and int(codes.min()) < 0:
                raise ValueError(f"codes must index their names (got {codes.min()} in row {codes.argmin()})")

    def __len__(self) -> int:
        return len(self.day)

    def of_rows(self, rows: npt.NDArray[np.intp]) -> UsageColumns:
        """Some of the rows, in that order."""
        return replace(
            self,
            day=self.day[rows],
            model=self.model[rows],
            tokens={name: column[rows] for name, column in self.tokens.items()},
            web_searches=None if self.web_searches is None else self.web_searches[rows],
            modifiers=None if self.modifiers is None else self.modifiers[rows],
        )

    def with_modifiers(self, names: Sequence[str]) -> UsageColumns:
        """The same with modifiers that hold for each row besides its own."""
        if not names:
            return self
        written = [" ".join(dict.fromkeys([*own.split(), *names])) for own in self.modifier_names]
        codes = np.zeros(len(self), dtype=np.int8) if self.modifiers is None else self.modifiers
        return replace(self, modifiers=codes, modifier_names=written)

    def date_of(self, row: int) -> date:
        """The date of a row."""
        return date.fromordinal(int(self.day[row]) + _FIRST_ORDINAL)

    def model_of(self, row: int) -> str:
        """The model of a row, as it was written."""
        return self.model_names[int(self.model[row])]

    def modifiers_of(self, row: int) -> str:
        """The modifiers of a row, as they were written."""
        return self.modifier_names[0 if self.modifiers is None else int(self.modifiers[row])]


@dataclass(frozen=True)
class UnpricedRow:
    """A row that has no price: its index, what it holds, what is wrong, and what to do."""

    row: int
    model: str
    day: date
    modifiers: str
    fact: str
    remedy: str


class UnpricedRowsError(PlanshiftError):
    """Rows that the rate card cannot price; iterating gives each as an UnpricedRow, in order, made only then."""

    def __init__(self, rows: Integers, columns: UsageColumns, card: RateCard) -> None:
        self.rows = rows
        self._columns = columns
        self._card = card
        super().__init__(f"{len(rows)} rows of usage have no price; the first: {next(iter(self)).fact}")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[UnpricedRow]:
        columns, why = self._columns, dict[tuple[str, date, str], NoPriceError]()
        for row in self.rows.tolist():
            key = columns.model_of(row), columns.date_of(row), columns.modifiers_of(row)
            if key not in why:
                why[key] = _refusal(self._card, *key)
            yield UnpricedRow(row, *key, why[key].fact, why[key].remedy)


class DearRowError(PlanshiftError):
    """A row, by its index, whose tokens come to more than can be added up: ``fact`` says how much."""

    def __init__(self, row: int, nanos: int) -> None:
        self.row = row
        self.fact = f"its tokens {too_much(nanos / NANO)}"
        super().__init__(f"row {row}: {self.fact}")


@dataclass(frozen=True)
class _Grid:
    """A numbering of everything a price depends on: model, modifiers, and the days between two price dates.

    ``models`` and ``modifiers`` lead from the columns' codes to numbers; the last model is the unknown one.
    """

    models: npt.NDArray[np.int32]
    model_ids: tuple[str | None, ...]
    modifiers: npt.NDArray[np.int32]
    sets: tuple[tuple[str, ...], ...]
    since: tuple[date, ...]
    first_days: npt.NDArray[np.int32] = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.model_ids) * len(self.sets) * len(self.since)

    def numbers(self, columns: UsageColumns, rows: slice) -> npt.NDArray[np.int64]:
        """The number of every row of a slice."""
        number = np.searchsorted(self.first_days, columns.day[rows], side="right").astype(np.int64, copy=False)
        number += self.models.take(columns.model[rows]) * (len(self.sets) * len(self.since))
        if columns.modifiers is not None:
            number += self.modifiers.take(columns.modifiers[rows]) * len(self.since)
        return number

    def meaning(self, number: int) -> tuple[str | None, tuple[str, ...], date]:
        """The model, the modifiers and a day that a number stands for."""
        rest, epoch = divmod(number, len(self.since))
        model, names = divmod(rest, len(self.sets))
        return self.model_ids[model], self.sets[names], self.since[epoch]


@dataclass(frozen=True)
class _Scaled:
    """Prices as whole numbers: nano-dollars times ``scale``, by token class and for searches, one for each number."""

    scale: int
    prices: Mapping[str, list[int]]

    @cached_property
    def arrays(self) -> Mapping[str, Integers]:
        """The prices as arrays; only where all fit."""
        return {name: np.array(prices, dtype=np.int64) for name, prices in self.prices.items()}


def row_costs(columns: UsageColumns, card: RateCard) -> Integers:
    """The cost of every row in nano-dollars: ``round half up(Σ tokens × price + searches × price)`` (Rulebook U1).

    Each row is rounded once. The result is exact: whole numbers throughout, Python's own where 64 bits could overflow.
    Works by blocks of rows; besides the result it needs a few megabytes. Raises UnpricedRowsError for all the rows
    without a price, ValueError for negative tokens, DearRowError for a row of more than can be added up.
    """
    grid = _grid(columns, card)
    costs = np.empty(len(columns), dtype=np.int64)
    present = np.zeros(grid.size, dtype=np.bool_)
    for rows in _blocks(len(columns)):
        costs[rows] = grid.numbers(columns, rows)
        present |= np.bincount(costs[rows], minlength=grid.size).astype(np.bool_)
    scaled, unpriced = _scaled(grid, np.flatnonzero(present).tolist(), card)
    if unpriced:
        raise UnpricedRowsError(np.flatnonzero(np.isin(costs, unpriced)), columns, card)
    counts = {**columns.tokens}
    if columns.web_searches is not None:
        counts["web_search"] = columns.web_searches
    for rows in _blocks(len(columns)):
        _cost(costs[rows], {name: column[rows] for name, column in counts.items()}, scaled, rows.start)
    return costs


def _blocks(length: int) -> Iterator[slice]:
    for start in range(0, length, _ROWS):
        yield slice(start, min(start + _ROWS, length))


def _grid(columns: UsageColumns, card: RateCard) -> _Grid:
    resolved = [card.resolve(name) for name in columns.model_names]
    model_ids = tuple(dict.fromkeys(model for model in resolved if model is not None))
    number = {model: i for i, model in enumerate(model_ids)}
    written = [_modifier_set(names, card) for names in columns.modifier_names]
    sets = {names: i for i, names in enumerate(dict.fromkeys(written))}
    changes = sorted({day for model in model_ids for day in card.price_dates(model)})
    return _Grid(
        models=np.array([number.get(model or "", len(model_ids)) for model in resolved], dtype=np.int32),
        model_ids=(*model_ids, None),
        modifiers=np.array([sets[names] for names in written], dtype=np.int32),
        sets=tuple(sets),
        since=(date.min, *changes),
        first_days=np.array([day.toordinal() - _FIRST_ORDINAL for day in changes], dtype=np.int32),
    )


def _modifier_set(names: str, card: RateCard) -> tuple[str, ...]:
    """The modifiers of a row, in order of name; one stand-in for all that the card refuses as they are written."""
    written = sorted(names.split())
    known = len(set(written)) == len(written) and card.modifiers.keys() >= set(written)
    return tuple(written) if known else (_REFUSED,)


def _scaled(grid: _Grid, present: Sequence[int], card: RateCard) -> tuple[_Scaled, list[int]]:
    """The prices of the numbers that occur, by the smallest power of ten that makes all whole; and those without."""
    nano: dict[int, dict[str, Decimal]] = {}
    unpriced: list[int] = []
    for number in present:
        model, names, day = grid.meaning(number)
        try:
            prices = card.price(model or "", day, names)
        except NoPriceError:
            unpriced.append(number)
            continue
        # US dollars per million tokens are thousands of nano-dollars per token.
        nano[number] = {name: price.scaleb(3, EXACT) for name, price in zip(TOKEN_CLASSES, prices.tokens, strict=True)}
        nano[number]["web_search"] = prices.web_search.scaleb(9, EXACT)
    places = max((_places(price) for prices in nano.values() for price in prices.values()), default=0)
    scaled = {name: [0] * grid.size for name in (*TOKEN_CLASSES, "web_search")}
    for number, by_name in nano.items():
        for name, price in by_name.items():
            scaled[name][number] = int(price.scaleb(places, EXACT))
    return _Scaled(10**places, scaled), unpriced


def _places(price: Decimal) -> int:
    """The decimal places that a price really has."""
    return max(0, -int(price.normalize(EXACT).as_tuple().exponent))


def _cost(block: Integers, counts: Mapping[str, Integers], scaled: _Scaled, start: int) -> None:
    """Turns the numbers of a block of rows into their costs, in place."""
    half = scaled.scale // 2
    largest = half
    for name, column in counts.items():
        if len(column) and int(column.min()) < 0:
            row = start + int(column.argmin())
            raise ValueError(f"tokens and searches must not be negative (row {row} has {column.min()} of {name})")
        largest += int(column.max(initial=1)) * max(scaled.prices[name], default=0)
    if largest > MOST_NANOS:
        _cost_of_giants(block, counts, scaled, start)
        return
    cost = np.full(len(block), half, dtype=np.int64)
    for name, column in counts.items():
        product = scaled.arrays[name].take(block)
        product *= column
        cost += product
    if scaled.scale > 1:
        cost //= scaled.scale
    block[:] = cost


def _cost_of_giants(block: Integers, counts: Mapping[str, Integers], scaled: _Scaled, start: int) -> None:
    """The same in Python's whole numbers, which do not overflow."""
    numbers = block.tolist()
    costs = [scaled.scale // 2] * len(numbers)
    for name, column in counts.items():
        price = scaled.prices[name]
        costs = [
            cost + price[number] * count for cost, number, count in zip(costs, numbers, column.tolist(), strict=True)
        ]
    costs = [cost // scaled.scale for cost in costs]
    if max(costs) > MOST_NANOS:
        raise DearRowError(start + costs.index(max(costs)), max(costs))
    block[:] = costs


def _refusal(card: RateCard, model: str, day: date, modifiers: str) -> NoPriceError:
    """Why the card has no price."""
    try:
        card.price(card.resolve(model) or model, day, modifiers.split())
    except NoPriceError as error:
        return error
    raise AssertionError(f"'{model}' has a price on {day}")


_EPOCH = date(1970, 1, 1).toordinal()

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Lapsed:
    """A lapse, and the ``share`` of usage that it made another.

    Of usage carried forward, from the day of the lapse on, it is the share of what it cost when it was used; of a
    ``persona`` that in its mix of models.
    """

    lapse: Lapse
    share: Fraction
    persona: str = ""


@dataclass(frozen=True)
class Repeated:
    """Rows on the days they fall on, as what they go on as; ``lapses``: which of them each lapse made another."""

    columns: UsageColumns
    lapses: Mapping[Lapse, Rows]


def repeated(columns: UsageColumns, shift: int, card: RateCard) -> Repeated:
    """Rows of usage so many days later: a model that is retired by then is its successor, and what it no longer has is
    left out (`planshift.plans.rates.lasting`)."""
    day = columns.day + np.int32(shift)
    models, modifiers = list(columns.model_names), list(columns.modifier_names)
    model, modifier = columns.model.astype(np.int32), _modifier_codes(columns)
    lapses: dict[Lapse, list[Rows]] = {}
    for rows in _alike(columns, day, card):
        first = int(rows[0])
        used, falls = columns.date_of(first), date.fromordinal(int(day[first]) + _EPOCH)
        name, names = columns.model_of(first), columns.modifiers_of(first).split()
        goes_on = lasting(card, card.resolve(name) or name, names, used, falls)
        if goes_on.lapses:
            model[rows] = _code(models, goes_on.model)
            modifier[rows] = _code(modifiers, " ".join(goes_on.modifiers))
        for lapse in goes_on.lapses:
            lapses.setdefault(lapse, []).append(rows)
    kept = None if columns.modifiers is None else modifier
    moved = replace(columns, day=day, model=model, model_names=models, modifiers=kept, modifier_names=modifiers)
    return Repeated(moved, {lapse: np.concatenate(rows) for lapse, rows in lapses.items()})


def _alike(columns: UsageColumns, day: npt.NDArray[np.int32], card: RateCard) -> Iterator[Rows]:
    """Rows of models and modifiers that end one day, in groups that go on alike when they fall on the days ``day``."""
    pairs = columns.model.astype(np.int64) * len(columns.modifier_names) + _modifier_codes(columns)
    for pair in np.unique(pairs).tolist():
        model, modifier = divmod(pair, len(columns.modifier_names))
        model_id, names = card.resolve(columns.model_names[model]), columns.modifier_names[modifier].split()
        if model_id is None or not card.modifiers.keys() >= {*names}:
            continue  # Pricing says what is wrong with it.
        ends = [since.toordinal() - _EPOCH for since in lapse_days(card, model_id, names)]
        if not ends:
            continue
        rows = np.flatnonzero(pairs == pair)
        stretches = np.searchsorted(ends, columns.day[rows], "right") * (len(ends) + 1)
        stretches += np.searchsorted(ends, day[rows], "right")
        for stretch in np.unique(stretches).tolist():
            yield rows[stretches == stretch]


def _modifier_codes(columns: UsageColumns) -> npt.NDArray[np.int32]:
    zeros = np.zeros(len(columns), dtype=np.int32)
    return zeros if columns.modifiers is None else columns.modifiers.astype(np.int32)


def _code(names: list[str], name: str) -> int:
    """Where a name is in a list, at the end of which it is put if it is not there."""
    if name not in names:
        names.append(name)
    return names.index(name)
