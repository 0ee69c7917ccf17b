"""Personas and organizations for tests: small, and with all that a generator has to deal with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from planshift.plans.files import folder
from planshift.plans.rate_files import read_rates
from planshift.usage.synthetic.persona import (
    Activity,
    Burst,
    Bursts,
    DayVolume,
    Drift,
    Growth,
    Level,
    Organization,
    Persona,
    Population,
    RollOut,
    Shocks,
    SurfaceUse,
    TokenMix,
    Week,
)

CARD = read_rates(folder("plans") / "rates" / "claude_api.yaml")

CODING = TokenMix(
    "coding", "Coding", {"cache_read": 0.93, "cache_write_5m": 0.06, "input": 0.005, "output": 0.005}, 0.3, 10_000
)
CHAT = TokenMix("chat", "Chat", {"input": 0.6, "output": 0.04, "cache_read": 0.36}, 0.3, 5_000)
PROGRAM = TokenMix("program", "Program", {"input": 0.87, "output": 0.13}, 0.0, 10_000)

WEEK = Week((1, 1, 1, 1, 1, 0.35, 0.35), (1, 1, 1, 1, 0.85, 1, 1), 0.25, 0.3)
QUIET = Shocks(daily_sd=0, slow_sd=0, slow_days=60)
SHOCKS = Shocks(daily_sd=0.2, slow_sd=0.3, slow_days=60)

ENGINEER = Persona(
    name="engineer",
    title="Engineers",
    service_account=False,
    seats={},
    level=Level(13.0, "usd", 0.8),
    activity=Activity(1.3, 1.0, 0.4, 0.35),
    drift=Drift(1.1, 45),
    day=DayVolume(1.3, 0.1),
    week=WEEK,
    onboarding=(0.7, 0.8),
    models={"claude-opus-4-8": 0.6, "claude-sonnet-4-6": 0.39, "claude-haiku-4-5": 0.01},
    preferred_share=0.82,
    surfaces=(SurfaceUse("claude_code", 1.0, CODING),),
)
ANALYST = replace(
    ENGINEER,
    name="analyst",
    level=Level(3.0, "usd", 1.0),
    day=DayVolume(0.9, 0.4),
    week=replace(WEEK, activity=(1, 1, 1, 1, 0.9, 0.1, 0.1)),
    onboarding=(),
    surfaces=(SurfaceUse("chat", 0.7, CHAT), SurfaceUse("claude_code", 0.3, CODING)),
)
BOT = replace(
    ENGINEER,
    name="bot",
    service_account=True,
    level=Level(4_000_000.0, "tokens", 1.5),
    activity=Activity(20.0, 1.0, 0.0, 0.0),
    drift=Drift(0.5, 30),
    day=DayVolume(1.0, 0.0),
    models={"claude-haiku-4-5": 1.0},
    surfaces=(SurfaceUse("api", 1.0, PROGRAM),),
)


def persona(like: Persona = ENGINEER, **changes: Any) -> Persona:
    """A persona like another but for some fields."""
    return replace(like, **changes)


def population(
    kind: Persona, count: int, metered: float = 1.0, takes_up: Mapping[str, float] | None = None
) -> Population:
    """Members of a persona."""
    return Population(kind, count, "premium", kind.title, takes_up or {}, metered)


def mixed(**changes: Any) -> Organization:
    """Three populations, and everything that an organization can have."""
    populations = (
        population(ENGINEER, 12, metered=0.8),
        population(ANALYST, 7, takes_up={"claude_code": 0.5}),
        population(BOT, 2, metered=0.95),
    )
    organization = Organization(
        populations=populations,
        start=date(2026, 11, 2),
        seed=29,
        shocks=SHOCKS,
        growth=Growth(0.05, 0.02),
        roll_out=RollOut(midpoint=date(2026, 11, 20), days=30.0),
        bursts=Bursts((Burst(date(2026, 12, 1), date(2026, 12, 3), 2.0),), per_year=10.0, days=5, factor=1.5),
        country="DE",
    )
    return replace(organization, **changes)


def plain(*populations: Population, **changes: Any) -> Organization:
    """An organization that shares nothing: no shocks, growth, bursts or holidays."""
    organization = Organization(populations, date(2026, 1, 5), 3, QUIET, late_december=False)
    return replace(organization, **changes)
