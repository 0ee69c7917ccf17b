"""From rows that have been read to a table: defaults filled in, usage found, everything checked, in order of id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from planshift.billing.scenario import read_scenario
from planshift.plans.catalogue import Catalogue
from planshift.plans.files import is_file
from planshift.portfolio.account import Mix
from planshift.portfolio.cells import ABSENT, number_of
from planshift.portfolio.checking import Horizon, check_accounts
from planshift.portfolio.columns import Kind, columns
from planshift.portfolio.reading import Bools, Rows, read_rows, saying
from planshift.portfolio.table import AccountTable, Coded
from planshift.problems import InputError, nearest
from planshift.usage.synthetic.organization import Organization

_TEXTS = ("title", "segment", "region", "plan", "channel", "usage")


@dataclass(frozen=True)
class Tabled:
    """A table of accounts, the organizations of the scenario files that they name, and all files read for it."""

    accounts: AccountTable
    organizations: Mapping[Path, Organization]
    files: tuple[Path, ...]


def tabled(
    files: Sequence[Path],
    folder: Path,
    catalogue: Catalogue,
    horizon: Horizon,
    mixes: Mapping[str, Mix],
    defaults: Mapping[str, str],
) -> Tabled:
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
    return Tabled(table, organizations, tuple(usage_files.values()))


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
