"""The rate card: what a model's tokens and web searches cost on a day, and what modifiers make of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Context, Decimal, Inexact
from functools import cached_property
from typing import Final

from planshift.plans.documents import Document
from planshift.plans.plan import Dated, Source, Sourced
from planshift.problems import InputError, PlanshiftError, Problem, did_you_mean

ALL_MODELS: Final = "all"
REFUSED: Final = "refused"

TOKEN_CLASSES: Final = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
"""The five kinds of tokens that have a price, in the order of the usage columns."""

_PREFIX: Final = re.compile(r"^anthropic[/.:]")
_SEPARATORS: Final = re.compile(r"[\s_.]+")
_SUFFIX: Final = re.compile(r"[-@](20\d{6}|latest)$")
# Claude Code writes the window behind the model where it is the long one; the model is the same.
_WINDOW: Final = re.compile(r"\s*\[\d+[km]\]$")
_NEAREST: Final = 3
EXACT: Final = Context(prec=100, traps=[Inexact])
"""Arithmetic with prices: what would not fit into so many digits is an error, never a rounded price."""


def plain_name(name: str) -> str:
    """A model's name in one spelling: lower case, hyphens, no ``anthropic/`` before it, no ``[1m]`` behind it."""
    return _SEPARATORS.sub("-", _WINDOW.sub("", _PREFIX.sub("", name.strip().lower())))


def undated_name(name: str) -> str:
    """A model's name in one spelling, without a trailing date or ``latest``."""
    return _SUFFIX.sub("", plain_name(name))


class NoPriceError(PlanshiftError):
    """Usage that the card cannot price; ``fact`` says what and ``remedy`` what to do."""

    def __init__(self, fact: str, remedy: str) -> None:
        self.fact = fact
        self.remedy = remedy
        super().__init__(f"{fact} - {remedy}")


@dataclass(frozen=True)
class UnitPrices:
    """What usage costs: US dollars per million tokens of each class, and per web search.

    ``sources`` has the entry of the card behind each: by token class, ``web_search``, and the names of modifiers.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    web_search: Decimal
    sources: Mapping[str, Sourced] = field(default_factory=dict, repr=False, compare=False)

    @property
    def tokens(self) -> tuple[Decimal, ...]:
        """The five token prices, in the order of TOKEN_CLASSES."""
        return tuple(getattr(self, name) for name in TOKEN_CLASSES)

    @property
    def reference(self) -> str:
        """Where the token prices were read: a key of the card's sources, or an address."""
        return self.sources[TOKEN_CLASSES[0]].reference

    @property
    def assumed(self) -> bool:
        """Is anything behind these prices assumed?"""
        return any(source.assumed for source in self.sources.values())


@dataclass(frozen=True)
class Model:
    """A model: its names, and a dated price for each token class in US dollars per million tokens; the first day
    without it (``retired``), and the id of the model that takes its place (``replaced_by``)."""

    id: str
    title: str
    aliases: tuple[str, ...]
    prices: Mapping[str, Dated]
    retired: date | None = None
    replaced_by: Sourced | None = None
    note: str = ""

    @property
    def first_day(self) -> date:
        """The first day that has a price."""
        return max(dated.entries[0][0] for dated in self.prices.values())


@dataclass(frozen=True)
class Modifier:
    """What multiplies the token prices of some models (Rulebook U2); web searches keep their price.

    ``models`` is None for all. ``ends`` has the first day on which a model no longer has the modifier.
    """

    name: str
    title: str
    note: str
    models: tuple[str, ...] | None
    otherwise: str
    excludes: tuple[str, ...]
    above_prompt_tokens: int | None
    ends: Mapping[str, date]
    factors: Dated

    def applies(self, model_id: str, day: date) -> bool:
        """Does the model have the modifier on that day?"""
        return (self.models is None or model_id in self.models) and day < self.ends.get(model_id, date.max)


@dataclass(frozen=True)
class RateCard:
    """Dated prices of every model, and the modifiers (Rulebook U1, U2)."""

    id: str
    title: str
    checked: date
    sources: Mapping[str, Source]
    web_search: Dated
    models: Mapping[str, Model]
    modifiers: Mapping[str, Modifier]
    document: Document = field(repr=False, compare=False)
    overlays: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that the card came from."""
        return self.document.name

    def resolve(self, name: str) -> str | None:
        """The id of the model that a name means, or None.

        Accepts aliases, titles, any case, underscores, dots or spaces for hyphens, the prefix ``anthropic/``, a
        trailing date or ``latest`` (``-20251001``, ``@20251001``, ``-latest``), and a context window (``[1m]``).
        """
        return self._names.get(plain_name(name)) or self._names.get(undated_name(name))

    def nearest(self, name: str) -> list[str]:
        """Up to three model ids that look like a name, the most similar first."""
        near = difflib.get_close_matches(undated_name(name), self._names, n=2 * _NEAREST, cutoff=0.6)
        return list(dict.fromkeys(self._names[plain] for plain in near))[:_NEAREST]

    def price(self, model_id: str, day: date, modifiers: Iterable[str] = ()) -> UnitPrices:
        """The unit prices of a model on a day, multiplied by every modifier's factors; exact (Rulebook U1, U2).

        Raises NoPriceError for an unknown model or modifier, a day before the first price, and modifiers that the
        model refuses or that exclude one another.
        """
        model = self._model(model_id)
        entries = {name: dated.on(day) for name, dated in model.prices.items()}
        entries["web_search"] = self.web_search.on(day)
        sources = {name: entry for name, entry in entries.items() if entry is not None}
        if len(sources) < len(entries):
            first = max(model.first_day, self.web_search.entries[0][0])
            raise NoPriceError(f"'{model.id}' has no price before {first}", "check the date and the model")
        prices: dict[str, Decimal] = {name: entry.value for name, entry in sources.items()}
        for modifier in self._together(modifiers):
            factor = self._factor(modifier, model, day)
            if factor is not None:
                sources[modifier.name] = factor
                for name in TOKEN_CLASSES:
                    prices[name] = EXACT.multiply(prices[name], factor.value[name])
        return UnitPrices(**prices, sources=sources)

    @cached_property
    def stepped_models(self) -> frozenset[str]:
        """The models that have another price above some length of the prompt."""
        steps = [modifier for modifier in self.modifiers.values() if modifier.above_prompt_tokens is not None]
        return frozenset(model for step in steps for model in step.models or self.models)

    def modifier_for_prompt(self, model_id: str, day: date, prompt_tokens: int) -> str | None:
        """The modifier of the step that a request's prompt has gone beyond; None without one, or if it changes nothing.

        The prompt is input, cache reads and cache writes together. The step holds for the whole request, so rows that
        add several requests up cannot show it.
        """
        steps = [
            (modifier.above_prompt_tokens, modifier.name)
            for modifier in self.modifiers.values()
            if modifier.above_prompt_tokens is not None
            and prompt_tokens > modifier.above_prompt_tokens
            and modifier.applies(model_id, day)
            and _changes(modifier.factors.on(day))
        ]
        return max(steps)[1] if steps else None

    def price_dates(self, model_id: str) -> tuple[date, ...]:
        """Every day on which a price of the model, or what a modifier makes of it, changes; in order."""
        days = {*self.web_search.dates}
        for dated in self._model(model_id).prices.values():
            days.update(dated.dates)
        for modifier in self.modifiers.values():
            if modifier.models is None or model_id in modifier.models:
                days.update(modifier.factors.dates)
                days.update(day for model, day in modifier.ends.items() if model == model_id)
        return tuple(sorted(days))

    def source(self, value: Sourced) -> str:
        """Who says so, in words: title and address of the source, the overlay, or what is assumed."""
        if value.overlay:
            return f"what-if: {value.overlay}"
        known = self.sources.get(value.reference)
        read = f"{known.title}, {known.address}" if known else value.reference
        assumed = f"assumed: {value.note}" if value.assumed else ""
        return "; ".join(part for part in (read, assumed) if part)

    def with_changes(self, changes: Iterable[Dated], since: date, title: str) -> RateCard:
        """The card under an overlay whose paths are ``models.ID.CLASS_usd_per_mtok``: nothing changes before ``since``.

        Raises InputError where a change names no model, begins too early, or where all of them change nothing.
        """
        problems: list[Problem] = []
        models, changed = dict(self.models), False
        changes = tuple(changes)
        for change in changes:
            name, _, key = change.path.removeprefix("models.").rpartition(".")
            place = change.entries[0][1].place
            model_id = self.resolve(name)
            if model_id is None:
                problems.append(Problem(place, *self._unknown(name)))
                continue
            problems += change.begins_early(since)
            token_class = key.removesuffix("_usd_per_mtok")
            before = models[model_id].prices
            after = before[token_class].under(change, since, title)
            changed = changed or not before[token_class].same_from(since, after)
            models[model_id] = replace(models[model_id], prices={**before, token_class: after})
        if not problems and changes and not changed:
            fact = f"the overlay changes nothing: rate card '{self.id}' has these prices already"
            problems.append(Problem(changes[0].entries[0][1].place, fact, "change a price, or leave the overlay out"))
        if problems:
            raise InputError(problems)
        return replace(self, models=models, overlays=(*self.overlays, title))

    @cached_property
    def fingerprint(self) -> int:
        """What tells it from a card with another model, modifier or price."""
        return hash(repr((self.id, self.models, self.modifiers, self.web_search)))

    @cached_property
    def _names(self) -> dict[str, str]:
        named = ((name, model.id) for model in self.models.values() for name in (model.title, *model.aliases))
        return {plain_name(name): model_id for name, model_id in (*named, *((name, name) for name in self.models))}

    def _model(self, name: str) -> Model:
        if name in self.models:
            return self.models[name]
        raise NoPriceError(*self._unknown(name))

    def _unknown(self, name: str) -> tuple[str, str]:
        near = " or ".join(f"'{model_id}'" for model_id in self.nearest(name))
        remedy = f"did you mean {near}?" if near else did_you_mean(name, self.models)
        return f"the rate card '{self.id}' has no model '{name}'", remedy

    def _together(self, names: Iterable[str]) -> list[Modifier]:
        """The modifiers of those names; NoPriceError for one that is unknown, repeated, or excluded by another."""
        chosen: dict[str, Modifier] = {}
        for name in names:
            if name not in self.modifiers:
                raise NoPriceError(f"'{name}' is not a modifier", did_you_mean(name, self.modifiers))
            if name in chosen:
                raise NoPriceError(f"the modifier '{name}' is named twice", "name it once")
            chosen[name] = self.modifiers[name]
        for modifier in chosen.values():
            for other in modifier.excludes:
                if other in chosen:
                    raise NoPriceError(f"'{modifier.name}' and '{other}' exclude one another", "leave one of them out")
        return list(chosen.values())

    def _factor(self, modifier: Modifier, model: Model, day: date) -> Sourced | None:
        """The factors in force, or None where the modifier leaves the model as it is."""
        if not modifier.applies(model.id, day):
            if modifier.otherwise != REFUSED:
                return None
            until = f" from {modifier.ends[model.id]} on" if model.id in modifier.ends else ""
            raise NoPriceError(f"'{model.id}' has no '{modifier.name}'{until}", f"remove '{modifier.name}'")
        factor = modifier.factors.on(day)
        if factor is None:
            first = modifier.factors.entries[0][0]
            raise NoPriceError(f"'{modifier.name}' has no factor before {first}", f"remove '{modifier.name}'")
        return factor


def _changes(factor: Sourced | None) -> bool:
    return factor is not None and any(value != 1 for value in factor.value.values())


@dataclass(frozen=True)
class Lapse:
    """A model that is gone from the day ``since`` on, or, with a ``modifier``, what the model no longer has.

    ``successor`` is the model that takes its place, and who says so; None where the card names none.
    """

    model: str
    since: date
    modifier: str = ""
    successor: Sourced | None = None


@dataclass(frozen=True)
class Lasting:
    """A model and modifiers as they go on, and every lapse that made them others."""

    model: str
    modifiers: tuple[str, ...]
    lapses: tuple[Lapse, ...]


def lasting(card: RateCard, model_id: str, modifiers: Sequence[str], used: date, day: date) -> Lasting:
    """What usage of the day ``used`` is of when it goes on, or is repeated, on a later day.

    A retired model is followed by its successor, and that by its own, down to one that is there on the day; where the
    card names none it stays. A modifier that held on the day of use and is refused on the later day is left out.
    """
    lapses: list[Lapse] = []
    if model_id not in card.models:
        return Lasting(model_id, tuple(modifiers), ())  # Pricing says that there is no such model.
    model = card.models[model_id]
    while model.retired and model.retired <= day:
        lapses.append(Lapse(model.id, model.retired, successor=model.replaced_by))
        if model.replaced_by is None:
            break
        model = card.models[model.replaced_by.value]
    kept = []
    for name in modifiers:
        modifier = card.modifiers[name]
        if modifier.otherwise == REFUSED and modifier.applies(model_id, used) and not modifier.applies(model.id, day):
            since = modifier.ends.get(model.id) or lapses[-1].since
            lapses.append(Lapse(model.id, since, modifier=name))
        else:
            kept.append(name)
    return Lasting(model.id, tuple(kept), tuple(lapses))


def lapse_days(card: RateCard, model_id: str, modifiers: Sequence[str]) -> tuple[date, ...]:
    """Every day from which on a model with modifiers goes on as something else; in order."""
    line = tuple(successors(card, model_id))
    retired = (card.models[model].retired for model in line if model in card.models)
    ended = (card.modifiers[name].ends.get(model) for name in modifiers for model in line)
    return tuple(sorted({day for day in (*retired, *ended) if day}))


def successors(card: RateCard, model_id: str) -> Iterator[str]:
    """A model, the one that takes its place, and so on; a checked card has no circle of them."""
    yield model_id
    while model_id in card.models and (found := card.models[model_id].replaced_by) is not None:
        model_id = found.value
        yield model_id
