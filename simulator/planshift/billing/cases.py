"""Worked cases: bills reckoned by hand, in YAML, and whether they come out as they should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from planshift.billing.ledger import AMOUNTS, Ledger
from planshift.billing.money import CENT, UNLIMITED, cents_text, nano, nano_text, short_text
from planshift.billing.scenario import Scenario, scenario_from
from planshift.billing.schedule import month_text
from planshift.billing.simulation import Run, simulate
from planshift.billing.totals import totals
from planshift.plans.catalogue import Catalogue, read_catalogue
from planshift.plans.documents import Document
from planshift.plans.plan import overlay_from
from planshift.plans.rates import RateCard
from planshift.plans.schemas import problems, read_valid
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.cells import MODIFIERS, SEARCHES, TOKEN_COLUMNS
from planshift.usage.demand import Demand, Nanos
from planshift.usage.measure import Measured
from planshift.usage.pricing import UnpricedRowsError, UsageColumns, row_costs
from planshift.usage.products import read_products

_EPOCH = date(1970, 1, 1).toordinal()


def case_demand(scenario: Scenario, rows: Sequence[Mapping[str, Any]], places: Sequence[Place], end: date) -> Measured:
    """The demand of a case's rows from the scenario's start up to ``end``; rows outside are left out (Rulebook H1).

    A row has ``usd`` at list price, or a model and counts as in a usage file. ``places`` say where each row stands.
    Raises InputError for people who are not members, unknown surfaces and models without a price.
    """
    people = scenario.people
    surfaces = read_products().titles
    card = scenario.catalogue.card(scenario.contract.plan)
    days = (end - scenario.start).days
    by_surface: dict[str, Nanos] = {}
    problems: list[Problem] = []
    for row, place in zip(rows, places, strict=True):
        who, where = row["user_id"], row["surface"]
        if who not in people:
            problems.append(Problem(place, f"'{who}' is not a member", did_you_mean(who, people)))
            continue
        if where not in surfaces:
            problems.append(Problem(place, f"'{where}' is not a surface", did_you_mean(where, surfaces)))
            continue
        try:
            nanos = nano(row["usd"]) if "usd" in row else _cost(row, card)
        except UnpricedRowsError as error:
            problems += [Problem(place, unpriced.fact, unpriced.remedy) for unpriced in error]
            continue
        day = (row["date"] - scenario.start).days
        if 0 <= day < days:
            array = by_surface.setdefault(where, np.zeros((days, 1, len(people)), dtype=np.int64))
            array[day, 0, people.index(who)] += nanos
    if problems:
        raise InputError(problems)
    return Measured(Demand(scenario.start, people, by_surface, days), len(rows), 0)


def _cost(row: Mapping[str, Any], card: RateCard) -> int:
    """What a row of usage costs, nano-dollars (Rulebook U1)."""
    columns = UsageColumns(
        day=np.array([row["date"].toordinal() - _EPOCH], dtype=np.int32),
        model=np.zeros(1, dtype=np.int32),
        model_names=[row["model"]],
        tokens={short: np.array([row.get(name, 0)]) for name, short in TOKEN_COLUMNS.items()},
        web_searches=np.array([row.get(SEARCHES, 0)]),
        modifiers=np.zeros(1, dtype=np.int32),
        modifier_names=[row.get(MODIFIERS, "")],
    )
    return int(row_costs(columns, card)[0])


Row: TypeAlias = tuple[str, ...]

NONE = nano_text(0)


def _text(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def dollars_text(amount: Decimal | int | str) -> str:
    """Dollars with nine decimals, as members.csv has them; words such as ``unlimited`` stay."""
    return amount if isinstance(amount, str) else nano_text(nano(amount))


def _invoice(row: Sequence[Any]) -> Row:
    return (*(_text(cell) for cell in row[:-1]), f"{Decimal(row[-1]):.2f}")


def _alert(row: Sequence[Any]) -> Row:
    return (*(_text(cell) for cell in row[:-1]), short_text(nano(row[-1])))


def _stop(row: Sequence[Any]) -> Row:
    return tuple(_text(cell) for cell in row)


def _member(row: Mapping[str, Any]) -> Row:
    return (row["month"], row["plan"], row["user_id"], *(dollars_text(row.get(name, 0)) for name in AMOUNTS))


def _invoices(ledger: Ledger) -> list[Row]:
    return [
        (
            line.day.isoformat(),
            line.plan,
            line.kind,
            str(line.line),
            line.user_id,
            line.seat_type,
            "" if line.quantity is None else str(line.quantity),
            cents_text(line.cents),
        )
        for line in ledger.lines()
    ]


def _members(ledger: Ledger) -> list[Row]:
    """The rows of members.csv that are not all zeros."""
    return [
        (month_text(month), plan, member, *amounts)
        for month, plan in ledger.spans()
        for number, member in enumerate(ledger.members)
        for amounts in [tuple(nano_text(amount) for amount in ledger.usage[month, plan][:, 0, number])]
        if any(amount != NONE for amount in amounts)
    ]


def _alerts(ledger: Ledger) -> list[Row]:
    return [(alert.day.isoformat(), alert.scope, alert.threshold) for alert in ledger.alerts()]


def _stops(ledger: Ledger) -> list[Row]:
    return [
        (stop.scope, stop.cause, stop.since.isoformat(), stop.until.isoformat() if stop.until else "", stop.resumed_by)
        for stop in ledger.stops()
    ]


TABLES: Mapping[str, tuple[Callable[[Any], Row], Callable[[Ledger], list[Row]]]] = {
    "invoices": (_invoice, _invoices),
    "members": (_member, _members),
    "alerts": (_alert, _alerts),
    "stops": (_stop, _stops),
}
"""For each table, what turns an expected row into a row, and what gives those of a ledger."""


def sums(ledger: Ledger) -> dict[str, str]:
    """Sums over the run: each amount of usage, each kind of charge, and the credits that expired."""
    found = totals(ledger)
    amounts = {name: int(found.amount(name).sum()) for name in AMOUNTS}
    amounts |= {name: int(cents.sum()) * CENT for name, cents in found.charges.items()}
    amounts |= {"invoiced": int(found.invoiced.sum()) * CENT, "expired": int(ledger.expired[0])}
    return {name: nano_text(amount) for name, amount in amounts.items()}


def standing(ledger: Ledger) -> dict[tuple[str, str], str]:
    """Where things stand at the end (Rulebook M1): what was spent in the period and what limits leave, and credits."""
    now = ledger.standing
    found: dict[tuple[str, str], str] = {}
    for number, member in enumerate(ledger.members):
        spent = int(now.spent[0, number])
        found["spent", member] = nano_text(spent)
        found["left", member] = _left(int(now.member_limits[number]), spent)
    found["left", "organization"] = _left(now.organization_limit, int(now.spent[0].sum()))
    found["credits", ""] = "none" if now.balance is None else nano_text(int(now.balance[0]))
    return found


def _left(limit: int, spent: int) -> str:
    return "unlimited" if limit == UNLIMITED else nano_text(max(limit - spent, 0))


def in_words(row: Row | None) -> str:
    """A row for a message."""
    if row is None:
        return "no more rows"
    return "[" + ", ".join(cell or "''" for cell in row if cell != NONE) + "]"


MEND = "mend the rule, or the case if it is worked wrongly"


@dataclass(frozen=True)
class Case:
    """One worked case: a scenario, what must come out of it, and the rules that it shows.

    ``demand`` is the scenario's ``usage`` or ``spend`` with its rows; ``keys`` lead to the case in ``document``;
    ``plans`` are those that its file keeps for it, None where it bills whatever plans are at hand.
    """

    name: str
    rules: tuple[str, ...]
    why: str
    scenario: Document
    demand: tuple[str, list[Mapping[str, Any]]]
    what_if: Document | None
    counterfactual: bool
    until: date | None
    expect: Mapping[str, Any]
    document: Document
    keys: tuple[str | int, ...]
    plans: Catalogue | None = None

    def place(self, *keys: str | int) -> Place:
        """Where something of the case stands."""
        return self.document.place(*self.keys, *keys)

    def wrong(self, fact: str, *keys: str | int) -> Problem:
        """That the case does not come out."""
        return Problem(self.place("expect", *keys), f"case «{self.name}»: {fact}", MEND)


def run_cases(catalogue: Catalogue, files: Iterable[Path]) -> list[Problem]:
    """Every worked case of some files that does not come out as it should, sorted by place; empty when all do.

    Mistakes in a file itself (YAML, schema, its scenarios) are among the problems.
    """
    found: list[Problem] = []
    for file in files:
        try:
            cases = read_cases(file)
        except InputError as error:
            found += error.problems
            continue
        for case in cases:
            found += case_problems(case, catalogue)
    return sorted(found)


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a file; InputError with every slip of YAML and schema, also in the scenarios and overlays within."""
    document = read_valid(path, "cases")
    data: Any = document.data
    plans = _plans(path, document) if "plans" in data else None
    cases = tuple(replace(_case(document, number, item), plans=plans) for number, item in enumerate(data["cases"]))
    wrong = [problem for case in cases for problem in problems(case.scenario, "scenario")]
    wrong += [problem for case in cases if case.what_if for problem in problems(case.what_if, "overlay")]
    if wrong:
        raise InputError(wrong)
    return cases


def _plans(path: Path, document: Document) -> Catalogue:
    """The plans that a file of cases names, so that no price that is entered later changes what they come to."""
    data: Any = document.data
    kept = path.parent / data["plans"]
    if not kept.is_dir():
        fact = f"there is no folder {kept}"
        raise InputError.at(document.place("plans"), fact, "name a folder of plan files beside this file")
    return read_catalogue([kept])


def case_problems(case: Case, catalogue: Catalogue) -> list[Problem]:
    """How a case does not come out as it should; empty if it does."""
    refused = case.expect.get("refused")
    try:
        run = _run(case, catalogue)
    except InputError as error:
        if refused is None:
            return [
                replace(problem, fact=f"case «{case.name}» is refused: {problem.fact}") for problem in error.problems
            ]
        return list(_differing_words(case, "refused", refused, [str(problem) for problem in error.problems]))
    if refused is not None:
        return [case.wrong("expected a refusal, got a run", "refused")]
    return [
        *_differing_words(case, "warnings", case.expect.get("warnings", []), list(run.warnings)),
        *_differing_tables(case, run),
        *_differing_sums(case, run),
        *_differing_standing(case, run),
    ]


def _case(document: Document, number: int, item: Mapping[str, Any]) -> Case:
    keys = ("cases", number)
    kind = "usage" if "usage" in item["scenario"] else "spend"
    scenario = {"title": item["name"], **item["scenario"]}
    rows = scenario.pop(kind, [])
    return Case(
        name=item["name"],
        rules=tuple(item["rules"]),
        why=item["why"],
        scenario=_part(document, (*keys, "scenario"), scenario),
        demand=(kind, rows),
        what_if=_part(document, (*keys, "what_if"), item["what_if"]) if "what_if" in item else None,
        counterfactual=item.get("counterfactual", False),
        until=item.get("until"),
        expect=item["expect"],
        document=document,
        keys=keys,
    )


def _part(document: Document, keys: tuple[str | int, ...], data: dict[Any, Any]) -> Document:
    """A part of a document as a document of its own, whose places are still those of the file."""

    def below(places: Mapping[tuple[str | int, ...], Place]) -> dict[tuple[str | int, ...], Place]:
        return {path[len(keys) :]: place for path, place in places.items() if path[: len(keys)] == keys}

    return Document(document.name, data, below(document.values), below(document.keys))


def _run(case: Case, catalogue: Catalogue) -> Run:
    catalogue = case.plans or catalogue
    if case.what_if is not None:
        catalogue = catalogue.with_overlay(overlay_from(case.what_if))
    scenario = scenario_from(case.scenario, catalogue, Path(case.document.name).parent)
    kind, rows = case.demand
    places = [case.place("scenario", kind, number) for number in range(len(rows))]
    measured = case_demand(scenario, rows, places, case.until or scenario.end)
    return simulate(scenario, until=case.until, measured=measured, counterfactual=case.counterfactual)


def _differing_words(case: Case, key: str, expected: list[str], got: list[str]) -> Iterator[Problem]:
    """Words that no message has, and messages that nobody expected."""
    left = list(got)
    for number, words in enumerate(expected):
        said = next((message for message in left if words in message), None)
        if said is None:
            heard = " and ".join(f"«{message}»" for message in left) or "nothing more"
            yield case.wrong(f"{key}: expected «{words}», got {heard}", key, number)
        else:
            left.remove(said)
    for message in left:
        yield case.wrong(f"{key}: expected nothing more, got «{message}»", key)


def _differing_tables(case: Case, run: Run) -> Iterator[Problem]:
    for key, (read, rows_of) in TABLES.items():
        if key in case.expect:
            yield from _differing_rows(case, key, [read(row) for row in case.expect[key]], rows_of(run.ledger))


def _differing_rows(case: Case, key: str, expected: list[Row], got: list[Row]) -> Iterator[Problem]:
    for number, (wanted, came) in enumerate(zip_longest(expected, got)):
        if wanted != came:
            yield case.wrong(f"{key}: expected {in_words(wanted)}, got {in_words(came)}", key, number)


def _differing_sums(case: Case, run: Run) -> Iterator[Problem]:
    found = sums(run.ledger)
    for name, amount in case.expect.get("totals", {}).items():
        yield from _differing(case, dollars_text(amount), found[name], "totals", name)


def _differing_standing(case: Case, run: Run) -> Iterator[Problem]:
    wanted = case.expect.get("standing", {})
    found = standing(run.ledger)
    for key in ("spent", "left"):
        for scope, amount in wanted.get(key, {}).items():
            yield from _differing(case, dollars_text(amount), found.get((key, scope), "nobody"), "standing", key, scope)
    if "credits" in wanted:
        yield from _differing(case, dollars_text(wanted["credits"]), found["credits", ""], "standing", "credits")


def _differing(case: Case, wanted: str, came: str, *keys: str) -> Iterator[Problem]:
    if wanted != came:
        yield case.wrong(f"{' '.join(keys)}: expected {wanted}, got {came}", *keys)
