"""Hypothesis strategies: scenarios with their usage, valid by construction, small, and near the edges of the rules."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from oracle.book import Book
from oracle.facts import ARREARS, PLANS, PREPAID, TOKEN_CLASSES, Plan
from oracle.terms import months_after

Scenario = dict[str, Any]
Rows = list[dict[str, Any]]
Draw = Callable[..., Any]

MEMBERS = ("ada", "ben", "cleo", "dan")
SURFACES = ("chat", "claude_code", "cowork")
CHANNELS = ("self_serve", "sales_assisted")
FIRST_USAGE = date(2026, 10, 1)
"""From here on, the rate card has all models that rows name (Haiku 5.5 a few days later)."""

TERM_STARTS = (
    *(date(2025, 10, 17), date(2025, 10, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 8, 31)),
    *(date(2026, 10, 1), date(2026, 10, 15), date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 1)),
    *(date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 15), date(2027, 11, 30)),
    *(date(2028, 1, 31), date(2028, 2, 29), date(2028, 2, 29)),
)


def _decimals(*texts: str) -> st.SearchStrategy[Decimal]:
    """One of these numbers."""
    return st.sampled_from([Decimal(text) for text in texts])


AMOUNTS = _decimals("3", "8.40", "20", "45.55", "120", "400")
DISCOUNTS = _decimals("0", "0.075", "0.10", "0.5", "0.0731", "0.333333333", "0.123456789")
SEAT_PRICES = _decimals("10", "17.35", "12.3450", "33.3350", "40", "199.99")
MINIMUMS = _decimals("0", "0.07", "9.99", "31", "45.123456789", "500")
INCLUDED = _decimals("0", "0.75", "1.5", "5", "6.333333333", "24")
LIMITS = st.one_of(
    _decimals("0", "0.01", "2", "5", "9.99", "12.3450", "20.50", "33.333333333", "60", "250"), st.just("unlimited")
)
TOKENS = st.one_of(st.sampled_from([0, 1, 3, 333_333, 500_000]), st.integers(0, 1_000_000))
MODELS = st.sampled_from(
    ["claude-opus-5-5"] * 3
    + ["claude-sonnet-5-5"] * 3
    + ["claude-haiku-5-5", "claude-haiku-4-5", "claude-opus-4-8", "claude-sonnet-4-6"]
)
PRORATIONS = st.sampled_from(["months_and_days", "whole_months", "days"])


@st.composite
def scenarios(draw: Draw, counterfactual: bool = False) -> tuple[Scenario, Rows]:
    """A scenario, as its YAML would be read, and its usage rows.

    With `counterfactual` it is one that can also run past its renewal on a legacy plan: nothing in it needs the
    successor.
    """
    plan = PLANS[draw(st.sampled_from([name for name in PLANS if PLANS[name].successor or not counterfactual]))]
    channel = draw(st.sampled_from(CHANNELS))
    term_start = draw(st.one_of(st.sampled_from(TERM_STARTS), st.dates(date(2025, 10, 2), date(2028, 6, 30))))
    first, months = draw(_horizons(term_start))
    end = months_after(first, months)
    seats, members = draw(_seats(plan, channel))
    contract: Scenario = {"plan": plan.id, "channel": channel, "term_start": term_start, "seats": seats}
    contract |= draw(_own_terms(plan, channel, sorted(members)))
    if agreed := draw(_renewal(channel, sorted(members))):
        contract["renewal"] = agreed
    renewal = contract.get("renewal", {})
    book = Book(plan, channel, term_start, dict(seats), dict(members), renewal, counterfactual)
    events = draw(_events(book, term_start, first, end))
    rows = draw(_rows(sorted(book.seat_of), _marked_days(term_start, first, end, events), first, end))
    scenario: Scenario = {"title": "Drawn", "contract": contract, "horizon": {"start": first, "months": months}}
    if members:
        scenario["members"] = members
    if rows:
        scenario["usage"] = {"file": "usage.csv"}
    if events:
        scenario["events"] = events
    return scenario, rows


@st.composite
def _horizons(draw: Draw, term_start: date) -> tuple[date, int]:
    """The first day, within the term, and how many months; often such that the run meets the renewal (H1, R1)."""
    renewal = months_after(term_start, 12)
    earliest = max(term_start, FIRST_USAGE)
    anchors = [day for number in range(12) if (day := months_after(term_start, number)) >= earliest]
    firsts = [day for number in range(13) if earliest <= (day := months_after(term_start.replace(day=1), number))]
    days = [earliest, *anchors, *[day for day in firsts if day < renewal]]
    latest = renewal - timedelta(days=1)
    first = draw(st.one_of(st.sampled_from(days), st.sampled_from(days[-4:]), st.dates(earliest, latest)))
    to_renewal = max((months for months in range(13) if months_after(first, months) <= renewal), default=0)
    lengths = [st.integers(1, 3), st.integers(1, 14), st.integers(max(1, to_renewal), min(14, to_renewal + 2))]
    return first, draw(st.one_of(lengths))


@st.composite
def _seats(draw: Draw, plan: Plan, channel: str) -> tuple[dict[str, int], dict[str, str]]:
    """Seats by type, and members who fit on them (S4, S5)."""
    types = list(plan.seat_types)
    names = draw(st.sampled_from([MEMBERS[:count] for count in (0, 1, 2, 2, 3, 3, 3, 4)]))
    members = {name: draw(st.sampled_from(types)) for name in names}
    seats = {name: list(members.values()).count(name) + draw(st.integers(0, 3)) for name in types}
    short = plan.minimum_seats.get(channel, 0) - sum(seats.values())
    seats[plan.first_seat_type] += max(0, short) + draw(st.sampled_from([0, 0, 1, 7]))
    if not any(seats.values()):
        seats[plan.first_seat_type] = 1
    return {name: count for name, count in seats.items() if count > 0}, members


def _limits(types: list[str]) -> st.SearchStrategy[Scenario]:
    """Limits at any of the levels (L1)."""
    return st.fixed_dictionaries(
        {},
        optional={
            "organization": LIMITS,
            "each_member": LIMITS,
            "seat_types": st.dictionaries(st.sampled_from(types), LIMITS, min_size=1),
        },
    )


@st.composite
def _limits_of(draw: Draw, types: list[str], members: list[str]) -> Scenario:
    """Limits at one or more of the levels, members' own included."""
    limits: Scenario = draw(_limits(types))
    if members and draw(st.booleans()):
        limits["members"] = draw(st.dictionaries(st.sampled_from(members), LIMITS, min_size=1, max_size=2))
    return limits or {"organization": draw(LIMITS)}


@st.composite
def _credits(draw: Draw) -> Scenario:
    """Credit settings: what is bought at the start, and by reaction or by reload, or neither (C2, C3)."""
    settings: Scenario = {}
    kind = draw(st.sampled_from(["reaction", "reaction", "reload", "neither"]))
    if kind == "neither" or draw(st.integers(0, 3)):
        settings["initial"] = draw(AMOUNTS)
    if kind == "reaction":
        settings["when_exhausted"] = {"buy": draw(AMOUNTS), "after_days": draw(st.sampled_from([1, 3, 10, 25]))}
    if kind == "reload":
        below = draw(_decimals("0", "0.50", "15", "30"))
        settings["auto_reload"] = {"below": below, "amount": draw(_decimals("20", "41.01", "100"))}
    if draw(st.booleans()):
        settings["expiry_months"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        settings["payment"] = "card" if kind == "reload" else draw(st.sampled_from(["card", "ach"]))
    return settings


@st.composite
def _own_terms(draw: Draw, plan: Plan, channel: str, members: list[str]) -> Scenario:
    """What the customer has of their own (P3): any of it, or nothing."""
    types = list(plan.seat_types)
    terms: Scenario = {}
    if draw(st.booleans()):
        terms["seat_prices"] = draw(st.dictionaries(st.sampled_from(types), SEAT_PRICES, min_size=1))
    if draw(st.booleans()):
        terms["usage_discount"] = draw(DISCOUNTS)
    if draw(st.booleans()):
        terms["proration"] = draw(PRORATIONS)
    if draw(st.integers(0, 3)):
        terms["spend_limits"] = draw(_limits_of(types, members))
    if plan.kind == "seat_based":
        if draw(st.integers(0, 4)):
            terms["included_usage_per_week"] = draw(st.dictionaries(st.sampled_from(types), INCLUDED, min_size=1))
        if draw(st.integers(0, 3)):
            terms["extra_usage"] = {"enabled": draw(st.sampled_from([True, True, False]))}
    if plan.payment[channel] == ARREARS and draw(st.booleans()):
        terms["usage_minimum"] = draw(MINIMUMS)
    if plan.payment[channel] == PREPAID and draw(st.integers(0, 7)):
        terms["credits"] = draw(_credits())
    return terms


@st.composite
def _renewal(draw: Draw, channel: str, members: list[str]) -> Scenario:
    """What is agreed for the term after, which is one of `enterprise`; often nothing (R1, R4)."""
    agreed: Scenario = {}
    if draw(st.integers(0, 2)) == 0:
        return agreed
    if draw(st.booleans()):
        agreed["channel"] = channel = draw(st.sampled_from([*CHANNELS, channel]))
    if draw(st.integers(0, 3)) == 0:
        agreed["seats"] = {"enterprise": draw(st.sampled_from([4, 20, 35, 50, 61]))}
    if draw(st.booleans()):
        agreed["spend_limits"] = draw(_limits_of(["enterprise"], members))
    if draw(st.booleans()):
        agreed["usage_discount"] = draw(DISCOUNTS)
    if draw(st.booleans()):
        agreed["seat_prices"] = {"enterprise": draw(SEAT_PRICES)}
    if channel == "sales_assisted" and draw(st.booleans()):
        agreed["usage_minimum"] = draw(MINIMUMS)
    if channel == "self_serve" and draw(st.integers(0, 3)):
        agreed["credits"] = draw(_credits())
    return agreed


@st.composite
def _events(draw: Draw, book: Book, term_start: date, first: date, end: date) -> list[Scenario]:
    """Events in order of day, each of them possible on its day; `book` is carried along."""
    marked = _marked_days(term_start, first, end, [])
    days_of = {"marked": st.sampled_from(marked), "inside": st.dates(first, end - timedelta(days=1))}
    where = ["inside", "marked"] * 3
    if term_start < first:
        days_of["before"] = st.dates(term_start, first - timedelta(days=1))
        where.append("before")
    days = [draw(days_of[place]) for place in draw(st.lists(st.sampled_from(where), max_size=9))]
    events = []
    for day in sorted(days):
        book.turn_to(day)
        action = draw(_action(book, day >= first))
        if action is not None:
            events.append({"date": day, **action})
            if "migrate" in action:
                book.renew(day)
    return events


@st.composite
def _action(draw: Draw, book: Book, in_horizon: bool) -> Scenario | None:
    """Something that an owner can do as things stand, or nothing."""
    kinds = ["add_seats", "remove_seats", "assign", "assign", *["set_limits"] * 4]
    if in_horizon and book.prepaid:
        kinds += ["buy_credits"] * 5
    if in_horizon and book.plan.may_migrate and not book.counterfactual:
        kinds += ["migrate"] * 2
    kind = draw(st.sampled_from(kinds))
    types = list(book.plan.seat_types)
    if kind == "add_seats":
        added = draw(st.dictionaries(st.sampled_from(types), st.integers(1, 9), min_size=1))
        book.seats = {name: book.seats.get(name, 0) + added.get(name, 0) for name in types}
        return {kind: added}
    if kind == "remove_seats":
        removal: Scenario | None = draw(_removal(book, [name for name in types if book.room(name) > 0]))
        return removal
    if kind == "assign":
        assignment: Scenario = draw(_assignment(book, types))
        return assignment
    if kind == "buy_credits":
        return {kind: draw(AMOUNTS)}
    if kind == "set_limits":
        return {kind: draw(_limits_of(types, sorted(book.seat_of)))}
    return {kind: draw(st.sampled_from([True, {"credit": "none"}, {"credit": "prorated"}, {"credit": "prorated"}]))}


@st.composite
def _removal(draw: Draw, book: Book, types: list[str]) -> Scenario | None:
    """Seats that nobody sits on, of a type that has some (S3)."""
    if not types:
        return None
    name = draw(st.sampled_from(types))
    removed = draw(st.integers(1, min(6, book.room(name))))
    book.waiting = {**book.waiting, name: book.waiting.get(name, 0) + removed}
    return {"remove_seats": {name: removed}}


@st.composite
def _assignment(draw: Draw, book: Book, types: list[str]) -> Scenario:
    """One or two members, new ones too, who leave their seat or take a free one (S4)."""
    seats: dict[str, str] = {}
    for member in draw(st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=2, unique=True)):
        free = [name for name in types if book.room(name) > 0]
        seats[member] = draw(st.sampled_from([*free, "unassigned"]))
        book.seat_of[member] = "" if seats[member] == "unassigned" else seats[member]
    return {"assign": seats}


def _marked_days(term_start: date, first: date, end: date, events: list[Scenario]) -> list[date]:
    """Days of the horizon on which something turns: its ends, months, terms, events, and their neighbours."""
    turns = [first, end, months_after(term_start, 12), *(event["date"] for event in events)]
    turns += [day for number in range(16) if (day := months_after(first.replace(day=1), number)) < end]
    near = {day + timedelta(days=shift) for day in turns for shift in (-1, 0, 1)}
    return sorted(day for day in near if first <= day < end)


@st.composite
def _rows(draw: Draw, members: list[str], marked: list[date], first: date, end: date) -> Rows:
    """Habits, the same row every so many days, perhaps of several members alike; and single rows on marked days."""
    if not members:
        return []
    rows: Rows = []
    span = (end - first).days
    for _ in range(draw(st.sampled_from([2, 1, 3, 4, 0]))):
        row = draw(_row())
        who = draw(st.lists(st.sampled_from(members), min_size=1, unique=True))
        start = draw(st.integers(0, min(span - 1, 40)))
        step = draw(st.sampled_from([1, 1, 2, 3, 8])) + span // 45
        days = [first + timedelta(days=offset) for offset in range(start, span, step)]
        rows += [{"date": day, "user_id": member, **row} for day in days for member in who]
    for day in draw(st.lists(st.sampled_from(marked), max_size=8)):
        rows.append({"date": day, "user_id": draw(st.sampled_from(members)), **draw(_row())})
    return sorted((_dated(row) for row in rows), key=lambda row: (row["date"], row["user_id"]))


@st.composite
def _row(draw: Draw) -> dict[str, Any]:
    """What was used, without day and member: dollars at most, mostly."""
    counts = {name: draw(TOKENS) for name in TOKEN_CLASSES}
    counts["output_tokens"] //= 2
    searches = draw(st.sampled_from([0, 0, 1, 7, 40]))
    return {"surface": draw(st.sampled_from(SURFACES)), "model": draw(MODELS), **counts, "web_searches": searches}


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """The row, on a model that there was on its day."""
    too_early = row["model"] == "claude-haiku-5-5" and row["date"] < date(2026, 10, 7)
    return {**row, "model": "claude-haiku-4-5"} if too_early else row
