"""Usage day by day, as it is priced and written, and files of it that are whole or not there."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.disk import replacing
from planshift.plans.files import PARQUET
from planshift.problems import OutputError
from planshift.usage.cells import COLUMNS, COUNTS, FORMULA_STARTS, plain_cell
from planshift.usage.pricing import UsageColumns, row_costs

if TYPE_CHECKING:
    import pandas as pd

    from planshift.plans.rates import RateCard


Integers: TypeAlias = npt.NDArray[np.int64]
Key: TypeAlias = tuple[str, str, str, str]
"""User, surface, model and modifiers."""

_ROW = ",".join(["%s", *["%d"] * len(COUNTS), "%s\n"])
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
                lines[place] = _ROW % (start, *counts, end)
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


ENDINGS = (".csv", PARQUET)
MEMBERS_HEADER = ("user_id", "seat_type", "team")
"""The columns of a file of members, as `members` of a scenario reads it."""

_LONGEST_HEADER = 4096


def check_usage_target(path: Path) -> None:
    """Nothing when usage can be written to ``path``; a long import asks this before it starts.

    Raises OutputError for an ending that says neither CSV nor Parquet, a folder, a link, a place where nothing can be
    written, and a file that does not hold usage rows: it is never written over.
    """
    if path.suffix not in ENDINGS:
        raise OutputError(f"{path}: ends in neither {' nor '.join(ENDINGS)} - name it usage.csv or usage.parquet")
    _check_target(path)
    if path.exists() and not _is_usage(path):
        raise OutputError(f"{path}: is there already and holds no usage rows - choose another name, or move it away")


def check_members_target(path: Path) -> None:
    """Nothing when a file of members can be written to ``path``.

    Raises OutputError for another ending than CSV's, a place where nothing can be written, and a file that is there:
    somebody may have filled in seats and teams.
    """
    if path.suffix != ".csv":
        raise OutputError(f"{path}: does not end in .csv - name it members.csv")
    _check_target(path)
    if path.exists():
        raise OutputError(
            f"{path}: is there already, perhaps with seats filled in - choose another name, or move it away"
        )


def check_limits_target(path: Path) -> None:
    """Nothing when limits can be written to ``path``; OutputError as for `check_members_target`, of YAML."""
    if path.suffix not in (".yaml", ".yml"):
        raise OutputError(f"{path}: does not end in .yaml - name it limits.yaml")
    _check_target(path)
    if path.exists():
        raise OutputError(f"{path}: is there already - choose another name, or move it away")


def _check_target(path: Path) -> None:
    if path.is_symlink():
        raise OutputError(f"{path}: is a link to {os.path.realpath(path)} - name that file itself, or another")
    if path.is_dir():
        raise OutputError(f"{path}: is a folder - name a file in it, such as {path / 'usage.csv'}")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: there is no such folder - make it first, or choose another")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path.parent}: you may not write here - choose another folder")


def write_usage(usage: pd.DataFrame | DailyUsage, path: Path) -> tuple[str, ...]:
    """Write canonical rows as CSV, or as Parquet by the ending; give back the ids that had to be changed.

    In CSV a member's id that a spreadsheet would take for a formula gets an apostrophe before it; such ids are
    returned, as they were. The same rows give the same bytes. Raises OutputError where nothing can be written.
    """
    check_usage_target(path)
    with replacing(path) as temporary:
        if path.suffix == PARQUET:
            _write_parquet(usage, temporary, path)
            return ()
        if isinstance(usage, DailyUsage):
            users: Iterable[str] = usage.users
            with temporary.open("w", encoding="utf-8", newline="") as file:
                file.writelines(usage.csv())
        else:
            users = sorted(set(usage["user_id"]))
            safe = _in_order(usage).assign(user_id=usage["user_id"].map(plain_cell))
            safe.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
    return tuple(name for name in users if name.startswith(FORMULA_STARTS))


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in COLUMNS if name in frame]]


def write_members(users: Iterable[str], path: Path, seat_type: str = "") -> None:
    """Write members as a scenario's `members` reads them: on one seat type, or to be filled in.

    Ids are as `write_usage` writes them in CSV. Raises OutputError where nothing can be written.
    """
    check_members_target(path)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MEMBERS_HEADER)
        writer.writerows((plain_cell(user), seat_type, "") for user in users)


def write_limits(text: str, path: Path) -> None:
    """Write the YAML of spend limits. Raises OutputError where nothing can be written."""
    check_limits_target(path)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _write_parquet(usage: pd.DataFrame | DailyUsage, temporary: Path, path: Path) -> None:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        fact = "writing Parquet needs the package pyarrow"
        raise OutputError(f"{path}: {fact} - pip install 'planshift[parquet]', or write CSV") from error
    frames = usage.frames() if isinstance(usage, DailyUsage) else iter([_in_order(usage)])
    table = pyarrow.Table.from_pandas(next(frames), preserve_index=False)
    with parquet.ParquetWriter(temporary, table.schema) as writer:
        writer.write_table(table)
        for frame in frames:
            writer.write_table(pyarrow.Table.from_pandas(frame, schema=table.schema, preserve_index=False))


def _is_usage(path: Path) -> bool:
    """Does a file hold usage rows that planshift could have written: by its columns?"""
    if not path.stat().st_size:
        return True
    if path.suffix == PARQUET:
        return _parquet_columns(path) == [*COLUMNS]
    with path.open("rb") as file:
        header = file.readline(_LONGEST_HEADER).decode("utf-8-sig", errors="replace").rstrip("\r\n").split(",")
    return header == [*COLUMNS]


def _parquet_columns(path: Path) -> list[str]:
    try:
        import pyarrow.parquet as parquet

        return list(parquet.read_schema(path).names)
    except (ImportError, OSError, ValueError):
        return []
