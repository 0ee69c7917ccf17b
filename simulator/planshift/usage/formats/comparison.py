"""The cost that an export reports beside what its usage costs at list price, and what a difference may come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.usage.formats.reading import Reading, rows

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard
    from planshift.usage.daily import DailyUsage, Totals

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
