"""What single cells cannot show: whether an account's plan, seats, dates, money and usage go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from planshift.billing.magnitude import reload_problem
from planshift.billing.money import CENT
from planshift.billing.schedule import Term, months_after
from planshift.billing.terms import Terms
from planshift.plans.bounds import LEAST_RELOAD, MOST_IN_ALL, MOST_RELOADS, NANO, too_much
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.portfolio.account import first_term, following, prepaid, term_in_force
from planshift.portfolio.columns import ABSENT, seat_types
from planshift.portfolio.reading import Bools, Places, Rows, saying
from planshift.portfolio.table import FIRST_DAY, Ints
from planshift.problems import did_you_mean

_BY_SEAT = ("members", "seats", "seat_price", "included_usage")
_COUNTED = ("members", "seats")
_AGREED = "renewal_seat_price_"
_YEAR = 12
_DAY_BITS = 24


@dataclass(frozen=True)
class Horizon:
    """The days of a portfolio: its first one, the day after its last, and the first that is simulated."""

    start: date
    end: date
    simulated_from: date

    @property
    def in_force(self) -> date:
        """The day whose term is simulated first: the one before the horizon, where days before it are simulated."""
        return self.start - timedelta(days=1) if self.simulated_from < self.start else self.start


@dataclass(frozen=True)
class Group:
    """Accounts with the same plan, channel and term: which ones, and what their contract says."""

    rows: Places
    plan: Plan
    channel: str
    term: Term
    after: Plan

    @property
    def renewal(self) -> date:
        """The day on which the term ends."""
        return self.term.renewal

    @property
    def terms(self) -> Terms:
        """The plan and the channel."""
        return Terms(self.plan, self.channel)


def check_accounts(rows: Rows, catalogue: Catalogue, horizon: Horizon, given: Mapping[str, Bools]) -> None:
    """Note every mistake that the rows have; ``term_start`` becomes the first day of the term that is simulated first,
    ``first_day`` that of the contract.

    ``given``: by column, which rows have a value of their own, not a default.
    """
    _duplicates(rows)
    _plans(rows, catalogue)
    for plan in catalogue.plans.values():
        _seats(rows, plan, catalogue, given)
    _terms(rows, catalogue, horizon)
    for group in _groups(rows, catalogue, horizon):
        if _channel_after(rows, group):
            _minimum(rows, group)
            _prices(rows, group)
            check_credits(rows, group, horizon.end, given)
            _migration(rows, group, horizon)
    spare = rows.has("migrate_credit") & ~rows.has("migrate_on")
    fact = "'migrate_credit' is given, but the account does not move early"
    rows.tell(spare & _given(given, "migrate_credit", rows), "migrate_credit", saying(fact, "give migrate_on too"))


# --- plans, dates, seats -------------------------------------------------------------------------------------------


def _duplicates(rows: Rows) -> None:
    ids = rows.texts["account_id"]
    first = np.full(len(ids.names), -1, dtype=np.int64)
    first[ids.codes[::-1]] = np.arange(len(rows) - 1, -1, -1)

    def say(row: int) -> tuple[str, str]:
        where = rows.place(int(first[ids.codes[row]]), "")
        return f"'{ids[row]}' is listed a second time, first in {where}", "keep one row for each account"

    rows.tell(first[ids.codes] != np.arange(len(rows)), "account_id", say)


def _plans(rows: Rows, catalogue: Catalogue) -> None:
    plans, channels = rows.texts["plan"], rows.texts["channel"]
    for code, name in enumerate(plans.names):
        if name not in catalogue.plans:
            remedy = did_you_mean(name, catalogue.plans)
            rows.tell(plans.codes == code, "plan", saying(f"no plan '{name}'", remedy))
            continue
        known = catalogue.plans[name].channel_titles
        for place, channel in enumerate(channels.names):
            if channel not in known:
                fact = f"'{channel}' is not a channel of '{name}'"
                found = (plans.codes == code) & (channels.codes == place)
                rows.tell(found, "channel", saying(fact, did_you_mean(channel, known)))


def _terms(rows: Rows, catalogue: Catalogue, horizon: Horizon) -> None:
    """Terms in force at the horizon's beginning, or beginning later; dates that no contract can have."""
    plans, starts = rows.texts["plan"], rows.number("term_start")
    found = starts.copy()
    for plan_code, number, chosen in _pairs(plans.codes, starts, ~rows.wrong):
        plan, started = catalogue.plans[plans.names[plan_code]], date.fromordinal(number)
        if started >= months_after(horizon.end, _YEAR):
            fact = f"the contract starts on {started}, a year or more after the horizon ends on {horizon.end}"
            rows.tell(chosen, "term_start", saying(fact, "correct the date, or leave the account out"))
        elif plan.find("term_months", started) is None:
            rows.tell(chosen, "term_start", saying(f"'{plan.id}' had no terms on {started}", "correct the date"))
        elif in_force := term_in_force(plan, started, horizon.in_force):
            found[chosen] = in_force.start.toordinal()
        else:
            renewal = first_term(plan, started).renewal
            fact = f"'{plan.id}' ended at its renewal on {renewal}, before what is forecast from {horizon.start} on"
            remedy = f"give the plan that is in force then, '{plan.successor(renewal)}', and its term"
            rows.tell(chosen, "term_start", saying(fact, remedy))
    rows.numbers[FIRST_DAY], rows.numbers["term_start"] = starts, found


def _groups(rows: Rows, catalogue: Catalogue, horizon: Horizon) -> Iterator[Group]:
    plans, channels = rows.texts["plan"], rows.texts["channel"]
    both = plans.codes.astype(np.int64) * len(channels.names) + channels.codes
    for code, number, chosen in _pairs(both, rows.number(FIRST_DAY), ~rows.wrong):
        plan = catalogue.plans[plans.names[code // len(channels.names)]]
        term = first_term(plan, date.fromordinal(number)).in_force(horizon.in_force)
        after = following(catalogue, plan, term)
        yield Group(chosen, plan, channels.names[code % len(channels.names)], term, after)


def _pairs(codes: npt.NDArray[Any], days: Ints, rows: Bools) -> Iterator[tuple[int, int, Places]]:
    """Every pair of a code and a day that some rows have, with these rows."""
    places = np.flatnonzero(rows)
    keys = codes[places].astype(np.int64) << _DAY_BITS | days[places]
    order = np.argsort(keys, kind="stable")
    bounds = np.flatnonzero(np.diff(keys[order], prepend=-1, append=-1)).tolist()
    for first, last in pairwise(bounds):
        key = int(keys[order[first]])
        yield key >> _DAY_BITS, key & ((1 << _DAY_BITS) - 1), places[order[first:last]]


def _seats(rows: Rows, plan: Plan, catalogue: Catalogue, given: Mapping[str, Bools]) -> None:
    """Seats and members by the plan's seat types, and columns of other plans that must be empty."""
    plans = rows.texts["plan"]
    code = plans.names.index(plan.id) if plan.id in plans.names else -1
    if code < 0:
        return
    on_plan: Bools = np.logical_and(plans.codes == code, ~rows.wrong)
    for seat in seat_types(catalogue.plans.values()):
        if seat in plan.seat_types:
            _enough(rows, on_plan, seat)
            continue
        remedy = f"seat types of '{plan.id}' are: {', '.join(plan.seat_types)}"
        for name in _BY_SEAT:
            column = f"{name}_{seat}"
            # Of other plans' seats there may be none; a price of none would be a mistake.
            there = rows.count(column) > 0 if name in _COUNTED else rows.has(column) & _given(given, column, rows)
            rows.tell(on_plan & there, column, saying(f"'{seat}' is not a seat type of '{plan.id}'", remedy))
    if not plan.seat_based:
        for column in ("extra_usage", *(f"included_usage_{seat}" for seat in plan.seat_types)):
            fact = f"'{column}' is given, but seats of '{plan.id}' include no usage (Rulebook U3)"
            rows.tell(on_plan & rows.has(column) & _given(given, column, rows), column, saying(fact, "leave it empty"))
    members = np.sum([rows.count(f"members_{seat}") for seat in plan.seat_types], axis=0)
    fact, column = "the account has no members", f"members_{plan.seat_types[0]}"
    rows.tell(on_plan & (members == 0), column, saying(fact, "say how many members there are, by seat type"))


def _enough(rows: Rows, on_plan: Bools, seat: str) -> None:
    members, seats = rows.count(f"members_{seat}"), rows.count(f"seats_{seat}")

    def say(row: int) -> tuple[str, str]:
        fact = f"{members[row]} members have a seat '{seat}', but the contract holds {seats[row]} (Rulebook S4)"
        return fact, "buy more seats, or assign fewer members"

    rows.tell(on_plan & (members > seats), f"members_{seat}", say)


def _minimum(rows: Rows, group: Group) -> None:
    fewest = group.terms.minimum_seats(group.term.start)
    held = np.sum([rows.count(f"seats_{seat}", group.rows) for seat in group.plan.seat_types], axis=0)
    total = dict(zip(group.rows.tolist(), held.tolist(), strict=True)) if (held < fewest).any() else {}

    def say(row: int) -> tuple[str, str]:
        fact = f"{total[row]} seats are below the minimum of {fewest} for {group.channel} (Rulebook S5)"
        return fact, f"a contract holds at least {fewest} seats"

    rows.tell(group.rows[held < fewest], f"seats_{group.plan.seat_types[0]}", say)


# --- money and moves -----------------------------------------------------------------------------------------------


def _channel_after(rows: Rows, group: Group) -> bool:
    """Does the plan after the renewal have the channel?"""
    if group.channel in group.after.channel_titles:
        return True
    fact = f"'{group.plan.id}' becomes '{group.after.id}' on {group.renewal}, which has no channel '{group.channel}'"
    rows.tell(group.rows, "channel", saying(fact, did_you_mean(group.channel, group.after.channel_titles)))
    return False


def _prices(rows: Rows, group: Group) -> None:
    """A price that neither the account nor the plan has, and the same of what a seat includes."""
    wanted = {"seat_price": "price_usd_per_month"}
    if group.plan.seat_based:
        wanted["included_usage"] = "included_usd_per_week"
    for seat in group.plan.seat_types:
        for name, key in wanted.items():
            if group.plan.find(f"seats.{seat}.{key}", group.term.start) is not None:
                continue
            column = f"{name}_{seat}"
            lacking = (rows.count(f"seats_{seat}", group.rows) > 0) & ~rows.has(column, group.rows)
            fact = f"'{column}' is not given, and '{group.plan.id}' has none in force on {group.term.start}"
            rows.tell(group.rows[lacking], column, saying(fact, "fill it in, or give it in `defaults`"))
    for seat in group.plan.seat_types:
        _fees(rows, group, seat)
    for seat in {column.removeprefix(_AGREED) for column in rows.numbers if column.startswith(_AGREED)}:
        if seat not in group.after.seat_types:
            fact = f"'{_AGREED}{seat}' is given, but '{group.after.id}', the plan after, has no such seats"
            there = rows.has(f"{_AGREED}{seat}", group.rows)
            remedy = f"its seat types are: {', '.join(group.after.seat_types)}"
            rows.tell(group.rows[there], f"{_AGREED}{seat}", saying(fact, remedy))


def _fees(rows: Rows, group: Group, seat: str) -> None:
    """Seats of a type that come to too much for a term, at the account's price, the agreed one, or the plan's."""
    seats = rows.count(f"seats_{seat}", group.rows)
    listed = group.plan.find(f"seats.{seat}.price_usd_per_month", group.term.start)
    own = [rows.count(f"{column}{seat}", group.rows) / NANO for column in ("seat_price_", _AGREED)]
    price = np.maximum(np.maximum(*own), float(listed.value) if listed else 0.0)
    fees = seats * price * group.term.months
    total = dict(zip(group.rows.tolist(), fees.tolist(), strict=True)) if (fees > MOST_IN_ALL).any() else {}

    def say(row: int) -> tuple[str, str]:
        return f"seats '{seat}' for a term {too_much(total[row])}", "check their number and their price"

    rows.tell(group.rows[fees > MOST_IN_ALL], f"seats_{seat}", say)


def _migration(rows: Rows, group: Group, horizon: Horizon) -> None:
    """Early moves that the plan does not allow, or that lie outside the term or before what is simulated."""
    days = rows.number("migrate_on", group.rows)
    for number in np.unique(days[days != ABSENT]).tolist():
        day, chosen = date.fromordinal(number), group.rows[days == number]
        first = max(group.term.start + timedelta(days=1), horizon.simulated_from)
        if day < first:
            fact = f"the account moves early on {day}, before {first}, the first day on which it could"
            remedy = "correct the date; of an account that has moved already, give the plan that it has now"
        elif day >= group.renewal:
            fact = f"the account moves early on {day}, but its term ends on {group.renewal} anyway"
            remedy = "correct the date, or leave it empty"
        elif not group.plan.value("early_migration.allowed", day):
            fact = f"'{group.plan.id}' cannot move before its renewal (Rulebook R3)"
            remedy = "leave it empty: it moves at the renewal"
        else:
            continue
        rows.tell(chosen, "migrate_on", saying(fact, remedy))


def _given(given: Mapping[str, Bools], column: str, rows: Rows) -> Bools:
    """Which rows have a value of their own in a column, not a default."""
    return given.get(column, np.zeros(len(rows), dtype=np.bool_))


_COLUMNS = ("credits_initial", "credit_reload_below", "credit_reload_amount", "credit_payment")
_INITIAL, _BELOW, _AMOUNT, _PAYMENT = _COLUMNS
_CHOICES = ("card", "ach")


def check_credits(rows: Rows, group: Group, end: date, given: Mapping[str, Bools]) -> None:
    """Note credits on a contract that never prepays, half a reload, and a contract that prepays and never buys any.

    Whether it prepays is asked of the plan at the term's start and, where the renewal lies before ``end``, of the plan
    after it (Rulebook C1, A1).
    """
    after = Terms(group.after, group.channel)
    now = prepaid(group.terms, group.term.start)
    later = group.renewal < end and prepaid(after, group.renewal)
    if not now and not prepaid(after, group.renewal):
        for column in _COLUMNS:
            own = given.get(column)
            fact = f"usage is paid in arrears on '{group.plan.id}', {group.channel}: there are no credits (Rulebook A1)"
            if own is not None:
                rows.tell(group.rows[own[group.rows]], column, saying(fact, "leave it empty"))
        return
    _reloads(rows, group.rows)
    if now or later:
        plan = group.plan if now else group.after
        since = group.term.start if now else group.renewal
        never = (rows.count(_INITIAL, group.rows) == 0) & (rows.count(_AMOUNT, group.rows) == 0)
        fact = f"usage is paid from credits on '{plan.id}', {group.channel}, from {since} on, and none are ever bought"
        remedy = f"give {_INITIAL}, or {_BELOW} and {_AMOUNT}"
        rows.tell(group.rows[never], _INITIAL, saying(fact, remedy))
    allowed = after.plan.find("credits.auto_reload_payments", group.renewal)
    if allowed is not None:
        for place, payment in enumerate(_CHOICES):
            if payment not in allowed.value:
                paid = (rows.number(_PAYMENT, group.rows) == place) & (rows.count(_AMOUNT, group.rows) > 0)
                wrong = f"auto reload does not work with payment by {payment} (Rulebook C2)"
                remedy = f"pay by {allowed.text}, or buy credits without reload"
                rows.tell(group.rows[paid], _PAYMENT, saying(wrong, remedy))


def _reloads(rows: Rows, places: Places) -> None:
    below, amount = rows.has(_BELOW, places), (rows.count(_AMOUNT, places) > 0)
    for column, found, lacks in ((_BELOW, below & ~amount, _AMOUNT), (_AMOUNT, amount & ~below, _BELOW)):
        fact = f"'{column}' is given without '{lacks}', which goes with it"
        rows.tell(places[np.asarray(found)], column, saying(fact, "give both, or none"))
    for column in (_INITIAL, _BELOW, _AMOUNT):
        parts = rows.count(column, places) % CENT != 0
        rows.tell(places[parts], column, saying(f"'{column}' has parts of a cent", "round it to whole cents"))
    floor, bought = rows.count(_BELOW), rows.count(_AMOUNT)
    odd = amount & ((bought[places] < LEAST_RELOAD * NANO) | (-(-floor[places] // MOST_RELOADS) > bought[places]))
    rows.tell(places[odd], _AMOUNT, lambda row: reload_problem(int(floor[row]), int(bought[row])) or ("", ""))
