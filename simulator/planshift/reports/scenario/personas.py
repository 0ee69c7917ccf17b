"""Personas and what an organization shares, in plain sentences, each with its source or marked as assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from planshift.plans.documents import Document
from planshift.reports.plans.sentences import Statement
from planshift.reports.words import listed, number_word
from planshift.usage.synthetic.persona import Bursts, Growth, Organization, Persona, Population, RollOut, Shocks
from planshift.usage.synthetic.persona_reading import LEVELS, Described

HOW_MUCH, WHEN, WHAT = "How much they use", "When they use it", "What they use"
THE_SCENARIO = "the scenario"

_P90 = 1.2815515655446004
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Words:
    """A population, and the words of the files that describe its persona.

    ``scenario`` is the document that may say something by itself, ``sources`` maps keys to titles, ``surfaces`` to
    titles.
    """

    population: Population
    described: Described
    scenario: Document
    sources: Mapping[str, str]
    surfaces: Mapping[str, str]

    @property
    def name(self) -> str:
        """What the persona is called."""
        return self.population.persona.title

    def statements(self) -> Iterator[Statement]:
        """A sentence for each group of figures, without the persona's name before it."""
        persona = self.population.persona
        for topic, group, say in _SENTENCES:
            yield self._sourced(Statement(topic, say(persona), group, ""), group)
        yield self._sourced(Statement(WHAT, _surfaces(persona, self.surfaces), SURFACES, ""), SURFACES)
        yield from (self._work(statement, mix) for statement, mix in _mixes(persona, self.surfaces))

    def _sourced(self, statement: Statement, group: str) -> Statement:
        """A statement with what the layers say of a group's origin: those that gave at least one of its figures."""
        figures = self.described.merged(group)
        unit = self.described.nearest_of("level", tuple(LEVELS))
        idle = {*_NO_FIGURES, *LEVELS} - {unit[0] if unit else ""}
        homes = {(id(found.document), found.path[:-1]) for key, found in figures.items() if key not in idle}
        given = [found for layer in self.described.layers if (found := layer.find(group))]
        parts = [found for found in given if (id(found.document), found.path) in homes]
        return origin(statement, [(found.value, found.document is self.scenario) for found in parts], self.sources)

    def _work(self, statement: Statement, mix: str) -> Statement:
        own: Any = self.scenario.data
        mixes: Any = self.described.layers[-1].document.data
        said = own["usage"].get("token_mixes", {}).get(mix)
        found = (said, True) if said else (mixes.get("token_mixes", {}).get(mix, {}), False)
        return origin(statement, [found], self.sources)


_NO_FIGURES = ("reference", "assumed", "note", "mixes")
"""Keys of a group that say no figure: where it comes from, and the names of token mixes."""


def origin(statement: Statement, parts: list[tuple[Mapping[str, Any], bool]], sources: Mapping[str, str]) -> Statement:
    """A statement with its source: of groups of figures, and of each whether the scenario itself says it."""
    titles: list[str] = []
    notes: list[str] = []
    for group, own in parts:
        reference = group.get("reference")
        if reference:
            titles.append(sources.get(str(reference), str(reference)))
        elif own:
            titles.append(THE_SCENARIO)
        if group.get("assumed"):
            notes.append(str(group.get("note", "")).strip())
    return replace(
        statement, source="; ".join(dict.fromkeys(titles)), assumed=bool(notes), note=" ".join(dict.fromkeys(notes))
    )


def together(said: list[tuple[str, Statement]]) -> list[Statement]:
    """Statements of several personas, those with the same words and source as one, in order of topic.

    Each begins with the names of the personas that it is about.
    """
    whose: dict[Statement, list[str]] = {}
    for name, statement in said:
        whose.setdefault(statement, []).append(name)
    everybody = list(dict.fromkeys(name for name, _ in said))
    found = []
    for statement, names in whose.items():
        found.append(replace(statement, text=f"{_whose(names, everybody)}: {statement.text}"))
    topics = [HOW_MUCH, WHEN, WHAT]
    groups = [SURFACES, *(group for _, group, _ in _SENTENCES), MIX]
    return sorted(found, key=lambda statement: (topics.index(statement.topic), groups.index(statement.path)))


def _whose(names: list[str], everybody: list[str]) -> str:
    """Whom a sentence is about, in few words."""
    others = [name for name in everybody if name not in names]
    if not others:
        return "All" if len(names) > 1 else names[0]
    few = len(others) < len(names) and len(names) > 2
    return f"All but {listed(others)}" if few else listed(names)


# --- the sentences -------------------------------------------------------------------------------------------------

SURFACES, MIX = "surfaces", "token_mixes"


def _level(persona: Persona) -> str:
    level = persona.level
    typical = level.amount * math.exp(-(level.sigma**2) / 2)
    high = typical * math.exp(_P90 * level.sigma)
    money = level.unit == "usd"
    mean, middle, top = (f"{value:,.2f}" if money else f"{value:,.0f}" for value in (level.amount, typical, high))
    unit = "USD at list price" if money else "tokens"
    if not level.sigma:
        return f"on an active day each asks for {mean} {unit} on average."
    return (
        f"on an active day they ask for {mean} {unit} on average, the middle member for {middle}, one in ten for"
        f" {top} or more (log-normal, sigma {level.sigma:g})."
    )


def _activity(persona: Persona) -> str:
    law = persona.activity
    mean = law.alpha / (law.alpha + law.beta)
    sd = math.sqrt(mean * (1 - mean) / (law.alpha + law.beta + 1))
    said = f"active on {percent(mean)} of ordinary weekdays, give or take {percent(sd)} between members"
    said += f" (Beta {law.alpha:g}, {law.beta:g})"
    if law.with_level:
        said += f"; those who use {'more' if law.with_level > 0 else 'less'} are active more often"
        said += f" (rank correlation {law.with_level:g})"
    if law.persistence:
        said += f"; active days follow each other (persistence {law.persistence:g})"
    return f"{said}."


def _drift(persona: Persona) -> str:
    drift = persona.drift
    if not drift.sd:
        return "nobody's level changes in the course of time."
    return (
        f"each member's level drifts by a factor of {math.exp(drift.sd):.1f} up or down (standard deviation of the"
        f" logarithm {drift.sd:g}), forgotten within {drift.days:g} days."
    )


def _day(persona: Persona) -> str:
    day = persona.day
    return (
        f"active days differ by {percent(1 / math.sqrt(day.shape))} about the level (Gamma, shape {day.shape:g};"
        f" correlation from day to day {day.correlation:g})."
    )


def _week(persona: Persona) -> str:
    week = persona.week
    parts = [*_factors(week.activity, "active {} times as often"), *_factors(week.volume, "{} times the volume")]
    said = "; ".join(parts) if parts else "every day of the week alike"
    if week.late_december != 1 or week.holiday != 1:
        said += (
            f"; from 24 December to 1 January {week.late_december:g} and on public holidays {week.holiday:g} times as"
            " often"
        )
    return f"{said}."


def _factors(factors: tuple[float, ...], words: str) -> Iterator[str]:
    """What is said of the weekdays that are not like the others."""
    for factor in dict.fromkeys(factor for factor in factors if factor != 1):
        days = [name for name, value in zip(_WEEKDAYS, factors, strict=True) if value == factor]
        yield f"on {listed(days)} {words.format(f'{factor:g}')}"


def _onboarding(persona: Persona) -> str:
    weeks = persona.onboarding
    if not weeks:
        return "whoever joins uses as much as the others at once."
    factors = listed(f"{factor:g}" for factor in weeks)
    first = f"{number_word(len(weeks))} weeks" if len(weeks) > 1 else "week"
    return f"in the first {first} after joining {factors} times the volume."


def _models(persona: Persona) -> str:
    shares = sorted(persona.models.items(), key=lambda item: -item[1])
    if len(shares) == 1:
        return f"all use {shares[0][0]}."
    preferred = listed(f"{percent(share)} prefer {model}" for model, share in shares if share)
    if persona.preferred_share == 1:
        return f"{preferred}, and use nothing else."
    return f"{preferred}; {percent(persona.preferred_share)} of a member's tokens are of the preferred model."


def _surfaces(persona: Persona, surfaces: Mapping[str, str]) -> str:
    uses = sorted(persona.surfaces, key=lambda use: -use.share)
    if len(uses) == 1:
        return f"all of it on {surfaces.get(uses[0].surface, uses[0].surface)}."
    unit = "dollars" if persona.level.unit == "usd" else "tokens"
    shares = listed(f"{percent(use.share)} on {surfaces.get(use.surface, use.surface)}" for use in uses)
    return f"of their {unit}, {shares}."


def _mixes(persona: Persona, surfaces: Mapping[str, str]) -> Iterator[tuple[Statement, str]]:
    """What the tokens are made of, by mix."""
    for mix in {use.mix.name: use.mix for use in persona.surfaces}.values():
        where = [surfaces.get(use.surface, use.surface) for use in persona.surfaces if use.mix.name == mix.name]
        read = mix.shares.get("cache_read", 0.0)
        written = mix.shares.get("cache_write_5m", 0.0) + mix.shares.get("cache_write_1h", 0.0)
        text = (
            f"of the tokens on {listed(where)} {percent(read)} are read from the cache, {percent(written)} written to"
            f" it, {percent(mix.shares.get('input', 0.0))} new input and {percent(mix.shares.get('output', 0.0))}"
            f" output ({mix.name})."
        )
        yield Statement(WHAT, text, MIX, ""), mix.name


def percent(share: float) -> str:
    """A share as people read it: ``57 %``, ``0.4 %``, ``0 %``."""
    points = share * 100
    return f"{points:.0f} %" if points >= 10 or not points else f"{points:.2g} %"


_SENTENCES: tuple[tuple[str, str, Callable[[Persona], str]], ...] = (
    (HOW_MUCH, "level", _level),
    (HOW_MUCH, "drift", _drift),
    (HOW_MUCH, "day", _day),
    (WHEN, "activity", _activity),
    (WHEN, "week", _week),
    (WHEN, "onboarding", _onboarding),
    (WHAT, "models", _models),
)


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
