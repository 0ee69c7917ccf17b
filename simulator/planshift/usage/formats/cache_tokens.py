"""What an export does not say of the cache, found from what its rows cost: reads, and how long writes last."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from planshift.usage.formats.priced import priced_days
from planshift.usage.formats.reading import Counts, Entry, Reading, rows

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard, UnitPrices


_PER_MILLION = Decimal(1_000_000)
_HALF = Decimal("0.5")
# Exports round to the cent at the coarsest.
_COARSEST = Decimal("0.005")


@dataclass
class _MeanPrices:
    """The mean unit prices of models over days: US dollars per million tokens, and per search."""

    card: RateCard
    _known: dict[tuple[str, date, date], Mapping[str, Decimal]] = field(default_factory=dict)

    def over(self, model: str, days: Sequence[date]) -> Mapping[str, Decimal]:
        """The mean of the prices on consecutive days."""
        key = (model, days[0], days[-1])
        if key not in self._known:
            prices = [self.card.price(model, day) for day in days]
            self._known[key] = {
                name: sum((getattr(price, name) for price in prices), Decimal(0)) / len(prices)
                for name in ("input", "output", "cache_read", "web_search")
            }
        return self._known[key]


def with_cache_reads(entries: Sequence[Entry], card: RateCard, reading: Reading) -> list[Entry]:
    """The entries, with cache reads set so that the list cost is the reported cost, and what was assumed said by file.

    Without a known split the whole prompt is uncached input. The share r of it that is read from the cache solves
    ``(1 - r) × prompt × input + r × prompt × cache_read + output × output = reported`` at the mean prices of the
    entry's days, with 0 ≤ r ≤ 1; no writes are assumed. Where no r does, the prompt stays uncached.
    """
    done: list[Entry] = []
    means = _MeanPrices(card)
    shares: dict[str, list[Decimal]] = defaultdict(list)
    unsolved: Counter[str] = Counter()
    for entry in entries:
        days = [] if entry.split_known else priced_days(entry, card)
        reads = _cache_reads(entry, means.over(entry.model, days)) if days else None
        if reads is not None:
            shares[entry.place.file].append(Decimal(reads) / max(entry.counts.prompt, 1))
        elif not entry.split_known:
            unsolved[entry.place.file] += 1
        done.append(entry if reads is None else _with_reads(entry, reads))
    for file, found in shares.items():
        reading.assumed[_solved(file, found)] += 1
    for file, number in unsolved.items():
        reading.warned[_not_solved(file, number)] += 1
    return done


def _cache_reads(entry: Entry, prices: Mapping[str, Decimal]) -> int | None:
    """How many of the prompt's tokens were read from the cache; ``None`` where no number gives the reported cost."""
    saved = prices["input"] - prices["cache_read"]
    if entry.reported is None or saved <= 0:
        return None
    prompt = entry.counts.input_tokens
    for_tokens = (entry.reported - entry.counts.web_searches * prices["web_search"]) * _PER_MILLION
    uncached = prompt * prices["input"] + entry.counts.output_tokens * prices["output"]
    reads = (uncached - for_tokens) / saved
    slack = _rounding(entry.reported) * _PER_MILLION / saved + _HALF
    if not -slack <= reads <= prompt + slack:
        return None
    return int(min(max(reads, Decimal(0)), Decimal(prompt)).quantize(Decimal(1), ROUND_HALF_UP))


def _rounding(reported: Decimal) -> Decimal:
    """By how much rounding can have moved a reported cost: half of its last digit."""
    exponent = reported.as_tuple().exponent
    return min(_COARSEST, _HALF.scaleb(exponent)) if isinstance(exponent, int) else _COARSEST


def _with_reads(entry: Entry, reads: int) -> Entry:
    counts: Counts = entry.counts._replace(
        input_tokens=entry.counts.input_tokens - reads, cache_read_tokens=entry.counts.cache_read_tokens + reads
    )
    return replace(entry, counts=counts, split_known=True)


def _solved(file: str, shares: Sequence[Decimal]) -> str:
    low, high = min(shares), max(shares)
    part = f"{low:.1%}" if low == high else f"{low:.1%} to {high:.1%}"
    return (
        f"{file} does not say what part of the prompts came from the cache. In {rows(len(shares))} it is set so that "
        f"the list cost is the gross spend: {part} came from the cache, the rest is uncached, nothing is cache writes."
    )


def _not_solved(file: str, number: int) -> str:
    return (
        f"{file} does not say what part of the prompts came from the cache, and in {rows(number)} none gives the gross "
        "spend: these prompts are counted as uncached input, and their list cost is not the report's."
    )


# A reported cost that is rounded further than this share of what the lifetime can change says nothing about it.
_FINE_ENOUGH = Decimal("0.02")
_FOUND = "How long cache writes last is worked out from the cost of each row ({{rows}}): {share:.0%} last an hour."


@dataclass
class _Prices:
    """Unit prices by model, day and modifiers; None where the card has none."""

    card: RateCard
    _known: dict[tuple[str, date, tuple[str, ...]], UnitPrices | None] = field(default_factory=dict)

    def of(self, entry: Entry) -> UnitPrices | None:
        """The prices of an entry of one day."""
        from planshift.plans.rates import NoPriceError

        step = self.card.modifier_for_prompt(entry.model, entry.first, entry.counts.prompt)
        key = (entry.model, entry.first, (*sorted(entry.modifiers), *([step] if step else [])))
        if key not in self._known:
            try:
                self._known[key] = self.card.price(*key)
            except NoPriceError:
                self._known[key] = None
        return self._known[key]


def with_write_lifetimes(entries: Sequence[Entry], card: RateCard, reading: Reading) -> list[Entry]:
    """The entries, with those cache writes put to an hour that the reported cost of a single day's row asks for.

    Of u writes of untold lifetime, h were for an hour where ``list cost at 5 minutes + h × (1-hour − 5-minute price) =
    reported`` with 0 ≤ h ≤ u. Where no h is, or the cost is rounded too far to tell, the lifetime stays untold; so it
    does everywhere if no row has any for an hour, because a program that knows only one price would report the same.
    """
    prices, done = _Prices(card), list(entries)
    hours: dict[int, int] = {}
    for number, entry in enumerate(entries):
        if entry.untold_writes and entry.cost_within is not None and entry.first == entry.last:
            hour = _for_an_hour(entry, prices.of(entry))
            hours |= {} if hour is None else {number: hour}
    if not any(hours.values()):
        return done
    for number, hour in hours.items():
        counts = entries[number].counts
        counts = counts._replace(
            cache_write_5m_tokens=counts.cache_write_5m_tokens - hour,
            cache_write_1h_tokens=counts.cache_write_1h_tokens + hour,
        )
        done[number] = replace(entries[number], counts=counts, untold_writes=0)
    told = sum(entries[number].untold_writes for number in hours)
    reading.assumed[_FOUND.format(share=sum(hours.values()) / told)] += len(hours)
    return done


def _for_an_hour(entry: Entry, prices: UnitPrices | None) -> int | None:
    """How many of the untold writes were for an hour; None where the cost does not tell."""
    if prices is None or entry.reported is None or entry.cost_within is None:
        return None
    each = prices.cache_write_1h - prices.cache_write_5m
    tokens = sum(count * price for count, price in zip(entry.counts, prices.tokens, strict=False))
    listed = tokens / _PER_MILLION + entry.counts.web_searches * prices.web_search
    if each <= 0 or entry.cost_within > _FINE_ENOUGH * each * entry.untold_writes / _PER_MILLION:
        return None
    hour = (entry.reported - listed) * _PER_MILLION / each
    off = entry.cost_within * _PER_MILLION / each
    if not -off <= hour <= entry.untold_writes + off:
        return None
    return min(max(round(hour), 0), entry.untold_writes)
