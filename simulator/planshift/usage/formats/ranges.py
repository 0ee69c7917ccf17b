"""What an export does not tell about its rows, and between which list costs they then lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.plans.bounds import MOST_TOKENS
from planshift.usage.formats.priced import daily_usage
from planshift.usage.formats.reading import BATCH, FAST_MODE, US_ONLY, Entry, Reading, rows

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Question:
    """Something that an export can leave open: for which entries, how they would be otherwise, and what is counted."""

    fact: str
    counted: str
    is_open: Callable[[Entry, RateCard], bool]
    otherwise: Callable[[Entry], Entry]


def _kind(field: str, modifier: str, what: str) -> Question:
    """The question which requests were of a kind, where the field that says it is missing or was not asked for."""
    return Question(
        f"The export has no {field} and does not show {what}",
        f"it is counted as if there was none. An API report shows it with group_by[]={field}",
        lambda entry, _: field in entry.untold,
        lambda entry: replace(entry, modifiers=entry.modifiers | {modifier}),
    )


def _hour(entry: Entry) -> Entry:
    short, long = entry.counts.cache_write_5m_tokens, entry.counts.cache_write_1h_tokens
    counts = entry.counts._replace(
        cache_write_5m_tokens=short - entry.untold_writes, cache_write_1h_tokens=long + entry.untold_writes
    )
    return replace(entry, counts=counts)


QUESTIONS: Sequence[Question] = (
    Question(
        "Long prompts cost more with some models, and sums of requests do not show them",
        "the lower one is counted",
        lambda entry, card: entry.prompt_most > entry.prompt_least and entry.model in card.stepped_models,
        lambda entry: replace(entry, prompt_least=entry.prompt_most),
    ),
    Question(
        "The export does not show how long cache writes last",
        "the lower one, 5 minutes for all of them, is counted",
        lambda entry, _: entry.untold_writes > 0,
        _hour,
    ),
    _kind("service_tier", BATCH, "what was batch work"),
    _kind("inference_geo", US_ONLY, "what was US-only inference"),
    _kind("speed", FAST_MODE, "what ran in fast mode"),
)


def say_ranges(reading: Reading, list_cost: Decimal, card: RateCard) -> None:
    """Warn of each question that the entries leave open and on which their list cost depends, with its range.

    Each range is of its question alone: with everything else as it is counted.
    """
    for question in QUESTIONS:
        entries = [entry for entry in reading.entries if question.is_open(entry, card)]
        apart = _apart(entries, question, card)
        if apart:
            low, high = sorted((list_cost, list_cost + apart))
            reading.warned[
                f"{question.fact} ({rows(len(entries))}): the list cost is between {_dollars(low, high)} and "
                f"{_dollars(high, low)} USD; {question.counted}."
            ] += 1


def _apart(entries: list[Entry], question: Question, card: RateCard) -> Decimal:
    """By how much the list cost of entries differs if they are otherwise."""
    stepped = {(entry.model, entry.first, entry.last) for entry in entries}
    if question is QUESTIONS[0] and not any(_has_step(*each, card) for each in stepped):
        return Decimal(0)
    return _cost([question.otherwise(entry) for entry in entries], card) - _cost(entries, card)


def _has_step(model: str, first: date, last: date, card: RateCard) -> bool:
    """Whether long prompts of a model cost more on any of some days."""
    days = [first, *(day for day in card.price_dates(model) if first < day <= last)]
    return any(card.modifier_for_prompt(model, day, MOST_TOKENS) for day in days)


def _cost(entries: list[Entry], card: RateCard) -> Decimal:
    return daily_usage(Reading(entries=entries), card).totals(card).cost


def _dollars(amount: Decimal, other: Decimal) -> str:
    """In cents, or exactly where the two would be the same in cents."""
    return f"{amount:,.2f}" if abs(amount - other) >= _CENT else f"{amount.normalize():,f}"
