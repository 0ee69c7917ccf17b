"""Who is in the gallery, and what their page or forecast is, from ``reports/gallery.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import Document, read_document
from planshift.plans.files import folder
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Problem, did_you_mean

FILE = "gallery.yaml"


@dataclass(frozen=True)
class Organization:
    """A scenario with a page: who they are, for whom the page is, its language, and the customer's name, if it has one.

    ``in_full``: the check makes it anew.
    """

    scenario: str
    who: str
    report: str
    language: str
    customer: str = ""
    in_full: bool = False

    @property
    def path(self) -> Path:
        """The scenario's file."""
        return scenario_path(self.scenario)


@dataclass(frozen=True)
class LeftOut:
    """A scenario without a page, and why it has none."""

    scenario: str
    why: str


@dataclass(frozen=True)
class Forecasted:
    """A portfolio with a forecast: what it is, and in how many draws the coarse way is laid beside the daily one.

    ``in_full``: the check makes the forecast anew.
    """

    portfolio: str
    what: str
    coarse_draws: int
    in_full: bool = False

    @property
    def path(self) -> Path:
        """The portfolio's file."""
        return portfolio_path(self.portfolio)


@dataclass(frozen=True)
class Gallery:
    """Everybody in the gallery, in order, and how many draws those have whose usage is drawn at random."""

    draws: int
    organizations: tuple[Organization, ...]
    left_out: tuple[LeftOut, ...]
    portfolios: tuple[Forecasted, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of its folders, in order."""
        organizations = (one.scenario for one in self.organizations)
        return (*organizations, *(one.portfolio for one in self.portfolios))


def read_gallery(path: Path | None = None) -> Gallery:
    """The gallery of a file, ``reports/gallery.yaml`` where none is given; raises InputError with all mistakes."""
    document = read_valid(path or folder("reports") / FILE, "gallery")
    found = [*_problems(document, load_catalogue()), *_portfolio_problems(document)]
    if found:
        raise InputError(found)
    data: Any = document.data
    return Gallery(
        data["draws"],
        tuple(Organization(**one) for one in data["organizations"]),
        tuple(LeftOut(**one) for one in data["left_out"]),
        tuple(Forecasted(**one) for one in data["portfolios"]),
    )


def scenario_path(scenario: str) -> Path:
    """The file of a shipped scenario."""
    return folder("scenarios") / f"{scenario}.yaml"


def portfolio_path(portfolio: str) -> Path:
    """The file of a shipped portfolio."""
    return folder("scenarios") / "portfolios" / f"{portfolio}.yaml"


def _portfolio_problems(document: Document) -> Iterator[Problem]:
    """Portfolios that are not there, stand twice or are missing."""
    data: Any = document.data
    shipped = [path.stem for path in sorted(portfolio_path("any").parent.glob("*.yaml"))]
    missing = dict.fromkeys(shipped)
    for number, one in enumerate(data["portfolios"]):
        portfolio, place = one["portfolio"], document.place("portfolios", number, "portfolio")
        if portfolio not in shipped:
            yield Problem(place, f"there is no portfolio '{portfolio}'", did_you_mean(portfolio, shipped))
        elif portfolio not in missing:
            yield Problem(place, f"'{portfolio}' stands here twice", "remove one")
        else:
            del missing[portfolio]
    for portfolio in missing:
        yield Problem(document.place(), f"the portfolio '{portfolio}' is missing", "add it to 'portfolios'")


def _problems(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """What the schema cannot see: scenarios that are not there, stand twice, are missing, or are in the wrong list."""
    data: Any = document.data
    plans = _plans()
    missing = dict.fromkeys(plans)
    for key in ("organizations", "left_out"):
        for number, one in enumerate(data[key]):
            scenario, place = one["scenario"], document.place(key, number, "scenario")
            if scenario not in plans:
                yield Problem(place, f"there is no scenario '{scenario}'", did_you_mean(scenario, plans))
                continue
            if scenario not in missing:
                yield Problem(place, f"'{scenario}' stands here twice", "remove one")
                continue
            del missing[scenario]
            plan, term_start = plans[scenario]
            ends = catalogue.plan(plan).legacy(term_start)
            if ends and key == "left_out":
                yield Problem(place, f"the plan of '{scenario}' ends at its renewal", "move it to 'organizations'")
            if not ends and key == "organizations":
                yield Problem(place, f"the plan of '{scenario}' renews on itself", "move it to 'left_out'")
    for scenario in missing:
        yield Problem(document.place(), f"'{scenario}' is missing", "add it to one of the two lists")


def _plans() -> dict[str, tuple[str, date]]:
    """The shipped scenarios, each with its plan and the first day of its term."""
    found = {}
    for path in sorted(folder("scenarios").glob("*.yaml")):
        data: Any = read_document(path).data
        if "contract" in data:
            found[path.stem] = (data["contract"]["plan"], data["contract"]["term_start"])
    return found
