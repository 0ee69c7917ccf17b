"""From the words of a portfolio's YAML, which the schema has accepted, to shocks, breakage, targets and scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from planshift.portfolio.shocks import (
    Behaviour,
    Breakage,
    Growth,
    NamedScenario,
    Shocks,
    Source,
    Step,
    Target,
)


def shocks_from(data: Mapping[str, Any]) -> Shocks:
    """What all accounts share."""
    return Shocks(
        growth=growth_from(data["growth"]) if "growth" in data else Growth(),
        token_price=steps_from(data.get("token_price", ())),
        seat_price=steps_from(data.get("seat_price", ())),
    )


def growth_from(data: Mapping[str, Any]) -> Growth:
    """The growth of usage."""
    return Growth(float(data.get("annual_mean", 0)), float(data.get("annual_sd", 0)), source_from(data))


def steps_from(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Price steps, by date."""
    steps = (
        Step(item["from"], Fraction(item["factor"]), Fraction(item.get("probability", 1)), source_from(item))
        for item in data
    )
    return tuple(sorted(steps, key=lambda step: step.since))


def breakage_from(data: Mapping[str, Any] | None) -> Breakage:
    """When credits that expire are recognised; on their expiry where nothing is said."""
    if data is None:
        return Breakage()
    return Breakage(data["method"], Fraction(data.get("expected", 0)), source_from(data))


def targets_from(data: Mapping[str, Any]) -> tuple[Target, ...]:
    """What is aimed at."""
    return tuple(Target(name, Decimal(said["amount"]), said.get("per", "horizon")) for name, said in data.items())


def behaviour_from(data: Mapping[str, Any]) -> Behaviour:
    """How usage answers to a change of plan."""
    uptake = {surface: float(share) for surface, share in data.get("uptake", {}).items()}
    return Behaviour(float(data.get("metered", 1)), uptake, source_from(data))


def named_from(name: str, data: Mapping[str, Any], overlays: Sequence[Path]) -> NamedScenario:
    """A named scenario with its overlays' files."""
    return NamedScenario(
        name=name,
        title=data["title"],
        overlays=tuple(overlays),
        growth=growth_from(data["growth"]) if "growth" in data else None,
        token_price=steps_from(data["token_price"]) if "token_price" in data else None,
        seat_price=steps_from(data["seat_price"]) if "seat_price" in data else None,
        renewal_probability=Fraction(data.get("renewal_probability", 0)),
        seat_change=Fraction(data.get("seat_change", 0)),
    )


def source_from(data: Mapping[str, Any]) -> Source:
    """Who says so."""
    return Source(data.get("reference", ""), data.get("assumed", False), data.get("note", ""))
