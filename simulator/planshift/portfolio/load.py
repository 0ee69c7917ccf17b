"""Loading a portfolio, from its YAML or from a file of accounts alone: everything is checked, and told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from planshift.billing.scenario import read_scenario
from planshift.billing.schedule import month_of, months_after
from planshift.billing.usage_request import beside
from planshift.plans.bounds import MOST_MONTHS
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import PARQUET, folder, is_file
from planshift.plans.plan import read_overlay
from planshift.plans.scalars import RefusedError
from planshift.plans.schemas import read_valid
from planshift.portfolio.account import Mix
from planshift.portfolio.checks import Horizon, check_accounts
from planshift.portfolio.columns import ABSENT, Column, Kind, columns, may_default, number_of, seat_types
from planshift.portfolio.personas import shipped
from planshift.portfolio.portfolio import BASE, Portfolio
from planshift.portfolio.reading import Bools, Rows, read_rows, saying
from planshift.portfolio.shocks import (
    Breakage,
    NamedScenario,
    Shocks,
    behaviour_from,
    breakage_from,
    named_from,
    shocks_from,
    targets_from,
)
from planshift.portfolio.table import AccountTable, Coded
from planshift.problems import InputError, Place, Problem, did_you_mean, nearest
from planshift.usage.cells import is_workbook
from planshift.usage.synthetic.persona import Organization
from planshift.usage.synthetic.persona_reading import whole
from planshift.usage.synthetic.reading import shipped_personas

LEAD_IN = 3
"""Months simulated before a horizon that does not say how many: what is paid in sixty days is known by then."""


def read_portfolio(
    path: Path, catalogue: Catalogue, *, start: date | None = None, months: int | None = None
) -> Portfolio:
    """The portfolio of a YAML file, or straight of a file of accounts: CSV, a workbook or Parquet.

    A file of accounts needs ``start`` and ``months``, and nothing else is assumed; over a YAML file's horizon they go
    first. Raises InputError with every mistake of all the files.
    """
    if path.suffix in (".csv", PARQUET) or is_workbook(path):
        return _accounts_only(path, catalogue, start, months)
    return _read_yaml(path, catalogue, start, months)


def _accounts_only(path: Path, catalogue: Catalogue, start: date | None, months: int | None) -> Portfolio:
    """The portfolio of a file of accounts alone: one draw, no shocks; InputError with every mistake."""
    missing = [option for option, value in (("--start", start), ("--months", months)) if value is None]
    if start is None or months is None:
        fact = f"{path} is a file of accounts, which does not say what is forecast"
        raise InputError(Problem(Place(option), fact, f"give {option}, or a portfolio's YAML") for option in missing)
    problems = list(_horizon_problems(start, months, Place("--start"), Place("--months")))
    if problems:
        raise InputError(problems)
    horizon = Horizon(start, months_after(start, months), months_after(start, -LEAD_IN))
    found = load_accounts([path], path.parent, catalogue, horizon, {}, {})
    return Portfolio(
        title=path.stem,
        start=start,
        months=months,
        lead_in=LEAD_IN,
        seed=0,
        draws=1,
        accounts=found.accounts,
        mixes={},
        breakage=Breakage(),
        shocks=Shocks(),
        targets=(),
        scenarios={BASE: NamedScenario(BASE, path.stem)},
        catalogue=catalogue,
        name=str(path),
        files=(path, *found.files),
        organizations=found.organizations,
    )


def _read_yaml(path: Path, catalogue: Catalogue, start: date | None, months: int | None) -> Portfolio:
    """The portfolio of a YAML file, its horizon's ``start`` and ``months`` replaced where they are given.

    Raises InputError with every mistake: first those of the YAML's words, then those of what they mean, of the accounts
    and of the overlays together.
    """
    document = read_valid(path, "portfolio")
    data: Any = document.data
    asked = data["horizon"]
    start, months = start or asked["start"], months or asked["months"]
    lead_in = asked.get("lead_in_months", LEAD_IN)
    problems = list(
        _horizon_problems(start, months, document.place("horizon", "start"), document.place("horizon", "months"))
    )
    if problems:
        raise InputError(problems)
    horizon = Horizon(start, months_after(start, months), months_after(start, -lead_in))
    mixes = _mixes(document, catalogue, horizon.simulated_from, problems)
    defaults = _defaults(document, catalogue, problems)
    named = _scenarios(document, catalogue, path.parent, problems)
    files = _files(document, path.parent, problems)
    if problems:
        raise InputError(problems)
    found = load_accounts(files, path.parent, catalogue, horizon, mixes, defaults)
    return Portfolio(
        title=data["title"],
        note=data.get("note", ""),
        start=start,
        months=months,
        lead_in=lead_in,
        seed=data["seed"],
        draws=data.get("draws", 1),
        accounts=found.accounts,
        mixes=mixes,
        breakage=breakage_from(data.get("breakage")),
        shocks=shocks_from(data.get("shocks", {})),
        targets=targets_from(data.get("targets", {})),
        scenarios=named or {BASE: NamedScenario(BASE, data["title"])},
        catalogue=catalogue,
        name=str(path),
        files=(path, *files, *found.files, *(overlay for each in named.values() for overlay in each.overlays)),
        behaviour=behaviour_from(data.get("behaviour", {})),
        organizations=found.organizations,
    )


def _horizon_problems(start: date, months: int, start_at: Place, months_at: Place) -> Iterator[Problem]:
    if start != month_of(start):
        yield Problem(start_at, f"the horizon starts on {start}, inside a month", "start it on the first of a month")
    if not 1 <= months <= MOST_MONTHS:
        yield Problem(months_at, f"a forecast has 1 to {MOST_MONTHS} months (got {months})", "give another number")


# --- mixes ---------------------------------------------------------------------------------------------------------


def _mixes(document: Document, catalogue: Catalogue, day: date, problems: list[Problem]) -> dict[str, Mix]:
    """The mixes; seat types, personas, surfaces and models that do not exist, and shares that do not add up, noted."""
    data: Any = document.data
    known, layers = seat_types(catalogue.plans.values()), shipped_personas().layers
    mixes: dict[str, Mix] = {}
    named: set[str] = set()
    for mix, by_seat in data.get("mixes", {}).items():
        for seat, shares in by_seat.items():
            if seat not in known:
                place = document.key_place("mixes", mix, seat)
                problems.append(Problem(place, f"no plan has a seat type '{seat}'", did_you_mean(seat, known)))
            for name in shares:
                if name not in layers:
                    place = document.key_place("mixes", mix, seat, name)
                    problems.append(Problem(place, f"there is no persona '{name}'", did_you_mean(name, layers)))
            named |= {name for name in shares if name in layers}
            problems += whole(f"'{seat}'", shares, document.place("mixes", mix, seat))
        shares_of = {
            seat: {name: Fraction(share) for name, share in shares.items() if share} for seat, shares in by_seat.items()
        }
        mixes[mix] = Mix(mix, shares_of)
    card = catalogue.card(next(iter(catalogue.plans.values())))
    shipped(sorted(named), card, day, problems)
    return mixes


# --- defaults ------------------------------------------------------------------------------------------------------


def _defaults(document: Document, catalogue: Catalogue, problems: list[Problem]) -> dict[str, str]:
    """What accounts have that do not say it, as texts of cells; wrong ones are noted."""
    data: Any = document.data
    known = columns(catalogue.plans)
    allowed = {name: column for name, column in known.items() if may_default(column)}
    defaults: dict[str, str] = {}
    for name, value in data.get("defaults", {}).items():
        if name not in allowed:
            own = name in known
            fact = f"'{name}' is each account's own" if own else f"there is no column '{name}'"
            remedy = "give it in the file of accounts" if own else did_you_mean(name, allowed)
            problems.append(Problem(document.key_place("defaults", name), fact, remedy))
            continue
        try:
            defaults[name] = _cell(allowed[name], value)
        except RefusedError as error:
            problems.append(Problem(document.place("defaults", name), error.fact, error.remedy))
    return defaults


def _cell(column: Column, value: Any) -> str:
    """A value of YAML as a cell has it; raises RefusedError where the column cannot have it."""
    if isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if column.kind is not Kind.TEXT:
        number_of(column, text)
    return text


# --- files and overlays --------------------------------------------------------------------------------------------


def _files(document: Document, at: Path, problems: list[Problem]) -> list[Path]:
    data: Any = document.data
    files: list[Path] = []
    for number, name in enumerate(data["accounts"]):
        place = document.place("accounts", number)
        try:
            files.append(beside(at, name, place, "name a CSV or Parquet file of accounts, from the portfolio's folder"))
        except InputError as error:
            problems += error.problems
    return files


def _scenarios(document: Document, catalogue: Catalogue, at: Path, problems: list[Problem]) -> dict[str, NamedScenario]:
    """The named scenarios; an overlay that is not there or does not fit its plan is noted."""
    data: Any = document.data
    found: dict[str, NamedScenario] = {}
    for name, said in data.get("scenarios", {}).items():
        overlays: list[Path] = []
        under = catalogue
        for number, overlay in enumerate(said.get("overlays", ())):
            place = document.place("scenarios", name, "overlays", number)
            try:
                path = _overlay(overlay, at, place)
                under = under.with_overlay(read_overlay(path))
                overlays.append(path)
            except InputError as error:
                problems += error.problems
        found[name] = named_from(name, said, overlays)
    return found


def _overlay(name: str, at: Path, place: Place) -> Path:
    """The overlay of a name: a shipped one's without its ending, or a path from the portfolio's folder."""
    ours = folder("plans") / "overlays"
    if name.endswith(".yaml"):
        return beside(at, name, place, "name a shipped overlay, or a file from the portfolio's folder")
    if (ours / f"{name}.yaml").is_file():
        return ours / f"{name}.yaml"
    names = [file.stem for file in ours.glob("*.yaml")]
    raise InputError.at(place, f"there is no shipped overlay '{name}'", did_you_mean(name, names))


_TEXTS = ("title", "segment", "region", "plan", "channel", "usage")


@dataclass(frozen=True)
class LoadedAccounts:
    """A table of accounts, the organizations of the scenario files that they name, and all files read for it."""

    accounts: AccountTable
    organizations: Mapping[Path, Organization]
    files: tuple[Path, ...]


def load_accounts(
    files: Sequence[Path],
    folder: Path,
    catalogue: Catalogue,
    horizon: Horizon,
    mixes: Mapping[str, Mix],
    defaults: Mapping[str, str],
) -> LoadedAccounts:
    """The accounts of some files; scenario files are looked for in ``folder``. Raises InputError with every mistake."""
    known = columns(catalogue.plans)
    rows = read_rows(files, known, defaults)
    given = {name: rows.has(name) for name in rows.numbers}
    for name, text in defaults.items():
        if known[name].kind is not Kind.TEXT:
            values = rows.number(name)
            rows.numbers[name] = np.where(values == ABSENT, number_of(known[name], text), values)
    check_accounts(rows, catalogue, horizon, given)
    usage_files, organizations = _usage(rows, folder, catalogue, mixes)
    if rows.problems:
        raise InputError(rows.problems)
    table = _sorted(rows, mixes, usage_files, catalogue, files)
    return LoadedAccounts(table, organizations, tuple(usage_files.values()))


def _sorted(
    rows: Rows,
    mixes: Mapping[str, Mix],
    usage_files: Mapping[str, Path],
    catalogue: Catalogue,
    files: Sequence[Path],
) -> AccountTable:
    text = rows.texts["account_id"]
    rank = np.empty(len(text.names), dtype=np.int64)
    rank[sorted(range(len(text.names)), key=text.names.__getitem__)] = np.arange(len(text.names))
    order = np.argsort(rank[text.codes])
    return AccountTable(
        ids=tuple(text.names[code] for code in text.codes[order].tolist()),
        texts={name: Coded(rows.texts[name].codes[order], rows.texts[name].names) for name in _TEXTS},
        numbers={name: values[order] for name, values in rows.numbers.items()},
        mixes=mixes,
        usage_files=usage_files,
        catalogue=catalogue,
        files=tuple(files),
        file=rows.file[order],
        line=rows.line[order],
    )


def _usage(
    rows: Rows, folder: Path, catalogue: Catalogue, mixes: Mapping[str, Mix]
) -> tuple[dict[str, Path], dict[Path, Organization]]:
    """The scenario files that accounts name, and their organizations; usage that does not fit an account is noted."""
    usage, plans = rows.texts["usage"], rows.texts["plan"]
    paths: dict[str, Path] = {}
    organizations: dict[Path, Organization] = {}
    for code, name in enumerate(usage.names):
        chosen: Bools = (usage.codes == code) & ~rows.wrong
        if not chosen.any():
            continue
        has, of_plan = set(mixes[name].shares if name in mixes else ()), ""
        if name not in mixes:
            try:
                path, organization, of_plan = _scenario(name, folder, catalogue, mixes)
            except _UnfitError as error:
                rows.tell(chosen, "usage", saying(error.fact, error.remedy))
                continue
            except InputError as error:
                rows.problems += error.problems
                continue
            paths[name], organizations[path] = path, organization
            has = {one.seat_type for one in organization.populations if one.count}
        for plan in catalogue.plans.values():
            there = chosen & (plans.codes == plans.names.index(plan.id)) if plan.id in plans.names else ~chosen & chosen
            if of_plan not in ("", plan.id):
                fact = f"the members of {name} are on '{of_plan}', those of the account on '{plan.id}'"
                rows.tell(there, "usage", saying(fact, "name a scenario of the same plan, or a mix"))
            for seat in plan.seat_types:
                if seat not in has:
                    fact = f"'{name}' says nothing of members with a seat '{seat}'"
                    lacking = there & (rows.count(f"members_{seat}") > 0)
                    rows.tell(lacking, "usage", saying(fact, f"add '{seat}' to it, or name another"))
    return paths, organizations


class _UnfitError(Exception):
    """Usage that cannot be used: why, and what to do."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact)
        self.fact, self.remedy = fact, remedy


def _scenario(
    name: str, folder: Path, catalogue: Catalogue, mixes: Mapping[str, Mix]
) -> tuple[Path, Organization, str]:
    """The file of a scenario, its organization and its plan; InputError with the mistakes of the file."""
    path = folder / name
    if not is_file(path):
        near = nearest(name, mixes)
        known = f"use a mix ({', '.join(list(mixes)[:5])}), or a scenario file" if mixes else "name a scenario file"
        fact = f"'{name}' is neither a mix of the portfolio nor a file" if mixes else f"there is no file {path}"
        raise _UnfitError(fact, f"did you mean '{near}'?" if near else known)
    scenario = read_scenario(path, catalogue)
    if not isinstance(scenario.usage, Organization):
        raise _UnfitError(f"the usage of {name} is not drawn from personas", "name a scenario whose `usage` has them")
    return path, scenario.usage, scenario.contract.plan.id
