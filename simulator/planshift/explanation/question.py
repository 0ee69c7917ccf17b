"""What is asked of a run: nothing in particular, an invoice or a line of it, a member, a month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from planshift.billing.charges import KINDS, USAGE, Charge, InvoiceLine
from planshift.billing.schedule import month_text
from planshift.explanation.replay import Replay
from planshift.problems import InputError, Problem, did_you_mean
from planshift.reports.words import listed

NAMED_AT_MOST = 5

Charged: TypeAlias = tuple[InvoiceLine, Charge]
"""A line and the charge that makes it."""


@dataclass(frozen=True)
class Question:
    """What to explain: an invoice of a day (perhaps one kind, line or member of it), or a member, or a month, or both;
    nothing of them asks for an overview."""

    invoice: date | None = None
    kind: str | None = None
    line: int | None = None
    member: str | None = None
    month: date | None = None


def question_of(
    invoice: date | str | None = None,
    kind: str | None = None,
    line: int | None = None,
    member: str | None = None,
    month: date | str | None = None,
) -> Question:
    """The question in these words; InputError for dates that are none and selections that contradict each other."""
    problems: list[Problem] = []
    if invoice is None:
        for option, given in (("--kind", kind), ("--line", line)):
            if given is not None:
                problems += _problem(option, f"{option} {given} is of no invoice", "add --invoice DATE")
    elif month is not None:
        fact = "--month chooses a month of usage and --invoice an invoice: both together are no selection"
        problems += _problem("--month", fact, "leave one of them out")
    if kind is not None and kind not in KINDS:
        problems += _problem("--kind", f"'{kind}' is not a kind of invoice", did_you_mean(kind, KINDS))
    elif kind not in (None, USAGE.name) and member is not None:
        fact = f"a line of kind {kind} is for the whole organization, not for '{member}'"
        problems += _problem("--member", fact, "leave --member out, or ask for --kind usage")
    day = _day(invoice, problems)
    first = _month(month, problems)
    if problems:
        raise InputError(problems)
    return Question(day, kind, line, member, first)


def _problem(option: str, fact: str, remedy: str) -> list[Problem]:
    return list(InputError.at(option, fact, remedy).problems)


def _day(given: date | str | None, problems: list[Problem]) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    problems += _problem("--invoice", f"'{given}' is not a date", "write it as 2026-10-31")
    return None


def _month(given: date | str | None, problems: list[Problem]) -> date | None:
    if given is None or isinstance(given, date):
        return given.replace(day=1) if given else None
    try:
        if re.fullmatch(r"\d{4}-\d\d", given):
            return date.fromisoformat(f"{given}-01")
    except ValueError:
        pass
    problems += _problem("--month", f"'{given}' is not a month", "write it as 2026-10")
    return None


def by_invoice(lines: Iterable[Charged]) -> list[list[Charged]]:
    """Lines, in order, as they stand together on invoices: on each they are of one kind, and their numbers rise."""
    invoices: list[list[Charged]] = []
    for charged in lines:
        line, before = charged[0], invoices[-1][-1][0] if invoices else None
        together = before and (before.day, before.plan, before.kind) == (line.day, line.plan, line.kind)
        if together and before and before.line < line.line:
            invoices[-1].append(charged)
        else:
            invoices.append([charged])
    return invoices


# --- what there is -----------------------------------------------------------------------------------------------


def lines_asked(replay: Replay, question: Question) -> list[Charged]:
    """The invoice lines that a question means; InputError, with what there is, where there are none."""
    day = question.invoice
    lines = [charged for charged in replay.lines() if charged[0].day == day]
    if not lines:
        raise InputError.at("--invoice", f"there is no invoice on {day}", _nearest_day(replay, day))
    kinds = list(dict.fromkeys(line.kind for line, _ in lines))
    if question.kind:
        lines = [charged for charged in lines if charged[0].kind == question.kind]
        if not lines:
            remedy = f"on that day there is {listed(kinds)}"
            raise InputError.at("--kind", f"there is no invoice of kind {question.kind} on {day}", remedy)
    if question.line is not None:
        lines = _of_number(lines, question.line, day)
    if question.member is not None:
        lines = _of_member(replay, lines, question)
    return lines


def _nearest_day(replay: Replay, day: date | None) -> str:
    days = list(dict.fromkeys(line.day for line, _ in replay.lines()))
    if not days:
        return "this run has no invoices; leave --invoice out"
    near = min(days, key=lambda other: abs((other - (day or other)).days))
    return f"did you mean {near}? There are invoices on {_some(map(str, days))}"


def _some(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - NAMED_AT_MOST
    return f"{', '.join(known[:NAMED_AT_MOST])} and {more} more" if more > 0 else listed(known)


def _of_number(lines: Sequence[Charged], number: int, day: date | None) -> list[Charged]:
    found = [charged for charged in lines if charged[0].line == number]
    kinds = list(dict.fromkeys(line.kind for line, _ in found))
    if not found:
        last = max(line.line for line, _ in lines)
        there = "there is only line 1" if last == 1 else f"there are the lines 1 to {last}"
        raise InputError.at("--line", f"there is no line {number} on {day}", there)
    if len(kinds) > 1:
        fact = f"on {day} there is a line {number} of each kind: {listed(kinds)}"
        raise InputError.at("--line", fact, f"add --kind {kinds[0]}, or another of them")
    return found


def _of_member(replay: Replay, lines: Sequence[Charged], question: Question) -> list[Charged]:
    member = check_member(replay, question.member or "")
    found = [charged for charged in lines if charged[0].user_id == member]
    if found:
        return found
    if question.line is not None:
        fact = f"line {question.line} of the invoice is for {lines[0][0].user_id or 'the whole organization'}"
        raise InputError.at("--member", f"{fact}, not for '{member}'", "leave --member or --line out")
    users = [line.user_id for line, _ in lines if line.user_id]
    remedy = f"there are lines for {_some(users)}" if users else "no line of that day is for a single member"
    raise InputError.at("--member", f"'{member}' has no line on {question.invoice}", remedy)


def check_member(replay: Replay, member: str) -> str:
    """The member; InputError with the nearest one where nobody has that id."""
    if member in replay.ledger.members:
        return member
    known = replay.ledger.members
    remedy = did_you_mean(member, known) if known else "this run has no members; leave --member out"
    raise InputError.at("--member", f"'{member}' is not a member", remedy)


def check_month(replay: Replay, month: date) -> list[str]:
    """The plans that were in force in a month, in order of time; InputError where the run does not have it."""
    plans = [plan for held, plan in replay.spans() if held == month]
    if plans:
        return plans
    months = [month_text(held) for held, _ in replay.spans()]
    held = f"{months[0]} to {months[-1]}" if len({*months}) > 1 else months[0]
    raise InputError.at("--month", f"the run has no usage of {month_text(month)}", f"it has {held}")
