"""What the members of an organization share, and how their usage answers, in plain sentences with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planshift.plans.documents import Document
from planshift.reports.plans.sentences import Statement
from planshift.reports.scenario.personas import THE_SCENARIO, origin, percent
from planshift.reports.words import listed
from planshift.usage.synthetic.persona import Bursts, Growth, Organization, RollOut, Shocks

SHARED, ANSWERS = "What they share", "What a change of plan does"


def organization_statements(
    organization: Organization,
    scenario: Document,
    shocks: Mapping[str, Any],
    sources: Mapping[str, str],
    surfaces: Mapping[str, str],
) -> Iterator[Statement]:
    """Growth, roll-out, calendar, bursts, shocks and behaviour, in this order.

    ``shocks`` are the shipped words about them, ``sources`` and ``surfaces`` map keys to titles.
    """
    whole: Any = scenario.data
    said: Mapping[str, Any] = whole["usage"]
    for group, text in (
        ("growth", _growth(organization.growth)),
        ("roll_out", _roll_out(organization.roll_out)),
        ("calendar", _calendar(organization)),
        ("bursts", _bursts(organization.bursts)),
    ):
        yield Statement(SHARED, text, group, THE_SCENARIO if group in said else "")
    own = said.get("shocks", {})
    parts = [(group, mine) for group, mine in ((own, True), (shocks, False)) if group]
    if {"daily_sd", "slow_sd", "slow_days"} <= own.keys():
        parts = parts[:1]
    yield origin(Statement(SHARED, _shocks(organization.shocks), "shocks", ""), parts, sources)
    yield from _behaviour(organization, said, sources, surfaces)


def _growth(growth: Growth) -> str:
    if not growth.per_month and not growth.sd_per_month:
        return "Usage neither grows nor shrinks."
    direction = "grows" if growth.per_month >= 0 else "shrinks"
    said = f"Everybody's volume {direction} by {percent(abs(growth.per_month))} a month"
    if growth.sd_per_month:
        said += f"; between draws the logarithm of a month's growth has a standard deviation of {growth.sd_per_month:g}"
    return f"{said}."


def _roll_out(roll_out: RollOut | None) -> str:
    if roll_out is None:
        return "All members are there from the first day on."
    if roll_out.by_date:
        steps = listed(f"{percent(share)} by {day}" for day, share in roll_out.by_date)
        return f"Members begin step by step: {steps}."
    return (
        f"Members begin along a logistic curve: half of them by {roll_out.midpoint}, from a tenth to nine tenths within"
        f" {roll_out.days:g} days."
    )


def _calendar(organization: Organization) -> str:
    late = "quiet" if organization.late_december else "like any other"
    said = f"The days from 24 December to 1 January are {late}"
    if organization.country is None:
        return f"{said}; public holidays are not kept, as no country is said."
    return (
        f"{said}, and so are the public holidays of {organization.country}."
        if organization.late_december
        else (f"{said}; the public holidays of {organization.country} are quiet.")
    )


def _bursts(bursts: Bursts) -> str:
    said = [f"{burst.factor:g} times the volume from {burst.first} to {burst.last}" for burst in bursts.planned]
    if bursts.per_year:
        said.append(
            f"{bursts.per_year:g} times a year on average, on days that nobody knows, {bursts.factor:g} times the"
            f" volume for {bursts.days} days"
        )
    return f"Bursts: {listed(said)}." if said else "No bursts."


def _shocks(shocks: Shocks) -> str:
    if not shocks.daily_sd and not shocks.slow_sd:
        return "Nothing else is shared: each member's days are their own."
    return (
        f"Busy and quiet days come for all at once (standard deviation of the logarithm {shocks.daily_sd:g}), and so do"
        f" busy and quiet times ({shocks.slow_sd:g}, forgotten within {shocks.slow_days:g} days)."
    )


def _behaviour(
    organization: Organization, said: Mapping[str, Any], sources: Mapping[str, str], surfaces: Mapping[str, str]
) -> Iterator[Statement]:
    """What is said of each population, those alike as one; a population's own words go before everybody's."""
    found: dict[Statement, list[str]] = {}
    for population in organization.populations:
        entry = said["personas"][population.persona.name]
        own = entry.get("behaviour") if isinstance(entry, Mapping) else None
        parts = [(group, True) for group in (own, said.get("behaviour")) if group]
        texts = [
            f"{percent(share)} of those whose seat does not open {surfaces.get(surface, surface)} ask for it all"
            " the same"
            for surface, share in population.takes_up.items()
        ]
        if population.metered != 1:
            texts.insert(0, f"where usage is no longer included, {population.metered:g} times the volume")
        if texts:
            statement = origin(Statement(ANSWERS, f"{'; '.join(texts)}.", "behaviour", ""), parts, sources)
            found.setdefault(statement, []).append(population.persona.title)
    for statement, names in found.items():
        everybody = len(names) == len(organization.populations) > 1
        text = f"{'All' if everybody else listed(names)}: {statement.text}"
        yield Statement(ANSWERS, text, statement.path, statement.source, statement.assumed, statement.note)
