"""From the words of a persona to its parameters, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from planshift.plans.documents import Document, Step
from planshift.plans.rates import NoPriceError, RateCard
from planshift.problems import Place, Problem, did_you_mean
from planshift.usage.synthetic.layers import GROUPS, Described
from planshift.usage.synthetic.persona import (
    Activity,
    DayVolume,
    Drift,
    Level,
    Persona,
    SurfaceUse,
    TokenMix,
    Week,
)

LEVELS: Mapping[str, str] = {"usd_per_active_day": "usd", "tokens_per_active_day": "tokens"}
"""The keys that say how much a member uses, and their units."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "level": ("sigma",),
    "activity": ("alpha", "beta", "with_level", "persistence"),
    "drift": ("sd", "days"),
    "day": ("shape", "correlation"),
    "week": ("activity", "volume", "late_december", "holiday"),
    "onboarding": ("weeks",),
    "models": ("preferred", "preferred_share"),
    "surfaces": ("shares", "mixes"),
}


@dataclass(frozen=True)
class Known:
    """What a persona's words may name: surfaces, token mixes, and the models that have a price on the first day."""

    surfaces: Mapping[str, str]
    mixes: Mapping[str, TokenMix]
    card: RateCard
    start: date


def read_persona(words: Described, known: Known, problems: list[Problem]) -> Persona | None:
    """The persona that words describe; None, with the problems noted, where they are wrong or leave something out."""
    before = len(problems)
    problems += _missing(words)
    if len(problems) > before:
        return None
    surfaces = _surfaces(words, known, problems)
    models = _models(words, known, problems)
    amount = words.nearest_of("level", tuple(LEVELS))
    if len(problems) > before or amount is None:
        return None
    unit, level = amount
    service = words.find("service_account")
    return Persona(
        name=words.name,
        title=_title(words),
        service_account=bool(service.value) if service else False,
        seats={plan: str(seat.value) for plan, seat in words.merged("seats").items()},
        level=Level(float(level.value), "usd" if LEVELS[unit] == "usd" else "tokens", _number(words, "level", "sigma")),
        activity=Activity(*(_number(words, "activity", key) for key in _KEYS["activity"])),
        drift=Drift(*(_number(words, "drift", key) for key in _KEYS["drift"])),
        day=DayVolume(*(_number(words, "day", key) for key in _KEYS["day"])),
        week=_week(words),
        onboarding=_list(words, "onboarding", "weeks"),
        models=models,
        preferred_share=_number(words, "models", "preferred_share"),
        surfaces=surfaces,
    )


def _title(words: Described) -> str:
    """What a persona of this very name is called; another that it is like has a title of its own."""
    same = (layer.find("title") for layer in words.layers if layer.path[-1] == words.name)
    found = next((title for title in same if title), None)
    return str(found.value) if found else words.name.replace("_", " ").capitalize()


def _missing(words: Described) -> Iterator[Problem]:
    """What a whole persona would have: said nowhere, neither here nor in what it is like."""
    for group in GROUPS:
        if words.find(group) is None:
            fact = f"persona '{words.name}' does not say its '{group}'"
            yield Problem(words.place, fact, f"add '{group}', or say which persona it is like: `like: engineer`")
            continue
        lacking = [key for key in _KEYS[group] if words.find(group, key) is None]
        if group == "level" and words.nearest_of("level", tuple(LEVELS)) is None:
            lacking.append(" or ".join(LEVELS))
        for key in lacking:
            fact = f"persona '{words.name}' says its '{group}' without {key}"
            yield Problem(words.place, fact, f"add {key}, or say which persona it is like: `like: engineer`")


def _value(words: Described, group: str, key: str) -> Any:
    found = words.find(group, key)
    assert found is not None
    return found.value


def _number(words: Described, group: str, key: str) -> float:
    return float(_value(words, group, key))


def _list(words: Described, group: str, key: str) -> tuple[float, ...]:
    return tuple(float(number) for number in _value(words, group, key))


def _week(words: Described) -> Week:
    return Week(
        activity=_list(words, "week", "activity"),
        volume=_list(words, "week", "volume"),
        late_december=_number(words, "week", "late_december"),
        holiday=_number(words, "week", "holiday"),
    )


# --- surfaces and models -------------------------------------------------------------------------------------------


def _surfaces(words: Described, known: Known, problems: list[Problem]) -> tuple[SurfaceUse, ...]:
    shares, mixes = words.find("surfaces", "shares"), words.find("surfaces", "mixes")
    assert shares is not None
    assert mixes is not None
    found: list[SurfaceUse] = []
    for surface, share in shares.value.items():
        if surface not in known.surfaces:
            remedy = did_you_mean(surface, known.surfaces)
            problems.append(Problem(shares.at(surface), f"'{surface}' is not a surface", remedy))
        elif surface not in mixes.value:
            fact = f"the work on '{surface}' has no token mix"
            remedy = f"say it under `mixes`: {{{surface}: {next(iter(known.mixes), 'coding_agent')}}}"
            problems.append(Problem(mixes.place, fact, remedy))
        elif mixes.value[surface] in known.mixes and share:
            found.append(SurfaceUse(surface, float(share), known.mixes[mixes.value[surface]]))
    for surface, mix in mixes.value.items():
        if surface not in known.surfaces:
            remedy = did_you_mean(surface, known.surfaces)
            problems.append(Problem(mixes.at(surface), f"'{surface}' is not a surface", remedy))
        if mix not in known.mixes:
            fact, remedy = f"there is no token mix '{mix}'", did_you_mean(mix, known.mixes)
            problems.append(Problem(mixes.at(surface), fact, remedy))
    problems += whole("surfaces", shares.value, shares.place)
    return tuple(sorted(found, key=lambda use: use.surface))


def _models(words: Described, known: Known, problems: list[Problem]) -> dict[str, float]:
    """Model id → share of the members who prefer it, from what is in force on the first day."""
    found = words.find("models", "preferred")
    assert found is not None
    shares: Mapping[Any, Any] = found.value
    path: tuple[Step, ...] = ()
    if all(isinstance(key, date) for key in shares):
        begun = [day for day in shares if day <= known.start]
        if not begun:
            fact = f"nothing says which models '{words.name}' prefers before {min(shares)}, but the horizon is earlier"
            problems.append(Problem(found.place, fact, f"add an entry of {known.start} or before"))
            return {}
        path = (max(begun),)
        shares = shares[max(begun)]
    result: dict[str, float] = {}
    for name, share in shares.items():
        model = known.card.resolve(name)
        if model is None:
            near = known.card.nearest(name)
            remedy = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join([*known.card.models][:5])}, …"
            problems.append(Problem(found.at(*path, name), f"the rate card has no model '{name}'", remedy))
            continue
        problems += _unpriced(model, found.at(*path, name), known)
        if share:
            result[model] = result.get(model, 0.0) + float(share)
    problems += whole("models", shares, found.document.place(*found.path, *path))
    return dict(sorted(result.items()))


def _unpriced(model: str, place: Place, known: Known) -> Iterator[Problem]:
    """A model that cannot be used on the first day, from which on it is used."""
    retired = known.card.models[model].retired
    if retired and retired <= known.start:
        yield Problem(place, f"'{model}' was retired on {retired}", "name its successor")
        return
    try:
        known.card.price(model, known.start)
    except NoPriceError as error:
        remedy = f"name models that can be had on the horizon's first day, {known.start}"
        yield Problem(place, error.fact, remedy)


def whole(what: str, shares: Mapping[Any, Any], place: Place) -> Iterator[Problem]:
    """Shares that do not add up to 1."""
    total = sum((Decimal(share) for share in shares.values()), Decimal(0))
    if total != 1:
        yield Problem(place, f"the shares of {what} add up to {total.normalize():f}, not to 1", "make them add up to 1")


# --- token mixes ---------------------------------------------------------------------------------------------------


def read_mixes(document: Document, path: tuple[Step, ...], problems: list[Problem]) -> dict[str, TokenMix]:
    """The token mixes at a path of a document, by name; those whose shares are wrong are noted."""
    data: Any = document.data
    for key in path:
        data = data.get(key, {})
    mixes: dict[str, TokenMix] = {}
    for name, item in data.items():
        problems += whole("token classes", item["shares"], document.place(*path, name, "shares"))
        mixes[name] = TokenMix(
            name=name,
            title=item["title"],
            shares={token_class: float(share) for token_class, share in item["shares"].items()},
            cache_spread=float(item["cache_spread"]),
            step_tokens=item["step_tokens"],
        )
    return mixes
