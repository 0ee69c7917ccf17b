"""Sums over accounts, and rows of them: what a block comes to, in bytes that are kept on disk or sent."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from planshift.forecasting.account_ledger import AccountLedger
from planshift.forecasting.result import (
    ACCOUNT_COLUMNS,
    BILLED,
    INDEX,
    MEASURES,
    RECOGNISED,
    RENEWAL_COLUMNS,
    Bridge,
    Cell,
    Cents,
    Table,
)
from planshift.forecasting.run_rates import Renewal
from planshift.impact.spread import means, spread
from planshift.portfolio.account import Account

Array: TypeAlias = np.ndarray[Any, Any]
Warnings: TypeAlias = dict[str, tuple[str, int]]
"""Warning → the first account that has it, and how many do."""

_INDEX = "index.json"
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass
class Sums:
    """Sums over accounts, whole cents: it makes no difference in which order accounts, or sums, are added.

    ``cells``: shape (len(MEASURES), months, draws); ``opening``: (len(MEASURES), draws); bridges by segment.
    """

    months: int
    draws: int
    cells: dict[Cell, Cents] = field(default_factory=dict)
    opening: dict[Cell, Cents] = field(default_factory=dict)
    committed: dict[str, Bridge] = field(default_factory=dict)
    usage: dict[str, Bridge] = field(default_factory=dict)

    def add_cell(self, cell: Cell, amounts: Cents, opening: Cents, draws: slice = slice(None)) -> None:
        """Add the months and the opening of some accounts in some draws."""
        if cell not in self.cells:
            self.cells[cell] = np.zeros((len(MEASURES), self.months, self.draws), dtype=np.int64)
            self.opening[cell] = np.zeros((len(MEASURES), self.draws), dtype=np.int64)
        self.cells[cell][..., draws] += amounts
        self.opening[cell][..., draws] += opening

    def add_bridges(self, segment: str, committed: Bridge, usage: Bridge, draws: slice = slice(None)) -> None:
        """Add the bridges of some accounts in some draws."""
        for held, bridge in ((self.committed, committed), (self.usage, usage)):
            if segment not in held:
                steps = {name: np.zeros(self.draws, dtype=np.int64) for name in bridge.steps}
                held[segment] = Bridge(np.zeros(self.draws, np.int64), steps, np.zeros(self.draws, np.int64))
            whole = held[segment]
            whole.first[draws] += bridge.first
            whole.last[draws] += bridge.last
            for name, step in bridge.steps.items():
                whole.steps[name][draws] += step

    def add(self, other: Sums) -> None:
        """Add other accounts' sums."""
        for cell, amounts in other.cells.items():
            self.add_cell(cell, amounts, other.opening[cell])
        for segment, bridge in other.committed.items():
            self.add_bridges(segment, bridge, other.usage[segment])


@dataclass(frozen=True)
class Part:
    """What a block of accounts comes to: sums, a row for each account and for each renewal, and warnings."""

    sums: Sums
    accounts: Table
    renewals: Table
    warnings: Warnings

    def packed(self) -> bytes:
        """The part in bytes, the same for the same part; what `unpacked` reads."""
        arrays: dict[str, Array] = {}
        sums = self.sums
        for number, cell in enumerate(sorted(sums.cells)):
            arrays[f"cells/{number}"], arrays[f"opening/{number}"] = sums.cells[cell], sums.opening[cell]
        for kind, bridges in (("committed", sums.committed), ("usage", sums.usage)):
            for number, segment in enumerate(sorted(bridges)):
                bridge = bridges[segment]
                arrays[f"{kind}/{number}"] = np.stack([bridge.first, *bridge.steps.values(), bridge.last])
        for kind, table in (("accounts", self.accounts), ("renewals", self.renewals)):
            arrays.update({f"{kind}/{name}": values for name, values in table.columns.items()})
        index = {
            "months": sums.months,
            "draws": sums.draws,
            "cells": [[cell.plan, cell.segment, cell.region] for cell in sorted(sums.cells)],
            "segments": sorted(sums.committed),
            "committed": _steps(sums.committed),
            "usage": _steps(sums.usage),
            "accounts": list(self.accounts.columns),
            "renewals": list(self.renewals.columns),
            "warnings": self.warnings,
        }
        return _zipped(json.dumps(index), arrays)

    @classmethod
    def unpacked(cls, data: bytes) -> Part:
        """The part that `packed` has made bytes of."""
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            index = json.loads(file.read(_INDEX))

            def array(name: str) -> Array:
                return np.lib.format.read_array(io.BytesIO(file.read(f"{name}.npy")), allow_pickle=False)

            def bridges(kind: str) -> dict[str, Bridge]:
                stacks = {segment: array(f"{kind}/{place}") for place, segment in enumerate(index["segments"])}
                return {
                    segment: Bridge(rows[0], dict(zip(index[kind], rows[1:-1], strict=True)), rows[-1])
                    for segment, rows in stacks.items()
                }

            def table(kind: str) -> Table:
                return Table({name: array(f"{kind}/{name}") for name in index[kind]})

            cells = [Cell(*names) for names in index["cells"]]
            sums = Sums(
                months=index["months"],
                draws=index["draws"],
                cells={cell: array(f"cells/{number}") for number, cell in enumerate(cells)},
                opening={cell: array(f"opening/{number}") for number, cell in enumerate(cells)},
                committed=bridges("committed"),
                usage=bridges("usage"),
            )
            warnings = {text: (str(first), int(count)) for text, (first, count) in index["warnings"].items()}
            return cls(sums, table("accounts"), table("renewals"), warnings)


def _steps(bridges: Mapping[str, Bridge]) -> list[str]:
    return list(next(iter(bridges.values())).steps) if bridges else []


def _zipped(index: str, arrays: Mapping[str, Array]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr(zipfile.ZipInfo(_INDEX, _TIME), index)
        for name, values in arrays.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy", _TIME), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


@dataclass(frozen=True)
class Whole:
    """What all parts together come to."""

    sums: Sums
    accounts: Table
    renewals: Table
    warnings: tuple[str, ...]


def together(parts: Iterable[Part], months: int, draws: int) -> Whole:
    """What parts come to, in the order of their accounts, one part in memory at a time."""
    sums = Sums(months, draws)
    accounts: list[Table] = []
    renewals: list[Table] = []
    warnings: Warnings = {}
    for part in parts:
        sums.add(part.sums)
        accounts.append(part.accounts)
        renewals.append(part.renewals)
        add_warnings(warnings, part.warnings)
    by_day = _stacked(renewals)
    if len(by_day):
        order = np.lexsort((by_day.columns["number"], by_day.columns["account_id"], by_day.columns["day"]))
        by_day = Table({name: values[order] for name, values in by_day.columns.items()})
    return Whole(sums, _stacked(accounts), by_day, tuple(_said(warnings)))


def add_warnings(held: Warnings, more: Mapping[str, tuple[str, int]]) -> None:
    """Count more warnings, of accounts that come after those that are counted."""
    for text, (first, count) in more.items():
        before = held.get(text, (first, 0))
        held[text] = before[0], before[1] + count


WARNINGS = 20
"""As many different warnings of accounts are told."""


def _said(warnings: Warnings) -> Iterator[str]:
    for text, (first, count) in list(warnings.items())[:WARNINGS]:
        yield f"account '{first}'{f' and {count - 1:,} more' if count > 1 else ''}: {text}"
    if len(warnings) > WARNINGS:
        yield f"{len(warnings) - WARNINGS:,} more warnings of accounts are not shown"


def _stacked(tables: list[Table]) -> Table:
    """Tables of the same columns, one below the other."""
    if not tables:
        return Table({})
    names = tables[0].columns
    return Table({name: np.concatenate([table.columns[name] for table in tables]) for name in names})


_DATES = {"term_start", "day"}
_TEXTS = {"account_id", "title", "segment", "region", "plan", "plan_after"}


class Book:
    """Adds accounts up, and keeps a row of each and of each of its renewals."""

    def __init__(self, months: int, draws: int) -> None:
        self._sums = Sums(months, draws)
        self._accounts: list[dict[str, object]] = []
        self._renewals: list[dict[str, object]] = []
        self._warnings: dict[str, tuple[str, int]] = {}

    def add(self, account: Account, ledgers: Sequence[AccountLedger], warnings: Sequence[str] = ()) -> None:
        """Add an account: its ledgers of blocks of draws, one after the other; none where nothing of it is simulated.

        Accounts come in order of id.
        """
        first = 0
        for ledger in ledgers:
            draws = slice(first, first + len(ledger.committed.first))
            first = draws.stop
            for plan, amounts in ledger.cells.items():
                cell = Cell(plan, account.segment, account.region)
                self._sums.add_cell(cell, amounts, ledger.opening[plan], draws)
            self._sums.add_bridges(account.segment, ledger.committed, ledger.usage, draws)
        joined = [_joined(same) for same in zip(*(ledger.renewals for ledger in ledgers), strict=True)]
        self._accounts.append(_account_row(account, ledgers, joined))
        self._renewals += [_renewal_row(account, number, one) for number, one in enumerate(joined, 1)]
        add_warnings(self._warnings, dict.fromkeys(warnings, (account.account_id, 1)))

    def part(self) -> Part:
        """What was added so far."""
        accounts, renewals = _table(ACCOUNT_COLUMNS, self._accounts), _table(RENEWAL_COLUMNS, self._renewals)
        return Part(self._sums, accounts, renewals, self._warnings)


def _figures(ledger: AccountLedger) -> dict[str, Cents]:
    """What is told of an account, draw by draw, shape (draws,)."""
    total = ledger.total
    flows = {"billed": BILLED, "paid": ("paid",), "recognised": RECOGNISED}
    return {
        **{name: total[[INDEX[measure] for measure in added]].sum(axis=(0, 1)) for name, added in flows.items()},
        "arr_first": ledger.committed.first,
        "arr_last": ledger.committed.last,
        "usage_first": ledger.usage.first,
        "usage_last": ledger.usage.last,
    }


def _account_row(
    account: Account, ledgers: Sequence[AccountLedger], renewals: Sequence[Mapping[str, Any]]
) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(ACCOUNT_COLUMNS, 0)
    row |= _who(account)
    row |= {
        "plan": account.contract.plan.id,
        "term_start": account.contract.term_start,
        "seats": sum(account.contract.seats.values()),
        "members": sum(account.members.values()),
    }
    if not ledgers:
        return row
    blocks = [_figures(ledger) for ledger in ledgers]
    whole = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    row |= {name: int(means(cents)) for name, cents in whole.items()}
    found = spread(whole["recognised"])
    row |= {"recognised_p10": found.p10, "recognised_p90": found.p90}
    row["lost"] = sum(int(np.count_nonzero(one["reached"] & ~one["goes_on"])) for one in renewals)
    return row


def _joined(same: Sequence[Renewal]) -> dict[str, Any]:
    """A renewal in all draws."""
    arrays = ("committed_before", "committed_after", "usage", "reached", "goes_on")
    return {**vars(same[0]), **{name: np.concatenate([getattr(one, name) for one in same]) for name in arrays}}


def _renewal_row(account: Account, number: int, one: Mapping[str, Any]) -> dict[str, object]:
    reached, goes_on = one["reached"], one["goes_on"]
    return {
        **_who(account),
        "day": one["day"],
        "number": number,
        "early": one["early"],
        "plan": one["old_plan"],
        "plan_after": one["new_plan"],
        "seats_before": one["seats_before"],
        "seats_after": one["seats_after"],
        "arr_before": int(means(one["committed_before"] * reached)),
        "retained": int(means(one["committed_after"] * goes_on)),
        "usage_before": int(means(one["usage"] * reached)),
        "probability": float(one["probability"]),
        "reached": int(np.count_nonzero(reached)),
        "renewed": int(np.count_nonzero(goes_on)),
    }


def _who(account: Account) -> dict[str, object]:
    return {
        "account_id": account.account_id,
        "title": account.title,
        "segment": account.segment,
        "region": account.region,
    }


def _table(names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Table:
    return Table({name: np.array([row[name] for row in rows], dtype=_kind(name)) for name in names})


def _kind(name: str) -> str:
    if name in _DATES:
        return "datetime64[D]"
    if name in _TEXTS:
        return "str"
    return {"early": "bool", "probability": "float64"}.get(name, "int64")
