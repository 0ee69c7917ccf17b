"""From the layers of words that describe a persona to its parameters, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from planshift.plans.documents import Document, Step
from planshift.plans.rates import NoPriceError, RateCard
from planshift.problems import Place, Problem, did_you_mean
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

GROUPS = ("level", "activity", "drift", "day", "week", "onboarding", "models", "surfaces")
"""The groups of figures that a whole persona has."""

LIKE = "like"


class LocatedValue(NamedTuple):
    """A value and where it stands."""

    value: Any
    document: Document
    path: tuple[Step, ...]

    @property
    def place(self) -> Place:
        """The place of the value."""
        return self.document.place(*self.path)

    def at(self, *keys: Step) -> Place:
        """The place of a key below."""
        return self.document.key_place(*self.path, *keys)


@dataclass(frozen=True)
class Layer:
    """What one file says of a persona, and the path at which it says it."""

    document: Document
    path: tuple[Step, ...]
    data: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where the persona's name stands."""
        return self.document.key_place(*self.path)

    def find(self, *keys: str) -> LocatedValue | None:
        """The value at a path below; None where the layer does not say it."""
        value: Any = self.data
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                return None
            value = value[key]
        return LocatedValue(value, self.document, (*self.path, *keys))


@dataclass(frozen=True)
class Described:
    """A persona in layers, the nearest first: what the nearest says goes before, key by key of each group."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def place(self) -> Place:
        """Where the persona is named first."""
        return self.layers[0].place

    def find(self, *keys: str) -> LocatedValue | None:
        """What the nearest layer says at a path; None where none says it."""
        return next((found for layer in self.layers if (found := layer.find(*keys))), None)

    def nearest_of(self, group: str, keys: tuple[str, ...]) -> tuple[str, LocatedValue] | None:
        """The first of some keys of which only one can hold, in the nearest layer that has any of them."""
        for layer in self.layers:
            for key in keys:
                found = layer.find(group, key)
                if found:
                    return key, found
        return None

    def merged(self, *keys: str) -> dict[str, LocatedValue]:
        """What all layers say of the keys below a path, the nearest going before."""
        result: dict[str, LocatedValue] = {}
        for layer in self.layers:
            found = layer.find(*keys)
            if found is None:
                continue
            for key in found.value:
                if key not in result:
                    result[key] = LocatedValue(found.value[key], layer.document, (*found.path, key))
        return result


def described(
    name: str, own: Mapping[str, Layer], shipped: Mapping[str, Layer], problems: list[Problem]
) -> Described | None:
    """The persona of a name, with all that it is like; None where that cannot be found, which is noted.

    A name means the scenario's own persona first, then the shipped one; an own persona of a shipped one's name is like
    it.
    """
    layers: list[Layer] = []
    for layer, unknown in _layers(name, own, shipped):
        if unknown:
            problems.append(unknown)
            return None
        if layer in layers:
            place = layers[-1].document.place(*layers[-1].path, LIKE)
            fact = f"persona '{name}' is in the end like itself"
            problems.append(Problem(place, fact, "name another persona, or remove `like`"))
            return None
        layers.append(layer)
    found = Described(name, tuple(layers))
    if not any(found.find(group) for group in GROUPS):
        remedy = did_you_mean(name, shipped)
        problems.append(Problem(found.place, f"there is no persona '{name}'", remedy))
        return None
    return found


def _layers(
    name: str, own: Mapping[str, Layer], shipped: Mapping[str, Layer]
) -> Iterator[tuple[Layer, Problem | None]]:
    """Layer after layer; in the end, where `like` names nobody, the last one with the problem."""
    layer = own[name] if name in own else shipped[name]
    while True:
        yield layer, None
        like = layer.find(LIKE)
        if like:
            name = like.value
            if name not in own and name not in shipped:
                known = {*own, *shipped}
                yield layer, Problem(like.place, f"there is no persona '{name}' to be like", did_you_mean(name, known))
                return
            layer = own[name] if name in own else shipped[name]
        elif layer is own.get(name) and name in shipped:
            layer = shipped[name]
        else:
            return


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
