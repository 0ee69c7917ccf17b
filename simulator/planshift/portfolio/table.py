"""Accounts in columns: a portfolio of hundreds of thousands takes little room, and any of them is there when asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.billing.contract import Agreed, AutoReload, Contract, CreditSettings, LimitChange, Limits, Own
from planshift.billing.money import UNLIMITED
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.portfolio.account import (
    Account,
    AccountUsage,
    EndOfMonth,
    Mix,
    PaymentTerms,
    first_term,
    following,
    prepaid,
)
from planshift.portfolio.columns import ABSENT, decimal_of
from planshift.problems import Place

Ints = npt.NDArray[np.int64]

BILLIONTHS = 10**9
FIRST_DAY = "first_day"
"""The column of the contracts' first days, which the terms are counted from (Rulebook R0)."""
NOT_SAID = "none"
"""The segment and the region of an account that has none."""
_END_OF_MONTH: tuple[EndOfMonth, ...] = ("none", "before", "after")
_CREDITS = ("none", "prorated")
_PAYMENTS = ("card", "ach")


@dataclass(frozen=True)
class Coded:
    """A column of text: ``codes`` by account, and what they stand for."""

    codes: npt.NDArray[np.int32]
    names: tuple[str, ...]

    def __getitem__(self, row: int) -> str:
        return self.names[int(self.codes[row])]

    def taken(self, rows: slice | npt.NDArray[np.intp]) -> Coded:
        """Those of some accounts."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, eq=False)
class AccountTable:
    """The accounts of a portfolio in columns, in order of id; every default is filled in.

    ``texts``: title, segment, region, plan, channel, usage; ``numbers``: the other columns by name, whole numbers as
    `planshift.portfolio.columns` has them, ABSENT where an account has no value; a column that nobody has is
    missing. ``term_start`` is the first day of the term that is simulated first, FIRST_DAY that of the
    contract. ``file`` and ``line`` say where an account stands.
    """

    ids: tuple[str, ...]
    texts: Mapping[str, Coded]
    numbers: Mapping[str, Ints]
    mixes: Mapping[str, Mix]
    usage_files: Mapping[str, Path]
    catalogue: Catalogue
    files: tuple[Path, ...]
    file: npt.NDArray[np.int16]
    line: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, row: int) -> Place:
        """Where an account stands."""
        return Place(str(self.files[self.file[row]]), int(self.line[row]))

    def row(self, account_id: str) -> int:
        """Where an account is in the table; KeyError where there is none of that id."""
        found = bisect_left(self.ids, account_id)
        if found == len(self.ids) or self.ids[found] != account_id:
            raise KeyError(account_id)
        return found

    def part(self, rows: slice) -> AccountTable:
        """Some of the accounts, those that follow one another."""
        return replace(
            self,
            ids=self.ids[rows],
            texts={name: text.taken(rows) for name, text in self.texts.items()},
            numbers={name: values[rows] for name, values in self.numbers.items()},
            file=self.file[rows],
            line=self.line[rows],
        )

    def shifted(self, column: str, change: Fraction, low: Fraction, high: Fraction) -> AccountTable:
        """The table with a column of shares moved by ``change``, kept between two bounds."""
        if not change:
            return self
        moved = self.numbers[column] + int(change * BILLIONTHS)
        bounded = np.clip(moved, int(low * BILLIONTHS), int(high * BILLIONTHS))
        return replace(self, numbers={**self.numbers, column: bounded})

    def number(self, column: str, row: int) -> int | None:
        """The whole number of an account in a column; None where it has no value."""
        values = self.numbers.get(column)
        found = ABSENT if values is None else int(values[row])
        return None if found == ABSENT else found

    def account(self, row: int) -> Account:
        """One of the accounts, by its place in the table."""
        plan = self.catalogue.plans[self.texts["plan"][row]]
        migrate_on, credit = self.number("migrate_on", row), self.number("migrate_credit", row)
        account_id = self.ids[row]
        return Account(
            account_id=account_id,
            title=self.texts["title"][row] or account_id,
            segment=self.texts["segment"][row] or NOT_SAID,
            region=self.texts["region"][row] or NOT_SAID,
            contract=self._contract(plan, row),
            members=self._counts("members", plan.seat_types, row),
            usage=self._usage(row),
            payment=PaymentTerms(
                self.number("payment_days", row) or 0, _END_OF_MONTH[self.number("payment_end_of_month", row) or 0]
            ),
            renewal_probability=self._share("renewal_probability", row) or Fraction(0),
            seat_change=self._share("seat_change", row) or Fraction(0),
            migrate_on=None if migrate_on is None else date.fromordinal(migrate_on),
            migrate_credit=None if credit is None else _CREDITS[credit],
        )

    def _contract(self, plan: Plan, row: int) -> Contract:
        term_start = date.fromordinal(int(self.numbers["term_start"][row]))
        first_day = date.fromordinal(int(self.numbers[FIRST_DAY][row]))
        channel = self.texts["channel"][row]
        bought = self._credits(row)
        terms = Terms(plan, channel)
        term = first_term(plan, first_day).in_force(term_start)
        after = following(self.catalogue, plan, term)
        return Contract(
            plan=plan,
            channel=channel,
            term_start=term_start,
            first_day=first_day,
            seats=self._counts("seats", plan.seat_types, row),
            own=self._own(plan, row),
            limits=self._limits(row),
            credits=bought if prepaid(terms, term_start) else CreditSettings(),
            renewal=Agreed(
                own=Own(
                    seat_prices=self._money("renewal_seat_price", after.seat_types, row),
                    usage_discount=self._decimal("renewal_usage_discount", row),
                ),
                limits=self._agreed_limits(row),
                credits=_agreed_credits(bought, terms, Terms(after, channel), term.renewal),
            ),
        )

    def _own(self, plan: Plan, row: int) -> Own:
        extra = self.number("extra_usage", row) if plan.seat_based else None
        return Own(
            seat_prices=self._money("seat_price", plan.seat_types, row),
            included_usage=self._money("included_usage", plan.seat_types, row) if plan.seat_based else {},
            usage_discount=self._decimal("usage_discount", row),
            extra_usage=None if extra is None else bool(extra),
        )

    def _limits(self, row: int) -> Limits:
        organization, member = self.number("organization_limit", row), self.number("member_limit", row)
        return Limits(
            organization=UNLIMITED if organization is None else organization,
            each_member=UNLIMITED if member is None else member,
        )

    def _agreed_limits(self, row: int) -> LimitChange | None:
        names = ("renewal_organization_limit", "renewal_member_limit")
        organization, member = (self.number(name, row) for name in names)
        return None if organization is None and member is None else LimitChange(organization, member)

    def _credits(self, row: int) -> CreditSettings:
        below, amount = self.number("credit_reload_below", row), self.number("credit_reload_amount", row)
        payment = self.number("credit_payment", row)
        return CreditSettings(
            initial=self.number("credits_initial", row) or 0,
            auto_reload=AutoReload(below or 0, amount, self.place(row)) if amount else None,
            payment=None if payment is None else _PAYMENTS[payment],
        )

    def _usage(self, row: int) -> AccountUsage:
        name = self.texts["usage"][row]
        spend = self._decimal("monthly_spend", row)
        if name in self.mixes:
            return AccountUsage(mix=self.mixes[name], monthly_spend=spend)
        return AccountUsage(scenario=self.usage_files[name], monthly_spend=spend)

    def _counts(self, column: str, seats: Sequence[str], row: int) -> dict[str, int]:
        found = {seat: self.number(f"{column}_{seat}", row) for seat in seats}
        return {seat: count for seat, count in found.items() if count}

    def _money(self, column: str, seats: Sequence[str], row: int) -> dict[str, Decimal]:
        found = {seat: self._decimal(f"{column}_{seat}", row) for seat in seats}
        return {seat: amount for seat, amount in found.items() if amount is not None}

    def _decimal(self, column: str, row: int) -> Decimal | None:
        found = self.number(column, row)
        return None if found is None else _decimal(found)

    def _share(self, column: str, row: int) -> Fraction | None:
        found = self.number(column, row)
        return None if found is None else _fraction(found)


@lru_cache(maxsize=1 << 14)
def _decimal(billionths: int) -> Decimal:
    return decimal_of(billionths)


@lru_cache(maxsize=1 << 14)
def _fraction(billionths: int) -> Fraction:
    return Fraction(billionths, BILLIONTHS)


def _agreed_credits(bought: CreditSettings, before: Terms, after: Terms, renewal: date) -> CreditSettings | None:
    """How credits are bought after the first renewal: the first ones anew where prepayment begins, or where nothing
    reloads; what is left stays (Rulebook C4)."""
    if not prepaid(after, renewal):
        return None
    goes_on = prepaid(before, renewal) and bought.auto_reload is not None
    return replace(bought, initial=0) if goes_on else bought
