"""A plan in plain sentences that can be read aloud to a customer, each with its source or marked as assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan, Sourced, plain
from planshift.reports.plans.names import label, named
from planshift.reports.plans.phrases import PAYING, PHRASES, Phrase, Spoken, as_it_is

OTHER, CHANGES = "Other values", "Changes to come"


@dataclass(frozen=True)
class Statement:
    """One sentence about a plan: its topic, the value that it says, and who says so."""

    topic: str
    text: str
    path: str
    source: str
    assumed: bool = False
    note: str = ""
    alternatives: tuple[str, ...] = ()

    @property
    def cited(self) -> str:
        """The sentence with its source in brackets, or what is assumed and what else could be."""
        marks = [self.source] if self.source else []
        if self.assumed:
            marks.append(f"assumed: {self.note}")
        if self.alternatives:
            marks.append(f"it could be: {' or '.join(self.alternatives)}")
        return f"{self.text} [{'; '.join(mark.removesuffix('.') for mark in marks)}]" if marks else self.text


def statements(plan: Plan, day: date, catalogue: Catalogue, surfaces: Mapping[str, str]) -> list[Statement]:
    """Everything that a plan says on a day, by topic: every value of its file stands in one of the sentences.

    ``surfaces`` maps surfaces to their titles. What changes after the day comes last.
    """
    reader = _Reader(plan, day, catalogue, surfaces)
    found = [*reader.known(), *reader.others(), reader.rates()]
    topics = [*dict.fromkeys(topic for topic, _, _ in PHRASES), OTHER]
    return [*sorted(found, key=lambda statement: topics.index(statement.topic)), *reader.to_come()]


@dataclass(frozen=True)
class _Reader:
    """Reads a plan out."""

    plan: Plan
    day: date
    catalogue: Catalogue
    surfaces: Mapping[str, str]

    def known(self) -> Iterator[Statement]:
        """The sentences of the values that have a phrase."""
        for topic, pattern, phrase in PHRASES:
            for path in self.plan.values:
                name = named(pattern, path)
                if name is not None:
                    yield self._statement(topic, path, phrase, name)

    def others(self) -> Iterator[Statement]:
        """The values that have none, as they are."""
        for path in self.plan.values:
            if all(named(pattern, path) is None for _, pattern, _ in PHRASES):
                yield self._statement(OTHER, path, as_it_is(label(self.plan, path)), "")

    def rates(self) -> Statement:
        """The rate card that prices usage."""
        card = self.catalogue.card(self.plan)
        text = f"Tokens and web searches cost what the rate card '{card.title}' says, checked on {card.checked}."
        return Statement(PAYING, text, "rates", f"rate card {card.id}")

    def to_come(self) -> Iterator[Statement]:
        """A sentence for every value that changes after the day."""
        for path, dated in self.plan.values.items():
            for since, entry in dated.entries:
                if since > self.day:
                    text = f"From {since} on: {label(self.plan, path)}: {entry.text}."
                    yield self._sourced(CHANGES, text, path, entry)

    def _statement(self, topic: str, path: str, phrase: Phrase, name: str) -> Statement:
        entry = self.plan.find(path, self.day)
        if entry is None:
            return Statement(topic, f"{label(self.plan, path)}: not in force yet on {self.day}.", path, "")
        spoken = Spoken(self.plan, self.day, self.catalogue, self.surfaces, name, entry.value)
        return self._sourced(topic, phrase(spoken), path, entry)

    def _sourced(self, topic: str, text: str, path: str, entry: Sourced) -> Statement:
        source = self.plan.sources.get(entry.reference)
        by = f"what-if: {entry.overlay}" if entry.overlay else source.title if source else entry.reference
        alternatives = tuple(plain(other) for other in entry.alternatives)
        return Statement(topic, text, path, by, entry.assumed, entry.note, alternatives)
