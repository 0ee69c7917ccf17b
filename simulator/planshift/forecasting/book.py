"""What a block of accounts comes to, written down account by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planshift.forecasting.account_ledger import AccountLedger
from planshift.forecasting.arr import Renewal
from planshift.forecasting.measures import BILLED, INDEX, RECOGNISED, Cents
from planshift.forecasting.result import ACCOUNT_COLUMNS, RENEWAL_COLUMNS, Cell, Table
from planshift.forecasting.sums import Part, Sums, add_warnings
from planshift.impact.spread import means, spread
from planshift.portfolio.account import Account

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
