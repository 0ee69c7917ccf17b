"""What may happen to all accounts of a portfolio at once, the scenarios of finance, and how YAML has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Source:
    """Who says a figure: a ``reference``, or that it is ``assumed`` with a note."""

    reference: str = ""
    assumed: bool = False
    note: str = ""


@dataclass(frozen=True)
class Growth:
    """How everybody's usage grows from the horizon's first day on, the same for all accounts.

    After t years its factor is ``exp(t × (log(1 + annual_mean) − annual_sd² / 2 + annual_sd × N))``, N standard normal,
    one for each draw: after a year its mean over draws is 1 + annual_mean, and its logarithm has the standard deviation
    annual_sd.
    """

    annual_mean: float = 0.0
    annual_sd: float = 0.0
    source: Source = Source()


@dataclass(frozen=True)
class Step:
    """A price that is multiplied by ``factor`` from the day ``since`` on, with a probability: drawn once for all."""

    since: date
    factor: Fraction
    probability: Fraction
    source: Source = Source()


@dataclass(frozen=True)
class Shocks:
    """What all accounts share. ``token_price``: what usage costs; ``seat_price``: the seat fees of terms that begin on
    or after the step's day."""

    growth: Growth = Growth()
    token_price: tuple[Step, ...] = ()
    seat_price: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Breakage:
    """When credits that expire are recognised.

    ``on_expiry``: on the day they expire; ``proportional``: the ``expected`` share of each purchase along with its use,
    the rest on expiry.
    """

    method: Literal["on_expiry", "proportional"] = "on_expiry"
    expected: Fraction = Fraction(0)
    source: Source = Source()


@dataclass(frozen=True)
class Target:
    """US dollars of a measure that are aimed at, over the horizon or in each twelve months of it."""

    measure: str
    amount: Decimal
    per: Literal["horizon", "year"]


@dataclass(frozen=True)
class NamedScenario:
    """What one of the scenarios (base, low, high, …) changes; None or 0: as the portfolio has it.

    ``overlays``: what-ifs, in order; ``renewal_probability`` and ``seat_change`` are added to every account's.
    """

    name: str
    title: str
    overlays: tuple[Path, ...] = ()
    growth: Growth | None = None
    token_price: tuple[Step, ...] | None = None
    seat_price: tuple[Step, ...] | None = None
    renewal_probability: Fraction = Fraction(0)
    seat_change: Fraction = Fraction(0)


@dataclass(frozen=True)
class Behaviour:
    """How usage answers to a change of plan: see `planshift.usage.synthetic.persona.Population`."""

    metered: float = 1.0
    uptake: Mapping[str, float] = field(default_factory=dict)
    source: Source = Source()


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
