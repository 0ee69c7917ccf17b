"""Usage day by day, as it is priced and written: totals of several days are spread over them, a day at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.usage.cells import COLUMNS, COUNTS, plain_cell
from planshift.usage.pricing import UsageColumns, row_costs

if TYPE_CHECKING:
    import pandas as pd

    from planshift.plans.rates import RateCard

Integers: TypeAlias = npt.NDArray[np.int64]
Key: TypeAlias = tuple[str, str, str, str]
"""User, surface, model and modifiers."""

_NANO = Decimal("1e-9")
_EPOCH = date(1970, 1, 1).toordinal()
_FRAME_ROWS = 1 << 17
_TOKENS = {number: name.removesuffix("_tokens") for number, name in enumerate(COUNTS) if name.endswith("_tokens")}
_SEARCHES = COUNTS.index("web_searches")


class Stretch(NamedTuple):
    """Usage of a key on the days from ``first`` to ``last``, as it is spread evenly over ``days`` from ``since`` on."""

    key: Key
    first: int
    last: int
    since: int
    days: int
    counts: tuple[int, ...]
    has_reported: bool


class Day(NamedTuple):
    """The rows of a day in order: the places of their keys, and their counts, shape (rows, counts)."""

    ordinal: int
    keys: Integers
    counts: Integers


@dataclass(frozen=True)
class Totals:
    """What rows come to: how many they are, their days, and by model what they cost in US dollars."""

    rows: int
    days: tuple[date, ...]
    costs: Mapping[str, Decimal]

    @property
    def cost(self) -> Decimal:
        """What they cost together."""
        return sum(self.costs.values(), Decimal(0))


class DailyUsage:
    """The usage of an import, rows of equal date, user, surface, model and modifiers added up, in that order.

    A count spread over days is as even as whole numbers can be, what is left over goes to the first days, and the sums
    are exact. No more than a day of rows is held at a time.
    """

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        places = {key: place for place, key in enumerate(sorted({stretch.key for stretch in stretches}))}
        self.keys: Sequence[Key] = tuple(places)
        numbers = np.array(
            [(places[key], *numbers, told) for key, *numbers, _, told in stretches], dtype=np.int64
        ).reshape(-1, 6)
        order = np.argsort(numbers[:, 0], kind="stable")
        self._key, self._first, self._last, self._since, days, told = numbers[order].T
        self._has_reported = told.astype(np.bool_)
        counts = np.array([stretch.counts for stretch in stretches], dtype=np.int64).reshape(-1, len(COUNTS))[order]
        self._whole, self._left = np.divmod(counts, days[:, None])

    def days(self, *, reported_only: bool = False) -> Iterator[Day]:
        """Every day with usage, in order; of all rows, or of those for which a cost is reported."""
        chosen = self._has_reported if reported_only else np.ones(len(self._key), dtype=np.bool_)
        bounds = zip(self._first[chosen].tolist(), self._last[chosen].tolist(), strict=True)
        for day in sorted({day for first, last in set(bounds) for day in range(first, last + 1)}):
            rows = np.flatnonzero(chosen & (self._first <= day) & (self._last >= day))
            shares = self._left[rows] > (day - self._since[rows])[:, None]
            counts = self._whole[rows] + shares
            keys = self._key[rows]
            starts = np.flatnonzero(np.diff(keys, prepend=-1))
            if len(starts) < len(rows):
                keys, counts = keys[starts], np.add.reduceat(counts, starts, axis=0)
            used = counts.any(axis=1)
            if used.any():
                yield Day(day, keys[used], counts[used])

    def totals(self, card: RateCard, *, reported_only: bool = False) -> Totals:
        """What all rows come to, or those with a reported cost; each is rounded to the nano-dollar (Rulebook U1)."""
        model, models = self._codes(2)
        modifier, modifiers = self._codes(3)
        costs, rows, days = dict.fromkeys(models, 0), 0, []
        for day in self.days(reported_only=reported_only):
            columns = UsageColumns(
                day=np.full(len(day.keys), day.ordinal - _EPOCH, dtype=np.int32),
                model=model[day.keys],
                model_names=models,
                tokens={name: day.counts[:, number] for number, name in _TOKENS.items()},
                web_searches=day.counts[:, _SEARCHES],
                modifiers=modifier[day.keys],
                modifier_names=modifiers,
            )
            nanos = row_costs(columns, card)
            for code, name in enumerate(models):
                # Python's whole numbers do not overflow.
                costs[name] += sum(nanos[columns.model == code].tolist())
            rows += len(day.keys)
            days.append(date.fromordinal(day.ordinal))
        return Totals(rows, tuple(days), {name: nano * _NANO for name, nano in costs.items()})

    @cached_property
    def users(self) -> Sequence[str]:
        """Everybody who used something, in order."""
        used = np.zeros(len(self.keys), dtype=np.bool_)
        np.logical_or.at(used, self._key, (self._whole > 0).any(axis=1) | (self._left > 0).any(axis=1))
        return sorted({self.keys[place][0] for place in np.flatnonzero(used).tolist()})

    def csv(self) -> Iterator[str]:
        """The text of a usage file, a day at a time; an apostrophe goes before an id that would be a formula."""
        yield ",".join(COLUMNS) + "\n"
        names = [
            (_cells(plain_cell(user), surface, model), _cells(modifiers))
            for user, surface, model, modifiers in self.keys
        ]
        lines = np.empty(len(self.keys), dtype=object)
        before = np.full((len(self.keys), len(COUNTS)), -1, dtype=np.int64)
        for day in self.days():
            # Spread evenly, hardly any row differs from the one of the day before.
            new = (before[day.keys] != day.counts).any(axis=1)
            for place, counts in zip(day.keys[new].tolist(), day.counts[new].tolist(), strict=True):
                start, end = names[place]
                lines[place] = f"{start},{','.join(map(str, counts))},{end}\n"
            before[day.keys] = day.counts
            start = f"{date.fromordinal(day.ordinal)},"
            yield start + start.join(lines[day.keys].tolist())

    def frames(self, rows: int = _FRAME_ROWS) -> Iterator[pd.DataFrame]:
        """The rows as tables of at least so many, the last one perhaps of fewer; an empty one where there are none."""
        days: list[Day] = []
        for day in self.days():
            days.append(day)
            if sum(len(each.keys) for each in days) >= rows:
                yield self._frame(days)
                days = []
        if days or not len(self.users):
            yield self._frame(days)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows as one table: keys as dates and text, counts as 64-bit integers."""
        return self._frame(list(self.days()))

    def _frame(self, days: Sequence[Day]) -> pd.DataFrame:
        import pandas as pd

        keys = np.concatenate([np.empty(0, dtype=np.int64), *(day.keys for day in days)])
        counts = np.concatenate([np.empty((0, len(COUNTS)), dtype=np.int64), *(day.counts for day in days)])
        dates = np.array([date.fromordinal(day.ordinal) for day in days], dtype=object)
        columns: dict[str, object] = {"date": pd.Series(dates.repeat([len(day.keys) for day in days]), dtype="object")}
        for number, name in ((0, "user_id"), (1, "surface"), (2, "model"), (3, "modifiers")):
            codes, names = self._codes(number)
            columns[name] = pd.Series(np.array(names, dtype=object)[codes[keys]], dtype="str")
        columns |= {name: counts[:, number] for number, name in enumerate(COUNTS)}
        return pd.DataFrame({name: columns[name] for name in COLUMNS})

    def _codes(self, number: int) -> tuple[Integers, list[str]]:
        """A part of every key as codes, and the names that they stand for."""
        names = sorted({key[number] for key in self.keys})
        places = {name: place for place, name in enumerate(names)}
        return np.array([places[key[number]] for key in self.keys], dtype=np.int64), names


def _cells(*texts: str) -> str:
    """Texts as cells of a CSV file."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue() if any(texts) else "," * (len(texts) - 1)
