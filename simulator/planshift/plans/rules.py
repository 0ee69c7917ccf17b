"""The rules that the plans bill by, from ``plans/rules.yaml``: what bills, cases, errors and explanations cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.files import folder
from planshift.plans.plan import Plan, Source
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Problem, did_you_mean

FILE = "rules.yaml"


@dataclass(frozen=True)
class Rule:
    """A rule of the bill.

    ``note`` says what about it is published nowhere and what is taken instead; empty where everything is published.
    ``values`` are the paths of the plan values that it reads; ``*`` stands for any one key.
    """

    id: str
    title: str
    topic: str
    says: str
    sources: tuple[Source, ...]
    note: str
    values: tuple[str, ...]

    @property
    def assumed(self) -> bool:
        """Is something about it published nowhere?"""
        return bool(self.note)

    def values_of(self, plan: Plan) -> tuple[str, ...]:
        """The paths of a plan's values that the rule reads, in the plan's order."""
        return tuple(path for path in plan.values if any(matches(path, pattern) for pattern in self.values))


@dataclass(frozen=True)
class Rules:
    """All rules by id, topic by topic in the file's order."""

    topics: Mapping[str, str]
    rules: Mapping[str, Rule]

    def rule(self, name: str) -> Rule:
        """The rule of that id, in capitals or not; InputError with the nearest ids where there is none."""
        if name.upper() in self.rules:
            return self.rules[name.upper()]
        raise InputError.at(name, "there is no rule of this id", did_you_mean(name.upper(), self.rules))


def read_rules(path: Path | None = None) -> Rules:
    """The shipped rules, or those of another file; InputError with every mistake in it."""
    document = read_valid(path or folder("plans") / FILE, "rules")
    problems = list(_problems(document))
    if problems:
        raise InputError(problems)
    data: Any = document.data
    sources = {key: Source(**source) for key, source in data["sources"].items()}
    rules = {name: _rule(name, rule, sources) for name, rule in data["rules"].items()}
    return Rules(topics=data["topics"], rules=rules)


def matches(path: str, pattern: str) -> bool:
    """Is a plan value's path what a pattern such as ``seats.*.price_usd_per_month`` names?"""
    return path.count(".") == pattern.count(".") and fnmatchcase(path, pattern)


def _rule(name: str, rule: Mapping[str, Any], sources: Mapping[str, Source]) -> Rule:
    return Rule(
        id=name,
        title=rule["title"],
        topic=rule["topic"],
        says=rule["says"],
        sources=tuple(sources[key] for key in _references(rule)),
        note=rule.get("note", ""),
        values=tuple(rule.get("values", ())),
    )


def _references(rule: Mapping[str, Any]) -> list[str]:
    reference = rule.get("reference", [])
    return [reference] if isinstance(reference, str) else list(reference)


def _problems(document: Document) -> Iterator[Problem]:
    data: Any = document.data
    for name, rule in data["rules"].items():
        if rule["topic"] not in data["topics"]:
            fact = f"there is no topic '{rule['topic']}'"
            yield Problem(document.place("rules", name, "topic"), fact, did_you_mean(rule["topic"], data["topics"]))
        for key in _references(rule):
            if key not in data["sources"]:
                fact = f"'{key}' is not among the sources"
                yield Problem(document.place("rules", name, "reference"), fact, did_you_mean(key, data["sources"]))
