"""Inspection: whether files that people write are in order, in their words, their schema and their meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from planshift.billing.cases import run_cases
from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import (
    Catalogue,
    catalogue_problems,
    load_catalogue,
    past_changes,
    plan_problems,
    published_catalogue,
)
from planshift.plans.documents import compose
from planshift.plans.files import folder, read_text
from planshift.plans.plan import read_overlay, read_plan
from planshift.plans.rate_files import read_rates
from planshift.plans.rules import read_rules
from planshift.portfolio.load import read_portfolio
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.cells import WORKBOOKS
from planshift.usage.products import read_products
from planshift.usage.rows import notes_of
from planshift.usage.synthetic.reading import read_personas

USAGE_ENDINGS = (".csv", ".parquet", *WORKBOOKS)
KINDS: Mapping[str, str] = {
    "usage_based": "plan",
    "seat_based": "plan",
    "rates": "rate card",
    "overlay": "overlay",
    "cases": "file of worked cases",
    "surfaces": "file of surfaces",
    "rules": "file of rules",
    "scenario": "scenario",
    "personas": "file of personas",
    "portfolio": "portfolio",
}
"""What a file's ``kind`` says that it is."""


@dataclass
class Inspected:
    """What was looked at (how many files of what), and every mistake that was found."""

    looked_at: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def look(self, what: str, files: Iterable[Path], find: Callable[[Path], Iterable[Problem]]) -> None:
        """Take in what ``find`` finds, or raises, for each of the files."""
        for path in files:
            self.looked_at[what] += 1
            try:
                self.problems += find(path)
            except InputError as error:
                self.problems += error.problems


def inspect_plans(own: Path | None = None) -> Inspected:
    """The plans, rate cards, overlays and worked cases of the shipped folder, or those of ``own`` on top of it.

    Worked cases show how the plans beside them bill: with ``own``, only its own are worked.
    """
    found = Inspected()
    try:
        catalogue = load_catalogue(own)
    except InputError as error:
        found.problems += error.problems
        return found
    found.looked_at.update({"plan": len(catalogue.plans), "rate card": len(catalogue.cards)})
    found.problems += catalogue_problems(catalogue, _surfaces())
    places = [folder("plans"), *([own] if own else [])]
    overlays = [path for place in places for path in sorted((place / "overlays").glob("*.yaml"))]
    published = published_catalogue(own)
    found.warnings += map(str, past_changes(catalogue, published))
    found.look("overlay", overlays, partial(_kept_overlay, catalogue, published, found))
    cases = sorted((places[-1] / "cases").glob("*.yaml"))
    found.look("file of worked cases", cases, lambda path: run_cases(catalogue, [path]))
    return found


def inspect_files(files: Iterable[Path], own: Path | None = None) -> Inspected:
    """These files, each as what it is: a plan, a rate card, an overlay, worked cases, a scenario, a portfolio, usage.

    Plans and rate cards among them count as part of the catalogue that the others are read with.
    """
    found = Inspected()
    try:
        catalogue = load_catalogue(own)
    except InputError as error:
        found.problems += error.problems
        return found
    kinds = _kinds(files, found)
    catalogue = _with(catalogue, kinds, found)
    if {KINDS["usage_based"], KINDS["rates"]} & set(kinds.values()):
        found.warnings += map(str, past_changes(catalogue, published_catalogue(own)))
    for path, what in kinds.items():
        found.look(what, [path], partial(_look, what, catalogue, found))
    return found


def _kinds(files: Iterable[Path], found: Inspected) -> dict[Path, str]:
    kinds: dict[Path, str] = {}
    for path in files:
        try:
            kinds[path] = kind_of(path)
        except InputError as error:
            found.problems += error.problems
    return kinds


def kind_of(path: Path) -> str:
    """What a file is, by its ``kind``, its ending, or the keys that only a scenario has; InputError where unclear."""
    if path.suffix in USAGE_ENDINGS:
        return "usage file"
    document, problems = compose(read_text(path), str(path))
    if document is None:
        raise InputError(problems)
    kind = document.data.get("kind")
    if kind is None and "contract" in document.data:
        return KINDS["scenario"]
    if kind is None:
        fact = "the file does not say what it is"
        raise InputError.at(Place(str(path), 1), fact, f"begin it with kind: {', '.join(KINDS)}")
    if str(kind) not in KINDS:
        fact = f"'{kind}' is not a kind of file"
        raise InputError.at(document.place("kind"), fact, did_you_mean(str(kind), KINDS))
    return KINDS[str(kind)]


def _with(catalogue: Catalogue, kinds: Mapping[Path, str], found: Inspected) -> Catalogue:
    """The catalogue with the plans and rate cards among the files; what cannot be read is found again later."""
    plans, cards = dict(catalogue.plans), dict(catalogue.cards)
    for path, what in kinds.items():
        try:
            if what == KINDS["usage_based"]:
                plan = read_plan(path)
                plans[plan.id] = plan
            elif what == KINDS["rates"]:
                card = read_rates(path)
                cards[card.id] = card
        except InputError as error:
            found.problems += error.problems
    return replace(catalogue, plans=plans, cards=cards)


def _look(what: str, catalogue: Catalogue, found: Inspected, path: Path) -> Iterable[Problem]:
    if what == KINDS["usage_based"]:
        return plan_problems(read_plan(path), catalogue, _surfaces())
    if what == KINDS["overlay"]:
        return _overlay(path, catalogue)
    if what == KINDS["cases"]:
        return run_cases(catalogue, [path])
    if what == KINDS["rates"]:
        read_rates(path)
    elif what == KINDS["surfaces"]:
        read_products(path)
    elif what == KINDS["rules"]:
        read_rules(path)
    elif what == KINDS["personas"]:
        read_personas(path)
    elif what == KINDS["scenario"]:
        _scenario(path, catalogue, found)
    elif what == KINDS["portfolio"]:
        _portfolio(path, catalogue)
    else:
        found.warnings += (f"{path}: {note}" for note in notes_of(path))
    return ()


def _overlay(path: Path, catalogue: Catalogue) -> Iterable[Problem]:
    catalogue.with_overlay(read_overlay(path))
    return ()


def _kept_overlay(catalogue: Catalogue, published: Catalogue, found: Inspected, path: Path) -> Iterable[Problem]:
    """A what-if that lies beside the plans: that a price entered later makes it change nothing is only a warning."""
    try:
        return _overlay(path, catalogue)
    except InputError as error:
        _overlay(path, replace(catalogue, plans={**catalogue.plans, **published.plans}))
        found.warnings += map(str, error.problems)
        return ()


def _scenario(path: Path, catalogue: Catalogue, found: Inspected) -> None:
    run = simulate(read_scenario(path, catalogue))
    found.warnings += (f"{path}: {warning}" for warning in run.warnings)


def _portfolio(path: Path, catalogue: Catalogue) -> None:
    portfolio = read_portfolio(path, catalogue)
    for name in portfolio.scenarios:
        portfolio.under(name)


def _surfaces() -> Collection[str]:
    return read_products().titles
