"""Rate cards from their files, and what a schema cannot see in one: names that clash, dates out of order, references to
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.plan import Dated, Source, Sourced
from planshift.plans.rates import ALL_MODELS, TOKEN_CLASSES, Model, Modifier, RateCard, plain_name
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Place, Problem, did_you_mean


def check(document: Document) -> list[Problem]:
    """Every mistake of meaning in a rate card that the schema has accepted, in no order."""
    return [
        *_id(document),
        *_order(document),
        *_names(document),
        *_references(document),
        *_modifiers(document),
        *_days(document),
        *_successors(document),
    ]


def _entries(document: Document) -> Iterator[tuple[tuple[str, ...], dict[date, Any]]]:
    """Every mapping of dated entries, with its path."""
    data: Any = document.data
    yield ("web_search_usd_per_1000",), data["web_search_usd_per_1000"]
    for name, model in data["models"].items():
        yield ("models", name, "prices"), model["prices"]
    for name, modifier in data["modifiers"].items():
        yield ("modifiers", name, "factors"), modifier["factors"]


def _id(document: Document) -> Iterator[Problem]:
    named = document.data["id"]
    if PurePath(document.name).stem != named:
        yield Problem(document.place("id"), f"the file holds rate card '{named}'", f"name it {named}.yaml")


def _order(document: Document) -> Iterator[Problem]:
    for keys, entries in _entries(document):
        for before, since in pairwise(entries):
            if since < before:
                fact = f"{'.'.join(keys)}: the entry of {since} stands below that of {before}"
                yield Problem(document.key_place(*keys, since), fact, "put entries in order of date, the newest last")


def _names(document: Document) -> Iterator[Problem]:
    """Names that two models claim, or that a model claims twice."""
    data: Any = document.data
    owners: dict[str, str] = {plain_name(name): name for name in data["models"]}
    for name, model in data["models"].items():
        places = [(model["title"], document.place("models", name, "title"))]
        places += [(alias, document.place("models", name, "aliases", i)) for i, alias in enumerate(model["aliases"])]
        for other, place in places:
            owner = owners.setdefault(plain_name(other), name)
            if owner != name:
                yield Problem(place, f"'{other}' already means the model '{owner}'", "give each name to one model")
        for i, alias in enumerate(model["aliases"]):
            if plain_name(alias) == plain_name(name):
                place = document.place("models", name, "aliases", i)
                yield Problem(place, f"the alias '{alias}' is the model's own id", "remove it")


def _references(document: Document) -> Iterator[Problem]:
    data: Any = document.data
    sourced: list[tuple[tuple[str | date, ...], Any]]
    sourced = [((*keys, since), entry) for keys, entries in _entries(document) for since, entry in entries.items()]
    for name, modifier in data["modifiers"].items():
        sourced += [(("modifiers", name, "ends", model), end) for model, end in modifier.get("ends", {}).items()]
    replaced = ((name, model.get("replaced_by")) for name, model in data["models"].items())
    sourced += [(("models", name, "replaced_by"), entry) for name, entry in replaced if entry]
    for keys, entry in sourced:
        reference = entry.get("reference")
        if reference and not reference.startswith("https://") and reference not in data["sources"]:
            fact = f"'{reference}' is neither a key of `sources` nor an address"
            yield Problem(document.place(*keys, "reference"), fact, did_you_mean(reference, data["sources"]))


def _modifiers(document: Document) -> Iterator[Problem]:
    """Modifiers that name models or modifiers which the card does not have."""
    data: Any = document.data
    for name, modifier in data["modifiers"].items():
        keys = ("modifiers", name)
        listed = [] if isinstance(modifier["models"], str) else modifier["models"]
        for i, model in enumerate(listed):
            if model not in data["models"]:
                fact = f"modifier '{name}' is for '{model}', which is not a model here"
                yield Problem(document.place(*keys, "models", i), fact, did_you_mean(model, data["models"]))
        having = listed or list(data["models"])
        for model in modifier.get("ends", {}):
            if model not in having:
                fact = f"modifier '{name}' ends for '{model}', which never had it"
                yield Problem(document.key_place(*keys, "ends", model), fact, did_you_mean(model, having))
        for i, other in enumerate(modifier.get("excludes", ())):
            if other not in data["modifiers"] or other == name:
                others = [known for known in data["modifiers"] if known != name]
                fact = f"modifier '{name}' excludes '{other}', which is not another modifier"
                yield Problem(document.place(*keys, "excludes", i), fact, did_you_mean(other, others))


def _days(document: Document) -> Iterator[Problem]:
    """Ends that come before the beginning."""
    data: Any = document.data
    for name, model in data["models"].items():
        retired, first = model.get("retired"), min(model["prices"])
        if retired is not None and retired <= first:
            fact = f"'{name}' is retired on {retired}, but its first price is of {first}"
            yield Problem(document.place("models", name, "retired"), fact, "check both dates")
    for name, modifier in data["modifiers"].items():
        first = min(modifier["factors"])
        for model, end in modifier.get("ends", {}).items():
            if end["date"] <= first:
                fact = f"modifier '{name}' ends for '{model}' on {end['date']}, but begins on {first}"
                yield Problem(document.place("modifiers", name, "ends", model, "date"), fact, "check both dates")


def _successors(document: Document) -> Iterator[Problem]:
    """Successors that do not exist, come after nothing, or lead back to the model that they replace."""
    models: Any = document.data["models"]
    for name, model in models.items():
        if "replaced_by" not in model:
            continue
        place, successor = document.place("models", name, "replaced_by", "model"), model["replaced_by"]["model"]
        if "retired" not in model:
            fact = f"'{name}' has a successor, but no day on which it is retired"
            yield Problem(place, fact, "add `retired: …`, the first day without it, or leave `replaced_by` out")
        if successor not in models:
            others = [other for other in models if other != name]
            yield Problem(place, f"'{successor}' is not a model here", did_you_mean(successor, others))
        elif name in _line(models, successor):
            yield Problem(place, f"'{successor}' leads back to '{name}'", "name a model that is still there")


def _line(models: Any, name: str) -> set[str]:
    """A model, its successor, and so on, as far as they are known."""
    line: set[str] = set()
    while name in models and name not in line:
        line.add(name)
        name = models[name].get("replaced_by", {}).get("model", "")
    return line


def read_rates(path: Path) -> RateCard:
    """The rate card of a file; raises InputError with every mistake of YAML or schema, or else of meaning."""
    document = read_valid(path, "rates")
    problems = check(document)
    if problems:
        raise InputError(problems)
    return rates_from(document)


def rates_from(document: Document) -> RateCard:
    """The rate card of a document that the schema has accepted."""
    data: Any = document.data
    return RateCard(
        id=data["id"],
        title=data["title"],
        checked=data["checked"],
        sources={key: Source(**item) for key, item in data["sources"].items()},
        web_search=_dated(document, ("web_search_usd_per_1000",), lambda item: Decimal(item["value"]).scaleb(-3)),
        models={name: _read_model(document, name, item) for name, item in data["models"].items()},
        modifiers={name: _read_modifier(document, name, item) for name, item in data["modifiers"].items()},
        document=document,
    )


def _read_model(document: Document, name: str, item: Mapping[str, Any]) -> Model:
    def of_class(token_class: str) -> Dated:
        key = f"{token_class}_usd_per_mtok"
        dated = _dated(document, ("models", name, "prices"), lambda entry: Decimal(entry[key]), key)
        return replace(dated, path=f"models.{name}.{key}")

    other = item.get("replaced_by")
    return Model(
        id=name,
        title=item["title"],
        aliases=tuple(item["aliases"]),
        prices={token_class: of_class(token_class) for token_class in TOKEN_CLASSES},
        retired=item.get("retired"),
        replaced_by=_sourced(other, other["model"], document.place("models", name, "replaced_by")) if other else None,
        note=item.get("note", ""),
    )


def _read_modifier(document: Document, name: str, item: Mapping[str, Any]) -> Modifier:
    def factors(entry: Mapping[str, Any]) -> dict[str, Decimal]:
        return {token_class: Decimal(entry.get("tokens", entry.get(token_class))) for token_class in TOKEN_CLASSES}

    return Modifier(
        name=name,
        title=item["title"],
        note=item.get("note", ""),
        models=None if item["models"] == ALL_MODELS else tuple(item["models"]),
        otherwise=item.get("otherwise", ""),
        excludes=tuple(item.get("excludes", ())),
        above_prompt_tokens=item.get("above_prompt_tokens"),
        ends={model: end["date"] for model, end in item.get("ends", {}).items()},
        factors=_dated(document, ("modifiers", name, "factors"), factors),
    )


def _dated(document: Document, keys: tuple[str, ...], read: Callable[[Mapping[str, Any]], Any], at: str = "") -> Dated:
    """The dated entries below a path, in order of date."""
    data: Any = document.data
    for key in keys:
        data = data[key]
    entries = (
        (since, _sourced(item, read(item), document.place(*keys, since, *([at] if at else []))))
        for since, item in data.items()
    )
    return Dated(".".join(keys), tuple(sorted(entries, key=lambda pair: pair[0])))


def _sourced(item: Mapping[str, Any], value: Any, place: Place) -> Sourced:
    """A value with who says so."""
    said = {key: item[key] for key in ("reference", "assumed", "note") if key in item}
    return Sourced(value=value, place=place, **said)
