"""From a portfolio's YAML, or from a file of accounts alone, to a portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from planshift.billing.calendar import month_of, months_after
from planshift.billing.usage_reading import beside
from planshift.plans.bounds import MOST_MONTHS
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import folder
from planshift.plans.plan import read_overlay
from planshift.plans.scalars import RefusedError
from planshift.plans.schemas import read_valid
from planshift.portfolio.account import Mix
from planshift.portfolio.cells import number_of
from planshift.portfolio.checking import Horizon
from planshift.portfolio.columns import Column, Kind, columns, may_default, seat_types
from planshift.portfolio.people import shipped
from planshift.portfolio.portfolio import BASE, Portfolio
from planshift.portfolio.shock_words import behaviour_from, breakage_from, named_from, shocks_from, targets_from
from planshift.portfolio.shocks import Breakage, NamedScenario, Shocks
from planshift.portfolio.tabling import tabled
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.synthetic.persona_reading import whole
from planshift.usage.synthetic.shipped import shipped_personas

LEAD_IN = 3
"""Months simulated before a horizon that does not say how many: what is paid in sixty days is known by then."""


def read_accounts_only(path: Path, catalogue: Catalogue, start: date | None, months: int | None) -> Portfolio:
    """The portfolio of a file of accounts alone: one draw, no shocks; InputError with every mistake."""
    missing = [option for option, value in (("--start", start), ("--months", months)) if value is None]
    if start is None or months is None:
        fact = f"{path} is a file of accounts, which does not say what is forecast"
        raise InputError(Problem(Place(option), fact, f"give {option}, or a portfolio's YAML") for option in missing)
    problems = list(_horizon_problems(start, months, Place("--start"), Place("--months")))
    if problems:
        raise InputError(problems)
    horizon = Horizon(start, months_after(start, months), months_after(start, -LEAD_IN))
    found = tabled([path], path.parent, catalogue, horizon, {}, {})
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


def read_written(path: Path, catalogue: Catalogue, start: date | None, months: int | None) -> Portfolio:
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
    found = tabled(files, path.parent, catalogue, horizon, mixes, defaults)
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
