"""The result of an import: usage by day, and a summary with what is not told and what the export reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.plans.bounds import MOST_TOKENS
from planshift.usage.formats.priced import UnknownModel, daily_usage
from planshift.usage.formats.reading import BATCH, FAST_MODE, US_ONLY, Entry, Reading, filled_in, rows

if TYPE_CHECKING:
    import pandas as pd

    from planshift.plans.rates import RateCard
    from planshift.usage.files import DailyUsage, Totals


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


_WORTH_SAYING = Decimal("0.01")
_HALF_A_CENT = Decimal("0.005")
_THOUSANDS = 100
"""From this ratio on, counts were probably read in another unit than they were written in."""
_MANY_TIMES = 10
_MODELS_SHOWN = 3


@dataclass(frozen=True)
class Comparison:
    """What rows that report a cost report together, and what just these rows cost at list price, US dollars."""

    reported: Decimal
    listed: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more the list price is."""
        return self.listed - self.reported


def compare(reading: Reading, usage: DailyUsage, all_rows: Totals, card: RateCard) -> Comparison | None:
    """The comparison of all rows that report a cost; None without any. A difference of more than 1 % is a warning."""
    entries = [entry for entry in reading.entries if entry.reported is not None]
    if not entries:
        return None
    listed = all_rows
    if len(entries) < len(reading.entries):
        listed = usage.totals(card, reported_only=True)
        number = f"{rows(len(entries))} of {len(reading.entries):,}"
        reading.assumed[f"A cost is reported in {number}; the difference is of these alone."] += 1
    reported: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        reported[entry.model] += entry.reported or 0
    whole = Comparison(sum(reported.values(), Decimal(0)), listed.cost)
    # Exports round every row to the cent.
    if abs(whole.difference) > max(whole.reported * _WORTH_SAYING, _HALF_A_CENT * len(entries)):
        by_model = {model: Comparison(reported[model], cost) for model, cost in listed.costs.items()}
        reading.warned[_sentence(whole, by_model, card, max(entry.last for entry in entries))] += 1
    return whole


def _sentence(whole: Comparison, models: Mapping[str, Comparison], card: RateCard, day: date) -> str:
    more = whole.difference < 0
    ratio = whole.reported / whole.listed if whole.listed else None
    share = f", {_share(ratio)}" if ratio is not None else ""
    causes = [*_modifiers(card, day, more=more), *_other_causes(ratio, more=more)]
    effect = "Forecasts from this usage are too low by as much. " if more else ""
    return (
        f"The export reports {whole.reported:,.2f} USD where list prices come to {whole.listed:,.2f}{share}. {effect}"
        f"What the rows do not show may be the cause: {'; '.join(causes)}.{_where(models)}"
    )


def _share(ratio: Decimal) -> str:
    """How far what is reported is from list price: in per cent, or how many times it is."""
    if ratio >= _MANY_TIMES:
        return f"{ratio:,.0f} times as much"
    return f"{abs(1 - ratio):.1%} {'more' if ratio > 1 else 'less'}"


def _modifiers(card: RateCard, day: date, *, more: bool) -> Iterator[str]:
    """The modifiers of the card that make usage dearer, or cheaper, and by what factor."""
    for modifier in card.modifiers.values():
        entry = modifier.factors.on(day)
        factors = entry.value.values() if entry is not None and modifier.above_prompt_tokens is None else ()
        strongest = max(factors, key=lambda factor: abs(factor - 1), default=Decimal(1))
        if strongest != 1 and (strongest > 1) == more:
            title = modifier.title if modifier.title[1:2].isupper() else modifier.title[:1].lower() + modifier.title[1:]
            yield f"{title} ({strongest.normalize():f} times the price)"


def _other_causes(ratio: Decimal | None, *, more: bool) -> Iterator[str]:
    if ratio is None or ratio >= _THOUSANDS or ratio * _THOUSANDS <= 1:
        yield "thousands of tokens read as single ones, or single ones as thousands"
    if not more and ratio is not None:
        yield f"a discount of {1 - ratio:.1%}, which belongs in the contract (usage_discount)"


def _where(models: Mapping[str, Comparison]) -> str:
    """The models that differ, the largest difference first, and how many times list price they report."""
    apart = {
        model: found
        for model, found in models.items()
        if abs(found.difference) > max(found.reported * _WORTH_SAYING, 2 * _HALF_A_CENT)
    }
    order = sorted(apart, key=lambda model: (-abs(apart[model].difference), model))
    known = [(model, apart[model]) for model in order if apart[model].listed]
    times = [f"{model} ({found.reported / found.listed:.2f} times)" for model, found in known]
    return f" It is in {', '.join(times[:_MODELS_SHOWN])}." if times else ""


@dataclass(frozen=True)
class Days:
    """The days of usage: the first, the last, and how many have some."""

    first: date
    last: date
    count: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import read, and what became of it.

    ``rows_read == rows_kept + merged + Σ dropped``: kept rows are those whose usage is in the result, merged ones were
    given again, dropped ones were left out for a reason. ``rows_written`` is the length of the result, where rows of
    equal key are one and a total of several days is several. ``list_cost`` is what the result costs on the rate card;
    ``reported_cost`` what the export says of its rows, and ``difference`` the list cost of just those rows less that.
    Costs are US dollars.
    """

    format: str
    rows_read: int
    rows_kept: int
    rows_written: int
    merged: int
    dropped: tuple[tuple[str, int], ...]
    unknown_models: Mapping[str, UnknownModel]
    days: Days | None
    members: int
    list_cost: Decimal
    reported_cost: Decimal | None
    difference: Decimal | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ImportResult:
    """The usage of an import day by day, and the summary."""

    usage: DailyUsage
    summary: ImportSummary

    @property
    def rows(self) -> pd.DataFrame:
        """Rows in canonical columns with ``modifiers``, sorted by date, user, surface, model and modifiers."""
        return self.usage.frame


def result_of(
    name: str, reading: Reading, usage: DailyUsage, unknown: Mapping[str, UnknownModel], card: RateCard
) -> ImportResult:
    """The result of a reading whose entries are ``usage``."""
    totals = usage.totals(card)
    say_ranges(reading, totals.cost, card)
    compared = compare(reading, usage, totals, card)
    if not totals.rows:
        reading.warned["Nothing is left to import: no row has usage on the days asked for."] += 1
    summary = ImportSummary(
        format=name,
        rows_read=reading.rows_read,
        rows_kept=len(reading.entries),
        rows_written=totals.rows,
        merged=reading.merged,
        dropped=tuple((reason, count) for reason, count in reading.dropped.items() if count),
        unknown_models=unknown,
        days=Days(totals.days[0], totals.days[-1], len(totals.days)) if totals.rows else None,
        members=len(usage.users),
        list_cost=totals.cost,
        reported_cost=compared.reported if compared else None,
        difference=compared.difference if compared else None,
        assumptions=filled_in(reading.assumed),
        warnings=filled_in(reading.warned),
    )
    return ImportResult(usage, summary)
