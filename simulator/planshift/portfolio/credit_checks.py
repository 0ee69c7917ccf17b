"""Whether an account's credits go with how its usage is paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from planshift.billing.magnitude import reload_problem
from planshift.billing.money import CENT, NANO
from planshift.billing.terms import Terms
from planshift.plans.bounds import LEAST_RELOAD, MOST_RELOADS
from planshift.portfolio.reading import Bools, Places, Rows, saying
from planshift.portfolio.term import prepaid

if TYPE_CHECKING:
    from planshift.portfolio.checking import Group

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
