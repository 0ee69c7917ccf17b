"""From a usage file to demand: every row priced on its day, added up by member, day and surface."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_NANOS, NANO, too_much
from planshift.plans.files import is_file
from planshift.plans.rates import Lapse, RateCard
from planshift.problems import InputError, Place, Problem, did_you_mean, nearest
from planshift.usage.demand import Demand, Nanos, no_demand
from planshift.usage.pricing import DearRowError, Lapsed, UnpricedRowsError, UsageColumns, repeated, row_costs
from planshift.usage.rows import Block, FileNotes, read_blocks
from planshift.usage.session import LARGEST_FILE, edition, in_session, kept

_EPOCH = date(1970, 1, 1).toordinal()
_AT_MOST = 1000
_NAMES_SHOWN = 10
_MANY = 4
"""So many people who are no members are not misspelt, but were left out."""
WEEK = 7
YEAR_OF_WEEKS = 52


@dataclass(frozen=True)
class UsageSource:
    """A usage file, the modifiers that hold for each of its rows (Rulebook U2), and the surfaces that exist."""

    path: Path
    modifiers: tuple[str, ...] = ()
    surfaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Carried:
    """Usage carried forward: the days from ``first`` on, ``days`` of them, are repeated after the last.

    Whole weeks where there is a week, so that weekdays stay weekdays; a year of weeks at most.
    """

    first: date
    days: int

    @property
    def end(self) -> date:
        """The first day that is not usage any more but a repetition."""
        return self.first + timedelta(days=self.days)

    @classmethod
    def from_last(cls, first: date, last: date) -> Carried:
        """The last year of weeks of what lasts from ``first`` to ``last``, or what there is."""
        held = (last - first).days + 1
        weeks = min(held // WEEK, YEAR_OF_WEEKS)
        days = weeks * WEEK if weeks else held
        return cls(last - timedelta(days=days - 1), days)


@dataclass(frozen=True)
class Measured:
    """Demand, and what reading it showed.

    ``rows`` of the file in all, those ``outside`` the days asked for, the file's ``first`` and ``last`` day, what was
    ``carried`` forward from it, ``notes`` on the file (columns that are not read, rows that stand there twice), what of
    it ``lapsed``: had to go on as something else. ``used``: model and token class → the last of the days asked for on
    which anybody used any.
    """

    demand: Demand
    rows: int
    outside: int
    first: date | None = None
    last: date | None = None
    carried: Carried | None = None
    notes: tuple[str, ...] = ()
    lapsed: tuple[Lapsed, ...] = ()
    used: Mapping[tuple[str, str], date] = field(default_factory=dict)

    def without_demand(self) -> Measured:
        """The same with the demand of nobody: for whoever keeps what reading it showed."""
        return replace(self, demand=replace(self.demand, by_surface={}))


def coverage(source: UsageSource) -> tuple[date, date]:
    """The first and the last day of a usage file."""
    first, last = date.max, date.min
    for block in blocks(source.path, digests=False):
        first = min(first, date.fromordinal(int(block.columns.day.min()) + _EPOCH))
        last = max(last, date.fromordinal(int(block.columns.day.max()) + _EPOCH))
    return first, last


def measure(
    source: UsageSource,
    card: RateCard,
    members: Collection[str],
    start: date,
    end: date,
    *,
    carried: Carried | None = None,
) -> Measured:
    """The demand of a usage file from ``start`` up to, not including, ``end`` (Rulebook U1).

    Rows outside these days are counted, not used; with ``carried`` its days are repeated up to ``end``, priced again
    on the days they fall on. Raises InputError for rows of people who are not members, unknown surfaces, and models
    without a price.
    """

    def read() -> Measured:
        with closing(FileNotes()) as notes:
            tally = _Tally(source, card, tuple(sorted(members)), start, end, carried, notes)
            for block in blocks(source.path, digests=True):
                tally.add(block)
            return tally.measured()

    def key() -> Hashable:
        surfaces = tuple(source.surfaces.items())
        what = edition(source.path), source.modifiers, surfaces, card.fingerprint
        return *what, tuple(sorted(members)), start, end, carried

    return kept(key, read, lambda found: 2 * sum(nanos.nbytes for nanos in found.demand.by_surface.values()))


def blocks(path: Path, *, digests: bool) -> Iterable[Block]:
    """The rows of a usage file, with their ``digests``; a session keeps them, and always with theirs."""

    def size(found: Sequence[Block]) -> int:
        return sum(block.bytes for block in found)

    if not in_session() or not is_file(path) or path.stat().st_size > LARGEST_FILE:
        return read_blocks(path, digests=digests)
    return kept(lambda: ("blocks", edition(path)), lambda: list(read_blocks(path, digests=True)), size)


class _Tally:
    """Adds blocks up."""

    def __init__(
        self,
        source: UsageSource,
        card: RateCard,
        members: tuple[str, ...],
        start: date,
        end: date,
        carried: Carried | None,
        notes: FileNotes,
    ) -> None:
        self._source, self._card, self._carried = source, card, carried
        self._members = {member: code for code, member in enumerate(members)}
        self._start, self._end = start, end
        self._days = (end - start).days
        self._by_surface: dict[str, Nanos] = {}
        self._problems: list[Problem] = []
        self._rows = self._outside = 0
        self._cost = 0.0
        self._repeated = np.zeros(self._days, dtype=np.int64)
        self._lapsed: dict[Lapse, int] = {}
        self._used: dict[tuple[str, str], int] = {}
        self._first, self._last = date.max, date.min
        self._notes = notes
        self._strangers: dict[str, tuple[int, int]] = {}  # the line of the first row, and how many rows

    def add(self, block: Block) -> None:
        """Take a block's rows in."""
        self._notes.add(block)
        columns = block.columns.with_modifiers(self._source.modifiers)
        self._rows += len(columns)
        self._first = min(self._first, date.fromordinal(int(columns.day.min()) + _EPOCH))
        self._last = max(self._last, date.fromordinal(int(columns.day.max()) + _EPOCH))
        users = self._users(block)
        self._check_surfaces(block)
        if self._problems or self._strangers:
            return
        offset = self._start.toordinal() - _EPOCH
        inside = (columns.day >= offset) & (columns.day < offset + self._days)
        self._outside += len(columns) - int(inside.sum())
        rows = np.flatnonzero(inside)
        if len(rows):
            self._count(block, columns if len(rows) == len(columns) else columns.of_rows(rows), users, rows)
        if self._carried and not self._problems:
            self._repeat(block, columns, users, self._carried)

    def _users(self, block: Block) -> npt.NDArray[np.int64]:
        codes = np.array([self._members.get(name, -1) for name in block.user_names], dtype=np.int64)
        users: npt.NDArray[np.int64] = codes[block.users]
        strange = np.flatnonzero(users < 0)
        whose, first, counts = np.unique(block.users[strange], return_index=True, return_counts=True)
        for code, place, count in zip(whose.tolist(), first.tolist(), counts.tolist(), strict=True):
            name = block.user_names[code]
            line, before = self._strangers.get(name, (block.line + int(strange[place]), 0))
            self._strangers[name] = line, before + count
        return users

    def _not_members(self) -> Iterator[Problem]:
        """The people of the usage who are no members: one or two who may be misspelt each, all others together."""
        names = sorted(self._strangers, key=lambda name: (self._strangers[name][0], name))
        meant = {name: near for name in names if (near := nearest(name, self._members))} if len(names) < _MANY else {}
        others = [name for name in names if name not in meant]
        for name, near in meant.items():
            fact = f"'{name}' is not a member: nobody without a seat can use anything"
            yield Problem(self._place_of(name), fact, f"did you mean '{near}'?")
        if len(others) == 1:
            fact = f"'{others[0]}' is not a member: nobody without a seat can use anything"
            yield Problem(self._place_of(others[0]), fact, "add the member with a seat type to `members`")
        elif others:
            rows = sum(self._strangers[name][1] for name in others)
            shown = ", ".join(f"'{name}'" for name in others[:_NAMES_SHOWN]) + ", …" * (len(others) > _NAMES_SHOWN)
            fact = f"{len(others):,} people in {rows:,} rows are not members: {shown}"
            remedy = (
                "nobody without a seat can use anything: add them to `members`, or call them as they are called there"
            )
            yield Problem(self._place_of(others[0]), fact, remedy)

    def _place_of(self, stranger: str) -> Place:
        """Where somebody who is no member stands first."""
        return Place(str(self._source.path), self._strangers[stranger][0])

    def _check_surfaces(self, block: Block) -> None:
        known = self._source.surfaces
        strange = [code for code, name in enumerate(block.surface_names) if known and name not in known]
        for row in np.flatnonzero(np.isin(block.surfaces, strange))[:_AT_MOST]:
            name = block.surface_names[block.surfaces[row]]
            self._refuse(block, int(row), f"'{name}' is not a surface", did_you_mean(name, known))

    def _refuse(self, block: Block, row: int, fact: str, remedy: str) -> None:
        if len(self._problems) < _AT_MOST:
            self._problems.append(Problem(Place(str(self._source.path), block.line + row), fact, remedy))

    def _repeat(self, block: Block, columns: UsageColumns, users: npt.NDArray[np.int64], carried: Carried) -> None:
        """Take rows in once more for each time that they are repeated, as what they go on as."""
        since = carried.first.toordinal() - _EPOCH
        source = np.flatnonzero((columns.day >= since) & (columns.day < since + carried.days))
        taken = columns.of_rows(source)
        as_used = self._priced(block, taken, source)
        if as_used is None:
            return
        first, last = (day.toordinal() - _EPOCH for day in (self._start, self._end))
        for shift in range(carried.days, last - since, carried.days):
            inside = np.flatnonzero((taken.day + shift >= first) & (taken.day + shift < last))
            if not len(inside):
                continue
            again = repeated(taken.of_rows(inside), shift, self._card)
            self._count(block, again.columns, users, source[inside])
            np.add.at(self._repeated, again.columns.day - first, as_used[inside])
            for lapse, rows in again.lapses.items():
                self._lapsed[lapse] = self._lapsed.get(lapse, 0) + int(as_used[inside[rows]].sum())

    def _priced(self, block: Block, columns: UsageColumns, rows: npt.NDArray[np.intp]) -> Nanos | None:
        """What columns cost that are rows of a block; None where some have no price, which is taken down."""
        try:
            return row_costs(columns, self._card)
        except UnpricedRowsError as error:
            for unpriced in error:
                self._refuse(block, int(rows[unpriced.row]), unpriced.fact, unpriced.remedy)
        except DearRowError as error:
            self._refuse(block, int(rows[error.row]), error.fact, "check the counts, and the prices of a what-if")
        return None

    def _count(
        self, block: Block, columns: UsageColumns, users: npt.NDArray[np.int64], rows: npt.NDArray[np.intp]
    ) -> None:
        """Take columns in that are rows of a block."""
        costs = self._priced(block, columns, rows)
        if costs is None:
            return
        self._cost += float(costs.sum(dtype=np.float64))
        self._note_used(columns)
        days = columns.day.astype(np.int64) - (self._start.toordinal() - _EPOCH)
        cells = days * len(self._members) + users[rows]
        surfaces = block.surfaces[rows]
        for code, name in enumerate(block.surface_names):
            chosen = surfaces == code
            if chosen.any():
                np.add.at(self._surface(name).reshape(-1), cells[chosen], costs[chosen])

    def _note_used(self, columns: UsageColumns) -> None:
        """Take down until when each model's token classes are used."""
        models = [self._card.resolve(name) or name for name in columns.model_names]
        first = int(columns.day.min())
        cells = (columns.day - first).astype(np.int64) * len(models) + columns.model
        for token_class, counts in columns.tokens.items():
            used = np.zeros((int(columns.day.max()) - first + 1, len(models)), dtype=np.bool_)
            used.reshape(-1)[cells[counts > 0]] = True
            for code in np.flatnonzero(used.any(axis=0)).tolist():
                last = first + int(np.flatnonzero(used[:, code])[-1])
                key = models[code], token_class
                self._used[key] = max(self._used.get(key, -1), last)

    def _surface(self, name: str) -> Nanos:
        if name not in self._by_surface:
            self._by_surface[name] = np.zeros((self._days, 1, len(self._members)), dtype=np.int64)
        return self._by_surface[name]

    def measured(self) -> Measured:
        """What came of it; InputError with every row that was refused."""
        if self._cost > MOST_NANOS:
            fact = f"the rows {too_much(self._cost / NANO)}"
            self._problems.append(Problem(Place(str(self._source.path)), fact, "check the counts"))
        self._problems += self._not_members()
        if self._problems:
            raise InputError(self._problems)
        members = tuple(self._members)
        demand = Demand(self._start, members, dict(sorted(self._by_surface.items())), self._days)
        return Measured(
            demand,
            self._rows,
            self._outside,
            self._first,
            self._last,
            self._carried,
            tuple(self._notes.notes()),
            tuple(self._all_lapsed()),
            {key: date.fromordinal(day + _EPOCH) for key, day in self._used.items()},
        )

    def _all_lapsed(self) -> Iterator[Lapsed]:
        """Every lapse with its share of all that is repeated from its day on."""
        for lapse, cost in self._lapsed.items():
            since = max(0, (lapse.since - self._start).days)
            if cost:
                yield Lapsed(lapse, Fraction(cost, int(self._repeated[since:].sum())))


def nothing_measured(members: Sequence[str], start: date, end: date) -> Measured:
    """The demand of a scenario without usage."""
    return Measured(no_demand(start, (end - start).days, tuple(sorted(members))), 0, 0)
