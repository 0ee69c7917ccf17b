"""Who reads the page, and what of it they may see: for customers a list of fields, and nothing that is not on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import SimpleNamespace
from typing import Any

from planshift.problems import InputError, did_you_mean
from planshift.reports.page.said import Money, Month, Name, Said

CUSTOMER, INTERNAL = "customer", "internal"
AUDIENCES = (CUSTOMER, INTERNAL)

# Not here, on purpose: titles of the scenario and of anybody's own what-ifs, which are written for colleagues; remarks
# of the run and the command, which name files; the names of files, of which customers get the part and the digest.
# Members' ids are here: a customer's members are the customer's own.
CUSTOMERS_SEE: Mapping[str, frozenset[str]] = {
    name: frozenset(seen.split())
    for name, seen in {
        "Page": "customer prepared what_if_count day last months old_plan new_plan draws verdict bridge month_by_month"
        " who can_do recommendation when what_if rests_on",
        "Verdict": "said old new change share old_range new_range change_range dearer",
        "Range": "p10 p50 p90",
        "Bridge": "old steps new",
        "Step": "key cents low high",
        "Months": "rows old new change before",
        "MonthRow": "month old_seats old_usage new_seats new_usage old new change low high before",
        "WinnersLosers": "groups teams members drawn break_even",
        "GroupRow": "key members of low high old new change mean share_of_change",
        "TeamRow": "name members change cheaper dearer teams",
        "MemberRow": "name team count old new change",
        "SeatRow": "seat crossings everywhere members dearer cheaper mean_usage",
        "Capability": "newly_done newly_done_members newly_stopped newly_stopped_members stops hits more_hits",
        "StopRow": "cause old new",
        "HitRow": "scope cause months chance stopped likeliest in_year",
        "Recommendation": "advice rests_on more_members",
        "Advice": "what value agreed rule too_low too_high names more_names further",
        "Timing": "draws first last credits moves",
        "MoveRow": "day cells",
        "MoveCell": "cost change paid",
        "WhatIf": "rows swings base tried",
        "WhatIfRow": "title new change effect",
        "SwingRow": "title low high low_value high_value",
        "RestsOn": "terms notes assumed sources inputs command_shape version",
        "TermRow": "title old new old_assumed new_assumed",
        "Assumed": "said others",
        "SourceRow": "title address",
        "InputRow": "role sha256",
    }.items()
}
"""Part of the page → the fields of it that go on a customer's page. A part that is not here is left out whole."""

_WORDS = (Said, Name, Money, Month)


def check_audience(name: str) -> None:
    """Nothing for an audience that there is; InputError for another."""
    if name not in AUDIENCES:
        raise InputError.at("--report", f"there is no page for '{name}'", did_you_mean(name, AUDIENCES))


def seen_by(audience: str, part: Any) -> Any:
    """What an audience sees of a part of the page: the same fields, but for those that it may not see.

    A template that asks for one of them fails. A part that may not be seen at all is None.
    """
    if isinstance(part, tuple):
        return tuple(found for item in part if (found := seen_by(audience, item)) is not None)
    if isinstance(part, _WORDS) or not is_dataclass(part):
        return part
    name = type(part).__name__
    if audience == CUSTOMER and name not in CUSTOMERS_SEE:
        return None
    seen = [one.name for one in fields(part) if audience == INTERNAL or one.name in CUSTOMERS_SEE[name]]
    return SimpleNamespace(**{field: seen_by(audience, getattr(part, field)) for field in seen})
